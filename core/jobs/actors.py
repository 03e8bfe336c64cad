"""Who a job runs as: the person who asked for it, with the rights they have now, or the house itself."""

from dataclasses import replace
from typing import Any

from core import clock
from core.actors import ANONYMOUS, Actor, system_actor
from core.errors import Forbidden
from core.jobs.declaring import JobSpec
from core.jobs.models import Job
from core.roles import actor_for
from core.roles.models import BreakGlass, Grant
from core.sites import current
from core.texts import _
from core.users.door import DoorAnswer, GrantFact, KeyFact
from core.users.models import User
from core.users.permissions import SIGN_IN


def actor_of_job(spec: JobSpec, job: Job) -> Actor:
    """The actor of a run; raises `Forbidden` when they may not, or no longer, do this."""
    if spec.system:
        actor = replace(system_actor(spec.system), on_behalf="" if job.actor_kind == "system" else job.actor_uid)
    elif job.actor_kind == "system":
        actor = system_actor(job.actor_uid.removeprefix("system:"))
    else:
        scopes = None if job.scopes is None else frozenset(job.scopes)
        actor = replace(actor_of_user(job.actor_uid, job.actor_place, scopes), on_behalf=job.on_behalf)
    # What everybody signed in may do, each of their programs may; a key itself never holds the right to sign in.
    if spec.permission and not (spec.permission == SIGN_IN and actor.scopes is not None):
        actor.require(spec.permission)
    return actor


def actor_of_user(uid: str, place: int | None, scopes: frozenset[str] | None = None) -> Actor:
    """A user as they would enter at this moment, at a place; raises `Forbidden` when they would not be let in.

    `scopes` are those of the key by which it was asked for: what it did not open then, its jobs do not open later.
    """
    user = User.get_or_none(User.uid == uid) if uid else None
    if user is None or not user.is_active or user.is_retired:
        raise Forbidden("core.sign_in", _("Whoever asked for this has no account here any more."))
    now = clock.now()
    in_force = (
        Grant.retired_at.is_null()
        & (Grant.from_at.is_null() | (Grant.from_at <= now))
        & (Grant.until_at.is_null() | (Grant.until_at > now))
    )
    columns = (Grant.role, Grant.permission, Grant.effect, Grant.place)
    grants: Any = Grant.select(*columns).where(Grant.user == user, in_force).order_by(Grant.id).tuples()
    opened = BreakGlass.select(BreakGlass.subject_uid).where(BreakGlass.user == user, BreakGlass.until_at > now)
    state = current().state
    answer = DoorAnswer(
        state.revision,
        why_not="",
        user_id=user.id,
        user_uid=user.uid,
        user_name=user.name,
        kind=user.kind,
        place_id=place,
        second_factor_at=0,  # shown, where it had to be, when the job was asked for
        grants=tuple(GrantFact._make(row) for row in grants),
        opened=frozenset(row.subject_uid for row in opened),
        key=None if scopes is None else KeyFact(0, "", scopes),
    )
    actor = actor_for(answer, state)
    return actor if actor.uid else ANONYMOUS
