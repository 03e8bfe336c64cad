"""Rows about reading: who was shown whom.

An answer that discloses an identifiable person is one row: a chart or record by its uid; a list, search,
palette, export or print by its condition and the uids disclosed. Rows go to a store of their own, in
groups, before the answer leaves, so that a chart never waits behind a writer. If they cannot be
written the answer is refused.
"""

import json
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import peewee

from core import clock
from core.errors import MedleyError, Unavailable
from core.sites import Site, current, database_for
from core.storage.fields import UTCDateTimeField
from core.storage.journal.writer import insert_rows
from core.texts import _

COLUMNS = (
    "at", "request_id", "actor_kind", "actor_uid", "on_behalf", "role", "door", "source",
    "kind", "subject_uid", "shown", "uids",
)  # fmt: skip
GROUP = 64
WAIT_SECONDS = 10
LOOKED_BACK = 10  # rows looked at for each record shown as seen last
UNRECORDED = _("What you asked for can't be shown, because the view could not be recorded.")
READ_TABLE = (
    "CREATE TABLE IF NOT EXISTS core_read (id INTEGER PRIMARY KEY, at TEXT NOT NULL, request_id TEXT NOT NULL,"
    " actor_kind TEXT NOT NULL, actor_uid TEXT NOT NULL, on_behalf TEXT NOT NULL, role TEXT NOT NULL,"
    " door TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, subject_uid TEXT NOT NULL,"
    " shown TEXT NOT NULL, uids TEXT NOT NULL)"
)
REFUSED = "BEGIN SELECT RAISE(ABORT, 'core_read is append-only'); END"
SQLITE_SCHEMA = (
    READ_TABLE,
    "CREATE INDEX IF NOT EXISTS core_read_subject ON core_read (subject_uid, id)",
    "CREATE INDEX IF NOT EXISTS core_read_actor ON core_read (actor_uid, id)",
    f"CREATE TRIGGER IF NOT EXISTS core_read_no_delete BEFORE DELETE ON core_read {REFUSED}",
    # The words of a search may be blanked when a person is erased; nothing else ever changes.
    "DROP TRIGGER IF EXISTS core_read_no_update",
    "CREATE TRIGGER IF NOT EXISTS core_read_only_blanks BEFORE UPDATE ON core_read WHEN NEW.shown <> '' OR "
    + " OR ".join(f"OLD.{name} <> NEW.{name}" for name in ("id", *(one for one in COLUMNS if one != "shown")))
    + f" {REFUSED}",
)
# Waits until a file's content is on the disk.
flush = getattr(os, "fdatasync", os.fsync)
_moment = UTCDateTimeField()
_compact = json.JSONEncoder(separators=(",", ":"))


@dataclass(slots=True, eq=False)
class _Group:
    """One answer's rows. Whoever brought them waits at the gate, until they are stored or its turn has come."""

    rows: list[tuple[Any, ...]]
    gate: Any = field(default_factory=threading.Lock)
    leads: bool = False
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        self.gate.acquire()

    def wait(self) -> bool:
        """Wait at the gate, but not for ever."""
        return bool(self.gate.acquire(timeout=WAIT_SECONDS))

    def wake(self) -> None:
        """Open the gate."""
        if self.gate.locked():
            self.gate.release()


