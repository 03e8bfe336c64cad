"""The hospital being served at this moment, and what is going on there."""

import hmac
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from core.actors import ANONYMOUS, Actor
from core.errors import Misuse
from core.sites.engines import SiteDatabase, engine_of


@dataclass(eq=False, slots=True)
class SiteState:
    """What hangs on a site's revision: read once, then true until the revision changes.

    `enabled` are the plugins a request may meet. `silent` are those set aside after failing, and
    `waiting` those whose tables are older than their code.
    """

    revision: str
    enabled: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    keepsakes: dict[str, Any] = field(default_factory=dict)

    def keep(self, name: str, load: Callable[[], Any]) -> Any:
        """A value of an upper room that hangs on the revision, loaded when first asked for.

        What is loaded amid uncommitted writes is not remembered: they may be taken back.
        """
        if name not in self.keepsakes:
            found = load()
            if is_writing():
                return found
            self.keepsakes[name] = found
        return self.keepsakes[name]


@dataclass(eq=False, slots=True)
class Site:
    """One hospital: its own database, files, secret, people, plugins and settings."""

    load_state: ClassVar[Callable[[str], SiteState]]

    name: str
    title: str
    hosts: tuple[str, ...]
    database_url: str
    folder: Path
    secret: bytes
    database: SiteDatabase
    place: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    locale: str = "en"
    currency: str = "USD"
    country: str = ""
    is_demo: bool = False
    _state: SiteState | None = None
    _lock: Any = field(default_factory=Lock)

    @property
    def engine(self) -> str:
        """`sqlite`, `postgresql` or `mariadb`."""
        return engine_of(self.database_url)

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose (cookies, CSRF, signed links), worth nothing on another site."""
        return hmac.digest(self.secret, f"{self.name}:{purpose}".encode(), "sha256")

    def knows(self, revision: str) -> bool:
        """Whether the state of that revision is remembered."""
        return self._state is not None and self._state.revision == revision

    def knows_plugin(self, name: str) -> bool:
        """Whether a plugin was on, and ready, at the revision known last; its tables are there then."""
        known = self._state
        return known is not None and name in known.enabled and name not in known.waiting

    def state_at(self, revision: str) -> SiteState:
        """The state of that revision, from memory when it is the one known."""
        known = self._state
        if known is not None and known.revision == revision:
            return known
        with self._lock:
            if self._state is None or self._state.revision != revision:
                self._state = Site.load_state(revision)
            return self._state

    @contextmanager
    def activate(self, door: str = "system", source: str = "", request_id: str = "") -> "Iterator[Activation]":
        """Serve this hospital inside the block; its connection goes back to the pool at the end.

        Raises `Misuse` inside another site's open transaction.
        """
        outer = _active.get(None)
        if outer is not None and outer.site is not self and outer.transaction is not None:
            raise Misuse(f"site {self.name} can't be entered inside an open transaction of {outer.site.name}")
        nested = outer is not None and outer.site is self
        activation = Activation(self, door, source, request_id or secrets.token_hex(8))
        if nested and outer is not None:
            activation.transaction = outer.transaction
            activation.actor = outer.actor
            activation.memory = outer.memory
        token = _active.set(activation)
        try:
            yield activation
        finally:
            if not nested and activation.transaction is not None:
                activation.transaction.rollback()
            _active.reset(token)
            if nested and outer is not None:
                outer.faults += activation.faults
            if not nested and not self.database.is_closed():
                if self.database.in_transaction():
                    self.database.drop_connection()
                else:
                    self.database.close()


class Activation:
    """One piece of work at one site: a request, a job, a command."""

    __slots__ = ("_state", "actor", "door", "faults", "memory", "request_id", "site", "source", "transaction")

    def __init__(self, site: Site, door: str, source: str, request_id: str) -> None:
        self.site = site
        self.door = door
        self.source = source
        self.request_id = request_id
        self.actor: Actor = ANONYMOUS
        self.transaction: Any = None
        self.faults: list[Any] = []
        self.memory: dict[str, Any] = {}
        self._state: SiteState | None = None

    @property
    def state(self) -> SiteState:
        """What hangs on the revision. Inside a transaction that wrote, nothing enters the shared memory."""
        if self._state is None:
            revision = self.read_revision()
            if is_writing() and not self.site.knows(revision):
                self._state = Site.load_state(revision)
            else:
                self._state = self.site.state_at(revision)
        return self._state

    def read_revision(self) -> str:
        """The site's revision, as this connection sees it."""
        row = self.site.database.execute_sql("SELECT revision FROM core_site_state WHERE id = 1").fetchone()
        return row[0] if row else ""

    def know(self, revision: str) -> None:
        """The door has read the revision along with everything else."""
        self._state = self.site.state_at(revision)

    def forget_state(self) -> None:
        """Something the state hangs on has changed."""
        self._state = None


_active: ContextVar[Activation | None] = ContextVar("active_site", default=None)


def current() -> Activation:
    """The work going on; raises `Misuse` outside any site."""
    activation = _active.get()
    if activation is None:
        raise Misuse("no site is active here; use `with site.activate():`")
    return activation


def current_site() -> Site:
    """The hospital being served."""
    return current().site


def is_active() -> bool:
    """Whether any hospital is being served."""
    return _active.get() is not None


def is_writing() -> bool:
    """Whether a transaction is open that has written something."""
    transaction = open_transaction()
    return transaction is not None and bool(transaction.revision_touched or transaction.journal)


def touch_revision() -> None:
    """Give the site a fresh revision in the current transaction: every worker re-reads at its next request."""
    activation = current()
    if activation.transaction is None:
        raise Misuse("the revision changes inside the act that makes the change")
    database = activation.site.database
    sql = f"UPDATE core_site_state SET revision = {database.param} WHERE id = 1"  # noqa: S608  the engine's own marker
    database.execute_sql(sql, (secrets.token_hex(12),))
    activation.transaction.revision_touched = True
    activation.forget_state()


def open_transaction() -> Any:
    """The transaction statements run in, if any (asked by the database before each statement)."""
    activation = _active.get()
    return activation.transaction if activation is not None else None


SiteDatabase.watcher = staticmethod(open_transaction)
