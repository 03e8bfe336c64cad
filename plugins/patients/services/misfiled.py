"""An entry on the wrong patient's record is moved to the right one, and both records say so."""

from typing import Any

from core.actors import Actor
from core.acts import act
from core.errors import NotFound, Refused
from core.storage import Model, files_of
from core.storage.journal.writer import note
from core.storage.moving import Move, move_rows
from core.storage.pointing import KEY, Pointer, clashing_rows
from core.texts import _
from plugins.patients.models import ContactPerson, Document, Patient, PatientName, Relation, ToldApart
from plugins.patients.permissions import MOVE_ENTRY
from plugins.patients.services.family import adult_on
from plugins.patients.services.fit import refuse_unfit
from plugins.patients.services.indexing import indexed, known_of, words_for, write_index
from plugins.patients.services.merging.prospect import person_of, pointers

UNMOVED = (Patient, ToldApart)


@act("patients.move_entry", permission=MOVE_ENTRY)
def move_entry(entry: Model, right: Patient, reason: str, by: Actor) -> Model:
    """Move one entry of any plugin to the patient it is about, with the files kept with it.

    The entry keeps its uid, its history and who wrote it when; the history of both patients says who moved it, why,
    and from where. Somebody to call and what they are to the patient go together. Raises `Refused` when the right
    patient has one already of which there can be only one.
    """
    pointer_of(entry)
    wrong = wrong_patient(entry)
    refuse_unfit(right)
    if not reason.strip():
        raise Refused(fields={"reason": _("Say how you know whose it is.")})
    if wrong.id == right.id:
        raise Refused(fields={"number": _("It is on this patient's record already.")})
    before = {one.id: indexed(one, known_of(one)) for one in (wrong, right)}
    for one in (entry, *companions_of(entry, wrong)):
        carry(one, wrong, right)
    for patient in (wrong, right) if isinstance(entry, PatientName) else ():
        known = known_of(patient)
        patient.words = words_for(known.names)
        patient.save()
        write_index(patient, indexed(patient, known), before[patient.id])
    said = {"from": wrong.number, "to": right.number, "entry": str(entry.ref)}
    for patient in (wrong, right):
        note("patients.move_entry", reason=reason.strip(), record=patient, content=said)
    moved: Model = type(entry).get_by_id(entry.id)
    return moved


def carry(entry: Model, wrong: Patient, right: Patient) -> None:
    """Let one entry, and the files kept with it, be the right patient's."""
    pointer, key = pointer_of(entry), (entry.id,)
    if any(theirs == key for _mine, theirs in clashing_rows(pointer, right.id, wrong.id)):
        raise Refused(_("%(number)s has one of these already, and there can be only one.", number=right.number))
    if isinstance(entry, Relation) and entry.other_id == right.id:
        raise Refused(fields={"number": _("They would be their own relative.")})
    move_rows(pointer, [key], Move(person_of(wrong), person_of(right), right.uid))
    for file in files_of(entry):
        file.about_uid = right.uid
        file.save()
    if isinstance(entry, Relation):
        decide_until_of_age(entry.id, wrong, right)
    if isinstance(entry, Document) and wrong.photo_uid == entry.uid:
        hand_over_photo(wrong.id, right.id, entry.uid)


def companions_of(entry: Model, wrong: Patient) -> list[Model]:
    """What goes with an entry: somebody to call, and every relation of the patient to them."""
    contact = entry.contact if isinstance(entry, Relation) else entry if isinstance(entry, ContactPerson) else None
    if contact is None:
        return []
    relations = Relation.select().where(Relation.patient == wrong.id, Relation.contact == contact.id)
    return [one for one in (contact, *relations) if one.uid != entry.uid]


def decide_until_of_age(relation_id: int, wrong: Patient, right: Patient) -> None:
    """A guardian who decided until the wrong patient's birthday decides until the right one's."""
    relation: Relation = Relation.get_by_id(relation_id)
    if relation.may_decide and relation.until_on in (None, adult_on(wrong)):
        relation.until_on = adult_on(right)
        relation.save()


def hand_over_photo(wrong_id: int, right_id: int, photo_uid: str) -> None:
    """The photo leaves the wrong chart, and stands on the right one where there is none yet."""
    for patient_id, before, after in ((wrong_id, photo_uid, ""), (right_id, "", photo_uid)):
        patient: Patient = Patient.get_by_id(patient_id)
        if (patient.photo_uid or "") == before:
            patient.photo_uid = after
            patient.save()


def pointer_of(entry: Model) -> Pointer:
    """The column that says whose an entry is; `NotFound` for a record that is nobody's, or a patient's very own."""
    subject = entry._meta.subject
    field: Any = entry._meta.fields.get(subject)
    if field is None or field.rel_model is not Patient or isinstance(entry, UNMOVED):
        raise NotFound
    place = (entry._meta.table_name, field.column_name)
    return next(one for one in pointers() if (one.table, one.column) == place and one.kind == KEY)


def wrong_patient(entry: Model) -> Patient:
    """Whose record an entry is on now."""
    patient: Patient | None = getattr(entry, entry._meta.subject)
    if patient is None:
        raise NotFound
    return patient
