"""When scheduled jobs are due: every so often, or daily at a time of the site's clock."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import Misuse

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Every:
    """Due at each whole multiple of a span, counted in UTC: clock changes don't touch it."""

    span: timedelta

    def latest(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The last due time that is not after `now`."""
        return now.astimezone(UTC) - (now - EPOCH) % self.span

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first due time after a moment."""
        return self.latest(moment, zone) + self.span


@dataclass(frozen=True, slots=True)
class Daily:
    """Due once a day at a time of the site's clock.

    In the night when that time is skipped it is due at the first moment after the gap; in the night when
    it comes twice, at the first of the two.
    """

    at: time

    def latest(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The last due time that is not after `now`."""
        today = now.astimezone(zone).date()
        return max(due for due in self._around(today, zone) if due <= now)

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first due time after a moment."""
        day = moment.astimezone(zone).date()
        return min(due for due in self._around(day, zone) if due > moment)

    def _around(self, day: date, zone: ZoneInfo) -> list[datetime]:
        return [moment_of(day + timedelta(days=days), self.at, zone) for days in (-2, -1, 0, 1, 2)]


Schedule = Every | Daily


def every(*, hours: int = 0, minutes: int = 0, seconds: int = 0) -> Every:
    """Due every so often: `every(minutes=5)`."""
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if span < timedelta(seconds=1):
        raise Misuse("a schedule is at least a second apart")
    return Every(span)


def daily(at: str) -> Daily:
    """Due daily at a time of the site's clock: `daily("02:30")`."""
    found = TIME.fullmatch(at)
    if found is None:
        raise Misuse(f"{at!r} is not a time like 02:30")
    return Daily(time(int(found[1]), int(found[2])))


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The one moment when a zone's clock shows this time on this day, or jumps over it."""
    shown = datetime.combine(day, at, zone)
    first = shown.astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == shown.replace(tzinfo=None):
        return first
    return end_of_gap(shown.replace(fold=1).astimezone(UTC), first, zone)


def end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two at which the zone's clock jumps."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return (before + timedelta(seconds=1)).replace(microsecond=0)
