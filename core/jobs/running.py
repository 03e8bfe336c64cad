"""A job at work: its progress, its steps, and the fence that stops whoever was taken over.

A worker that was paused for longer than its lease may wake in the middle of a job that another has long
finished. So every transaction opened in a running job, the acts it calls included, first checks and
renews its claim in the same transaction; a woken sleeper finds it gone and can store nothing.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core import clock
from core.actors import Actor
from core.errors import Misuse, Words
from core.jobs.claiming import Claim
from core.jobs.models import RUNNING, Job
from core.sites import Site, current
from core.storage import atomic
from core.storage.fields import UTCDateTimeField
from core.storage.transactions import Transaction, on_begin

WRITE_EVERY = 0.5
_moment = UTCDateTimeField()
_here = threading.local()


class JobStopped(BaseException):
    """A run ends here. Like `KeyboardInterrupt` it is no `Exception`: no job takes it for one bad row and goes on."""


class Superseded(JobStopped):
    """The job was cancelled, or its lease ended and another worker has it."""


class GivenBack(JobStopped):
    """The worker is stopping; the job goes on elsewhere from its cursor."""


@dataclass(slots=True)
class _Progress:
    done: int
    total: int | None
    words: str
    cursor: Any


class Run:
    """What a job function gets to work with.

    `actor` is who it runs as; `job` its row as it was claimed. `cursor` is where it stands, anything JSON
    can hold: it is stored with the step it was set in, so that a job that was killed goes on after the
    last step that was stored, and does none twice.
    """

    def __init__(self, site: Site, claim: Claim, actor: Actor, is_stopping: Callable[[], bool]) -> None:
        self.site = site
        self.job = claim.job
        self.spec = claim.spec
        self.fence = claim.fence
        self.actor = actor
        self._is_stopping = is_stopping
        self._facts = _Progress(claim.job.done, claim.job.total, claim.job.words, claim.job.cursor)
        self._written_at = clock.monotonic()
        self._has_stored = False

    @property
    def uid(self) -> str:
        """The uid of the job: the same for every try."""
        return str(self.job.uid)

    @property
    def cursor(self) -> Any:
        """Where the job stands; None at its very first start."""
        held = self._facts.cursor
        return held["at"] if held is not None else None

    @cursor.setter
    def cursor(self, value: Any) -> None:
        self._facts.cursor = {"at": json.loads(json.dumps(value))}
        if current().transaction is None:
            self._write()

    @property
    def cancelled(self) -> bool:
        """Whether the job was cancelled or taken over: what comes now could not be stored."""
        return not Job.select().where(Job.id == self.job.id, Job.fence == self.fence, Job.state == RUNNING).exists()

    def key(self, part: str = "") -> str:
        """An idempotency key for an act this job calls, alike in every try: `f(…, idempotency_key=run.key(uid))`."""
        return f"job:{self.uid}:{part}"[:100]

    def progress(self, done: int, total: int | None = None, words: Words = "") -> None:
        """Say how far it is, which also renews the lease. The words are shown on a page; they name no person."""
        self.pause_here()
        self._facts.done = done
        self._facts.total = total if total is not None else self._facts.total
        self._facts.words = str(words)[:200] or self._facts.words
        in_step = current().transaction is not None
        if in_step or done == total or clock.monotonic() - self._written_at >= WRITE_EVERY:
            self._write()

    @contextmanager
    def step(self) -> Iterator[Transaction]:
        """A transaction of the job: what it does, the progress and the cursor are stored together, or nothing is."""
        if current().transaction is not None:
            raise Misuse("a step is a transaction of its own; it can't begin inside another")
        self.pause_here()
        before = _Progress(self._facts.done, self._facts.total, self._facts.words, self._facts.cursor)
        try:
            with atomic() as transaction:
                transaction.act = self.spec.name
                yield transaction
                self._write()
        except BaseException:
            self._facts = before
            raise

    def pause_here(self) -> None:
        """Give the job back when the worker is stopping, if it can go on from where it is."""
        can_resume = self._facts.cursor is not None or not self._has_stored
        if can_resume and current().transaction is None and self._is_stopping():
            raise GivenBack

    def check_fence(self, transaction: Transaction) -> None:
        """Renew the lease as the first statement of a transaction, or raise `Superseded`."""
        self._has_stored = True
        database = transaction.site.database
        until = _moment.db_value(clock.now() + timedelta(seconds=self.spec.lease_seconds))
        mark = database.param
        cursor = database.execute_sql(
            f"UPDATE core_job SET ready_at = {mark} WHERE id = {mark} AND fence = {mark} AND state = 'running'",  # noqa: S608  markers
            (until, self.job.id, self.fence),
        )
        if cursor.rowcount != 1:
            raise Superseded

    def _write(self) -> None:
        facts = self._facts
        is_alone, has_stored = current().transaction is None, self._has_stored
        with atomic():
            changes = {"done": facts.done, "total": facts.total, "words": facts.words, "cursor": facts.cursor}
            Job.update(**changes).where(Job.id == self.job.id, Job.fence == self.fence).execute()
        self._has_stored = has_stored if is_alone else True
        self._written_at = clock.monotonic()


@contextmanager
def at_work(run: Run) -> Iterator[None]:
    """Let every transaction this thread opens at the run's site check its fence."""
    _here.run = current().memory["job"] = run
    try:
        yield
    finally:
        _here.run = None
        current().memory.pop("job", None)


def check_fence(transaction: Transaction) -> None:
    """Called at the beginning of every transaction."""
    run: Run | None = getattr(_here, "run", None)
    if run is not None and run.site is transaction.site:
        run.check_fence(transaction)


on_begin.append(check_fence)
