"""Reading the journal: the history of a record, the search of an auditor, the erasure of contents."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.errors import Misuse
from core.sites import current_site
from core.storage.fields import UTCDateTimeField
from core.storage.journal.models import JournalContent, JournalRow
from core.storage.journal.reads import read_store
from core.storage.transactions import open_transaction

_moment = UTCDateTimeField()
READ_COLUMNS = ("id", "at", "actor_kind", "actor_uid", "role", "door", "source", "kind", "subject_uid", "shown", "uids")


@dataclass(frozen=True, slots=True)
class Happening:
    """One row of the journal as an auditor reads it. `content` is None once it was erased."""

    row: JournalRow
    content: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One disclosure as an auditor reads it."""

    id: int
    at: datetime
    actor_kind: str
    actor_uid: str
    role: str
    door: str
    source: str
    kind: str
    subject_uid: str
    shown: str
    uids: list[str] = field(default_factory=list)


def history_of(record_uid: str, limit: int = 50, before_id: int | None = None) -> list[Happening]:
    """What happened to a record and its parts, newest first; works without the code of its plugin."""
    condition = (JournalRow.record_uid == record_uid) | (JournalRow.root_uid == record_uid)
    return _happenings(condition, limit, before_id)


def search_journal(wanted: Mapping[str, Any], limit: int = 50, before_id: int | None = None) -> list[Happening]:
    """Rows that fit: `actor_uid`, `subject_uid`, `act`, `plugin`, `outcome`, `door`, `since`, `until`; newest first."""
    condition: Any = JournalRow.id > 0
    for name in ("actor_uid", "subject_uid", "act", "plugin", "outcome", "door", "record_uid"):
        if wanted.get(name):
            condition &= getattr(JournalRow, name) == wanted[name]
    if wanted.get("since"):
        condition &= JournalRow.at >= wanted["since"]
    if wanted.get("until"):
        condition &= JournalRow.at < wanted["until"]
    return _happenings(condition, limit, before_id)


def later_happenings(record_uid: str, after_id: int, limit: int) -> list[Happening]:
    """What happened to a record itself after a row, oldest first."""
    later = (JournalRow.record_uid == record_uid) & (JournalRow.id > after_id)
    rows = list(JournalRow.select().where(later).order_by(JournalRow.id).limit(limit))
    return [Happening(row, kept) for row, kept in zip(rows, _contents(rows), strict=True)]


def _contents(rows: Sequence[JournalRow]) -> list[dict[str, Any] | None]:
    """What each row says, apart from it."""
    query = JournalContent.select().where(JournalContent.entry_uid.in_([row.uid for row in rows])) if rows else ()
    kept = {content.entry_uid: json.loads(content.content) for content in query}
    return [kept.get(row.uid) for row in rows]


def _happenings(condition: Any, limit: int, before_id: int | None) -> list[Happening]:
    if before_id is not None:
        condition &= JournalRow.id < before_id
    rows = list(JournalRow.select().where(condition).order_by(JournalRow.id.desc()).limit(limit))
    return [Happening(row, kept) for row, kept in zip(rows, _contents(rows), strict=True)]


def search_reads(wanted: Mapping[str, Any], limit: int = 50, before_id: int | None = None) -> list[Reading]:
    """Disclosures that fit: `actor_uid`, `subject_uid`, `kind`, `since`, `until`; newest first."""
    database = read_store(current_site()).database
    mark = database.param
    conditions, params = ["id > 0"], []
    for name in ("actor_uid", "kind"):
        if wanted.get(name):
            conditions.append(f"{name} = {mark}")
            params.append(wanted[name])
    if wanted.get("subject_uid"):
        conditions.append(f"(subject_uid = {mark} OR uids LIKE {mark})")
        params += [wanted["subject_uid"], f"%{wanted['subject_uid']}%"]
    for name, sign in (("since", ">="), ("until", "<")):
        if wanted.get(name):
            conditions.append(f"at {sign} {mark}")
            params.append(_moment.db_value(wanted[name]))
    if before_id is not None:
        conditions.append(f"id < {mark}")
        params.append(before_id)
    sql = (
        f"SELECT {', '.join(READ_COLUMNS)} FROM core_read WHERE {' AND '.join(conditions)}"  # noqa: S608  own names
        f" ORDER BY id DESC LIMIT {int(limit)}"
    )
    try:
        rows = database.execute_sql(sql, params).fetchall()
    finally:
        if database is not current_site().database:
            database.close()
    return [_reading(row) for row in rows]


def _reading(row: tuple[Any, ...]) -> Reading:
    facts: dict[str, Any] = dict(zip(READ_COLUMNS, row, strict=True))
    return Reading(**{**facts, "at": _moment.python_value(facts["at"]), "uids": json.loads(facts["uids"])})


def erase_contents(subject_uid: str) -> int:
    """Erase what the journal keeps about a person; the rows and their digests stay. Counts what went."""
    if not subject_uid:
        raise Misuse("erase_contents needs a person")
    open_transaction()
    return int(JournalContent.delete().where(JournalContent.subject_uid == subject_uid).execute())
