"""Somebody brought in whom nobody knows: registered in three facts, and known by name later under the same record."""

from collections.abc import Collection
from dataclasses import replace

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Refused
from core.sites import current_site
from core.storage.journal.writer import note
from core.texts import Text, _, in_every_language
from plugins.patients.models import SEXES, Flag, Patient, PatientName
from plugins.patients.permissions import EDIT, REGISTER
from plugins.patients.services.born import Birth
from plugins.patients.services.details import PatientDetails, TelecomDetails, one_line
from plugins.patients.services.indexing import indexed, known_of
from plugins.patients.services.joining import add_missing
from plugins.patients.services.reached import telecoms_of
from plugins.patients.services.registering import edit_patient, refuse_incomplete, register_patient, reindex
from plugins.patients.services.telling import remember_apart

CALLED: dict[str, Text] = {
    "female": _("Unknown woman"), "male": _("Unknown man"), "other": _("Unknown person"),
    "unknown": _("Unknown person"),
}  # fmt: skip


@act("patients.register_unidentified", permission=REGISTER)
def register_unidentified(sex: str, birth: Birth, seen: str, by: Actor, place=None) -> Patient:
    """Register somebody nobody knows: the sex as it looks, the age as it seems, and what may tell who they are.

    They get a record number at once, so that everything can be ordered and written; what was seen stands as a warning
    until they are identified.
    """
    if sex not in SEXES:
        raise Refused(fields={"sex": _("Choose one of the list.")})
    moment = clock.now().astimezone(current_site().zone)
    name = f"{CALLED[sex]} {moment:%d.%m. %H:%M}"
    details = PatientDetails(
        name, sex=sex, born_on=birth.on, born_precision="estimated" if birth.on else "", place=place,
        is_unidentified=True,
    )  # fmt: skip
    patient: Patient = register_patient(details, by=by, is_new=True, is_complete=False)
    words = one_line(seen)[:180]
    Flag.create(
        patient=patient, severity="caution",
        text=str(_("Not identified: %(seen)s", seen=words) if words else _("Not identified")),
    )  # fmt: skip
    return patient


@act("patients.identify", permission=EDIT)
def identify_patient(
    patient: Patient, details: PatientDetails, by: Actor, version: int | None = None, is_complete: bool = False,
    apart: Collection[Patient] = (),
) -> Patient:  # fmt: skip
    """Say who an unidentified patient is. Record, number and everything written stay; the stand-in name is kept.

    Numbers, phones and contacts that are not there yet are added. What the site's settings ask for must be there when
    the page asked for it (`is_complete`). `apart` are those whom somebody looked at and judged to be others. When they
    are in the register already, their two records are joined instead (`merge_patients`).
    """
    if not patient.is_unidentified:
        raise Refused(_("This patient is identified already."))
    if is_complete:
        reached = tuple(TelecomDetails(one.value, one.kind) for one in telecoms_of(patient))
        refuse_incomplete(replace(details, telecoms=(*details.telecoms, *reached)))
    stood_in = patient.name
    identified: Patient = edit_patient(patient, details, by=by, version=version)
    add_missing(identified, details, by=by)
    identified = Patient.get_by_id(identified.id)
    before = indexed(identified, known_of(identified))
    PatientName.create(patient=identified, name=stood_in, use="anonymous")
    reindex(identified, before)
    for flag in Flag.select().where(Flag.patient == patient.id, Flag.retired_at.is_null()):
        if flag.text.startswith(in_every_language("Not identified")):
            flag.retire(str(_("Identified")))
    if apart:
        note("patients.judged_different", record=identified, content={"not_the_same_as": [one.uid for one in apart]})
    for other in apart:
        remember_apart(other, identified, "")
    return identified
