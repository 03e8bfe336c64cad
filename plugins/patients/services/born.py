"""When somebody was born, as people say it: a day, a month, a year, or only an age."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from core import clock
from core.errors import Refused
from core.sites import current_site
from core.texts import _, reader_locale
from plugins.patients.services.asking import OLDEST_YEAR, dates_in, month_number, western_digits

AGE = re.compile(r"(\d{1,3})\s*([^\W\d_]*)\.?")
MONTH_OF_YEAR = re.compile(r"(?:(\d{1,2})|([^\W\d_]{3,12})\.?)[-/. ]+(\d{4})")
YEAR_AND_MONTH = re.compile(r"(\d{4})[-/. ](\d{1,2})")
OLDEST_AGE = 125
# A unit of age by its first letters, in days; years are counted by the calendar.
DAYS_IN = {"d": 1, "w": 7, "m": 30.4}


class Birth(NamedTuple):
    """A birth date and how much of it is known."""

    on: date | None
    precision: str = "day"


def birth_said(text: str) -> Birth:
    """What was typed as a birth date; raises `Refused` for what can't be one.

    A number alone up to 125 is an age in years; `3 months`, `6 w` and `10 d` are ages too.
    """
    text = western_digits(text).strip()
    if not text:
        return Birth(None)
    found = day_said(text) or year_said(text) or age_said(text)
    if found is None:
        raise Refused(fields={"born": _("Write a date as 2 Mar 1992, a year, or an age.")})
    return found


def day_said(text: str) -> Birth | None:
    """A whole date; of two readings the day comes first."""
    days, rest = dates_in(text, reader_locale())
    return Birth(days[0]) if days and not rest.strip() else None


def year_said(text: str) -> Birth | None:
    """A year, or a month of a year."""
    today = clock.today(current_site().zone)
    if text.isdigit() and len(text) == 4:
        return Birth(date(int(text), 1, 1), "year") if OLDEST_YEAR <= int(text) <= today.year else None
    match, backwards = MONTH_OF_YEAR.fullmatch(text), YEAR_AND_MONTH.fullmatch(text)
    if match:
        month = int(match[1]) if match[1] else month_number(match[2], reader_locale())
        year = int(match[3])
    elif backwards:
        year, month = int(backwards[1]), int(backwards[2])
    else:
        return None
    return Birth(date(year, month, 1), "month") if 1 <= month <= 12 and OLDEST_YEAR <= year <= today.year else None


def age_said(text: str) -> Birth | None:
    """An age: the day is worked out and marked as estimated."""
    match = AGE.fullmatch(text)
    if match is None or (int(match[1]) > OLDEST_AGE and not match[2]):
        return None
    today = clock.today(current_site().zone)
    amount, unit = int(match[1]), match[2][:1].casefold()
    if unit in DAYS_IN:
        return Birth(today - timedelta(days=round(amount * DAYS_IN[unit])), "estimated")
    if amount > OLDEST_AGE:
        return None
    year = today.year - amount
    return Birth(date(year, today.month, min(today.day, monthrange(year, today.month)[1])), "estimated")
