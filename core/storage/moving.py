"""Moving rows from one person's record to another's: the pointer alone changes, in place and on the record.

Only a merge, its undoing, and the correction of a wrong entry do this. It works without the code of the plugin
whose rows they are; a row that is a record gets a higher version, and each has its row in the journal.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from core import clock
from core.errors import Misuse
from core.sites import Site, current_site
from core.storage import fields
from core.storage.journal.writer import Entry
from core.storage.model import Model, all_tables, quoted
from core.storage.pointing import REFERENCE, Key, Pointer
from core.storage.transactions import Transaction, open_transaction

AT_ONCE = 100
_moment = fields.UTCDateTimeField()


class Person(NamedTuple):
    """Whose a row is: what pointers at them hold, by the column of their table, and the uid."""

    id: int
    uid: str
    plugin: str
    noun: str

    def value_for(self, pointer: Pointer) -> Any:
        """What a pointer at this person holds."""
        if pointer.kind == REFERENCE:
            return f"{self.plugin}.{self.noun}:{self.uid}"
        return {"id": self.id, "uid": self.uid}[pointer.target]

    def sought_by(self, pointer: Pointer) -> Any:
        """What the rows of a pointer are looked up by."""
        return self.uid if pointer.kind == REFERENCE else self.value_for(pointer)


class Move(NamedTuple):
    """From whom to whom, and the person the journal names for it."""

    held: Person
    wanted: Person
    subject_uid: str


class Fact(NamedTuple):
    """A row that still points where it should: its uid, and its version once it is moved."""

    uid: str
    version: int


def move_rows(pointer: Pointer, keys: Sequence[Key], move: Move) -> list[Key]:
    """Let rows that point at one person point at another, inside an act; tells which of them still did."""
    transaction = open_transaction()
    if not transaction.act:
        raise Misuse("rows are moved inside an act only")
    moved: list[Key] = []
    for start in range(0, len(keys), AT_ONCE):
        facts = facts_of(pointer, keys[start : start + AT_ONCE], move.held)
        if facts:
            set_pointers(pointer, list(facts), move, transaction)
        transaction.journal += [entry_of(pointer, fact, move, transaction) for fact in facts.values()]
        moved += facts
    return moved


def swap_rows(pointer: Pointer, one: Key, other: Key, move: Move, parked: Person) -> bool:
    """Let two rows that could not both be one person's change places; somebody stands in for a moment.

    `one` is the row of the person it is moved from. False, and nothing is done, when either is not where it was.
    """
    if not facts_of(pointer, [one], move.held) or not facts_of(pointer, [other], move.wanted):
        return False
    move_rows(pointer, [other], Move(move.wanted, parked, move.held.uid))
    move_rows(pointer, [one], move)
    move_rows(pointer, [other], Move(parked, move.held, move.held.uid))
    return True


@contextmanager
def standing_in(unsaved: Model) -> Iterator[Person]:
    """A record that stands in for a moment, made and gone within one transaction, and so seen by nobody."""
    transaction = open_transaction()
    site = transaction.site
    values = [field.db_value(unsaved.__data__.get(field.name)) for field in unsaved._columns()]
    cursor = site.database.execute_sql(unsaved._insert_sql(site), values)
    number = cursor.fetchone()[0] if site.engine == "postgresql" else cursor.lastrowid
    yield Person(number, str(unsaved.uid), unsaved._meta.plugin, unsaved._meta.noun)
    site.database.execute_sql(f"DELETE FROM {unsaved._table()} WHERE id = {site.database.param}", (number,))  # noqa: S608  own table


def facts_of(pointer: Pointer, keys: Sequence[Key], held: Person) -> dict[Key, Fact]:
    """Those of these rows that point at this person, locked."""
    site = current_site()
    mark = site.database.param
    lock = "" if site.engine == "sqlite" else " FOR UPDATE"
    shown = ", ".join([quoted(name, site) for name in pointer.row_key] + list(pointer.own_facts))
    table, column = quoted(pointer.table, site), quoted(pointer.column, site)
    where, params = these(pointer, keys, site)
    sql = f"SELECT {shown} FROM {table} WHERE {column} = {mark}{where}{lock}"  # noqa: S608  names from the catalogue
    rows = site.database.execute_sql(sql, [held.value_for(pointer), *params]).fetchall()
    width = len(pointer.row_key)
    return {tuple(row[:width]): Fact(str(row[width]), int(row[width + 1]) + 1) for row in rows}


def set_pointers(pointer: Pointer, keys: Sequence[Key], move: Move, transaction: Transaction) -> None:
    """Change the pointers of some rows, and the version of those that are records."""
    site = transaction.site
    mark = site.database.param
    table, column = quoted(pointer.table, site), quoted(pointer.column, site)
    pairs, values = [f"{column} = {mark}"], [move.wanted.value_for(pointer)]
    if pointer.is_record:
        pairs += ["version = version + 1", f"updated_at = {mark}", f"updated_by = {mark}"]
        values += [_moment.db_value(clock.now()), transaction.activation.actor.uid]
    where, params = these(pointer, keys, site)
    sql = f"UPDATE {table} SET {', '.join(pairs)} WHERE {column} = {mark}{where}"  # noqa: S608  names from the catalogue
    site.database.execute_sql(sql, [*values, move.held.value_for(pointer), *params])
    if pointer.kind == REFERENCE:
        marks = ", ".join(mark for _key in keys)
        sql = (
            f"UPDATE core_reference SET plugin = {mark}, noun = {mark}, target_uid = {mark} WHERE target_uid = {mark}"  # noqa: S608  markers
            f" AND source_table = {mark} AND source_column = {mark} AND source_uid IN ({marks})"
        )
        wanted, at = move.wanted, (move.held.uid, pointer.table, pointer.column)
        params = [wanted.plugin, wanted.noun, wanted.uid, *at, *(uid for (uid,) in keys)]
        site.database.execute_sql(sql, params)


def these(pointer: Pointer, keys: Sequence[Key], site: Site) -> tuple[str, list[Any]]:
    """The condition that names some rows by their keys."""
    names = [quoted(name, site) for name in pointer.row_key]
    mark = site.database.param
    params = [part for key in keys for part in key]
    if not names:
        return "", []
    if len(names) == 1:
        return f" AND {names[0]} IN ({', '.join(mark for _key in keys)})", params
    one = "(" + " AND ".join(f"{name} = {mark}" for name in names) + ")"
    return f" AND ({' OR '.join(one for _key in keys)})", params


def entry_of(pointer: Pointer, fact: Fact, move: Move, transaction: Transaction) -> Entry:
    """The journal's row of one move; of a plugin that is absent by what its table is called."""
    table: Any = all_tables().get(pointer.table)
    meta = table._meta if table is not None else None
    plugin, _line, noun = pointer.table.partition("_")
    field = meta.columns.get(pointer.column) if meta is not None else None
    is_part = field is not None and getattr(meta, "root", "") == field.name
    name = field.name if field is not None else pointer.column
    return Entry(
        act=transaction.act,
        change="moved",
        subject_uid=move.subject_uid,
        plugin=getattr(meta, "plugin", plugin),
        noun=getattr(meta, "noun", noun),
        record_uid=fact.uid,
        root_uid=move.wanted.uid if is_part else "",
        version=fact.version if pointer.is_record else None,
        content={name: [move.held.value_for(pointer), move.wanted.value_for(pointer)]},
    )
