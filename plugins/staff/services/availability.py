"""Who works when: the weekly hours that hold on each day, with what was granted taken out or put in.

It costs three statements however many people and days are asked for, and work in proportion to people × days × hours of
the week: a month of fifty doctors takes some hundredths of a second.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from core.jobs.schedules import moment_of
from core.places.tree import place_tree
from core.sites import current_site
from core.storage import rows
from plugins.staff.models import Leave, Member, Pattern
from plugins.staff.services.hours import Span, clock_time, joined, span_of, whole_days, without
from plugins.staff.services.leave import EXTRA, GRANTED
from plugins.staff.services.licences import expiries

LONGEST_DAYS = 400


def availability(members: Iterable[Member], first: date, last: date) -> dict[str, list[Span]]:
    """When each of these people works between two days (both included), by their uid.

    Hours are those of the place's own clock, so a clinic at nine stays at nine when the clocks change. Granted leave is
    taken out, granted extra hours are put in; nobody works before they came, after they left, or after a licence they
    need has expired. Night hours belong to the day on which they begin.
    """
    people = {one.id: one for one in members if not one.is_retired}
    last = min(last, first + timedelta(days=LONGEST_DAYS))
    if not people or last < first:
        return {one.uid: [] for one in people.values()}
    patterns, leave, lapsing = patterns_of(people, first, last), leave_of(people, first, last), expiries(people)
    zone = partial(zone_at, {})
    found: dict[str, list[Span]] = {}
    for member_id, member in people.items():
        lapses = lapsing[member_id].expires_on if member_id in lapsing else None
        days = list(days_here(member, first, last, lapses))
        spans = worked(patterns[member_id], days, member, zone)
        own = leave[member_id]
        spans += added(own, days, member, zone)
        away = [span_of_leave(one, zone(member.place_id)) for one in own if one[0] != EXTRA]
        found[member.uid] = without(joined(spans), away)
    return found


def patterns_of(people: Iterable[int], first: date, last: date) -> dict[int, list[tuple[Any, ...]]]:
    """The weekly hours that hold somewhere between two days."""
    holds = (Pattern.from_on <= last) & (Pattern.until_on.is_null() | (Pattern.until_on >= first))
    query = Pattern.select(
        Pattern.member, Pattern.weekday, Pattern.begins, Pattern.ends, Pattern.place, Pattern.from_on, Pattern.until_on
    ).where(Pattern.member.in_(list(people)), Pattern.retired_at.is_null(), holds)
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for member_id, *facts in rows(query):
        found[member_id].append(tuple(facts))
    return found


def leave_of(people: Iterable[int], first: date, last: date) -> dict[int, list[tuple[Any, ...]]]:
    """The granted leave that touches those days; one more on each side, for hours that pass midnight."""
    near = (Leave.from_on <= last + timedelta(days=1)) & (Leave.until_on >= first - timedelta(days=1))
    query = Leave.select(Leave.member, Leave.kind, Leave.from_on, Leave.until_on, Leave.begins, Leave.ends).where(
        Leave.member.in_(list(people)), Leave.state_kind == GRANTED, near
    )
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for member_id, *facts in rows(query):
        found[member_id].append(tuple(facts))
    return found


def days_here(member: Member, first: date, last: date, lapses: date | None) -> Iterable[date]:
    """The days on which somebody may work at all."""
    begin = max(first, member.from_on or first)
    end = min(one for one in (last, member.until_on, lapses) if one is not None)
    for number in range((end - begin).days + 1):
        yield begin + timedelta(days=number)


def worked(patterns: Sequence[tuple[Any, ...]], days: Iterable[date], member: Member, zone: Any) -> list[Span]:
    """The weekly hours on these days."""
    by_weekday = defaultdict(list)
    for one in patterns:
        by_weekday[one[0]].append(one)
    found = []
    for day in days:
        for _weekday, begins, ends, place_id, from_on, until_on in by_weekday.get(str(day.isoweekday()), ()):
            if from_on <= day and (until_on is None or day <= until_on):
                at = place_id or member.place_id
                found.append(span_of(day, begins, ends, zone(at), at))
    return found


def added(leave: Iterable[tuple[Any, ...]], days: Sequence[date], member: Member, zone: Any) -> list[Span]:
    """Extra hours that were granted, on each of their days."""
    return [
        span_of(day, begins, ends, zone(member.place_id), member.place_id)
        for kind, from_on, until_on, begins, ends in leave
        if kind == EXTRA
        for day in days
        if from_on <= day <= until_on
    ]


def span_of_leave(leave: tuple[Any, ...], zone: ZoneInfo) -> Span:
    """Leave as moments: from its time on the first day to its time on the last, whole days where it names none."""
    _kind, first, last, begins, ends = leave
    whole = whole_days(first, last, zone)
    starts = whole.starts_at if begins is None else moment_of(first, clock_time(begins), zone)
    stops = whole.ends_at if ends is None else moment_of(last, clock_time(ends), zone)
    return Span(starts, stops)


def zone_at(known: dict[int | None, ZoneInfo], place_id: int | None) -> ZoneInfo:
    """The time zone at a place, looked up once."""
    if place_id not in known:
        named = place_tree().zone_of(place_id)
        known[place_id] = ZoneInfo(named) if named else current_site().zone
    return known[place_id]
