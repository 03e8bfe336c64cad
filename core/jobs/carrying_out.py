"""Carrying out a claimed job, and what becomes of it afterwards."""

import logging
import random
import traceback
from collections.abc import Callable
from datetime import timedelta

import peewee

from core import clock
from core.actors import ANONYMOUS, system_actor
from core.errors import Forbidden, MedleyError, Misuse, NeedsConfirmation, NotFound, Refused
from core.jobs.actors import actor_of_job
from core.jobs.claiming import Claim, ended, park
from core.jobs.models import DONE, FAILED, WAITING, Job
from core.jobs.running import GivenBack, Run, Superseded, at_work
from core.sites import Site, current
from core.storage import atomic
from core.storage.journal.reads import flush_reads
from core.storage.journal.writer import note

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 3600.0
# What the house refuses it will refuse again: such a job is not tried a second time.
FINAL = (Forbidden, NotFound, Refused, NeedsConfirmation, Misuse)
log = logging.getLogger("medley.jobs")


def carry_out(site: Site, claim: Claim, worker: str, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Run a claimed job to its end, and say in its row how it ended."""
    with site.activate(door="job", source=worker, request_id=claim.job.uid) as activation:
        activation.actor = system_actor("jobs")
        run = Run(site, claim, ANONYMOUS, is_stopping)
        try:
            with at_work(run):
                attempt(run)
        except Superseded:
            log.warning("job %s %s was taken over or cancelled", claim.spec.name, claim.job.uid)
        except (peewee.PeeweeException, MedleyError, OSError):
            # The database is away: the lease ends by itself, and somebody takes the job over.
            log.exception("job %s %s could not be closed", claim.spec.name, claim.job.uid)


def attempt(run: Run) -> None:
    """One try, and its end: done, given back, to be tried again, or laid aside."""
    try:
        run.actor = current().actor = actor_of_job(run.spec, run.job)
        run.spec.function(run, *run.job.arguments)
        flush_reads()
        finish(run)
    except GivenBack:
        give_back(run)
    except Exception as failure:
        log.error("job %s %s failed: %s", run.spec.name, run.uid, type(failure).__name__, exc_info=failure)
        fail(run, failure)


def finish(run: Run) -> None:
    """Mark it done."""
    with atomic():
        Job.update(**ended(DONE), error="").where(Job.id == run.job.id, Job.fence == run.fence).execute()
        note("core.finish_job", reason=f"{run.spec.name} {run.uid}")


def give_back(run: Run) -> None:
    """Let another worker go on with it at once; the try does not count."""
    with atomic():
        put_back(run, tries=run.job.tries - 1, pause=0.0, error=run.job.error)


def fail(run: Run, failure: BaseException) -> None:
    """Try again after a pause that grows, lay it aside when it has been tried enough, or end it when it was refused."""
    error = error_words(failure)
    with atomic():
        if isinstance(failure, FINAL):
            changes = ended(FAILED) | {"error": error}
            Job.update(**changes).where(Job.id == run.job.id, Job.fence == run.fence).execute()
            note("core.fail_job", outcome="failed", reason=f"{run.spec.name} {run.uid}: {error}")
        elif run.job.tries >= run.spec.tries:
            park(run.job, error)
        else:
            put_back(run, tries=run.job.tries, pause=pause_after(run.job.tries), error=error)


def put_back(run: Run, tries: int, pause: float, error: str) -> None:
    """Make it wait again."""
    ready_at = clock.now() + timedelta(seconds=pause)
    Job.update(
        state=WAITING, ready_at=ready_at, tries=max(0, tries), running_key=None, error=error, fence=run.fence + 1
    ).where(Job.id == run.job.id, Job.fence == run.fence).execute()


def pause_after(tries: int) -> float:
    """Seconds until the next try: longer each time, and never alike for two jobs that failed together."""
    pause: float = min(LONGEST_PAUSE, FIRST_PAUSE * 3 ** (tries - 1))
    return pause * random.uniform(0.75, 1.25)


def error_words(failure: BaseException) -> str:
    """What went wrong and where in the code, without what the message may say about a person."""
    frames = [frame for frame, _line in traceback.walk_tb(failure.__traceback__)]
    places = [(frame.f_globals.get("__name__", "?"), frame.f_lineno) for frame in frames]
    where = f" in {places[-1][0]}, line {places[-1][1]}" if places else ""
    named = f" {failure.permission}" if isinstance(failure, Forbidden) else ""
    return f"{type(failure).__name__}{named}{where}"[:200]
