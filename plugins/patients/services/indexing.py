"""Keeping what patients are found by in step with the register, in the same transaction."""

from typing import NamedTuple

from core.sites import current_site
from core.storage.journal.writer import insert_rows
from plugins.patients.models import Patient, PatientName, SearchToken
from plugins.patients.services.prepared import rows_of
from plugins.patients.spelling import starts_of
from plugins.patients.tokens import tokens_of

LONGEST_WORDS = 700
COLUMNS = ("token", "owner_id", "place_id", "born_year")


class Indexed(NamedTuple):
    """What the search knows of a patient."""

    tokens: frozenset[int]
    place_id: int
    born_year: int


def words_for(names: list[str]) -> str:
    """Every word of every name, each once, as `Patient.words` keeps them."""
    words = dict.fromkeys(word for name in names for word in starts_of(name))
    return " ".join(words)[:LONGEST_WORDS]


def names_of(patient: Patient) -> list[str]:
    """All names a patient goes by."""
    further = PatientName.select(PatientName.name).where(
        PatientName.patient == patient.id, PatientName.retired_at.is_null()
    )
    return [patient.name, *([patient.called] if patient.called else []), *(name for (name,) in rows_of(further))]


def indexed(patient: Patient, names: list[str]) -> Indexed:
    """What the search should know of a patient with these names; nothing of one who is retired."""
    if patient.is_retired:
        return Indexed(frozenset(), 0, 0)
    tokens = tokens_of(names, patient.number, patient.born_on, patient.born_precision)
    return Indexed(
        frozenset(tokens), patient.__data__.get("place") or 0, patient.born_on.year if patient.born_on else 0
    )


def write_index(patient: Patient, after: Indexed, before: Indexed | None = None) -> None:
    """Store what changed: at most two statements."""
    moved = before is not None and before[1:] != after[1:]
    gone = (before.tokens if moved else before.tokens - after.tokens) if before else frozenset()
    new = after.tokens if before is None or moved else after.tokens - before.tokens
    if gone:
        is_gone = (SearchToken.token.in_(sorted(gone))) & (SearchToken.owner_id == patient.id)
        SearchToken.delete().where(is_gone).execute()
    if new:
        rows = [(token, patient.id, after.place_id, after.born_year) for token in sorted(new)]
        insert_rows(current_site().database, "patients_search_token", COLUMNS, rows)
