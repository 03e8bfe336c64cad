"""What a clerk, a form or a file says about a person, and how it is checked before it is stored."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import phonenumbers

from core import clock
from core.errors import Refused
from core.places.models import Place
from core.sites import current_site
from core.texts import Text, _
from plugins.patients.models import PRECISIONS, SEXES, IdentifierType
from plugins.patients.services.asking import OLDEST_YEAR

LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
KINDS_OF_TELECOM = ("phone", "fax", "email", "pager", "url", "sms", "other")
# Overrides of direction: with them a name can be made to look like another one.
TRICKS = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b\u200e\u200f"))
MOST_CHILDREN = 50
WAYS = ("", "phone", "sms", "email", "post", "contact", "none")


@dataclass(frozen=True, slots=True)
class NameDetails:
    """A further name and what it is for: official, maiden, nickname, old."""

    name: str
    use: str = "usual"
    parts: dict[str, Any] | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class IdentifierDetails:
    """A number and its type."""

    type: IdentifierType
    value: str
    use: str = ""
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class TelecomDetails:
    """A phone number or mail address."""

    value: str
    kind: str = "phone"
    use: str = "mobile"


@dataclass(frozen=True, slots=True)
class AddressDetails:
    """Where somebody lives, as far as it is known."""

    lines: str = ""
    area: str = ""
    district: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    use: str = "home"

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not any((self.lines, self.area, self.district, self.city, self.state, self.postal_code, self.country))


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """Somebody to call."""

    name: str = ""
    relation: str = ""
    relation_code: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nobody was named."""
        return not (self.name or self.phone or self.email)


@dataclass(frozen=True, slots=True)
class PatientDetails:
    """A person as told at the desk. Only the name must be there; the site's settings may ask for more."""

    name: str
    called: str = ""
    sex: str = "unknown"
    born_on: date | None = None
    born_precision: str = "day"
    language: str = ""
    preferred_way: str = ""
    is_unidentified: bool = False
    further_languages: tuple[str, ...] = ()
    is_deceased: bool = False
    deceased_at: datetime | None = None
    is_multiple_birth: bool | None = None
    birth_order: int | None = None
    place: Place | None = None
    name_parts: dict[str, Any] | None = None
    names: tuple[NameDetails, ...] = ()
    identifiers: tuple[IdentifierDetails, ...] = ()
    telecoms: tuple[TelecomDetails, ...] = ()
    addresses: tuple[AddressDetails, ...] = ()
    contacts: tuple[ContactDetails, ...] = ()


@dataclass(slots=True)
class Complaints:
    """What is wrong, by field; raised together so that a form shows all of it at once."""

    found: dict[str, Text | str] = field(default_factory=dict)

    def add(self, name: str, words: Text) -> None:
        """Note the first complaint about a field."""
        self.found.setdefault(name, words)

    def raise_any(self) -> None:
        """Raise `Refused` when there is any."""
        if self.found:
            raise Refused(fields=self.found)


def checked(details: PatientDetails) -> PatientDetails:
    """The details in their stored form; raises `Refused` naming every field that does not hold."""
    wrong = Complaints()
    name = one_line(details.name)
    if not any(map(str.isalpha, name)):
        wrong.add("name", _("Write the person's name."))
    if len(name) > 300:
        wrong.add("name", _("This is too long: at most %(limit)s characters fit.", limit=300))
    check_codes(details, wrong)
    check_birth(details, wrong)
    for field_name in ("names", "identifiers", "telecoms", "addresses", "contacts"):
        if len(getattr(details, field_name)) > MOST_CHILDREN:
            wrong.add(field_name, _("This is more than a person can have."))
    wrong.raise_any()
    precision = (details.born_precision or "day") if details.born_on else ""
    return replace(
        details,
        name=name,
        called=one_line(details.called),
        language=details.language.strip(),
        born_precision=precision,
        is_deceased=details.is_deceased or details.deceased_at is not None,
    )


def check_codes(details: PatientDetails, wrong: Complaints) -> None:
    """Codes come out of short lists."""
    if details.sex not in SEXES:
        wrong.add("sex", _("Choose one of the list."))
    for language in (details.language.strip(), *details.further_languages):
        if language and not LANGUAGE.fullmatch(language):
            wrong.add("language", _("This is not a language code."))
    if details.preferred_way not in WAYS:
        wrong.add("preferred_way", _("Choose one of the list."))
    if details.birth_order is not None and not 0 < details.birth_order < 20:
        wrong.add("birth_order", _("This can't be an order of birth."))


def check_birth(details: PatientDetails, wrong: Complaints) -> None:
    """Nobody is born tomorrow, before the oldest person alive, or after they died."""
    today = clock.today(current_site().zone)
    if details.born_precision not in PRECISIONS:
        wrong.add("born_on", _("Choose one of the list."))
    if details.born_on is not None:
        if details.born_on > today:
            wrong.add("born_on", _("This day is still to come."))
        elif details.born_on.year < OLDEST_YEAR:
            wrong.add("born_on", _("Nobody alive was born before %(year)s.", year=OLDEST_YEAR))
        elif details.deceased_at is not None and details.deceased_at.date() < details.born_on:
            wrong.add("deceased_at", _("This is before the day of birth."))
    if details.deceased_at is not None and details.deceased_at > clock.now():
        wrong.add("deceased_at", _("This moment is still to come."))


def one_line(text: str) -> str:
    """A text on one line with single spaces, without signs that turn the direction of reading."""
    if text.isascii() and "  " not in text and "\n" not in text:
        return text.strip()
    bare = unicodedata.normalize("NFC", text).translate(TRICKS)
    return " ".join(bare.split())


@lru_cache(maxsize=4096)
def international(text: str, country: str) -> str:
    """A phone number as E.164, or "" when it is not one that can be dialled from there."""
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def lookup_of(kind: str, value: str, e164: str) -> str | None:
    """What a telecom is found by: a phone's digits from the end, a mail address in small letters."""
    if kind in ("phone", "sms", "fax", "pager"):
        digits = "".join(letter for letter in (e164 or value) if letter.isdigit() and letter.isascii())
        return digits[::-1] or None
    return value.casefold() if kind == "email" else None
