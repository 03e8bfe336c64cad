"""Turning due times into jobs: one run for each, however many workers have a clock."""

from datetime import datetime, timedelta
from typing import Any

import peewee

from core import clock
from core.actors import system_actor
from core.jobs.declaring import JobSpec, awake_jobs
from core.jobs.enqueueing import put_down
from core.jobs.models import JobSchedule
from core.sites import current
from core.storage import atomic, savepoint

ON_TIME = timedelta(minutes=5)


def plan() -> int:
    """Put down a job for each due time of this site nobody has seen to yet; how many there were.

    A schedule met for the first time starts from now. When due times were missed, one run makes up for all
    of them (`catch_up="once"`), or none does (`"skip"`).
    """
    now = clock.now()
    zone = current().site.zone
    state = current().state
    scheduled = [spec for spec in awake_jobs(state.enabled, state.silent | state.waiting) if spec.schedule is not None]
    if not scheduled:
        return 0
    known = last_due_times([spec.name for spec in scheduled])
    planned = 0
    for spec in scheduled:
        due = spec.schedule.latest(now, zone) if spec.schedule is not None else now
        last = known.get(spec.name)
        if last is None or due > last:
            planned += see_to(spec, due, runs=last is not None and is_wanted(spec, due, now))
    return planned


def last_due_times(names: list[str]) -> dict[str, datetime]:
    """The last due time of each schedule that was seen to."""
    query = JobSchedule.select(JobSchedule.job, peewee.fn.MAX(JobSchedule.due_at)).where(JobSchedule.job.in_(names))
    rows: Any = query.group_by(JobSchedule.job).tuples()
    return {name: JobSchedule.due_at.python_value(due) for name, due in rows}


def is_wanted(spec: JobSpec, due: datetime, now: datetime) -> bool:
    """Whether a due time still counts."""
    return spec.catch_up == "once" or now - due <= ON_TIME


def see_to(spec: JobSpec, due: datetime, runs: bool) -> int:
    """Note the due time, with a run or without; 0 when another worker was first."""
    with atomic():
        try:
            with savepoint():
                row = JobSchedule.create(job=spec.name, due_at=due, created_at=clock.now())
        except peewee.IntegrityError:
            return 0
        if runs:
            made = put_down(spec, [], system_actor(spec.system or spec.name), due, "")
            JobSchedule.update(job_uid=made.uid).where(JobSchedule.id == row.id).execute()
        return int(runs)
