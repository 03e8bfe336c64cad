"""Days and moments. A day is a day wherever it is read; a moment is stored in UTC and shown in the site's zone."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from wtforms import DateField, DateTimeLocalField
from wtforms.validators import InputRequired, Optional

from core import clock
from core.errors import Words
from core.resources.kinds.base import Asked, Kind, Picked, Unreadable, trimmed
from core.sites import current_site
from core.texts import _
from core.web.filters import day, moment
from core.web.forms import SaneDay, is_sane

# What may be written for a stretch of days that moves along with today, and from how many days ago it reaches.
STRETCHES = {"today": (0, 0), "week": (6, 0), "month": (29, 0), "year": (364, 0), "ahead": (0, -365)}
STRETCH_WORDS = {
    "today": _("Today"),
    "week": _("The last 7 days"),
    "month": _("The last 30 days"),
    "year": _("The last 365 days"),
    "ahead": _("From today on"),
}
ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
DAY_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")


class Day(Kind):
    """A day of the calendar."""

    name = "day"
    narrows = "range"

    def ask(self, asked: Asked) -> Any:
        """The browser's own field for days."""
        rules = [InputRequired() if asked.is_required else Optional(), SaneDay()]
        return DateField(asked.label, rules, description=asked.help)

    def read(self, written: str) -> Any:
        """`2026-11-23`, or day first as `23.11.2026` and `23/11/2026`. Never guesses month first."""
        text = trimmed(written)
        if not text:
            return None
        iso, other = ISO_DAY.fullmatch(text), DAY_FIRST.fullmatch(text)
        if iso is None and other is None:
            raise Unreadable(_("Write the day as 2026-11-23."))
        parts = iso.groups() if iso else other.groups()[::-1] if other else ()
        year, month, in_month = (int(part) for part in parts)
        return self.within(year, month, in_month)

    @staticmethod
    def within(year: int, month: int, in_month: int) -> date:
        """The day, if the calendar has it."""
        if not 1 <= month <= 12:
            raise Unreadable(_("There is no month %(n)s.", n=month))
        try:
            found = date(year, month, in_month)
        except ValueError as unreadable:
            following = date(year + month // 12, month % 12 + 1, 1) if 1 <= year < 9999 else date.min
            last = following - timedelta(days=1) if following > date.min else following
            words = _("That month has %(n)s days.", n=last.day)
            raise Unreadable(words, last.isoformat()) from unreadable
        if not is_sane(found):
            raise Unreadable(_("This day is too far away."))
        return found

    def from_json(self, value: Any) -> Any:
        """`2026-11-23` and nothing else."""
        if value is not None and not (isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value)):
            raise Unreadable(_("Write the day as 2026-11-23."))
        return super().from_json(value)

    def as_json(self, value: Any) -> Any:
        """`2026-11-23`."""
        return None if value is None else value.isoformat()

    def unstored(self, kept: Any) -> Any:
        """The day."""
        return None if kept is None else date.fromisoformat(kept)

    def keys(self, value: Any) -> tuple[str, ...]:
        """`2026-11-23`."""
        return () if value is None else (value.isoformat(),)

    def schema(self) -> dict[str, Any]:
        """A full date."""
        return {"type": "string", "format": "date"}

    def words(self, value: Any) -> Words:
        """`23 Nov 2026`."""
        return day(value)

    def as_cell(self, value: Any) -> Any:
        """A day."""
        return "" if value is None else value

    def pick(self, written: str) -> Picked:
        """Also a stretch that moves along: `week` is today and the six days before."""
        if written not in STRETCHES:
            return super().pick(written)
        begin, end = STRETCHES[written]
        today = clock.today(current_site().zone)
        return Picked("between", (today - timedelta(days=begin), today - timedelta(days=end)))


class Moment(Kind):
    """A moment; typed and shown as the clock on the wall says at the site."""

    name = "moment"
    narrows = "range"

    def ask(self, asked: Asked) -> Any:
        """The browser's own field for day and time."""
        rules = [InputRequired() if asked.is_required else Optional(), SaneDay()]
        return DateTimeLocalField(
            asked.label, rules, description=asked.help, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        )

    def asked_value(self, value: Any) -> Any:
        """The time on the wall."""
        return None if value is None else value.astimezone(current_site().zone).replace(tzinfo=None)

    def answer(self, field: Any) -> Any:
        """The moment of that time on the wall."""
        return None if field.data is None else from_wall(field.data)

    def read(self, written: str) -> Any:
        """`2026-11-23T09:52`, at the site unless an offset is written; a day alone is its beginning."""
        text = trimmed(written)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text.replace(" ", "T"))
        except ValueError as unreadable:
            raise Unreadable(_("Write the time as 2026-11-23 09:52.")) from unreadable
        if not is_sane(found):
            raise Unreadable(_("This day is too far away."))
        return from_wall(found) if found.tzinfo is None else found.astimezone(UTC)

    def as_json(self, value: Any) -> Any:
        """In UTC, as RFC 3339 writes it."""
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def from_json(self, value: Any) -> Any:
        """A moment with its offset: without one nobody knows when it was."""
        if isinstance(value, str) and not RFC_3339.fullmatch(value):
            raise Unreadable(_("Write the time with its offset, as 2026-11-23T09:52:00Z."))
        return super().from_json(value)

    def unstored(self, kept: Any) -> Any:
        """The moment."""
        return None if kept is None else datetime.fromisoformat(kept)

    def keys(self, value: Any) -> tuple[str, ...]:
        """In UTC, to the microsecond."""
        return () if value is None else (value.astimezone(UTC).isoformat(timespec="microseconds"),)

    def schema(self) -> dict[str, Any]:
        """A date-time."""
        return {"type": "string", "format": "date-time"}

    def words(self, value: Any) -> Words:
        """`Today, 09:20`, or with its day."""
        return moment(value)

    def as_cell(self, value: Any) -> Any:
        """The time on the wall, to the second."""
        if value is None:
            return ""
        return value.astimezone(current_site().zone).replace(tzinfo=None, microsecond=0).isoformat(sep=" ")

    def pick(self, written: str) -> Picked:
        """Whole days at the site: from the first moment of one to the last of another."""
        days = Day().pick(written)
        if days.how == "empty":
            return days
        low = begin_of(days.values[0]) if days.how in ("from", "between") else None
        high = begin_of(days.values[-1] + timedelta(days=1)) if days.how in ("until", "between") else None
        last = high - timedelta(microseconds=1) if high is not None else None
        return Picked(days.how, tuple(one for one in (low, last) if one is not None))

    def picked_words(self, picked: Picked) -> Words:
        """The days."""
        return Day().picked_words(picked)


def from_wall(time: datetime) -> datetime:
    """The moment a clock at the site shows this time; the earlier one where it shows it twice."""
    return time.replace(tzinfo=current_site().zone).astimezone(UTC)


def begin_of(on: date) -> datetime:
    """The first moment of a day at the site."""
    return from_wall(datetime(on.year, on.month, on.day))  # noqa: DTZ001  the zone follows
