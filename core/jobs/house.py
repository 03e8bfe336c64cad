"""The core's own jobs: what has served its time is cleared away."""

from datetime import timedelta
from typing import Any

from core import clock
from core.actors import system_actor
from core.jobs.declaring import job
from core.jobs.models import CANCELLED, DONE, Job, JobSchedule
from core.jobs.running import Run
from core.jobs.schedules import daily
from core.registry import catch_up
from core.storage.files import forget_passed
from core.storage.journal.models import IdempotencyKey
from core.users.sessions import clear_away as clear_sessions_away
from core.users.throttling import prune as prune_throttles

AT_ONCE = 500
KEYS_KEPT = timedelta(hours=24)
JOBS_KEPT = timedelta(days=30)
SCHEDULES_KEPT = timedelta(days=60)


@job("core.clear_keys", system="housekeeping", schedule=daily("03:10"))
def clear_keys(run: Run) -> None:
    """Forget which forms were sent more than a day ago, sessions long ended, and yesterday's failed guesses."""
    clear(run, IdempotencyKey, IdempotencyKey.at < clock.now() - KEYS_KEPT)
    while clear_sessions_away():
        run.pause_here()
    while prune_throttles(by=system_actor("housekeeping")):
        run.pause_here()


@job("core.clear_jobs", system="housekeeping", schedule=daily("03:30"))
def clear_jobs(run: Run) -> None:
    """Forget jobs done or cancelled a month ago, and due times of two months ago."""
    clear(run, Job, Job.state.in_([DONE, CANCELLED]) & (Job.ended_at < clock.now() - JOBS_KEPT))
    clear(run, JobSchedule, JobSchedule.created_at < clock.now() - SCHEDULES_KEPT)


@job("core.clear_files", system="housekeeping", schedule=daily("03:50"))
def clear_files(run: Run) -> None:
    """Remove files that were sent to be read in, or written to be fetched, and whose time is over."""
    while forget_passed():
        run.pause_here()


@job("core.catch_up", system="catch up")
def catch_up_plugin(run: Run, plugin: str) -> None:
    """Tell a plugin that was off what it missed meanwhile."""
    run.progress(catch_up(plugin, by=run.actor))


def clear(run: Run, table: Any, condition: Any) -> int:
    """Delete rows some hundreds at a time, each a short transaction."""
    total = 0
    while True:
        with run.step():
            ids = [row.id for row in table.select(table.id).where(condition).order_by(table.id).limit(AT_ONCE)]
            if not ids:
                return total
            total += table.delete().where(table.id.in_(ids)).execute()
            run.cursor = total
            run.progress(total)