class ReadStore:
    """One site's rows about reading, written in groups: whoever's turn it is writes for those who came meanwhile.

    The next turn goes to one of those who came while the group was written; the others sleep on.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._guard = threading.Lock()
        self._waiting: list[_Group] = []
        self._is_led = False
        self._database: Any = None
        self._log: int | None = None

    @property
    def database(self) -> Any:
        """`reads.db` beside an SQLite site; elsewhere the site's own database."""
        if self.site.engine != "sqlite":
            return self.site.database
        if self._database is None:
            path = self.site.database.database.removesuffix(".db") + "-reads.db"
            database: Any = database_for(f"sqlite:///{path}", self.site.database.budget)
            # The store waits for the disk itself, when it has let go of the file (see `_wait_for_disk`).
            database.pragma("synchronous", "normal", permanent=True)
            database.pragma("busy_timeout", WAIT_SECONDS * 1000, permanent=True)
            try:
                for statement in SQLITE_SCHEMA:
                    database.execute_sql(statement)
            finally:
                database.close()
            self._database = database
        return self._database

    def write(self, rows: list[tuple[Any, ...]]) -> None:
        """Store these rows durably before returning; raises `Unavailable` when that can't be."""
        mine = _Group(rows)
        with self._guard:
            self._waiting.append(mine)
            if not self._is_led:
                self._is_led = mine.leads = True
        if not mine.leads and not mine.wait():
            self._give_up(mine)
        if mine.leads:
            self._write_waiting()
        if mine.failure is not None:
            raise Unavailable(UNRECORDED) from mine.failure

    def _give_up(self, mine: _Group) -> None:
        """Leave the queue, unless it became our turn at this very moment."""
        with self._guard:
            if mine.leads:
                return
            if mine in self._waiting:
                self._waiting.remove(mine)
        raise Unavailable(UNRECORDED)

    def _write_waiting(self) -> None:
        with self._guard:
            groups, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
        failure: BaseException | None = Unavailable()
        try:
            insert_rows(self.database, "core_read", COLUMNS, [row for group in groups for row in group.rows])
            self._wait_for_disk()
            failure = None
        except (peewee.PeeweeException, MedleyError, OSError) as away:
            failure = away
        finally:
            self._hand_over()
            for group in groups:
                group.failure = failure
                group.wake()
            self._give_back()

    def _hand_over(self) -> None:
        """Let the first of those who came meanwhile write next."""
        with self._guard:
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].wake()

    def _wait_for_disk(self) -> None:
        """Wait until the rows just stored outlive a loss of power.

        On SQLite they are in the write-ahead log, which is flushed here and not by the commit: it would keep every
        other process from storing its own for as long as the disk takes. While our connection is open the log can't
        be put away; what a checkpoint took out of it before is flushed already. Elsewhere the commit has waited.
        """
        if self.site.engine != "sqlite":
            return
        if self._log is None or not os.fstat(self._log).st_nlink:
            self._let_go_of_log()
            self._log = os.open(f"{self.database.database}-wal", os.O_RDONLY)
        flush(self._log)

    def _let_go_of_log(self) -> None:
        """The log is put away with the last connection, and another one is begun with the next."""
        if self._log is not None:
            os.close(self._log)
            self._log = None

    def _give_back(self) -> None:
        if self._database is not None and not self._database.is_closed():
            self._database.close()


_stores: dict[str, ReadStore] = {}
_stores_guard = threading.Lock()


def read_store(site: Site) -> ReadStore:
    """The store of a site; one object for each site in a process."""
    key = site.database_url
    store = _stores.get(key)
    if store is None or store.site is not site:
        with _stores_guard:
            store = _stores[key] = ReadStore(site)
    return store


def disclosed(kind: str, uids: Sequence[str], condition: str = "", subject_uid: str = "") -> None:
    """Remember that this answer shows these people; stored by `flush_reads` before the answer leaves.

    `kind` is "record", "list", "search", "palette", "export", "print" or "api". `condition` says in
    words what was asked for.
    """
    if not uids and not subject_uid and not condition:
        return
    pending = current().memory.setdefault("reads", {})
    pending.setdefault((kind, subject_uid, condition), []).extend(uids)


def flush_reads(also: Iterable[tuple[Any, ...]] = ()) -> None:
    """Store what this answer disclosed. Called by every door before the answer leaves."""
    activation = current()
    pending = activation.memory.pop("reads", None)
    if not pending:
        return
    actor = activation.actor
    at = _moment.db_value(clock.now())
    rows = [
        (
            at, activation.request_id[:40], actor.kind, actor.uid[:60], actor.on_behalf[:60], actor.role[:60],
            activation.door[:20], activation.source[:60], kind, subject_uid, condition[:500],
            _compact.encode(list(dict.fromkeys(uids))),
        )
        for (kind, subject_uid, condition), uids in pending.items()
    ]  # fmt: skip
    read_store(activation.site).write([*rows, *also])


def seen_last(actor_uid: str, most: int) -> list[str]:
    """The uids of the people whose records this actor had open last, the latest first, each once."""
    database = read_store(current().site).database
    mark = database.param
    sql = (
        f"SELECT subject_uid FROM core_read WHERE actor_uid = {mark} AND kind = {mark}"  # noqa: S608  markers
        f" AND subject_uid <> '' ORDER BY id DESC LIMIT {mark}"
    )
    rows = database.execute_sql(sql, (actor_uid, "record", most * LOOKED_BACK)).fetchall()
    return list(dict.fromkeys(uid for (uid,) in rows))[:most]


def blank_words(uids: Sequence[str], words: Sequence[str]) -> int:
    """Blank what was asked for where these people were shown, and wherever it says one of these texts.

    Who was shown whom, and when, stays. It can be done again.
    """
    site = current().site
    database = read_store(site).database
    mark = database.param
    about = [f"subject_uid = {mark} OR uids LIKE {mark}" for _uid in uids]
    about += [f"LOWER(shown) LIKE {mark}" for _word in words]
    params = [value for uid in uids for value in (uid, f"%{uid}%")] + [f"%{word.lower()}%" for word in words]
    sql = f"UPDATE core_read SET shown = '' WHERE shown <> '' AND ({' OR '.join(about)})"  # noqa: S608  markers
    try:
        return int(database.execute_sql(sql, params).rowcount) if about else 0
    finally:
        if database is not site.database:
            database.close()
