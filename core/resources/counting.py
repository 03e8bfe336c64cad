"""Counting a long list to its end, for whoever asks: pages only count to a thousand."""

from datetime import timedelta

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import NotFound
from core.jobs import Run, enqueue, job
from core.resources.catalogue import resource_named
from core.resources.declaring import Resource
from core.resources.finding import Query, count_all, query_of
from core.resources.models import Count
from core.resources.narrowing import narrowed
from core.storage import is_uid
from core.users.permissions import SIGN_IN

KEPT = timedelta(days=1)


@act("core.ask_for_count", permission=SIGN_IN)
def ask_for_count(query: Query, by: Actor) -> Count:
    """Let a list be counted in the background, as this reader sees it; what was counted a day ago is forgotten."""
    by.require(query.resource.may_view)
    now = clock.now()
    Count.delete().where(Count.until_at < now).execute()
    made: Count = Count.create(
        noun=query.resource.name, owner_uid=by.uid, narrowing=query.narrowing.as_json(), until_at=now + KEPT
    )
    made.job_uid = enqueue(count_list, made.uid, by=by).uid
    made.save()
    return made


@job("core.count_list", permission=SIGN_IN)
def count_list(run: Run, uid: str) -> None:
    """Count a list by the rights its reader has now."""
    wanted = Count.get_or_none(Count.uid == uid)
    if wanted is None or wanted.row_count is not None:
        return
    resource = resource_named(wanted.noun)
    run.actor.require(resource.may_view)
    found = count_all(query_of(resource, narrowed(resource, wanted.narrowing, run.actor), run.actor))
    with run.step():
        Count.update(row_count=found, counted_at=clock.now()).where(Count.id == wanted.id).execute()


def count_of(resource: Resource, uid: str, by: Actor) -> Count:
    """One's own count; raises `NotFound` for another's and for one that is forgotten."""
    mine = (Count.uid == uid) & (Count.noun == resource.name) & (Count.owner_uid == by.uid)
    found: Count | None = Count.get_or_none(mine & (Count.until_at > clock.now())) if is_uid(uid) else None
    if found is None:
        raise NotFound
    return found
