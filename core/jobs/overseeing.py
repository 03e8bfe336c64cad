"""Looking after jobs: what administrators see of them, and run again or stop."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import peewee

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import NotFound, Refused
from core.jobs.claiming import ended
from core.jobs.declaring import all_jobs
from core.jobs.enqueueing import tell_workers
from core.jobs.models import CANCELLED, DONE, STATES, WAITING, Job
from core.roles.permissions import RUN_JOBS, VIEW_JOBS
from core.sites import current, current_site
from core.storage import after_commit, is_uid
from core.storage.journal.writer import note
from core.texts import _

PAGE = 50


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job as a page shows it."""

    id: int
    uid: str
    name: str
    summary: str
    plugin: str
    state: str
    actor_uid: str
    due_at: datetime
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    tries: int
    done: int
    total: int | None
    words: str
    error: str
    waits_for_plugin: bool

    @property
    def percent(self) -> int | None:
        """How far it is, when it knows how much there is."""
        return min(100, self.done * 100 // self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class JobsPage:
    """A page of jobs, newest first, and how many there are in each state. `before` leads to the next page."""

    lines: list[JobLine]
    counts: dict[str, int] = field(default_factory=dict)
    before: int | None = None


def jobs_page(by: Actor, state: str = "", plugin: str = "", before: int | None = None, limit: int = PAGE) -> JobsPage:
    """The jobs of this site, of one state or plugin if asked."""
    by.require(VIEW_JOBS)
    query = Job.select()
    if state in STATES:
        query = query.where(Job.state == state)
    if plugin:
        query = query.where(Job.plugin == plugin)
    if before is not None:
        query = query.where(Job.id < before)
    rows = list(query.order_by(Job.id.desc()).limit(limit + 1))
    more = rows[limit - 1].id if len(rows) > limit else None
    return JobsPage([line_of(row) for row in rows[:limit]], job_counts(by), more)


def job_counts(by: Actor) -> dict[str, int]:
    """How many jobs are in each state."""
    by.require(VIEW_JOBS)
    rows: Any = Job.select(Job.state, peewee.fn.COUNT(Job.id)).group_by(Job.state).tuples()
    return dict.fromkeys(STATES, 0) | dict(rows)


def job_progress(uid: str, by: Actor) -> JobLine:
    """One job: one's own, or any for those who see jobs."""
    row = Job.get_or_none(Job.uid == uid) if is_uid(uid) else None
    if row is None or not (by.may(VIEW_JOBS) or (by.uid and by.uid == row.actor_uid)):
        raise NotFound
    return line_of(row)


def line_of(row: Job) -> JobLine:
    """What a page shows of a job; of an absent plugin's, what its row says."""
    spec = all_jobs().get(row.name)
    state = current().state
    is_awake = row.plugin == "core" or row.plugin in state.enabled - state.silent - state.waiting
    shown = {name: getattr(row, name) for name in JobLine.__slots__ if name not in ("summary", "waits_for_plugin")}
    waits = row.state == WAITING and (spec is None or not is_awake)
    return JobLine(summary=spec.summary if spec else "", waits_for_plugin=waits, **shown)


@act("core.rerun_job", permission=RUN_JOBS)
def rerun(uid: str, by: Actor) -> Job:
    """Start a job again that failed, was parked or cancelled: from its cursor, as whoever asked for it first."""
    job = job_to_change(uid)
    if not job.has_ended or job.state == DONE:
        raise Refused(_("Only a job that failed, was parked or was cancelled is run again."))
    now = clock.now()
    changes = {"state": WAITING, "ready_at": now, "ended_at": None, "tries": 0, "fence": job.fence + 1}
    store(job, changes)
    note("core.rerun_job", reason=f"{job.name} {job.uid}", by=by)
    site = current_site()
    after_commit(lambda: tell_workers(site))
    return Job.get_by_id(job.id)


@act("core.cancel_job", permission=RUN_JOBS)
def cancel(uid: str, by: Actor) -> Job:
    """Stop a job for good. One that is running stores nothing more from this moment on."""
    job = job_to_change(uid)
    if job.has_ended:
        raise Refused(_("This job has ended already."))
    store(job, ended(CANCELLED) | {"fence": job.fence + 1})
    note("core.cancel_job", reason=f"{job.name} {job.uid}", by=by)
    return Job.get_by_id(job.id)


def job_to_change(uid: str) -> Job:
    """The job, locked until the act ends."""
    query = Job.select().where(Job.uid == uid) if is_uid(uid) else None
    if query is not None and current_site().engine != "sqlite":
        query = query.for_update()
    found: Job | None = query.first() if query is not None else None
    if found is None:
        raise NotFound
    return found


def store(job: Job, changes: dict[str, Any]) -> None:
    """Change a job unless it changed hands meanwhile."""
    if not Job.update(**changes).where(Job.id == job.id, Job.fence == job.fence).execute():
        raise Refused(_("This job has just changed hands. Look again."))


__all__ = ["JobLine", "JobsPage", "cancel", "job_counts", "job_progress", "jobs_page", "rerun"]
