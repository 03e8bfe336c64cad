"""What a record's past says of merges and moved entries, and what undoing a merge would do."""

from dataclasses import dataclass
from typing import Any

import peewee

from core.storage.journal.history import Happening, search_journal
from core.storage.pointing import count_since
from plugins.patients.models import Merge, MergeMove, Patient
from plugins.patients.models.merging import MERGED, MERGING, UNMERGING
from plugins.patients.services.merging.carrying import ends_of
from plugins.patients.services.merging.prospect import group_of, person_of, pointers


@dataclass(frozen=True, slots=True)
class PastMerge:
    """A merge of this record with another, as its page tells it."""

    merge: Merge
    survivor: Patient
    merged: Patient

    @property
    def is_open(self) -> bool:
        """Whether it can be undone, or is still going on."""
        return self.merge.state in (MERGED, MERGING, UNMERGING)


@dataclass(frozen=True, slots=True)
class Parting:
    """What undoing would do with one kind of rows: so many go back, so many came since and stay."""

    label: str
    plugin: str
    back: int
    since: int


def merges_of(patient: Patient) -> list[PastMerge]:
    """The merges a record had a part in, the latest first."""
    own = (Merge.survivor_uid == patient.uid) | (Merge.merged_uid == patient.uid)
    merges = list(Merge.select().where(own).order_by(Merge.id.desc()))
    return [PastMerge(merge, *ends_of(merge)) for merge in merges]


def merged_into(patient: Patient) -> list[Patient]:
    """The records that were merged into this one and stand for nothing of their own."""
    return list(Patient.select().where(Patient.merged_into == patient.id).order_by(Patient.id))


def entries_moved(patient: Patient) -> list[Happening]:
    """Entries that were moved to or from this record, the latest first."""
    return search_journal({"subject_uid": patient.uid, "act": "patients.move_entry", "record_uid": patient.uid})


def look_at_parting(merge: Merge) -> list[Parting]:
    """What would go back and what would stay, by kind."""
    survivor, _merged = ends_of(merge)
    counted: Any = MergeMove.select(MergeMove.table, MergeMove.column, peewee.fn.COUNT(MergeMove.id))
    counted = counted.where(MergeMove.merge == merge.id).group_by(MergeMove.table, MergeMove.column)
    back = {(table, column): count for table, column, count in counted.tuples()}
    found = []
    for pointer in pointers():
        goes = back.pop((pointer.table, pointer.column), 0)
        sought = person_of(survivor).sought_by(pointer)
        since = count_since(pointer, sought, merge.ended_at) if merge.ended_at else 0
        if goes or since:
            group = group_of(pointer, goes)
            found.append(Parting(group.label, group.plugin, goes, since))
    return found
