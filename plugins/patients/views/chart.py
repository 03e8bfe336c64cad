"""A patient's chart: the banner, the panels of all plugins, and what happened to the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from werkzeug.wrappers import Response

from core.contributions import Panel
from core.hooks import collect
from core.resources.custom.part import custom_data, with_custom, write_with_custom
from core.screens.pages import done, form_answer
from core.screens.questions import Question, ReasonForm
from core.storage.journal.reads import disclosed
from core.texts import _
from core.web import current_actor, form_page, render, url_for
from core.web.history import history as history_of
from core.web.slots import render_panel
from plugins.patients.forms import EditForm
from plugins.patients.models import Patient
from plugins.patients.permissions import EDIT, VIEW
from plugins.patients.resources import PATIENTS
from plugins.patients.services.charts import chart_shown
from plugins.patients.services.details import PatientDetails
from plugins.patients.services.flags import flags_of
from plugins.patients.services.registering import edit_patient, retire_patient
from plugins.patients.views.desk import WORDS
from plugins.patients.views.pages import blueprint, crumbs_of, visible_patient
from plugins.patients.wording import SEVERITIES

EDIT_GROUPS = (
    (_("Who"), "", (("name", 8), ("called", 4), ("born", 4), ("sex", 4), ("language", 4), ("preferred_way", 4))),
    (_("If they died"), "", (("is_deceased", 4), ("died_on", 4))),
)


@dataclass(slots=True)
class Section:
    """A line at the start of the chart."""

    label: Any
    url: str
    current: bool = False
    count: int | None = None


@blueprint.get("/<uid>", permission=VIEW)
def show(uid: str) -> str:
    """The chart: who it is, what to be warned of, and a panel of each plugin."""
    patient = visible_patient(uid)
    by = current_actor()
    disclosed("record", [patient.uid], subject_uid=patient.uid)
    chart = chart_shown(patient, by)
    if named := {one.other_uid for one in chart.relatives if one.other_uid}:
        disclosed("list", sorted(named), condition="patients.family")
    facts = {"patient": patient, "by": by}
    panels: list[Panel] = [
        one for one in collect.patients_panels(**facts) if not one.permission or by.may(one.permission)
    ]
    shown = [render_panel("patients_panels", panel, facts) for panel in panels]
    return render(
        "patients/show.html", sections=sections_of(patient, panels), panels=zip(panels, shown, strict=True),
        **banner_of(patient, chart.flags),
    )  # fmt: skip


@blueprint.get("/<uid>/history", permission=VIEW)
def history(uid: str) -> str:
    """Who changed what on this record, and when."""
    patient = visible_patient(uid)
    disclosed("record", [patient.uid], "history", subject_uid=patient.uid)
    sections = [
        Section(_("Chart"), url_for("patients.show", uid=uid)),
        Section(_("History"), url_for("patients.history", uid=uid), current=True),
    ]
    return render(
        "patients/history.html", sections=sections, past=history_of(patient), **banner_of(patient, flags_of(patient))
    )


def banner_of(patient: Patient, flags: Sequence[Any]) -> dict[str, Any]:
    """What the banner of every page about a patient shows."""
    return {"patient": patient, "flags": flags, "words": WORDS, "severities": SEVERITIES}


def sections_of(patient: Patient, panels: list[Panel]) -> list[Section]:
    """The parts of the chart, as the plugins' panels name them."""
    here = url_for("patients.show", uid=patient.uid)
    found = [Section(_("Summary"), here, current=True)]
    found += [Section(panel.title, f"#{panel.key}") for panel in panels if panel.key]
    return [*found, Section(_("History"), url_for("patients.history", uid=patient.uid))]


@blueprint.form("/<uid>/edit", permission=EDIT)
def edit(uid: str) -> Any:
    """Change a patient's own facts."""
    patient = visible_patient(uid)
    by = current_actor()
    made = with_custom(EditForm, PATIENTS, by)
    form = made(obj=patient, data=custom_data(PATIENTS, patient, by)).filled(patient)
    own = [(title, "", [(name, span) for name, span, _needed in names]) for title, names in form.custom_groups()]
    facts = {
        "title": _("Change what the register says of %(name)s", name=patient.name), "groups": (*EDIT_GROUPS, *own),
        "save_label": _("Save"), "back_url": url_for("patients.show", uid=uid), "crumbs": crumbs_of(patient),
    }  # fmt: skip
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            details = edited(form, patient)
            write_with_custom(
                PATIENTS, "edit", form, record=patient, facts=(patient, details), by=by, idempotency_key=form.key,
                write=lambda: edit_patient(patient, details, by=by, version=form.seen_version),
            )  # fmt: skip
        return done(_("Saved."), "patients.show", uid=uid)
    return form_answer("core/edit.html", form, **facts)


def edited(form: EditForm, patient: Patient) -> PatientDetails:
    """The patient's facts with what was typed over them."""
    birth = form.birth_of(patient)
    died_on = form.died_on.data
    died_at = patient.deceased_at
    if died_on is None or died_at is None or died_on != died_at.date():
        died_at = datetime.combine(died_on, time(12), UTC) if died_on else None
    return PatientDetails(
        name=form.name.data,
        name_parts=patient.name_parts if form.name.data == patient.name else None,
        called=form.called.data or "",
        sex=form.sex.data,
        born_on=birth.on,
        born_precision=birth.precision,
        language=form.language.data,
        preferred_way=form.preferred_way.data,
        is_unidentified=patient.is_unidentified,
        further_languages=tuple(patient.further_languages or ()),
        is_deceased=form.is_deceased.data or died_at is not None,
        deceased_at=died_at,
        is_multiple_birth=patient.is_multiple_birth,
        birth_order=patient.birth_order,
        place=patient.place,
    )


@blueprint.form("/<uid>/retire", permission=EDIT)
def retire(uid: str) -> Response | str | tuple[str, int]:
    """Take a record out of use, after saying what follows."""
    patient = visible_patient(uid)
    form = ReasonForm(obj=patient)
    question = Question(
        _("Take record %(number)s out of use?", number=patient.number),
        _("Take it out of use"),
        (_("Keep it"), url_for("patients.show", uid=uid)),
        text=_("For records that should never have been made, such as a person entered twice."),
        changes=[_("The patient is found no longer"), _("Nothing new can be written on the chart")],
        stays=[_("Everything that was written stays readable"), _("The record number is not given to anybody else")],
    )
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            retire_patient(patient, form.reason.data, by=current_actor(), version=form.seen_version)
        return done(_("Taken out of use."), "patients.index")
    return question.page(form)
