"""A site's database: which engine a URL names, how each is set up, and one budget of connections for all sites."""

import os
import select
import socket
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import peewee
from peewee import MySQLDatabase, PostgresqlDatabase, SqliteDatabase

from core import clock
from core.errors import Busy, Misuse, Unavailable

CONNECT_SECONDS = 3
WAIT_SECONDS = 10
SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "cache_size": -8000,
    "temp_store": "memory",
    "journal_size_limit": 64 * 1024 * 1024,
}
# Session settings stated by the application, so that a server's own defaults can't weaken a promise.
POSTGRESQL_OPTIONS = (
    "-c default_transaction_isolation=read\\ committed -c timezone=UTC -c lock_timeout=10s"
    " -c idle_in_transaction_session_timeout=60s -c synchronous_commit=on"
)
MARIADB_SESSION = (
    "SET SESSION transaction_isolation='READ-COMMITTED', time_zone='+00:00', innodb_lock_wait_timeout=10,"
    " sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
)
MARIADB_SESSION_OLD = MARIADB_SESSION.replace("transaction_isolation", "tx_isolation")


class ConnectionBudget:
    """At most `limit` connections in this process, over all its sites.

    A connection given back stays open for the next request of its site; when the budget is spent, the
    one idle for longest is closed, whichever site it belongs to.
    """

    def __init__(self, limit: int = 30) -> None:
        self.limit = limit
        self.open = 0
        self._idle: deque[tuple[SiteDatabase, Any]] = deque()
        self._changed = threading.Condition()

    def take(self, database: "SiteDatabase") -> Any:
        """An idle connection of this database, or leave to open one (None); `Busy` when the wait is too long."""
        deadline = clock.monotonic() + WAIT_SECONDS
        while True:
            with self._changed:
                found = self._pop_idle(database)
                if found is None and self.open >= self.limit:
                    found_other = self._idle.popleft() if self._idle else None
                    if found_other is None:
                        if not self._changed.wait(deadline - clock.monotonic()):
                            raise Busy
                        continue
                    self.open -= 1
                    found_other[0].discard(found_other[1])
                if found is None:
                    self.open += 1
                    return None
            if database.is_alive(found):
                return found
            database.discard(found)
            self.forget_one()

    def _pop_idle(self, database: "SiteDatabase") -> Any:
        for position in range(len(self._idle) - 1, -1, -1):
            if self._idle[position][0] is database:
                found = self._idle[position][1]
                del self._idle[position]
                return found
        return None

    def give_back(self, database: "SiteDatabase", connection: Any) -> None:
        """Keep a connection for the next request."""
        with self._changed:
            self._idle.append((database, connection))
            self._changed.notify()

    def forget_one(self) -> None:
        """A connection was closed for good."""
        with self._changed:
            self.open -= 1
            self._changed.notify()

    def close_idle(self, database: "SiteDatabase | None" = None) -> None:
        """Close what is idle: of one site, or of all (before a fork, at the end of a test)."""
        with self._changed:
            keep: deque[tuple[SiteDatabase, Any]] = deque()
            for owner, connection in self._idle:
                if database is None or owner is database:
                    owner.discard(connection)
                    self.open -= 1
                else:
                    keep.append((owner, connection))
            self._idle = keep
            self._changed.notify_all()


class SiteDatabase(peewee.Database):
    """What the three engines share: pooled by the budget, and watched by the open transaction."""

    engine: str
    budget: ConnectionBudget
    watcher: Any = staticmethod(lambda: None)
    # What Peewee has and its stubs leave out, or without types.
    _state: Any
    _lock: Any
    _execute_cursor: Callable[..., Any]
    connection: Callable[[], Any]
    pop_transaction: Callable[[], Any]

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run one statement; a failure inside a transaction is told to it before it is raised."""
        transaction = self.watcher()
        if transaction is None or transaction.site.database is not self:
            return self._execute_cursor(sql, params)
        transaction.check()
        try:
            return self._execute_cursor(sql, params)
        except Exception as failure:
            transaction.statement_failed(failure)
            raise

    def _connect(self) -> Any:
        peewees: Any = super()
        found = self.budget.take(self)
        if found is not None:
            return found
        try:
            return self.prepared(peewees._connect())
        except BaseException as away:
            self.budget.forget_one()
            if isinstance(away, peewee.ImproperlyConfigured) or not isinstance(away, Exception):
                raise
            raise Unavailable from away

    def _close(self, connection: Any) -> None:
        if self.is_clean(connection):
            self.budget.give_back(self, connection)
        else:
            self.discard(connection)
            self.budget.forget_one()

    def drop_connection(self) -> None:
        """Close this thread's connection for good, whatever state it is in."""
        state = self._state
        if state.closed:
            return
        connection = state.conn
        state.reset()
        self.discard(connection)
        self.budget.forget_one()

    def discard(self, connection: Any) -> None:
        """Close a raw connection, which may be broken already."""
        with suppress(OSError, sqlite3.Error, peewee.PeeweeException, RuntimeError, *_driver_errors()):
            connection.close()

    def cut(self, connection: Any) -> None:
        """Take a connection away from the thread that uses it, even one that waits for an answer at this moment."""
        descriptor = self.descriptor(connection)
        if descriptor is not None:
            with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as line:
                line.shutdown(socket.SHUT_RDWR)

    def descriptor(self, connection: Any) -> int | None:
        """The socket a connection speaks through; None where there is none, or none any more."""
        return None

    def prepared(self, connection: Any) -> Any:
        """A fresh connection, set up the way the promises need it."""
        return connection

    def is_alive(self, connection: Any) -> bool:
        """Whether an idle connection can be used, found out without a round trip."""
        return True

    def is_clean(self, connection: Any) -> bool:
        """Whether a connection given back is outside any transaction and unbroken."""
        return True


