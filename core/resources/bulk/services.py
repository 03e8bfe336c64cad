"""Marking records, saying what is to be done with them, and letting it run: at once when they are few."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import NotFound, Refused
from core.jobs import Job, Run, enqueue, job
from core.resources.bulk.models import ASKED, DONE, RUNNING, STOPPED, BulkRun
from core.resources.bulk.running import RETIRE, carry, choice_of, count_of, values_given
from core.resources.catalogue import resource_named
from core.resources.declaring import Resource
from core.resources.importing.hand import ByHand
from core.storage import is_uid
from core.storage.journal.writer import note
from core.texts import _
from core.users.permissions import SIGN_IN

KEPT = timedelta(days=7)
MOST_MARKED = 1000
# So few are done while one waits.
SMALL = 50
MOST_COUNTED = 1_000_000


@act("core.mark_records", permission=SIGN_IN)
def mark(resource: Resource, uids: Sequence[str] | None, narrowing: Mapping[str, Any] | None, by: Actor) -> BulkRun:
    """Keep which records something is to be done with: these, or all a list leaves."""
    if uids is not None:
        uids = list(dict.fromkeys(uid for uid in uids if is_uid(uid)))
        if not uids:
            raise Refused(_("Mark at least one row."))
        if len(uids) > MOST_MARKED:
            raise Refused(_("Mark at most %(n)s rows, or take all that match.", n=MOST_MARKED))
    now = clock.now()
    made: BulkRun = BulkRun.create(
        noun=resource.name, owner_uid=by.uid, verb="", given={}, uids=uids, narrowing=dict(narrowing or {}),
        counts={}, created_at=now, until_at=now + KEPT,
    )  # fmt: skip
    return made


def run_of(resource: Resource, uid: str, by: Actor) -> BulkRun:
    """One's own run; raises `NotFound` for another's and for one that is gone."""
    mine = (BulkRun.uid == uid) & (BulkRun.noun == resource.name) & (BulkRun.owner_uid == by.uid)
    found: BulkRun | None = BulkRun.get_or_none(mine & (BulkRun.until_at > clock.now())) if is_uid(uid) else None
    if found is None:
        raise NotFound
    return found


def begin(run: BulkRun, resource: Resource, verb: str, given: Mapping[str, Any], by: Actor) -> BulkRun:
    """Do it: at once when the records are few, in the background when they are many."""
    choice = choice_of(resource, verb, by)
    if verb == RETIRE and not str(given.get("reason", "")).strip():
        raise Refused(fields={"reason": _("Say why they are taken out of use.")})
    values_given(resource, choice, given.get("values", {}))
    total = count_of(resource, run, by, SMALL + 1)
    is_small = total <= SMALL
    start(run, verb, given, is_small, by=by)
    if is_small:
        fresh = BulkRun.get_by_id(run.id)
        steps = ByHand("core.run_bulk")
        carry(fresh, resource, by, steps, total)
        finish(fresh, DONE, steps.cursor[1] if steps.cursor else {}, by=by)
    return BulkRun.get_by_id(run.id)


@act("core.begin_bulk", permission=SIGN_IN)
def start(run: BulkRun, verb: str, given: Mapping[str, Any], is_small: bool, by: Actor) -> None:
    """Write down what is done and by whom; it begins once only."""
    facts: dict[str, Any] = {"verb": verb, "given": dict(given), "state": RUNNING}
    if BulkRun.update(**facts).where(BulkRun.id == run.id, BulkRun.state == ASKED).execute() != 1:
        raise Refused(_("This was begun already."))
    if not is_small:
        made = enqueue(run_bulk, run.uid, by=by)
        BulkRun.update(job_uid=made.uid).where(BulkRun.id == run.id).execute()
    note("core.begin_bulk", reason=f"{run.noun} {verb} {run.uid}", by=by)


@act("core.finish_bulk", permission=SIGN_IN)
def finish(run: BulkRun, state: str, counts: Mapping[str, int], by: Actor) -> None:
    """Say how it ended."""
    BulkRun.update(state=state, counts=dict(counts)).where(BulkRun.id == run.id).execute()


@act("core.stop_bulk", permission=SIGN_IN)
def stop(run: BulkRun, by: Actor) -> None:
    """Stop after the records being written at this moment."""
    if run.state != RUNNING:
        raise Refused(_("This is not at work."))
    BulkRun.update(is_stopping=True).where(BulkRun.id == run.id).execute()
    note("core.stop_bulk", reason=f"{run.noun} {run.verb} {run.uid}", by=by)


@job("core.run_bulk", permission=SIGN_IN, lease_seconds=60)
def run_bulk(run: Run, uid: str) -> None:
    """Do one thing with many records."""
    found = BulkRun.get_or_none(BulkRun.uid == uid)
    if found is None:
        raise NotFound
    resource = resource_named(found.noun)
    total = count_of(resource, found, run.actor, MOST_COUNTED)
    is_over = carry(found, resource, run.actor, run, total)
    finish(found, DONE if is_over else STOPPED, run.cursor[1] if run.cursor else {}, by=run.actor)


def is_running(run: BulkRun) -> bool:
    """Whether it is at work; one whose job has failed is not."""
    if run.state != RUNNING or not run.job_uid:
        return False
    found = Job.get_or_none(Job.uid == run.job_uid)
    return found is not None and not found.has_ended
