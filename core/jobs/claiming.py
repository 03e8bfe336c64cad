"""Taking a job: one worker gets it, however many try."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import peewee

from core import clock
from core.jobs.declaring import JobSpec
from core.jobs.models import PARKED, RUNNING, WAITING, Job
from core.sites import Site, current_site
from core.storage import atomic
from core.storage.journal.writer import note

AT_ONCE = 32
HEAVY = "heavy"


class Candidate(NamedTuple):
    """A job that was ready when the site was last asked."""

    id: int
    name: str
    running_key: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that is ours until its lease ends: `fence` is the number it was taken under."""

    spec: JobSpec
    job: Job
    fence: int


def candidates(specs: list[JobSpec], heavy_too: bool = True, limit: int = AT_ONCE) -> list[Candidate]:
    """The jobs that are ready, most urgent first; those whose key is in use are left for later."""
    names = [spec.name for spec in specs]
    held = Job.select(Job.running_key, Job.id).where(Job.running_key.is_null(False))
    holders = {row.running_key: row.id for row in held}
    columns = (Job.id, Job.name, Job.is_heavy, Job.unique_key)
    ready = Job.select(*columns).where(Job.ready_at <= clock.now(), Job.name.in_(names))
    if not heavy_too or HEAVY in holders:
        ready = ready.where((Job.is_heavy == False) | (Job.id == holders.get(HEAVY, 0)))  # noqa: E712  a condition in SQL
    rows: Any = ready.order_by(Job.priority, Job.ready_at, Job.id).limit(limit).tuples()
    found = [Candidate(id, name, key_of(is_heavy, key)) for id, name, is_heavy, key in rows]
    return [one for one in found if holders.get(one.running_key, one.id) == one.id]


def next_ready(specs: list[JobSpec]) -> datetime | None:
    """When the next job, waiting or held by somebody, may become ready."""
    names = [spec.name for spec in specs]
    found: Any = Job.select(Job.ready_at).where(Job.ready_at > clock.now(), Job.name.in_(names))
    row = found.order_by(Job.ready_at).first()
    return row.ready_at if row is not None else None


def release_sleeping(specs: list[JobSpec]) -> int:
    """Let go of what a lost worker held and nobody may take over now, as its plugin is off: it waits again."""
    names = [spec.name for spec in specs]
    lost = (Job.state == RUNNING) & (Job.ready_at <= clock.now()) & Job.name.not_in(names)
    if not Job.select().where(lost).exists():
        return 0
    with atomic():
        return int(Job.update(state=WAITING, running_key=None, fence=Job.fence + 1).where(lost).execute())


def key_of(is_heavy: bool, unique_key: str) -> str | None:
    """What no two running jobs of a site share."""
    return HEAVY if is_heavy else unique_key or None


def claim(candidate: Candidate, spec: JobSpec, worker: str) -> Claim | None:
    """Make the job ours, or None when another was quicker. One that was started too often is parked instead."""
    try:
        with atomic():
            job = locked(candidate.id)
            if job is None:
                return None
            if job.tries >= spec.tries:
                park(job, job.error or "the worker was lost")
                return None
            fence = job.fence + 1
            now = clock.now()
            changed = (
                Job.update(
                    state=RUNNING,
                    ready_at=now + timedelta(seconds=spec.lease_seconds),
                    fence=fence,
                    tries=job.tries + 1,
                    worker=worker,
                    started_at=now,
                    waiting_key=None,
                    running_key=candidate.running_key,
                )
                .where(Job.id == job.id, Job.fence == job.fence)
                .execute()
            )
            return Claim(spec, Job.get_by_id(job.id), fence) if changed else None
    except peewee.IntegrityError:
        # Another of the same key, or another heavy one, was taken at this very moment.
        return None


def locked(job_id: int) -> Job | None:
    """The job if it is still ready and nobody is just taking it, locked until the transaction ends."""
    query = Job.select().where(Job.id == job_id, Job.ready_at <= clock.now(), Job.state.in_([WAITING, RUNNING]))
    site = current_site()
    if skips_locked(site):
        query = query.for_update(skip_locked=True)
    elif site.engine == "mariadb":
        query = query.for_update()
    found: Job | None = query.first()
    return found


def skips_locked(site: Site) -> bool:
    """Whether the engine can pass over rows that others hold: PostgreSQL, MariaDB from 10.6, MySQL from 8.0."""
    if site.engine == "sqlite":
        return False
    if site.engine == "postgresql":
        return True
    version: tuple[int, ...] = tuple(site.database.server_version or ())[:2]
    return (8, 0) <= version < (10, 0) or version >= (10, 6)


def park(job: Job, error: str) -> None:
    """Lay a hopeless job aside, inside a transaction that holds it."""
    changes = ended(PARKED) | {"error": error[:200], "fence": job.fence + 1}
    Job.update(**changes).where(Job.id == job.id, Job.fence == job.fence).execute()
    note("core.park_job", outcome="failed", reason=f"{job.name} {job.uid}: {error}")


def ended(state: str) -> dict[str, Any]:
    """What changes in a row when its job comes to an end."""
    return {"state": state, "ready_at": None, "ended_at": clock.now(), "waiting_key": None, "running_key": None}