class SqliteSite(SiteDatabase, SqliteDatabase):
    """The embedded engine: one file, nothing to install."""

    engine = "sqlite"

    def is_clean(self, connection: Any) -> bool:
        """Outside a transaction."""
        return not connection.in_transaction


class PostgresqlSite(SiteDatabase, PostgresqlDatabase):
    """PostgreSQL through psycopg 3."""

    engine = "postgresql"

    def prepared(self, connection: Any) -> Any:
        """Let statements be prepared once they recur, and keep plain tuples."""
        connection.prepare_threshold = 3
        return connection

    def descriptor(self, connection: Any) -> int | None:
        """Its socket."""
        return None if connection.closed else int(connection.fileno())

    def is_alive(self, connection: Any) -> bool:
        """An idle connection with something to read was closed by the server."""
        return not connection.closed and not is_readable(connection.fileno())

    def is_clean(self, connection: Any) -> bool:
        """Idle outside a transaction."""
        return not connection.closed and connection.pgconn.transaction_status == 0


class MariadbSite(SiteDatabase, MySQLDatabase):
    """MariaDB, or MySQL 8, through PyMySQL."""

    engine = "mariadb"

    def descriptor(self, connection: Any) -> int | None:
        """Its socket."""
        return int(connection._sock.fileno()) if connection.open else None

    def is_alive(self, connection: Any) -> bool:
        """An idle connection with something to read was closed by the server."""
        return bool(connection.open) and not is_readable(connection._sock.fileno())

    def is_clean(self, connection: Any) -> bool:
        """The server's own word, sent with its last answer, that no transaction is open."""
        return bool(connection.open) and not connection.server_status & 1

    def prepared(self, connection: Any) -> Any:
        """State isolation, zone and strictness."""
        with connection.cursor() as cursor:
            cursor.execute(MARIADB_SESSION if "maria" not in connection.server_version.lower() else MARIADB_SESSION_OLD)
        return connection


def is_readable(descriptor: int) -> bool:
    """Whether a socket has something to read at this moment."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _driver_errors() -> tuple[type[BaseException], ...]:
    """Error classes of the drivers that are installed."""
    peewees: Any = peewee  # its stubs don't name the drivers it found
    return tuple(driver.Error for driver in (peewees.psycopg, peewees.mysql) if driver is not None)


def engine_of(url: str) -> str:
    """`sqlite`, `postgresql` or `mariadb`, from a database URL."""
    scheme = urlsplit(url).scheme
    engines = {
        "sqlite": "sqlite",
        "postgresql": "postgresql",
        "postgres": "postgresql",
        "mysql": "mariadb",
        "mariadb": "mariadb",
    }
    if scheme not in engines:
        raise Misuse(f"database URL must start with sqlite, postgresql, mysql or mariadb, not {scheme!r}")
    return engines[scheme]


def database_for(url: str, budget: ConnectionBudget) -> SiteDatabase:
    """The database a URL names; nothing is opened before it is first used."""
    parts = urlsplit(url)
    engine = engine_of(url)
    database: SiteDatabase
    if engine == "sqlite":
        database = SqliteSite(
            unquote(parts.path[1:]), pragmas=SQLITE_PRAGMAS, timeout=WAIT_SECONDS, check_same_thread=False
        )
    elif engine == "postgresql":
        database = PostgresqlSite(
            unquote(parts.path[1:]),
            prefer_psycopg3=True,
            connect_timeout=CONNECT_SECONDS,
            options=POSTGRESQL_OPTIONS,
            tcp_user_timeout=5000,
            **credentials(parts),
        )
    else:
        database = MariadbSite(
            unquote(parts.path[1:]),
            mariadb=parts.scheme == "mariadb",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=30,
            # A handshake costs 20 ms and protects nothing where no wire is crossed.
            ssl_disabled=(parts.hostname or "localhost") in {"localhost", "127.0.0.1", "::1"},
            client_flag=2,  # FOUND_ROWS: a conditional update counts the rows it met
            **credentials(parts),
        )
    database.budget = budget
    # Peewee holds a lock while it connects and while it closes. Its state is each thread's own, and a thread that
    # waits for the budget, or for a server that is away, must not keep the others from giving back.
    database._lock = nullcontext()
    return database


def credentials(parts: Any) -> dict[str, Any]:
    """Host, port, user and password out of a URL, leaving out what it does not say."""
    written = {
        "host": parts.hostname,
        "port": parts.port,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
    }
    return {key: value for key, value in written.items() if value is not None}
