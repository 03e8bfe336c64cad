"""How days, moments, numbers and names are written for the reader."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from core import clock
from core.sites import current_site
from core.texts import Text, _, n_, reader_locale


def day(value: date | datetime | None) -> str:
    """`23 Nov 2026`."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(current_site().zone).date()
    return written_day(value, reader_locale())


@lru_cache(maxsize=4096)
def written_day(value: date, locale: str) -> str:
    """A day in words: lists ask for the same few again and again."""
    return format_date(value, "d MMM y", locale=locale)


def time_of_day(value: datetime | None) -> str:
    """`09:52`, in the site's zone."""
    if value is None:
        return ""
    local = value.astimezone(current_site().zone)
    return written_time(local.hour, local.minute, reader_locale())


@lru_cache(maxsize=4096)
def written_time(hour: int, minute: int, locale: str) -> str:
    """A time of day in digits: a day has only so many minutes."""
    return format_time(time(hour, minute), "HH:mm", locale=locale)


def moment(value: datetime | None) -> str | Text:
    """`Today, 09:20` within the day, `23 Nov 2026, 09:52` otherwise."""
    if value is None:
        return ""
    local = value.astimezone(current_site().zone).date()
    if local == clock.today(current_site().zone):
        return _("Today, %(time)s", time=time_of_day(value))
    return _("%(day)s, %(time)s", day=day(value), time=time_of_day(value))


def number(value: Any) -> str:
    """A number with the reader's separators."""
    return format_decimal(value, locale=reader_locale()) if value is not None else ""


def age(born: date | None, on: date | None = None) -> str | Text:
    """Years; months below two years, weeks below three months, days below two weeks, as clinicians count."""
    if born is None:
        return ""
    until = on or clock.today(current_site().zone)
    if until < born:
        return ""
    months = (until.year - born.year) * 12 + until.month - born.month - (until.day < born.day)
    if months >= 24:
        return n_("%(n)s year", "%(n)s years", months // 12)
    if months >= 3:
        return n_("%(n)s month", "%(n)s months", months)
    days = (until - born) // timedelta(days=1)
    if days >= 14:
        return n_("%(n)s week", "%(n)s weeks", days // 7)
    return n_("%(n)s day", "%(n)s days", days)


def initials(name: str) -> str:
    """At most two letters for a face without a photo."""
    words = [word for word in name.split() if word[:1].isalpha()]
    if not words:
        return name[:1].upper()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


FILTERS = {"day": day, "clock": time_of_day, "moment": moment, "number": number, "age": age, "initials": initials}
