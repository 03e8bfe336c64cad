"""How facts about a person are said: age, birth date as far as it is known, sex, kinds and uses."""

from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date

from core import clock
from core.sites import current_site
from core.texts import Text, _, n_, reader_locale

SEXES: dict[str, Text] = {
    "female": _("Female"), "male": _("Male"), "other": _("Other"), "unknown": _("Not known"),
}  # fmt: skip
USES: dict[str, Text] = {
    "official": _("Official"), "usual": _("Usual"), "maiden": _("Maiden name"), "nickname": _("Nickname"),
    "old": _("Old"), "anonymous": _("Alias"), "temp": _("For a time"), "home": _("At home"), "work": _("At work"),
    "mobile": _("Mobile"), "billing": _("For bills"), "secondary": _("Second"), "": _("Usual"),
}  # fmt: skip
WAYS: dict[str, Text] = {
    "": _("Not asked yet"), "phone": _("Phone call"), "sms": _("Text message"), "email": _("E-mail"),
    "post": _("Letter"), "contact": _("Through whom to call"), "none": _("Wants no messages"),
}  # fmt: skip
SEVERITIES: dict[str, Text] = {"info": _("To know"), "caution": _("Caution"), "stop": _("Danger")}
GLYPHS = {"info": "info", "caution": "caution", "stop": "stop"}
LANGUAGES = (
    "am", "ar", "bn", "de", "en", "es", "fa", "fr", "ha", "hi", "id", "ig", "is", "it", "ja", "ko", "luo", "ki", "kam",
    "my", "ne", "pl", "ps", "pt", "ro", "ru", "rw", "sn", "so", "sw", "ta", "te", "th", "ti", "tr", "uk", "ur", "vi",
    "yo", "zh", "zu",
)  # fmt: skip


def sex_words(code: str) -> Text:
    """The sex in words."""
    return SEXES.get(code, SEXES["unknown"])


def language_words(code: str) -> str:
    """A language by its name in the reader's own."""
    names = Locale.parse(reader_locale().replace("-", "_")).languages
    return str(names.get(code.replace("-", "_"), names.get(code.split("-")[0], code)))


def born_words(person: Any) -> str:
    """The birth date as far as it is known: a day, a month, a year, or "about 1991"."""
    if person.born_on is None:
        return ""
    return birth_words(person.born_on, person.born_precision)


def birth_words(born_on: date, precision: str) -> str:
    """A birth date in the reader's language, no more exact than it is known."""
    if precision == "estimated":
        return str(_("about %(year)s", year=born_on.year))
    if precision == "year":
        return str(born_on.year)
    shape = "MMM y" if precision == "month" else "d MMM y"
    return written_day(born_on, shape, reader_locale().replace("-", "_"))


@lru_cache(maxsize=20_000)
def written_day(on: date, shape: str, locale: str) -> str:
    """A day in words; a list of people asks for dozens, and there are not many birthdays."""
    return format_date(on, shape, locale=locale)


def age_words(person: Any) -> str:
    """The age: days in the first month, months to two years, then years; at death for those who died."""
    if person.born_on is None:
        return ""
    at = getattr(person, "deceased_at", None)
    end = at.astimezone(current_site().zone).date() if at else clock.today(current_site().zone)
    return age_at(person.born_on, person.born_precision, end)


def age_at(born_on: date, precision: str, day: date) -> str:
    """The age at a day, no more exact than the birth date is known."""
    if precision == "year":
        return str(_("about %(age)s", age=n_("%(n)s year", "%(n)s years", day.year - born_on.year)))
    if precision == "estimated":
        return str(_("about %(age)s", age=age_between(born_on, day)))
    return str(age_between(born_on, day))


def age_between(born_on: date, day: date) -> Text:
    """The age at a day."""
    months = (day.year - born_on.year) * 12 + day.month - born_on.month - (day.day < born_on.day)
    if months < 1:
        return n_("%(n)s day", "%(n)s days", max(0, (day - born_on).days))
    if months < 24:
        return n_("%(n)s month", "%(n)s months", months)
    return n_("%(n)s year", "%(n)s years", months // 12)
