"""Erasing a person: two people decide, what the law keeps stays without a name, and a certificate tells both.

What the register itself keeps goes for good, with papers, search words and what the journal says of it; the proof that
the journal is whole still holds. Rows of other plugins stay where a law keeps them: they point at a record that says
nothing of anybody any more. Backups made before hold the person until they are thrown away in their turn.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Refused
from core.storage import StoredFile, after_commit, rows
from core.storage.about import erase_rows, overwrite_row, texts_with
from core.storage.files import store_of_site
from core.storage.journal.history import erase_contents
from core.storage.journal.reads import blank_words
from core.storage.journal.writer import note
from core.storage.moving import Person
from core.storage.pointing import count_pointing
from core.texts import _
from plugins.patients.models import (
    Address,
    ContactPerson,
    Document,
    Erasure,
    Identifier,
    Merge,
    Patient,
    PatientName,
    SearchToken,
    SpellingWord,
    Telecom,
)
from plugins.patients.models.erasing import ASKED, DONE, REFUSED
from plugins.patients.permissions import ERASE
from plugins.patients.services.fit import refuse_unfit
from plugins.patients.services.giving import files_about, persons_of
from plugins.patients.services.indexing import indexed, known_of
from plugins.patients.services.merging.prospect import group_of, pointers
from plugins.patients.services.spelling import slips_of
from plugins.patients.tokens import word_token

# What goes with a person: (table, column), those that others point at last.
GONE = (
    ("patients_relation", "patient_id"), ("patients_relation", "other_id"), ("patients_patient_name", "patient_id"),
    ("patients_identifier", "patient_id"), ("patients_telecom", "patient_id"), ("patients_address", "patient_id"),
    ("patients_contact_person", "patient_id"), ("patients_flag", "patient_id"), ("patients_document", "patient_id"),
    ("patients_told_apart", "one_id"), ("patients_told_apart", "other_id"), ("patients_likeness", "one_id"),
    ("patients_likeness", "other_id"),
)  # fmt: skip
BY_UID = (("patients_reason_given", "about_uid"), ("core_file", "about_uid"))
SHORTEST_TOLD = 4
NAMELESS = "–"


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an erasure would take, and what would stay without a name, by kind."""

    gone: list[tuple[str, int]]
    stays: list[tuple[str, str, int]]
    files: int


@act("patients.ask_erasure", permission=ERASE)
def ask_erasure(patient: Patient, reason: str, by: Actor) -> Erasure:
    """Ask for a person to be erased; somebody else has to do it."""
    refuse_unfit(patient)
    if not reason.strip():
        raise Refused(fields={"reason": _("Say who asked for it, and on what ground.")})
    if open_erasure(patient) is not None:
        raise Refused(_("This was asked for already."))
    made: Erasure = Erasure.create(about_uid=patient.uid, reason=reason.strip()[:300])
    return made


@act("patients.refuse_erasure", permission=ERASE)
def refuse_erasure(erasure: Erasure, by: Actor) -> None:
    """Decide against it."""
    erasure.state, erasure.done_by, erasure.done_at = REFUSED, by.uid, clock.now()
    erasure.save()


def open_erasure(patient: Patient) -> Erasure | None:
    """The erasure of a patient that waits for a second person."""
    found: Erasure | None = Erasure.get_or_none(Erasure.about_uid == patient.uid, Erasure.state == ASKED)
    return found


def look_at_erasure(patient: Patient) -> Prospect:
    """What would go and what would stay; nothing is changed."""
    persons = persons_of(patient)
    own = {*GONE, *BY_UID}
    gone: Counter[str] = Counter()
    stays: list[tuple[str, str, int]] = []
    for pointer in pointers():
        count = sum(count_pointing(pointer, one.sought_by(pointer)) for one in persons)
        group = group_of(pointer, count)
        if not count or pointer.table == "patients_patient":
            continue
        if (pointer.table, pointer.column) in own:
            gone[group.label] += count
        else:
            stays.append((group.label, group.plugin, count))
    return Prospect(list(gone.items()), stays, len(files_about(persons)))


def erase_patient(erasure: Erasure, by: Actor) -> Erasure:
    """Erase a person for good. Raises `Refused` for whoever asked for it: two people decide.

    The words of searches are blanked first, in a store of their own; should the rest fail, it can be done again.
    """
    by.require(ERASE)
    patient = Patient.get(Patient.uid == erasure.about_uid)
    refuse_unfit(patient)
    if erasure.created_by == by.uid:
        raise Refused(_("Somebody else has to carry this out."))
    told = texts_of(patient)
    searches = blank_words([one.uid for one in persons_of(patient)], [text for text in told if text])
    done: Erasure = carry_out_erasure(erasure, searches, by=by)
    left = {name: count for name, count in texts_with(told).items() if count}
    return certify(done, left, by=by)


