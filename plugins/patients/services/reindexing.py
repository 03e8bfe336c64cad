"""Making anew what patients are found by, where the rules of the search have changed since it was made."""

from typing import Any

from core.jobs import Run, enqueue, every, job
from core.storage.prepared import prepared
from plugins.patients.models import IndexState, Patient, SearchToken
from plugins.patients.services.indexing import indexed, known_of
from plugins.patients.services.spelling import keep_words

# Raise it with any change of `tokens`, `spelling` or `romanising` that finds people by something new.
EDITION = 2
AT_ONCE = 50
ROWS_AT_ONCE = 400
WHOLE = "whole-register"


@job("patients.check_index", system="patients", schedule=every(hours=1))
def check_index(run: Run) -> None:
    """See whether the search's tokens were made by the rules of today."""
    if edition_here() < EDITION:
        enqueue(reindex, by=run.actor, unique_key=WHOLE)


@job("patients.reindex", system="patients", heavy=True, lease_seconds=60)
def reindex(run: Run) -> None:
    """Add the tokens that are missing, for everybody in the register."""
    [(total,)] = last_patient() or [(0,)]
    last = run.cursor or 0
    while patients := next_patients(last, AT_ONCE):
        with run.step():
            for patient in patients:
                add_tokens(patient)
            last = run.cursor = patients[-1].id
            run.progress(last, total)
    with run.step():
        IndexState.delete().execute()
        IndexState.create(edition=EDITION)


def edition_here() -> int:
    """By which rules the tokens of this site were made."""
    row = IndexState.get_or_none()
    return int(row.edition) if row is not None else 0


def add_tokens(patient: Patient) -> None:
    """Add what is missing of one patient's."""
    found = indexed(patient, known_of(patient))
    keep_words(found.words, anew=True)
    fields = [SearchToken.token, SearchToken.owner_id, SearchToken.place_id, SearchToken.born_year]
    made = [(token, patient.id, found.place_id, found.born_year) for token in sorted(found.tokens)]
    for start in range(0, len(made), ROWS_AT_ONCE):
        query: Any = SearchToken.insert_many(made[start : start + ROWS_AT_ONCE], fields=fields)
        query.on_conflict_ignore().execute()


@prepared
def last_patient():
    """The query for the highest id."""
    return Patient.select(Patient.id).order_by(Patient.id.desc()).limit(1).tuples()


@prepared
def next_patients(after, most):
    """The query for the next patients in use."""
    return Patient.select().where(Patient.id > after, Patient.retired_at.is_null()).order_by(Patient.id).limit(most)
