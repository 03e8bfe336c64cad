"""Entering people in the register, and keeping what it says of them right."""

from core.actors import Actor
from core.acts import act
from core.errors import Refused
from core.hooks import announce
from core.settings import settings_of
from core.storage import is_uid
from core.storage.journal.writer import note
from core.storage.numbering import next_number
from core.texts import _
from plugins.patients.errors import PossibleDuplicate
from plugins.patients.models import Patient, PatientName, ToldApart
from plugins.patients.permissions import EDIT, REGISTER
from plugins.patients.services.details import (
    AddressDetails,
    Complaints,
    ContactDetails,
    NameDetails,
    PatientDetails,
    TelecomDetails,
    checked,
    one_line,
)
from plugins.patients.services.duplicates import Duplicate, likely_duplicates
from plugins.patients.services.fit import refuse_unfit
from plugins.patients.services.identifiers import store_identifiers
from plugins.patients.services.indexing import Known, indexed, known_of, words_for, write_index
from plugins.patients.services.reaching import store_addresses, store_contacts, store_telecoms

# The columns of a patient that a person edits, as `PatientDetails` names them.
OWN_FACTS = (
    "name", "name_parts", "called", "sex", "born_on", "born_precision", "is_deceased", "deceased_at",
    "is_multiple_birth", "birth_order", "language", "place", "preferred_way", "is_unidentified",
)  # fmt: skip


@act("patients.register", permission=REGISTER)
def register_patient(details: PatientDetails, by: Actor, is_new: bool = False, is_complete: bool = True) -> Patient:
    """Enter a person in the register and give them a record number.

    Raises `PossibleDuplicate` when somebody very like them is already here, unless the clerk has said that
    it `is_new`; `IdentifierTaken` when one of their numbers is somebody else's, whatever the clerk says.
    What the site's settings ask for must be there when the person was asked at the desk (`is_complete`).
    """
    details = checked(details)
    if is_complete:
        refuse_incomplete(details)
    alike = [] if is_new and not is_complete else likely_duplicates(details, by=by)
    refuse_likely_duplicate(alike, is_new)
    patient = new_patient(details)
    store_parts(patient, details)
    names = [details.name, *([details.called] if details.called else []), *(one.name for one in details.names)]
    write_index(patient, indexed(patient, Known(names, [])))
    judged = [one.hit for one in alike if one.score >= settings_of("patients").asks_about_duplicates_from]
    if judged:
        note("patients.judged_different", record=patient, content={"not_the_same_as": [hit.uid for hit in judged]})
    for hit in judged:
        ToldApart.create(one=hit.id, other=patient, reason="")
    announce.patients_registered(patient=patient, by=by)
    return patient


@act("patients.edit", permission=EDIT)
def edit_patient(patient: Patient, details: PatientDetails, by: Actor, version: int | None = None) -> Patient:
    """Change a patient's own facts; names, numbers and addresses beside them have acts of their own.

    Raises `Conflict` with both versions when somebody changed the patient since `version` was seen.
    """
    refuse_unfit(patient)
    details = checked(details)
    before = indexed(patient, known_of(patient))
    if version is not None:
        patient.version = version
    for fact in OWN_FACTS:
        setattr(patient, fact, getattr(details, fact))
    patient.further_languages = list(details.further_languages) or None
    known = known_of(patient)
    patient.words = words_for(known.names)
    patient.save()
    write_index(patient, indexed(patient, known), before)
    return patient


@act("patients.retire", permission=EDIT)
def retire_patient(patient: Patient, reason: str, by: Actor, version: int | None = None) -> None:
    """Take a record out of use that should never have been made; it is found no longer, and nothing is lost."""
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why this record is taken out of use.")})
    refuse_unfit(patient)
    before = indexed(patient, known_of(patient))
    if version is not None:
        patient.version = version
    patient.retire(reason.strip())
    write_index(patient, indexed(patient, Known([], [])), before)


@act("patients.add_name", permission=EDIT)
def add_name(patient: Patient, details: NameDetails, by: Actor) -> PatientName:
    """Note a further name; the patient is found by it from now on."""
    refuse_unfit(patient)
    before = indexed(patient, known_of(patient))
    name = store_names(patient, (details,))[0]
    reindex(patient, before)
    return name


@act("patients.retire_name", permission=EDIT)
def retire_name(name: PatientName, reason: str, by: Actor, version: int | None = None) -> None:
    """Take away a name that was never this person's."""
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why the name is taken away.")})
    patient = name.patient
    before = indexed(patient, known_of(patient))
    if version is not None:
        name.version = version
    name.retire(reason.strip())
    reindex(patient, before)


def refuse_incomplete(details: PatientDetails) -> None:
    """Raise `Refused` for what the site wants to know of everybody."""
    wanted = settings_of("patients")
    wrong = Complaints()
    if wanted.asks_birth and details.born_on is None:
        wrong.add("born_on", _("Write the birth date, or the age."))
    if wanted.asks_sex and details.sex == "unknown":
        wrong.add("sex", _("Choose one of the list."))
    if wanted.asks_phone and not any(one.kind == "phone" for one in details.telecoms):
        wrong.add("phone", _("Write a phone number."))
    wrong.raise_any()


def refuse_likely_duplicate(alike: list[Duplicate], is_new: bool) -> None:
    """Raise `PossibleDuplicate` when somebody is too alike to go on without a word from the clerk."""
    if alike and not is_new and alike[0].score >= settings_of("patients").asks_about_duplicates_from:
        raise PossibleDuplicate(alike)


def new_patient(details: PatientDetails) -> Patient:
    """Store the patient's own facts under a new record number."""
    names = [details.name, *([details.called] if details.called else []), *(one.name for one in details.names)]
    number = next_number("patients.record", pattern=settings_of("patients").number_pattern)
    facts = {fact: getattr(details, fact) for fact in OWN_FACTS}
    further = list(details.further_languages) or None
    return Patient.create(number=number, words=words_for(names), further_languages=further, **facts)


def store_parts(patient: Patient, details: PatientDetails) -> None:
    """Store what belongs to a new patient."""
    if details.identifiers:
        store_identifiers(patient, details.identifiers)
    store_names(patient, details.names)
    store_telecoms(patient, details.telecoms)
    store_addresses(patient, details.addresses)
    store_contacts(patient, details.contacts)


def store_names(patient: Patient, names: tuple[NameDetails, ...]) -> list[PatientName]:
    """Store further names."""
    stored = []
    for details in names:
        name = one_line(details.name)
        if not any(map(str.isalpha, name)):
            raise Refused(fields={"name": _("Write the name.")})
        stored.append(
            PatientName.create(
                patient=patient, use=details.use, name=name, name_parts=details.parts,
                from_on=details.from_on, until_on=details.until_on,
            )
        )  # fmt: skip
    return stored


def reindex(patient: Patient, before: object) -> None:
    """Bring the words of a patient and the search into step with their names."""
    known = known_of(patient)
    patient.words = words_for(known.names)
    patient.save()
    write_index(patient, indexed(patient, known), before)  # type: ignore[arg-type]


def patient_of(uid: str) -> Patient | None:
    """A patient by uid, for acts that were given one; views ask `get_visible`."""
    return Patient.get_or_none(Patient.uid == uid) if is_uid(uid) else None


__all__ = [
    "AddressDetails",
    "ContactDetails",
    "NameDetails",
    "PatientDetails",
    "TelecomDetails",
    "add_name",
    "edit_patient",
    "register_patient",
    "retire_name",
    "retire_patient",
]
