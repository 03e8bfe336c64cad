"""What a worker knows of each hospital, and the cheapest way to learn that there is something new."""

import os
import random
from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from threading import Condition, Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from core import clock
from core.jobs.claiming import Candidate
from core.jobs.enqueueing import bell_of
from core.sites import Site
from core.storage.fields import UTCDateTimeField
from core.storage.model import quoted

SOON, LATEST, UNCHANGED = 1.0, 4.0, 300.0
SLOWING = 1.6
FAILING = 10.0
# A file's time of change moves in ticks: two changes within one look alike.
SETTLED = 0.1
PULSE = """
SELECT st.revision,
 (SELECT MIN(ready_at) FROM core_job),
 EXISTS (SELECT 1 FROM core_journal WHERE position IS NULL),
 (SELECT holder FROM core_job_lease WHERE name = 'journal sealer'),
 (SELECT until_at FROM core_job_lease WHERE name = 'journal sealer')
FROM core_site_state st WHERE st.id = 1
"""
# What the engines and drivers say for true.
YES = (True, 1, "t")
_moment = UTCDateTimeField()


class Pulse(NamedTuple):
    """The answer to the one read of a round."""

    revision: str
    ready_at: datetime | None
    is_unsealed: bool
    sealer: str
    sealer_until: datetime | None

    def may_seal(self, worker: str) -> bool:
        """Whether there is something to seal and nobody else is at it."""
        if not self.is_unsealed:
            return False
        return self.sealer in ("", worker) or self.sealer_until is None or self.sealer_until <= clock.now()


class Watch:
    """One hospital, as one worker sees it."""

    def __init__(self, site: Site, wait: float = 0.0) -> None:
        self.site = site
        self.interval = SOON
        self.pulse_at = clock.monotonic() + wait
        self.stamp: tuple[int, ...] | None = None
        self.ready_at: datetime | None = None
        self.revision = ""
        self.failures = 0
        self.heavy_waits = False
        self.queue: deque[Candidate] = deque()
        self.guard = Lock()
        self.files = files_of(site)

    def needs_pulse(self, is_queued: bool) -> bool:
        """Whether the database should be asked: its files or bell say so, a due time has come, or it is time again."""
        is_time = clock.monotonic() >= self.pulse_at
        if self.failures and not is_time:
            return False
        if self.site.engine == "sqlite" and not os.path.exists(self.files[0]):  # noqa: PTH110  called 200 times a second
            return False
        stamp = stamp_of(self.files)
        is_due = self.ready_at is not None and not is_queued and self.ready_at <= clock.now()
        if not (is_time or is_due or stamp != self.stamp):
            return False
        self.stamp = stamp if is_settled(stamp) else None
        return True

    def heard(self, pulse: Pulse) -> None:
        """Note what was read, and when to ask again."""
        self.failures = 0
        now = clock.now()
        is_ready = pulse.ready_at is not None and pulse.ready_at <= now
        self.ready_at = pulse.ready_at if not is_ready else None
        is_lively = is_ready or pulse.is_unsealed or pulse.revision != self.revision
        self.revision = pulse.revision
        if self.site.engine == "sqlite":
            self.pulse_at = clock.monotonic() + UNCHANGED * random.uniform(0.5, 1.0)
            return
        self.interval = SOON if is_lively else min(LATEST, self.interval * SLOWING)
        self.pulse_at = clock.monotonic() + self.interval

    def failed(self) -> bool:
        """The database did not answer: leave it alone a while. True the first time."""
        self.failures += 1
        self.stamp = None
        self.pulse_at = clock.monotonic() + min(FAILING, 2.0 ** min(self.failures, 5) / 2)
        return self.failures == 1


class Rota:
    """The hospitals with something to do, each once, in the order they came: claims go round by site."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Watch] = OrderedDict()
        self._changed = Condition()
        self._closed = False

    def add(self, watch: Watch) -> None:
        """Queue a hospital, unless it is queued already."""
        with self._changed:
            self._waiting.setdefault(watch.site.name, watch)
            self._changed.notify()

    def __contains__(self, watch: Watch) -> bool:
        return watch.site.name in self._waiting

    def take(self) -> Watch | None:
        """The next hospital; waits for one, and None says that there will be no more."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            return None if self._closed else self._waiting.popitem(last=False)[1]

    def close(self) -> None:
        """Hand out no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def files_of(site: Site) -> tuple[str, ...]:
    """The files that change when something is stored at a site on this machine."""
    if site.engine == "sqlite":
        path = str(site.database.database)
        return (path, f"{path}-wal")
    return (str(bell_of(site)),)


def stamp_of(files: tuple[str, ...]) -> tuple[int, ...]:
    """When they last changed, and how long they are."""
    found: list[int] = []
    for file in files:
        try:
            facts = os.stat(file)  # noqa: PTH116  called 400 times a second
            found += (facts.st_mtime_ns, facts.st_size)
        except OSError:
            found += (0, 0)
    return tuple(found)


def is_settled(stamp: tuple[int, ...]) -> bool:
    """Whether the last change is so long ago that another would show."""
    return clock.now() - clock_time(max(stamp[::2])) > timedelta(seconds=SETTLED)


def clock_time(nanoseconds: int) -> datetime:
    """A file's time of change as a moment."""
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_pulse(site: Site, through: Any = None) -> Pulse:
    """Ask a site, over its own connection or, on MariaDB, over that of a neighbour on the same server."""
    if through is None or through is site.database:
        row = site.database.execute_sql(PULSE).fetchone()
    else:
        row = read_across(site, through)
    return pulse_of(row)


def pulse_of(row: Any) -> Pulse:
    """The pulse in a row of the answer."""
    if row is None:
        return Pulse("", None, False, "", None)
    revision, ready_at, is_unsealed, sealer, until = row
    ready_at, until = _moment.python_value(ready_at), _moment.python_value(until)
    return Pulse(revision, ready_at, is_unsealed in YES, sealer or "", until)


def read_across(site: Site, through: Any) -> Any:
    """The same read, naming the database: with the same account it is open to a neighbour's connection."""
    name = str(site.database.database)
    return through.execute_sql(
        f"SELECT st.revision, (SELECT MIN(ready_at) FROM {quoted(name, site)}.core_job),"  # noqa: S608  quoted names
        f" EXISTS (SELECT 1 FROM {quoted(name, site)}.core_journal WHERE position IS NULL),"
        f" (SELECT holder FROM {quoted(name, site)}.core_job_lease WHERE name = 'journal sealer'),"
        f" (SELECT until_at FROM {quoted(name, site)}.core_job_lease WHERE name = 'journal sealer')"
        f" FROM {quoted(name, site)}.core_site_state st WHERE st.id = 1"
    ).fetchone()


def by_connection(watches: Iterable[Watch]) -> list[list[Watch]]:
    """Groups of hospitals that one connection can ask: on MariaDB those of one server and account."""
    groups: dict[object, list[Watch]] = {}
    for watch in watches:
        key: object = watch.site.name
        if watch.site.engine == "mariadb" and not watch.failures:
            parts = urlsplit(watch.site.database_url)
            key = (parts.scheme, parts.netloc, parts.query)
        groups.setdefault(key, []).append(watch)
    return list(groups.values())
