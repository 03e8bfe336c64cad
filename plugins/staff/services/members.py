"""Entering and changing people who work here, and finding the one somebody is."""

from collections.abc import Sequence
from typing import Any

from core.actors import Actor
from core.roles import NO_ROWS
from core.storage import is_uid
from core.storage.search import normalise
from core.users.models import User
from plugins.staff.models import Leave, Member


def set_key(member: Any) -> None:
    """Bring the key of the list in step with the name; a number that is empty is none."""
    member.key = normalise(member.name)[:240]
    member.number = member.number or None


def member_of(by: Actor) -> Member | None:
    """The member of staff an actor is, by the account they signed in with."""
    found: Member | None = Member.get_or_none(Member.user.in_(accounts(by.uid)), Member.retired_at.is_null())
    return found


def accounts(uid: str) -> Any:
    """The account of an actor, as a query; the house itself has none."""
    query = User.select(User.id)
    return query.where(User.uid == uid) if is_uid(uid) else query.where(NO_ROWS)


def names_of_leave(ids: Sequence[int]) -> dict[int, str]:
    """Whose leave each of these is, which is what it is called."""
    query: Any = Leave.select(Leave.id, Member.name).join(Member).where(Leave.id.in_(list(ids)))
    return dict(query.tuples())


def colleagues(limit: int = 500) -> list[Member]:
    """Those who work here at present."""
    return list(Member.select().where(Member.retired_at.is_null()).order_by(Member.key, Member.id).limit(limit))
