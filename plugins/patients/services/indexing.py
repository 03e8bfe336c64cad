"""Keeping what patients are found by in step with the register, in the same transaction."""

from typing import NamedTuple

from core.sites import current_site
from core.storage.journal.writer import insert_rows
from plugins.patients.models import Patient, PatientName, SearchToken
from plugins.patients.services.prepared import rows_of
from plugins.patients.services.spelling import keep_words
from plugins.patients.spelling import starts_of
from plugins.patients.tokens import number_token, tokens_of

LONGEST_WORDS = 700
COLUMNS = ("token", "owner_id", "place_id", "born_year")


class Known(NamedTuple):
    """What a patient goes by: names, and record numbers beside their own."""

    names: list[str]
    numbers: list[str]


class Indexed(NamedTuple):
    """What the search knows of a patient."""

    tokens: frozenset[int]
    place_id: int
    born_year: int
    words: frozenset[str] = frozenset()


def words_for(names: list[str]) -> str:
    """Every word of every name, each once, as `Patient.words` keeps them."""
    words = dict.fromkeys(word for name in names for word in starts_of(name))
    return " ".join(words)[:LONGEST_WORDS]


def known_of(patient: Patient) -> Known:
    """All names and record numbers a patient goes by, those of records merged into theirs included."""
    further = PatientName.select(PatientName.name).where(
        PatientName.patient == patient.id, PatientName.retired_at.is_null()
    )
    merged = rows_of(
        Patient.select(Patient.number, Patient.name, Patient.called).where(Patient.merged_into == patient.id)
    )
    names = [patient.name, *([patient.called] if patient.called else []), *(name for (name,) in rows_of(further))]
    names += [name for _number, *both in merged for name in both if name]
    return Known(names, [number for number, *_names in merged])


def indexed(patient: Patient, known: Known) -> Indexed:
    """What the search should know of a patient who goes by these; nothing of one who is retired."""
    if patient.is_retired:
        return Indexed(frozenset(), 0, 0)
    words = frozenset(word for name in known.names for word in starts_of(name))
    tokens = tokens_of(known.names, patient.number, patient.born_on, patient.born_precision)
    tokens |= {number_token(number) for number in known.numbers}
    return Indexed(
        frozenset(tokens),
        patient.__data__.get("place") or 0,
        patient.born_on.year if patient.born_on else 0,
        words,
    )


def write_index(patient: Patient, after: Indexed, before: Indexed | None = None) -> None:
    """Store what changed: at most two statements, and the words that are new here."""
    keep_words(after.words)
    moved = before is not None and before[1:3] != after[1:3]
    gone = (before.tokens if moved else before.tokens - after.tokens) if before else frozenset()
    new = after.tokens if before is None or moved else after.tokens - before.tokens
    if gone:
        is_gone = (SearchToken.token.in_(sorted(gone))) & (SearchToken.owner_id == patient.id)
        SearchToken.delete().where(is_gone).execute()
    if new:
        rows = [(token, patient.id, after.place_id, after.born_year) for token in sorted(new)]
        insert_rows(current_site().database, "patients_search_token", COLUMNS, rows)
