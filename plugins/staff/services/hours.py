"""Times of the day as a schedule has them: minutes since midnight, in the time of the place."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.jobs.schedules import moment_of
from core.texts import Text, _

WRITTEN = re.compile(r"([01]?[0-9]|2[0-3])(?:[:.]?([0-5][0-9]))?")
WEEKDAYS: dict[str, Text] = {
    "1": _("Monday"), "2": _("Tuesday"), "3": _("Wednesday"), "4": _("Thursday"), "5": _("Friday"), "6": _("Saturday"),
    "7": _("Sunday"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time, from one moment up to another, at a place."""

    starts_at: datetime
    ends_at: datetime
    place_id: int | None = None


def read_time(written: str) -> int | None:
    """`9`, `9:30`, `0930` and `09.30` in minutes since midnight; None for what is no time of the day."""
    found = WRITTEN.fullmatch(written.strip())
    return int(found[1]) * 60 + int(found[2] or 0) if found else None


def written_time(minutes: int) -> str:
    """Minutes since midnight as `09:30`."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def clock_time(minutes: int) -> time:
    """A stored time."""
    return time(minutes // 60 % 24, minutes % 60)


def span_of(day: date, begins: int, ends: int, zone: ZoneInfo, place_id: int | None = None) -> Span:
    """Hours of a day as moments. What ends no later than it begins ends on the next day.

    A time the clock jumps over counts from the end of the jump; one that comes twice is its first.
    """
    last = day if ends > begins else day + timedelta(days=1)
    return Span(moment_of(day, clock_time(begins), zone), moment_of(last, clock_time(ends), zone), place_id)


def whole_days(first: date, last: date, zone: ZoneInfo) -> Span:
    """From the beginning of one day to the end of another."""
    return Span(moment_of(first, time(0), zone), moment_of(last + timedelta(days=1), time(0), zone))


def joined(spans: list[Span]) -> list[Span]:
    """The same time without overlaps: spans at one place that meet are one; elsewhere the earlier one counts."""
    found: list[Span] = []
    for one in sorted(spans, key=lambda span: (span.starts_at, span.ends_at)):
        last = found[-1] if found else None
        if last is None or one.starts_at > last.ends_at:
            found.append(one)
        elif one.place_id == last.place_id:
            found[-1] = Span(last.starts_at, max(last.ends_at, one.ends_at), last.place_id)
        elif one.ends_at > last.ends_at:
            found.append(Span(max(one.starts_at, last.ends_at), one.ends_at, one.place_id))
    return found


def without(spans: list[Span], away: list[Span]) -> list[Span]:
    """What is left of spans when others are taken out of them."""
    left = spans
    for gone in away:
        left = [part for one in left for part in cut(one, gone)]
    return left


def cut(one: Span, gone: Span) -> list[Span]:
    """What is left of one span."""
    if gone.ends_at <= one.starts_at or gone.starts_at >= one.ends_at:
        return [one]
    parts = [Span(one.starts_at, gone.starts_at, one.place_id), Span(gone.ends_at, one.ends_at, one.place_id)]
    return [part for part in parts if part.starts_at < part.ends_at]
