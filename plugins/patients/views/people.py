"""Pages about who somebody is: the unidentified, the sensitive, and why a record is opened."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import Length

from core.resources.custom.part import custom_data, with_custom, write_with_custom
from core.roles import get_visible
from core.screens.pages import done, form_answer
from core.screens.questions import Question, ReasonForm
from core.settings import settings_of
from core.storage.journal.reads import disclosed
from core.texts import _
from core.web import MedleyForm, current_actor, form_page, go, render
from core.web.forms import OneLine
from plugins.patients.forms import IdentifyForm, choices_of
from plugins.patients.models import Patient
from plugins.patients.permissions import EDIT, MARK_SENSITIVE, REGISTER, VIEW
from plugins.patients.resources import PATIENTS
from plugins.patients.services.born import birth_said
from plugins.patients.services.details import PatientDetails
from plugins.patients.services.duplicates import Duplicate, likely_duplicates, told_apart_from
from plugins.patients.services.sensitive import mark_sensitive, open_sensitive
from plugins.patients.services.unidentified import identify_patient, register_unidentified
from plugins.patients.views.desk import WORDS
from plugins.patients.views.pages import blueprint, crumbs_of, present_place, visible_patient
from plugins.patients.wording import SEXES, birth_words


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
    patient, by = visible_patient(uid), current_actor()
    if not patient.is_unidentified:
        return done(_("This patient is identified already."), "patients.show", uid=uid)
    form = with_custom(IdentifyForm, PATIENTS, by)(patient, data=custom_data(PATIENTS, patient, by))
    alike: list[Duplicate] = []
    facts = {"patient": patient, "crumbs": crumbs_of(patient), "alike": alike, "words": WORDS, "joins": uid}
    if form.validated():
        with form_page(form, "patients/identify.html", must_decide=False, **facts):
            details = form.details(patient.place)
            is_new = request.form.get("is_new") == "1"
            alike += alike_to_typed(patient, details)
            if alike and not is_new:
                typed_born = birth_words(details.born_on, details.born_precision) if details.born_on else ""
                facts |= {"must_decide": True, "typed_born": typed_born}
                return render("patients/identify.html", form=form, **facts), 409
            apart = [Patient.get_by_id(one.hit.id) for one in alike]
            write_with_custom(
                PATIENTS, "edit", form, record=patient, facts=(patient, details, is_new), by=by,
                idempotency_key=form.key,
                write=lambda: identify_patient(
                    patient, details, by=by, version=form.seen_version, is_complete=True, apart=apart
                ),
            )  # fmt: skip
        return done(_("Identified."), "patients.show", uid=uid)
    return form_answer("patients/identify.html", form, must_decide=False, **facts)


def alike_to_typed(patient: Patient, details: PatientDetails) -> list[Duplicate]:
    """Those so like what was typed that the clerk has to say whether it is them."""
    least = settings_of("patients").asks_about_duplicates_from
    passed_over = told_apart_from(patient.id) | {patient.id}
    found = [
        one for one in likely_duplicates(details, by=current_actor())
        if one.score >= least and one.hit.id not in passed_over
    ]  # fmt: skip
    disclosed("list", [one.hit.uid for one in found], condition="patients.alike")
    return found


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
        _("Why do you open this record?"), _("Open it"), (_("Leave it closed"), url_for("patients.index")),
        is_danger=False,
        text=_("It is marked as sensitive. Your reason and each look at it are kept, and are read."),
    )  # fmt: skip
    if request.method == "POST" and form.validated():
        with form_page(form, "core/question.html", **question.facts):
            open_sensitive(patient, form.reason.data, by=current_actor())
        return go("patients.show", uid=uid)
    return question.page(form)
