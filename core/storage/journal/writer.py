"""Rows about writing: gathered while an act runs, stored in its own transaction just before it commits.

If a row cannot be written the act fails. What changed lies apart in `core_journal_content`; the row
carries its salted digest, so that a person's data can be erased and the proof still verifies.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from core import clock
from core.actors import Actor
from core.errors import NotChecked
from core.sites import Activation, current
from core.storage.fields import UTCDateTimeField, new_uid
from core.storage.transactions import Transaction, atomic, before_commit

ROW_COLUMNS = (
    "uid", "at", "request_id", "actor_kind", "actor_uid", "on_behalf", "role", "door", "source", "act",
    "outcome", "reason", "subject_uid", "plugin", "noun", "record_uid", "root_uid", "record_version", "change_kind",
    "digest",
)  # fmt: skip
CONTENT_COLUMNS = ("entry_uid", "subject_uid", "salt", "content")
ROWS_AT_ONCE = 40
_moment = UTCDateTimeField()


@dataclass(slots=True)
class Change:
    """One record written: what kind of change, and the stored values before and after."""

    kind: str
    record: Any
    values: dict[str, list[Any]]


@dataclass(slots=True)
class Entry:
    """One row to be."""

    act: str
    outcome: str = "done"
    reason: str = ""
    change: str = "noted"
    subject_uid: str = ""
    plugin: str = "core"
    noun: str = ""
    record_uid: str = ""
    root_uid: str = ""
    version: int | None = None
    content: dict[str, Any] | None = None
    actor: Actor | None = None
    uid: str = field(default_factory=new_uid)


def note_change(transaction: Transaction, change: Change) -> None:
    """Remember a written record for the journal; its row is stored with the others when the act ends."""
    record = change.record
    meta = record._meta
    root = getattr(record, meta.root) if meta.root else None
    transaction.journal.append(
        Entry(
            act=transaction.act,
            change=change.kind,
            subject_uid=record.subject_uid,
            plugin=meta.plugin,
            noun=meta.noun,
            record_uid=record.uid,
            root_uid=str(root.uid) if root is not None else "",
            version=record.version,
            content=change.values,
        )
    )


def note(
    act: str,
    outcome: str = "done",
    reason: str = "",
    subject_uid: str = "",
    record: Any = None,
    content: dict[str, Any] | None = None,
    by: Actor | None = None,
) -> None:
    """Journal something that is not a written record: a sign-in, a refusal, a switch, an announcement.

    Inside an act the row is part of it; outside it is stored at once. `outcome` is "done", "refused" or
    "failed". `by` stands in where nobody is signed in yet.
    """
    entry = Entry(act=act, outcome=outcome, reason=reason[:300], subject_uid=subject_uid, content=content, actor=by)
    entry.plugin = act.partition(".")[0]
    if record is not None:
        entry.plugin, entry.noun, entry.record_uid = record._meta.plugin, record._meta.noun, record.uid
        entry.version = record.version
        entry.subject_uid = subject_uid or record.subject_uid
    with atomic() as transaction:
        transaction.journal.append(entry)


def write_rows(transaction: Transaction) -> None:
    """Store the gathered rows: two statements for an act of any ordinary size."""
    entries, transaction.journal = transaction.journal, []
    if not entries:
        return
    activation = transaction.activation
    at = _moment.db_value(clock.now())
    rows: list[tuple[Any, ...]] = []
    contents: list[tuple[Any, ...]] = []
    for entry in entries:
        digest = ""
        if entry.content is not None:
            salt = secrets.token_hex(16)
            written = canonical(entry.content)
            digest = digest_of(salt, written)
            contents.append((entry.uid, entry.subject_uid, salt, written))
        rows.append(row_of(entry, activation, at, digest))
    insert_rows(transaction.site.database, "core_journal", ROW_COLUMNS, rows)
    insert_rows(transaction.site.database, "core_journal_content", CONTENT_COLUMNS, contents)


def row_of(entry: Entry, activation: Activation, at: Any, digest: str) -> tuple[Any, ...]:
    """The stored form of an entry, in the order of `ROW_COLUMNS`."""
    actor = entry.actor or activation.actor
    return (
        entry.uid, at, activation.request_id[:40], actor.kind, actor.uid[:60], actor.on_behalf[:60], actor.role[:60],
        activation.door[:20], activation.source[:60], entry.act[:80], entry.outcome, entry.reason, entry.subject_uid,
        entry.plugin, entry.noun, entry.record_uid, entry.root_uid, entry.version, entry.change, digest,
    )  # fmt: skip


def insert_rows(database: Any, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Many rows in few statements."""
    one = "(" + ", ".join([database.param] * len(columns)) + ")"
    names = ", ".join(columns)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        values = ", ".join([one] * len(some))
        sql = f"INSERT INTO {table} ({names}) VALUES {values}"  # noqa: S608  own names and markers
        database.execute_sql(sql, [value for row in some for value in row])


def canonical(content: dict[str, Any]) -> str:
    """One spelling for equal contents, for digests."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest_of(salt: str, written: str) -> str:
    """What the journal row keeps of a content."""
    return hashlib.sha256(f"{salt}:{written}".encode()).hexdigest()


def note_refusal(act: str, reason: str, by: Actor | None = None, subject_uid: str = "") -> None:
    """A refusal is a row too; it is stored outside the act that was refused."""
    if current().transaction is None:
        note(act, outcome="refused", reason=reason, by=by, subject_uid=subject_uid)


def note_unchecked(refusal: NotChecked) -> None:
    """Write down who could not answer. An act that is refused for it takes its rows back, and writes this again."""
    note("core.ask", outcome="not checked", reason=refusal.reason)


before_commit.append(write_rows)
