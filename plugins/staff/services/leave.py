"""Asking for leave, and what the workflow wants to know of a request."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Refused, Words
from core.sites import current_site
from core.texts import _
from plugins.staff.models import Leave, Member
from plugins.staff.permissions import ASK_LEAVE, DECIDE_LEAVE, SEE_LEAVE
from plugins.staff.services.members import accounts, member_of

# Kinds of states that hold time: a request that waits and one that was granted.
OPEN, GRANTED = "asked", "granted"
EXTRA = "extra"
LONGEST_DAYS = 730
WHOLE_DAY = 24 * 60


@act("staff.ask_for_leave", permission=ASK_LEAVE)
def ask_for_leave(values: Mapping[str, Any], by: Actor) -> Leave:
    """Ask for leave, for oneself, or for somebody else where one decides on it."""
    own = member_of(by)
    member = values.get("member") or own
    if member is None:
        raise Refused(fields={"member": _("Your account belongs to nobody on the staff. Say who it is for.")})
    if (own is None or member.id != own.id) and not by.may(DECIDE_LEAVE):
        raise Refused(fields={"member": _("You can ask for yourself only.")})
    return settled(Leave(member=member), {name: value for name, value in values.items() if name != "member"})


@act("staff.change_leave", permission=ASK_LEAVE)
def change_leave(leave: Leave, values: Mapping[str, Any], by: Actor, version: int | None = None) -> Leave:
    """Change a request nobody has decided on yet."""
    if leave.state_kind != OPEN:
        raise Refused(_("It is decided. Take it back, and ask anew."))
    if not is_own(leave, by) and not by.may(DECIDE_LEAVE):
        raise Refused(_("It is not yours."))
    if values.get("member", leave.member) != leave.member:
        raise Refused(fields={"member": _("It stays with whom it was asked for.")})
    if version is not None:
        leave.version = version
    return settled(leave, {name: value for name, value in values.items() if name != "member"})


def settled(leave: Leave, values: Mapping[str, Any]) -> Leave:
    """Store a request that makes sense and lies on no other of the same person."""
    for name, value in values.items():
        setattr(leave, name, value)
    wrong = wrong_with(leave)
    if wrong:
        raise Refused(fields=wrong)
    member = Member.get_by_id(leave.member_id)
    member.hold()  # two requests of one person wait for each other here
    other = overlapping(leave)
    if other is not None:
        raise Refused(
            fields={"from_on": _("There is leave from %(first)s to %(last)s already.", first=str(other.from_on),
                                 last=str(other.until_on))}
        )  # fmt: skip
    leave.save()
    return leave


def wrong_with(leave: Leave) -> dict[str, Words]:
    """What does not fit together in a request."""
    wrong: dict[str, Words] = {}
    if leave.until_on < leave.from_on:
        wrong["until_on"] = _("It ends before it begins.")
    elif (leave.until_on - leave.from_on).days > LONGEST_DAYS:
        wrong["until_on"] = _("At most two years at a time.")
    if leave.kind == EXTRA and None in (leave.begins, leave.ends):
        wrong["begins"] = _("Say from when to when the extra hours are.")
    if not wrong and leave.kind != EXTRA and bounds(leave)[0] >= bounds(leave)[1]:
        wrong["ends"] = _("It ends before it begins.")
    return wrong


def overlapping(leave: Leave) -> Leave | None:
    """Another request or leave of the same person that lies on some of the same time; extra hours lie on nothing."""
    if leave.kind == EXTRA:
        return None
    same = (Leave.member == leave.member_id) & (Leave.kind != EXTRA) & Leave.state_kind.in_((OPEN, GRANTED))
    same &= (Leave.from_on <= leave.until_on) & (Leave.until_on >= leave.from_on)
    if leave.id is not None:
        same &= Leave.id != leave.id
    mine = bounds(leave)
    return next((one for one in Leave.select().where(same).order_by(Leave.id) if meet(mine, bounds(one))), None)


def bounds(leave: Leave) -> tuple[tuple[date, int], tuple[date, int]]:
    """Where leave begins and ends, in the time of the place."""
    return (leave.from_on, leave.begins or 0), (leave.until_on, WHOLE_DAY if leave.ends is None else leave.ends)


def meet(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    """Whether two stretches have some time in common; one that begins when the other ends has not."""
    return bool(one[0] < other[1] and other[0] < one[1])


# What the workflow asks.


def is_own(leave: Leave, by: Actor) -> bool:
    """Whether it is the leave of whoever looks."""
    own = member_of(by)
    return own is not None and own.id == leave.member_id


def has_begun(leave: Leave, _by: Actor) -> bool:
    """Whether its first day has come."""
    return bool(leave.from_on <= clock.today(current_site().zone))


def length_of(leave: Leave, _by: Actor) -> int:
    """How many days of the calendar it takes."""
    return (leave.until_on - leave.from_on).days + 1


def narrowing_for(model: Any, by: Actor) -> Any:
    """Leave is seen by whom it belongs to and by those who decide on it."""
    if model is not Leave or by.may(DECIDE_LEAVE) or not by.may(SEE_LEAVE):
        return None
    return Leave.member.in_(Member.select(Member.id).where(Member.user.in_(accounts(by.uid))))


def waiting_for_decision(limit: int = 10) -> list[Leave]:
    """The requests nobody has decided on, the nearest first."""
    query = Leave.select(Leave, Member).join(Member).where(Leave.state_kind == OPEN)
    return list(query.order_by(Leave.from_on, Leave.id).limit(limit))


def ahead_of(member: Member, limit: int = 5) -> list[Leave]:
    """The leave of one person that is not over."""
    today = clock.today(current_site().zone)
    wanted = (Leave.member == member) & (Leave.until_on >= today) & Leave.state_kind.in_((OPEN, GRANTED))
    return list(Leave.select().where(wanted).order_by(Leave.from_on, Leave.id).limit(limit))