@act("patients.erase", permission=ERASE)
def carry_out_erasure(erasure: Erasure, searches: int, by: Actor) -> Erasure:
    """Take everything away in one transaction."""
    erasure = Erasure.get_by_id(erasure.id)
    if erasure.state != ASKED:
        raise Refused(_("This was decided already."))
    patient = Patient.get(Patient.uid == erasure.about_uid)
    prospect = look_at_erasure(patient)
    persons = persons_of(patient)
    records = [Patient.get_by_id(one.id) for one in persons]
    counts = {"searches": searches, "files": forget_files(persons)}
    forget_tokens(records)
    ids, uids = [one.id for one in persons], [one.uid for one in persons]
    documents = [uid for (uid,) in rows(Document.select(Document.uid).where(Document.patient.in_(ids)))]
    forget_references(uids + documents)
    for table, column in GONE:
        counts[table] = counts.get(table, 0) + erase_rows(table, column, ids)
    for table, column in BY_UID:
        counts[table] = erase_rows(table, column, uids)
    for merge in Merge.select(Merge.id).where(Merge.survivor_uid.in_(uids) | Merge.merged_uid.in_(uids)):
        overwrite_row("patients_merge", merge.id, {"settled": "{}", "kept": "{}", "left": "[]", "reason": NAMELESS})
    for record in records:
        overwrite_row("patients_patient", record.id, nameless(record))
        counts["core_journal_content"] = counts.get("core_journal_content", 0) + erase_contents(record.uid)
    erasure.state, erasure.done_by, erasure.done_at = DONE, by.uid, clock.now()
    erasure.certificate = {"gone": counts, "stays": [list(one) for one in prospect.stays]}
    erasure.save()
    note("patients.erase", reason=erasure.reason, record=erasure, content={"gone": counts})
    return erasure


@act("patients.certify_erasure", permission=ERASE)
def certify(erasure: Erasure, left: dict[str, int], by: Actor) -> Erasure:
    """Write down where a text of the person still stands after all: in rows a law keeps, or in reasons people gave."""
    erasure = Erasure.get_by_id(erasure.id)
    erasure.certificate = {**(erasure.certificate or {}), "left": left}
    erasure.save()
    return erasure


def texts_of(patient: Patient) -> list[str]:
    """What tells a person from others, as it is written: names, numbers, phones, mail addresses."""
    found: set[str] = set()
    for one in persons_of(patient):
        record = Patient.get_by_id(one.id)
        found |= {record.name, record.number}
        for model, columns in (
            (PatientName, ("name",)), (Identifier, ("value", "plain")), (Telecom, ("value", "e164", "lookup")),
            (ContactPerson, ("name", "phone", "e164", "email")), (Address, ("lines",)),
        ):  # fmt: skip
            own: Any = model
            for part in own.select().where(own.patient == record.id):
                found |= {getattr(part, column) or "" for column in columns}
    return sorted(text for text in found if len(text) >= SHORTEST_TOLD)


def forget_files(persons: list[Person]) -> int:
    """Let contents go that no other file shares, once the rows are gone for good."""
    files = files_about(persons)
    addresses = {file.sha256 for file in files}
    own = {file.id for file in files}
    shared = {
        address for address, number in rows(
            StoredFile.select(StoredFile.sha256, StoredFile.id).where(StoredFile.sha256.in_(sorted(addresses) or ["-"]))
        ) if number not in own
    }  # fmt: skip
    forget_references([file.uid for file in files], "source_uid")
    after_commit(lambda: remove_contents(addresses - shared))
    return len(files)


def remove_contents(addresses: set[str]) -> None:
    """Delete contents nobody refers to."""
    store = store_of_site()
    for address in addresses:
        store.remove(address)


def forget_references(uids: list[str], column: str = "target_uid") -> None:
    """Comments on the record and pages of its papers, and what says where they point."""
    if column == "target_uid":
        erase_rows("core_comment", "about", [f"patients.patient:{uid}" for uid in uids])
    erase_rows("core_reference", column, uids)


def forget_tokens(records: list[Patient]) -> None:
    """What they are found by, and words nobody else is called by."""
    words: set[str] = set()
    for record in records:
        found = indexed(record, known_of(record))
        words |= found.words
        own = (SearchToken.token.in_(sorted(found.tokens) or [0])) & (SearchToken.owner_id == record.id)
        SearchToken.delete().where(own).execute()
    for word in words:
        if not SearchToken.select(SearchToken.owner_id).where(SearchToken.token == word_token(word)).limit(1).exists():
            only = (SpellingWord.word == word[:40]) & SpellingWord.token.in_(sorted(slips_of(word[:40])))
            SpellingWord.delete().where(only).execute()


def nameless(record: Patient) -> dict[str, Any]:
    """A patient's row once nothing in it is anybody's."""
    blank = Patient(number=f"erased-{record.uid[:13]}{record.id}", name=NAMELESS)
    kept = ("id", "uid", "created_at", "created_by", "place", "merged_into")
    own = {
        field.column_name: field.db_value(blank.__data__.get(field.name))
        for field in Patient._meta.sorted_fields
        if field.name not in kept
    }
    moment = Patient._meta.fields["retired_at"].db_value(clock.now())
    return own | {"version": record.version + 1, "retired_at": moment, "retired_reason": "erased", "updated_at": moment}
