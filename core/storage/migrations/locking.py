"""One migration at a time at each hospital, and none that stops a ward while it waits for a lock."""

import fcntl
import hashlib
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import peewee

from core import clock
from core.errors import Busy
from core.sites import Site
from core.storage.locks import write_lock_of
from core.storage.transactions import is_retryable

T = TypeVar("T")

WAIT_SECONDS = 300.0
LOOK_EVERY = 0.1
DDL_TRIES = 8
DDL_LOCK_SECONDS = 2
POSTGRESQL_KEY = int.from_bytes(hashlib.sha256(b"medley migrations").digest()[:4], "big", signed=True)


@contextmanager
def migration_lock(site: Site, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the site's migration lock: a second process waits its turn, then finds nothing left to do."""
    take = {"sqlite": _by_file, "postgresql": _by_advisory_lock, "mariadb": _by_named_lock}[site.engine]
    with take(site, clock.monotonic() + wait):
        yield


@contextmanager
def patient_session(site: Site) -> Iterator[None]:
    """DDL gives up after two seconds in the queue, where it would stop everyone behind it, and may run long."""
    database: Any = site.database
    if site.engine == "postgresql":
        database.execute_sql(f"SET lock_timeout = '{DDL_LOCK_SECONDS}s'")
        try:
            yield
        finally:
            _reset(site, "RESET lock_timeout")
    elif site.engine == "mariadb":
        connection = database.connection()
        timeout, connection._read_timeout = connection._read_timeout, None
        database.execute_sql(f"SET SESSION lock_wait_timeout = {DDL_LOCK_SECONDS}")
        try:
            yield
        finally:
            connection._read_timeout = timeout
            _reset(site, "SET SESSION lock_wait_timeout = DEFAULT")
    else:
        yield


def retried(work: Callable[[], T], site: Site) -> T:
    """Run a script, again after a pause whenever it lost the race for a lock; `Busy` after eight tries."""
    for attempt in range(1, DDL_TRIES + 1):
        try:
            with _as_writer(site):
                return work()
        except peewee.PeeweeException as failure:
            if not is_retryable(failure):
                raise
            if attempt == DDL_TRIES:
                raise Busy(retry_after=60) from failure
            time.sleep(min(5.0, 0.2 * 2**attempt) * random.uniform(0.5, 1.0))
    raise Busy(retry_after=60)


def let_others_write(database: Any) -> None:
    """Between two chunks of a script, step back into the queue at an SQLite site's write lock.

    People are told `Busy` after ten seconds; a migration waits as long as it takes.
    """
    if database.engine != "sqlite" or database.in_transaction():
        return
    lock = write_lock_of(database.database)
    lock.release()
    while True:
        try:
            lock.acquire()
        except Busy:
            continue
        return


@contextmanager
def _as_writer(site: Site) -> Iterator[None]:
    """On SQLite a script is a writer like any other and queues for the write lock."""
    if site.engine != "sqlite":
        yield
        return
    lock = write_lock_of(site.database.database)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _by_file(site: Site, deadline: float) -> Iterator[None]:
    path = Path(site.database.database).with_suffix(".migrating")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as handle:
        _wait_for(lambda: _locked(handle.fileno()), deadline)
        yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _by_advisory_lock(site: Site, deadline: float) -> Iterator[None]:
    ask = site.database.execute_sql
    _wait_for(lambda: ask("SELECT pg_try_advisory_lock(%s, 1)", (POSTGRESQL_KEY,)).fetchone()[0], deadline)
    try:
        yield
    finally:
        _reset(site, f"SELECT pg_advisory_unlock({POSTGRESQL_KEY}, 1)")


@contextmanager
def _by_named_lock(site: Site, deadline: float) -> Iterator[None]:
    name = "medley " + hashlib.sha256(str(site.database.database).encode()).hexdigest()[:40]
    ask = site.database.execute_sql
    _wait_for(lambda: ask("SELECT GET_LOCK(%s, 1)", (name,)).fetchone()[0] == 1, deadline)
    try:
        yield
    finally:
        _reset(site, f"SELECT RELEASE_LOCK('{name}')")


def _wait_for(take: Callable[[], bool], deadline: float) -> None:
    while not take():
        if clock.monotonic() > deadline:
            raise Busy(retry_after=60)
        time.sleep(LOOK_EVERY)


def _reset(site: Site, statement: str) -> None:
    """Undo a setting of the session; a connection too broken for that is closed, which undoes it as well."""
    try:
        site.database.execute_sql(statement)
    except peewee.PeeweeException:
        site.database.drop_connection()
