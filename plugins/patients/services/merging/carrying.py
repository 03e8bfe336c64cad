"""Carrying rows from one record to the other, and back, some at a time.

A merge of ordinary size is one transaction. A larger one goes on in steps of a job, each stored with what it
moved; whoever is killed between two steps leaves a merge that the next worker goes on with, or carries back.
"""

from collections.abc import Sequence
from typing import NamedTuple

import peewee

from core import clock
from core.errors import Refused
from core.storage import new_uid, savepoint
from core.storage.moving import Move, Person, move_rows, standing_in, swap_rows
from core.storage.pointing import Key, Pointer, rows_pointing
from core.storage.transactions import is_retryable, lost_connection
from core.texts import _
from plugins.patients.models import Merge, MergeMove, Patient
from plugins.patients.services.merging.prospect import person_of, pointers

AT_ONCE = 100
# A transaction never holds a writer over 250 ms; what is begun when this is over is still finished.
BUDGET_SECONDS = 0.12


class Ends(NamedTuple):
    """Between whom a merge carries."""

    survivor: Person
    merged: Person

    @property
    def there(self) -> Move:
        """The way of a merge."""
        return Move(self.merged, self.survivor, self.survivor.uid)

    @property
    def back(self) -> Move:
        """The way of its undoing."""
        return Move(self.survivor, self.merged, self.merged.uid)


def ends_of(merge: Merge) -> tuple[Patient, Patient]:
    """The two records of a merge: the one that survives, and the one merged into it."""
    found = {one.uid: one for one in Patient.select().where(Patient.uid.in_([merge.survivor_uid, merge.merged_uid]))}
    return found[merge.survivor_uid], found[merge.merged_uid]


def carry_there(merge: Merge, until: float) -> bool:
    """Carry rows over until the time is up; True when nothing is left that can be carried."""
    survivor, merged = ends_of(merge)
    ends = Ends(person_of(survivor), person_of(merged))
    left = {(table, column, tuple(key)) for table, column, key in merge.left}
    for pointer in pointers():
        after: Key = ()
        while keys := rows_pointing(pointer, ends.merged.sought_by(pointer), AT_ONCE, after):
            after = keys[-1]
            due = [key for key in keys if (pointer.table, pointer.column, stored_key(key)) not in left]
            carried = carry(merge, pointer, due, ends)
            merge.moved += carried
            if carried and clock.monotonic() > until:
                return False
            if not pointer.row_key:
                break
    return True


def carry(merge: Merge, pointer: Pointer, keys: Sequence[Key], ends: Ends) -> int:
    """Carry some rows of one pointer, and note the way back."""
    if not keys:
        return 0
    try:
        with savepoint():
            moved = move_rows(pointer, keys, ends.there)
    except peewee.PeeweeException as failure:
        if is_retryable(failure) or lost_connection(failure):
            raise
        raise Refused(
            _("The rows of %(table)s can't be carried over: the database refused.", table=pointer.table)
        ) from failure
    note_moves(merge, pointer, moved)
    return len(moved)


def note_moves(merge: Merge, pointer: Pointer, keys: Sequence[Key], other: Key | None = None) -> None:
    """Remember which rows were carried."""
    facts = {"merge": merge.id, "table": pointer.table, "column": pointer.column}
    facts |= {"kind": pointer.kind, "target": pointer.target}
    made = [
        {**facts, "row_key": list(stored_key(key)), "other_key": None if other is None else list(stored_key(other))}
        for key in keys
    ]
    if made:
        MergeMove.insert_many(made).execute()


def carry_back(merge: Merge, until: float) -> bool:
    """Carry rows back, the last one first, until the time is up; True when every move was replayed.

    A row that somebody moved elsewhere meanwhile, or that is gone, stays where it is.
    """
    survivor, merged = ends_of(merge)
    ends = Ends(person_of(survivor), person_of(merged))
    known = {(one.table, one.column): one for one in pointers()}
    while True:
        query = MergeMove.select().where(MergeMove.merge == merge.id).order_by(MergeMove.id.desc()).limit(AT_ONCE)
        moves = list(query)
        if not moves:
            return True
        some = alike(moves)
        pointer = known.get((some[0].table, some[0].column))
        if pointer is not None and some[0].other_key is not None:
            swap_back(pointer, some[0], ends)
        elif pointer is not None:
            move_rows(pointer, [tuple(one.row_key) for one in some], ends.back)
        MergeMove.delete().where(MergeMove.id.in_([one.id for one in some])).execute()
        if clock.monotonic() > until:
            return False


def alike(moves: Sequence[MergeMove]) -> list[MergeMove]:
    """The first moves of a list that are of one pointer; a swap stands alone."""
    first = moves[0]
    if first.other_key is not None:
        return [first]
    some = []
    for move in moves:
        if (move.table, move.column) != (first.table, first.column) or move.other_key is not None:
            break
        some.append(move)
    return some


def change_places(merge: Merge, pointer: Pointer, mine: Key, theirs: Key) -> None:
    """Let the merged record's row be the survivor's, and the survivor's stay with the merged record."""
    survivor, merged = ends_of(merge)
    ends = Ends(person_of(survivor), person_of(merged))
    with standing_in(parking()) as parked:
        if swap_rows(pointer, theirs, mine, ends.there, parked):
            note_moves(merge, pointer, [theirs], mine)
            merge.moved += 1


def swap_back(pointer: Pointer, move: MergeMove, ends: Ends) -> None:
    """Undo one change of places."""
    with standing_in(parking()) as parked:
        swap_rows(pointer, tuple(move.row_key), tuple(move.other_key), ends.back, parked)


def parking() -> Patient:
    """Somebody to stand in for a moment while two rows change places; never seen outside the transaction."""
    return Patient(number=f"-{new_uid()}", name="-")


def stored_key(key: Key) -> Key:
    """A key as it is kept in JSON."""
    return tuple(part if isinstance(part, (int, str)) else str(part) for part in key)
