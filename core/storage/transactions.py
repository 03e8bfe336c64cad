"""All or nothing, and never half: the transactions acts run in.

A database error that somebody swallows leaves PostgreSQL with a transaction that silently commits
nothing and MariaDB with one that commits half an act. Here any error not caught by our own
`savepoint()` dooms the transaction: it refuses further statements and raises instead of committing.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import peewee

from core.errors import Busy, Doomed, Misuse, Unavailable
from core.sites import Activation, Site, current
from core.storage.locks import WriteLock, write_lock_of
from core.texts import _

# SQLSTATE of serialization failure and deadlock (PostgreSQL), lock not available;
# MariaDB's 1213 deadlock, 1205 lock wait timeout, 1020 record changed.
RETRYABLE_STATES = {"40001", "40P01", "55P03"}
RETRYABLE_NUMBERS = {1213, 1205, 1020}
UNKNOWN = _("The database went away while this was being saved. Look whether it was, before you enter it again.")
log = logging.getLogger("medley.storage")
LOST_NUMBERS = {2006, 2013, 2014, 2055, 0, 1927, 1053}


class Written(NamedTuple):
    """A record in memory as it was before it was saved in this transaction."""

    record: Any
    id: int | None
    version: int
    dirty: frozenset[str]


class Raised(NamedTuple):
    """A record whose version rose in this transaction: within which savepoint, and the version before."""

    savepoint: int
    before: int


class Transaction:
    """One open transaction at one site."""

    def __init__(self, activation: Activation) -> None:
        self.site: Site = activation.site
        self.activation = activation
        self.act = ""
        self.doomed: BaseException | None = None
        self.is_fatal = False
        self.revision_touched = False
        self.statements = 0
        self.depth = 0
        self.raised_roots: dict[tuple[str, int], Raised] = {}
        self.journal: list[Any] = []
        self.savepoints: list[int] = []
        self.is_tentative = False
        self.written: list[Written] = []
        self._at_end: list[Callable[[], None]] = []
        self._after_commit: list[Callable[[], None]] = []
        self._gathered: list[tuple[Callable[[list[Any]], None], Any]] = []
        self._lock: WriteLock | None = None
        self._connection: Any = None
        self._finish = threading.Lock()

    def begin(self) -> None:
        """Open it the way this engine needs: on SQLite a writer queues for the write lock first."""
        database = self.site.database
        if self.site.engine == "sqlite":
            self._lock = write_lock_of(database.database)
            self._lock.acquire()
        try:
            database.execute_sql("BEGIN IMMEDIATE" if self.site.engine == "sqlite" else "BEGIN")
        except BaseException as failure:
            self._let_go()
            if lost_connection(failure):
                database.drop_connection()
                raise Unavailable from failure
            raise
        self._connection = database.connection()
        database.push_transaction(self)
        self.activation.transaction = self
        try:
            for callback in on_begin:
                callback(self)
        except BaseException:
            self.rollback()
            raise

    def check(self) -> None:
        """Refuse further statements once doomed."""
        self.statements += 1
        if self.doomed is not None:
            raise Doomed(self.doomed) from self.doomed

    def statement_failed(self, failure: BaseException) -> None:
        """A statement failed: nothing of this transaction may be kept unless a savepoint takes it back."""
        self.doomed = failure
        if is_retryable(failure) or lost_connection(failure):
            self.is_fatal = True

    def at_end(self, callback: Callable[[], None]) -> None:
        """Run as one of the last statements before the commit, in order (legal numbers wait for it)."""
        self._at_end.append(callback)

    def gather(self, item: Any, store: Callable[[list[Any]], None]) -> None:
        """Keep something that is stored together with its like, in one go just before the commit."""
        self._gathered.append((store, item))

    def store_gathered(self) -> None:
        """Store what was gathered, each kind at once."""
        found: dict[Callable[[list[Any]], None], list[Any]] = {}
        for store, item in self._gathered:
            found.setdefault(store, []).append(item)
        self._gathered = []
        for store, items in found.items():
            store(items)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run when everything is safely stored; dropped when it is not."""
        self._after_commit.append(callback)

    def commit(self, before: Callable[["Transaction"], None]) -> None:
        """Finish the numbers, let `before` write the journal, and commit, or raise `Doomed` and keep nothing.

        What waits for the commit can't undo it: an error there is logged, and the act has happened.
        """
        try:
            for callback in self._at_end:
                callback()
            self.store_gathered()
            before(self)
            self.check()
            with self._finish:
                self.check()
                self._commit()
        except BaseException:
            self.rollback()
            raise
        self._close()
        for callback in self._after_commit:
            try:
                callback()
            except Exception:
                log.exception("something that waited for the commit of %s failed", self.act)

    def _commit(self) -> None:
        try:
            self.site.database.execute_sql("COMMIT")
        except peewee.PeeweeException as failure:
            if lost_connection(failure):
                raise Unavailable(UNKNOWN) from failure
            raise

    def rollback(self) -> None:
        """Keep nothing, and let records in memory be as unsaved as they are. A connection that can't even roll back
        is closed."""
        self.activation.transaction = None
        self.forget_written(0)
        database = self.site.database
        try:
            if lost_connection(self.doomed):
                raise peewee.InterfaceError("connection lost")
            database.execute_sql("ROLLBACK")
        except (peewee.PeeweeException, Unavailable):
            database.pop_transaction()
            database.drop_connection()
            self._let_go()
            return
        self._close()

    def abort_from_outside(self) -> None:
        """Take the transaction away from a listener that hangs in it; called by the watchdog's thread."""
        with self._finish:
            self.doomed = self.doomed or Unavailable()
            self.is_fatal = True
            if self.site.engine == "sqlite":
                self._connection.interrupt()
                self._connection.rollback()
                self._let_go()
            else:
                self.site.database.cut(self._connection)

    def forget_written(self, kept: int) -> None:
        """Take back in memory what is taken back in the database: versions, ids, and what the state hangs on."""
        for one in reversed(self.written[kept:]):
            one.record.__data__.update(id=one.id, version=one.version)
            one.record._dirty |= one.dirty
        del self.written[kept:]
        if self.revision_touched:
            self.activation.forget_state()

    def _close(self) -> None:
        self.activation.transaction = None
        self.site.database.pop_transaction()
        self._let_go()

    def _let_go(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


# What runs first in each transaction: a job that was taken over is stopped here, before it can write.
on_begin: list[Callable[[Transaction], None]] = []

# What runs last inside each commit: the journal sets itself here, one floor mate to another.
before_commit: list[Callable[[Transaction], None]] = []


def _last_words(transaction: Transaction) -> None:
    for callback in before_commit:
        callback(transaction)


@contextmanager
def atomic() -> Iterator[Transaction]:
    """Join the open transaction of this site, or open one; all of it is kept, or none."""
    activation = current()
    transaction = activation.transaction
    if transaction is not None:
        yield transaction
        return
    transaction = Transaction(activation)
    transaction.begin()
    try:
        yield transaction
    except BaseException:
        transaction.rollback()
        raise
    if transaction.doomed is not None:
        cause = transaction.doomed
        transaction.rollback()
        raise Doomed(cause) from cause
    transaction.commit(_last_words)


@contextmanager
def savepoint() -> Iterator[None]:
    """What fails inside is taken back alone, and the error goes on to the caller; the act may go on.

    An error swallowed inside comes out as `Doomed`. A deadlock or a lost connection can't be taken
    back alone: it dooms the whole transaction.
    """
    transaction = open_transaction()
    if transaction.is_tentative:
        try:
            yield
        except BaseException as failure:
            transaction.doomed = transaction.doomed or failure
            raise
        return
    database = transaction.site.database
    transaction.depth += 1
    name = f"m{transaction.depth}"
    database.execute_sql(f"SAVEPOINT {name}")
    lists = (transaction.journal, transaction._at_end, transaction._after_commit, transaction.written)
    kept = tuple(map(len, (*lists, transaction._gathered)))
    transaction.savepoints.append(transaction.depth)
    try:
        yield
    except BaseException:
        _take_back(transaction, name, kept)
        raise
    else:
        if transaction.doomed is None:
            database.execute_sql(f"RELEASE SAVEPOINT {name}")
        else:
            cause = transaction.doomed
            _take_back(transaction, name, kept)
            raise Doomed(cause) from cause
    finally:
        transaction.savepoints.pop()


@contextmanager
def tentatively() -> Iterator[None]:
    """A savepoint around work that is begun anew, piece by piece, when anything in it fails.

    Inside it no further savepoints are set, which costs two statements each: what would have been taken back to one
    of them, even when the caller knows how to go on, lets all of it be taken back here.
    """
    transaction = open_transaction()
    with savepoint():
        outer, transaction.is_tentative = transaction.is_tentative, True
        try:
            yield
        finally:
            transaction.is_tentative = outer


def _take_back(transaction: Transaction, name: str, kept: tuple[int, ...]) -> None:
    if transaction.is_fatal:
        return
    transaction.doomed = None
    transaction.site.database.execute_sql(f"ROLLBACK TO SAVEPOINT {name}")
    del transaction.journal[kept[0] :]
    del transaction._at_end[kept[1] :]
    del transaction._after_commit[kept[2] :]
    del transaction._gathered[kept[4] :]
    transaction.forget_written(kept[3])
    undone = transaction.savepoints[-1]
    transaction.raised_roots = {root: one for root, one in transaction.raised_roots.items() if one.savepoint < undone}


def open_transaction() -> Transaction:
    """The transaction going on; `Misuse` when there is none."""
    transaction: Transaction | None = current().transaction
    if transaction is None:
        raise Misuse("this happens inside an act or atomic() only")
    return transaction


def after_commit(callback: Callable[[], None]) -> None:
    """Run when the act is safely stored: waking a worker, sending what must not be sent twice."""
    open_transaction().after_commit(callback)


def is_retryable(failure: BaseException | None) -> bool:
    """Deadlock, serialization failure or a busy lock: the same act may well succeed a moment later."""
    for error in chain(failure):
        if isinstance(error, Busy):
            return False
        state = getattr(error, "sqlstate", None)
        number = error.args[0] if error.args and isinstance(error.args[0], int) else None
        if state in RETRYABLE_STATES or number in RETRYABLE_NUMBERS:
            return True
        if isinstance(error, peewee.OperationalError) and "database is locked" in str(error):
            return True
    return False


def lost_connection(failure: BaseException | None) -> bool:
    """Whether the database went away under the statement."""
    for error in chain(failure):
        if isinstance(error, (Unavailable, peewee.InterfaceError)):
            return True
        state = getattr(error, "sqlstate", None)
        if state is not None and (state[:2] in {"08", "57"} or state == "25P03"):
            return True
        if (
            type(error).__module__.startswith("psycopg")
            and state is None
            and type(error).__name__ == "OperationalError"
        ):
            return True
        if error.args and isinstance(error.args[0], int) and error.args[0] in LOST_NUMBERS:
            return type(error).__module__.startswith(("pymysql", "peewee"))
    return False


def chain(failure: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from."""
    seen = 0
    while failure is not None and seen < 10:
        yield failure
        failure = failure.__cause__ or failure.__context__ or getattr(failure, "cause", None)
        seen += 1
