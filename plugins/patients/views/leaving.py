"""What leaves the house with a person: everything that is kept about them, and in the end the person."""

import tempfile
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from core.errors import NotFound
from core.screens.pages import done, form_answer
from core.screens.questions import Question, ReasonForm
from core.texts import _
from core.web import MedleyForm, current_actor, form_page, render
from plugins.patients.models import Erasure, Patient
from plugins.patients.permissions import ERASE, GIVE_DATA
from plugins.patients.services.erasing import (
    ask_erasure,
    erase_patient,
    look_at_erasure,
    open_erasure,
    refuse_erasure,
)
from plugins.patients.services.giving import give_data, pack
from plugins.patients.views.pages import blueprint, crumbs_of, visible_patient

IN_MEMORY = 8 * 1024 * 1024


@blueprint.form("/<uid>/give", permission=GIVE_DATA)
def give(uid: str) -> Any:
    """Give a person everything that is kept about them, as one archive."""
    patient = visible_patient(uid)
    form = ReasonForm(obj=patient)
    question = Question(
        _("Give %(name)s everything that is kept about them?", name=patient.name), _("Make the archive"),
        (_("Not now"), url_for("patients.show", uid=uid)), is_danger=False, crumbs=crumbs_of(patient),
        changes=[_("You get one archive with every row, every file, and who looked at the record")],
        stays=[_("The record, and that this was given, to whom and why")],
    )  # fmt: skip
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            give_data(patient, form.reason.data, by=current_actor(), idempotency_key=form.key)
        return archive_of(patient)
    return question.page(form)


def archive_of(patient: Patient) -> Response:
    """The archive; a large one waits on disk, not in memory."""
    into = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the answer closes it
    pack(patient, current_actor(), into)
    size = into.tell()
    into.seek(0)
    answer = Response(into, mimetype="application/zip", direct_passthrough=True)
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Disposition"] = f'attachment; filename="record-{patient.number}.zip"'
    return answer


@blueprint.form("/<uid>/erase", permission=ERASE)
def erase(uid: str) -> Any:
    """Ask for a person to be erased, or carry out what another has asked for."""
    patient = visible_patient(uid)
    asked = open_erasure(patient)
    form = ReasonForm(obj=patient)
    facts = {
        "patient": patient, "prospect": look_at_erasure(patient), "asked": asked, "crumbs": crumbs_of(patient),
        "is_mine": asked is not None and asked.created_by == current_actor().uid,
    }  # fmt: skip
    if asked is None and form.validated():
        with form_page(form, "patients/erase.html", **facts):
            ask_erasure(patient, form.reason.data, by=current_actor(), idempotency_key=form.key)
        return done(_("Asked for. Somebody else has to carry it out."), "patients.erase", uid=uid)
    return form_answer("patients/erase.html", form, **facts)


@blueprint.post("/<uid>/erase/do", permission=ERASE)
def carry_out(uid: str) -> Response:
    """Carry out, or decide against, what another has asked for."""
    asked = open_erasure(visible_patient(uid))
    if asked is None:
        raise NotFound
    erased = erase_patient(asked, by=current_actor())
    return done(_("Erased."), "patients.certificate", uid=erased.uid)


@blueprint.post("/<uid>/erase/refuse", permission=ERASE)
def decide_against(uid: str) -> Response:
    """Decide against it."""
    asked = open_erasure(visible_patient(uid))
    if asked is None:
        raise NotFound
    refuse_erasure(asked, by=current_actor())
    return done(_("Nothing was erased."), "patients.show", uid=uid)


@blueprint.get("/erasures/<uid>", permission=ERASE)
def certificate(uid: str) -> str:
    """What was erased, and what the law keeps."""
    found = Erasure.get_or_none(Erasure.uid == uid) if len(uid) == 36 else None
    if found is None:
        raise NotFound
    return render("patients/certificate.html", erasure=found, form=MedleyForm())
