"""Pages about who somebody is: the unidentified, the sensitive, and why a record is opened."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import Length

from core.roles import get_visible
from core.screens.pages import done, form_answer
from core.screens.questions import Question, ReasonForm
from core.texts import _
from core.web import MedleyForm, current_actor, form_page, go
from core.web.forms import OneLine
from plugins.patients.forms import PersonForm, choices_of
from plugins.patients.models import Patient
from plugins.patients.permissions import EDIT, MARK_SENSITIVE, REGISTER, VIEW
from plugins.patients.services.born import birth_said
from plugins.patients.services.details import PatientDetails
from plugins.patients.services.sensitive import mark_sensitive, open_sensitive
from plugins.patients.services.unidentified import identify_patient, register_unidentified
from plugins.patients.views.pages import blueprint, crumbs_of, present_place, visible_patient
from plugins.patients.wording import SEXES


class UnidentifiedForm(MedleyForm):
    """Somebody nobody knows, in three facts."""

    sex = SelectField(_("Sex, as it looks"))
    age = StringField(_("Age, as it seems"), [Length(max=20), OneLine()], description=_("About: 30, or 6 months"))
    seen = StringField(
        _("What may tell who it is"), [Length(max=180), OneLine()],
        description=_("Found where, brought by whom, clothes, marks"),
    )  # fmt: skip

    def __init__(self, *facts: Any, **values: Any) -> None:
        super().__init__(*facts, **values)
        self.sex.choices = choices_of(SEXES)


@blueprint.form("/unidentified", permission=REGISTER)
def unidentified() -> Any:
    """Register somebody nobody knows."""
    form = UnidentifiedForm()
    facts = {
        "title": _("Register somebody nobody knows"),
        "groups": [(_("What can be seen"), "", (("sex", 4), ("age", 4), ("seen", 12)))],
        "save_label": _("Register"), "back_url": url_for("patients.index"),
        "crumbs": [(_("Patients"), url_for("patients.index"))],
        "lead": _("They get a record at once. Who they are is said later, and nothing is typed twice."),
    }  # fmt: skip
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            birth = birth_said(form.age.data or "")
            patient = register_unidentified(
                form.sex.data, birth, form.seen.data or "", by=current_actor(), place=present_place(),
                idempotency_key=form.key,
            )  # fmt: skip
        return done(_("Registered under %(number)s.", number=patient.number), "patients.show", uid=patient.uid)
    return form_answer("core/edit.html", form, **facts)


@blueprint.form("/<uid>/identify", permission=EDIT)
def identify(uid: str) -> Any:
    """Say who somebody is who was brought in unknown."""
    patient = visible_patient(uid)
    form = PersonForm(obj=patient, data={"name": "", "born": ""})
    facts = {
        "title": _("Who is %(name)s?", name=patient.name),
        "groups": [(_("Who"), "", (("name", 8), ("called", 4), ("born", 4), ("sex", 4), ("language", 4)))],
        "save_label": _("This is who they are"), "back_url": url_for("patients.show", uid=uid),
        "crumbs": crumbs_of(patient),
        "lead": _("Number and entries stay. If they are registered already, join the two records instead."),
    }  # fmt: skip
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            birth = form.birth()
            details = PatientDetails(
                form.name.data, called=form.called.data or "", sex=form.sex.data, born_on=birth.on or patient.born_on,
                born_precision=birth.precision if birth.on else patient.born_precision, language=form.language.data,
                place=patient.place,
            )  # fmt: skip
            identify_patient(patient, details, by=current_actor(), version=form.seen_version, idempotency_key=form.key)
        return done(_("Identified."), "patients.show", uid=uid)
    return form_answer("core/edit.html", form, **facts)


@blueprint.form("/<uid>/sensitive", permission=MARK_SENSITIVE)
def sensitive(uid: str) -> Any:
    """Narrow who may open a record, or open it again."""
    patient = visible_patient(uid)
    form = ReasonForm(obj=patient)
    back = url_for("patients.show", uid=uid)
    if patient.is_sensitive:
        question = Question(
            _("Open this record to everybody again?"), _("Open it"), (_("Keep it closed"), back), is_danger=False,
            changes=[_("Everybody who may see patients sees it")], stays=[_("The journal of who opened it, and why")],
            crumbs=crumbs_of(patient),
        )  # fmt: skip
    else:
        question = Question(
            _("Keep this record from most who work here?"), _("Mark it sensitive"), (_("Leave it open"), back),
            is_danger=False, crumbs=crumbs_of(patient),
            changes=[
                _("Only those who may see sensitive records find it"), _("Each of them has to say why they open it"),
            ],
            stays=[_("In an emergency clinicians still get in, and that is reviewed")],
        )  # fmt: skip
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            mark_sensitive(patient, not patient.is_sensitive, form.reason.data, by=current_actor())
        return done(_("Saved."), "patients.reason", uid=uid)
    return question.page(form)


@blueprint.form("/<uid>/reason", permission=VIEW)
def reason(uid: str) -> Response | str | tuple[str, int]:
    """Why is this sensitive record opened?"""
    patient = get_visible(Patient, uid, current_actor(), permission=VIEW)
    if not patient.is_sensitive:
        return go("patients.show", uid=uid)
    form = ReasonForm(obj=patient)
    question = Question(
        _("Why do you open this record?"), _("Open it"), (_("Leave it"), url_for("patients.index")), is_danger=False,
        text=_("It is marked as sensitive. Your reason and each look at it are kept, and are read."),
    )  # fmt: skip
    if request.method == "POST" and form.validated():
        with form_page(form, "core/question.html", **question.facts):
            open_sensitive(patient, form.reason.data, by=current_actor())
        return go("patients.show", uid=uid)
    return question.page(form)
