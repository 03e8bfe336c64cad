"""What somebody means who types into the search field: names, a number, a phone, a birth date, or several of them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel.dates import get_month_names

from core import clock
from plugins.patients.spelling import folded, is_unspaced, words_of
from plugins.patients.tokens import plain_number

LONGEST_QUESTION = 200
OLDEST_YEAR = 1880
SHORTEST_PHONE = 4
SHORTEST_NUMBER = 2

DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})(?!\d)")
RUN_TOGETHER = re.compile(r"(?<!\d)(\d{8})(?!\d)")
WITH_MONTH = re.compile(r"(?<!\w)(\d{1,2})(?:st|nd|rd|th|\.)?[- ]?([^\W\d_]{3,12})\.?,?[- ]?(\d{4})(?!\d)")
MONTH_BEFORE = re.compile(r"(?<!\w)([^\W\d_]{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)")
MONTH_OF_YEAR = re.compile(r"(?<![\d/.-])(\d{1,2})[-/.](\d{4})(?![\d/.-])")
YEAR_OF_MONTH = re.compile(r"(?<![\d/.-])(\d{4})[-/.](\d{1,2})(?![\d/.-])")
NAMED_MONTH = re.compile(r"(?<!\w)([^\W\d_]{3,12})\.? (\d{4})(?![\d/.-])")
BIRTHDAY = re.compile(
    r"(?<![\d/.+-])(\d{1,2})(?:st|nd|rd|th|\.)?(?:/| )((?:1[0-2]|0?[1-9])(?![\d/. -])|[^\W\d_]{3,12})(?![\w/])"
)
YEAR_ALONE = re.compile(r"(?<![\w/.+-])(\d{4})(?![\w/-])")


@dataclass(frozen=True, slots=True)
class Question:
    """A search as understood. Everything given must fit, except that a number is one of several things.

    `number` is what has digits in it; `whole` is all that was typed, should that be one number: `ab 12 345`.
    """

    words: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    year: int | None = None
    number: str = ""
    whole: str = ""
    digits: str = ""
    email: str = ""
    month: int | None = None
    birthday: tuple[int, int] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for yet."""
        return not (self.words or self.days or self.year or self.number or self.digits or self.email or self.birthday)


def understood(text: str, locale: str = "en") -> Question:
    """Read a search as people type it; what can be two things is looked for as both."""
    text = western_digits(text.replace("\x00", " ")[:LONGEST_QUESTION]).strip()
    if "@" in text:
        return Question(email=text.casefold())
    whole = text
    days, text = dates_in(text, locale)
    month, birthday, year = None, None, None
    if not days:
        year, month, text = month_in(text, locale)
    if not days and year is None:
        birthday, text = birthday_in(text, locale)
    if not days and year is None:
        year, text = year_in(text)
    words = tuple(word for word in words_of(text) if is_word(word))
    number = digits = together = ""
    # Beside a name, a date or a year is only that; alone it may be a number too.
    numbers = text if words else whole
    with_digits = "".join(part for part in numbers.split() if any(letter.isdigit() for letter in part))
    if with_digits:
        number = plain_number(with_digits)
        digits = "".join(letter for letter in with_digits if letter.isdigit())
        digits = digits if len(digits) >= SHORTEST_PHONE and not any(map(str.isalpha, number)) else ""
        number = number if len(number) >= SHORTEST_NUMBER else ""
        together = plain_number(whole) if words and not days and year is None else ""
    return Question(words, days, year, number, together, digits, month=month, birthday=birthday)


def is_word(word: str) -> bool:
    """Whether a word can be part of a name: letters, and enough of them to be worth a look."""
    return any(map(str.isalpha, word)) and (len(word) > 1 or is_unspaced(word[0]))


def western_digits(text: str) -> str:
    """Digits of every script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def dates_in(text: str, locale: str = "en") -> tuple[tuple[date, ...], str]:
    """The first date of a text, as every day it can mean, and the text without it."""
    for pattern, read in (
        (YEAR_FIRST, lambda m: (_day(m[1], m[3], m[4]),)),
        (DAY_FIRST, lambda m: _either(m[1], m[3], m[4])),
        (WITH_MONTH, lambda m: (_day(m[3], month_number(m[2], locale), m[1]),)),
        (MONTH_BEFORE, lambda m: (_day(m[3], month_number(m[1], locale), m[2]),)),
        (RUN_TOGETHER, lambda m: (_day(m[1][:4], m[1][4:6], m[1][6:]), *_either(m[1][:2], m[1][2:4], m[1][4:]))),
    ):
        match = pattern.search(text)
        days = tuple(dict.fromkeys(day for day in read(match) if day is not None)) if match else ()
        if match and days:
            return days, f"{text[: match.start()]} {text[match.end() :]}"
    return (), text


def month_in(text: str, locale: str = "en") -> tuple[int | None, int | None, str]:
    """A month of a year, `03/1992`, `1992-03` or `Mar 1992`, and the text without it."""
    for pattern, year, month in ((MONTH_OF_YEAR, 2, 1), (YEAR_OF_MONTH, 1, 2), (NAMED_MONTH, 2, 1)):
        for match in pattern.finditer(text):
            number = int(match[month]) if match[month].isdigit() else month_number(match[month], locale)
            if 1 <= number <= 12 and OLDEST_YEAR <= int(match[year]) <= clock.now().year:
                return int(match[year]), number, f"{text[: match.start()]} {text[match.end() :]}"
    return None, None, text


def birthday_in(text: str, locale: str = "en") -> tuple[tuple[int, int] | None, str]:
    """A day without its year, `2 Mar` or `2/3`, as month and day, and the text without it."""
    for match in BIRTHDAY.finditer(text):
        day, month = int(match[1]), int(match[2]) if match[2].isdigit() else month_number(match[2], locale)
        if 1 <= month <= 12 and 1 <= day <= 31:
            return (month, day), f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def year_in(text: str) -> tuple[int | None, str]:
    """A year standing alone, and the text without it."""
    for match in YEAR_ALONE.finditer(text):
        if OLDEST_YEAR <= int(match[1]) <= clock.now().year:
            return int(match[1]), f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def _either(first: str, second: str, year: str) -> tuple[date | None, ...]:
    """Day and month in the order of most countries, then in the order of the others."""
    return _day(year, second, first), _day(year, first, second)


def _day(year: str, month: str | int, day: str) -> date | None:
    full = int(year)
    if len(year) == 2:
        this_year = clock.now().year
        full += this_year - this_year % 100
        full -= 100 if full > this_year else 0
    try:
        found = date(full, int(month), int(day))
    except ValueError:
        return None
    return found if full >= OLDEST_YEAR and found <= clock.now().date() else None


def month_number(word: str, locale: str) -> int:
    """The month a word names, in the reader's language or in English; 0 for none."""
    word = folded(word)
    for names in (month_names(locale), month_names("en")):
        for name, number in names:
            if name.startswith(word):
                return number
    return 0


@lru_cache(maxsize=64)
def month_names(locale: str) -> tuple[tuple[str, int], ...]:
    """The folded names of the months in a language, long and short, as they stand alone and in dates."""
    return tuple(
        (folded(name).rstrip("."), number)
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, locale).items()
    )
