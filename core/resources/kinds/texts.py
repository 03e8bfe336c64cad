"""Texts: names and codes on one line, longer ones, mail addresses, telephone numbers."""

import re
from typing import Any

import phonenumbers
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from core.resources.kinds.base import Asked, Kind, Unreadable, trimmed
from core.sites import current_site
from core.storage.search import normalise
from core.texts import _
from core.web.forms import OneLine

LONGEST_LINE, LONGEST_TEXT, LONGEST_MAIL = 300, 10_000, 254
MAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,189}")


class Holds:
    """A validator that lets a kind read what was typed, so that a form and a file are held to one rule."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def __call__(self, form: Any, field: Any) -> None:
        try:
            self.kind.read(field.data or "")
        except Unreadable as unreadable:
            raise ValidationError(str(unreadable.words)) from unreadable


class Line(Kind):
    """Text on one line, at most `longest` letters."""

    name = "text"
    input_mode = ""
    narrows = "choice"

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self.longest = longest

    def ask(self, asked: Asked) -> Any:
        """A field of one line."""
        rules = [*([InputRequired()] if asked.is_required else []), Length(max=self.longest), OneLine(), Holds(self)]
        options = {"render_kw": {"inputmode": self.input_mode}} if self.input_mode else {}
        return StringField(asked.label, rules, description=asked.help, **options)

    def asked_value(self, value: Any) -> Any:
        """Text is shown as it is."""
        return value or ""

    def answer(self, field: Any) -> Any:
        """What was typed."""
        return self.read(field.data or "")

    def read(self, written: str) -> Any:
        """The text; "" stays "", as columns of text keep it."""
        found = trimmed(written)
        if len(found) > self.longest:
            raise Unreadable(_("At most %(n)s letters.", n=self.longest))
        if any(character in found for character in "\r\n\t"):
            raise Unreadable(_("Write this on one line."), " ".join(found.split()))
        return found

    def from_json(self, value: Any) -> Any:
        """Null is the empty text."""
        if isinstance(value, str) and len(value) > self.longest:
            raise Unreadable(_("At most %(n)s letters.", n=self.longest))
        found = super().from_json(value)
        return "" if found is None else found

    def unstored(self, kept: Any) -> Any:
        """The text."""
        return kept or ""

    def keys(self, value: Any) -> tuple[str, ...]:
        """Without accents and capitals; what has neither letters nor digits as it is."""
        return super().keys(normalise(value or "") or (value or ""))

    def schema(self) -> dict[str, Any]:
        """Text of that length."""
        return {"type": "string", "maxLength": self.longest}


class LongText(Line):
    """Text of several lines."""

    name = "long_text"
    narrows = ""

    def __init__(self, longest: int = LONGEST_TEXT) -> None:
        super().__init__(longest)

    def ask(self, asked: Asked) -> Any:
        """A box to write in."""
        rules = [*([InputRequired()] if asked.is_required else []), Length(max=self.longest)]
        return TextAreaField(asked.label, rules, description=asked.help)

    def read(self, written: str) -> Any:
        """The text, lines ended alike."""
        found = trimmed(written.replace("\r\n", "\n").replace("\r", "\n"))
        if len(found) > self.longest:
            raise Unreadable(_("At most %(n)s letters.", n=self.longest))
        return found


class Email(Line):
    """A mail address."""

    name = "email"
    input_mode = "email"
    narrows = ""

    def __init__(self, longest: int = LONGEST_MAIL) -> None:
        super().__init__(longest)

    def read(self, written: str) -> Any:
        """An address that could be one; whether somebody reads there only a letter can tell."""
        found = super().read(written)
        if found and not MAIL.fullmatch(found):
            raise Unreadable(_("This is not a mail address. One looks like name@example.org."))
        return found

    def keys(self, value: Any) -> tuple[str, ...]:
        """Whatever its capitals."""
        return Kind.keys(self, (value or "").casefold())


class Phone(Line):
    """A telephone number, in the form of its country's numbering plan; without a prefix the site's country counts."""

    name = "phone"
    input_mode = "tel"
    narrows = ""

    def __init__(self, longest: int = 60) -> None:
        super().__init__(longest)

    def read(self, written: str) -> Any:
        """The number as it was written, if some telephone could have it."""
        found = super().read(written)
        if not found:
            return found
        try:
            number = phonenumbers.parse(found, current_site().country or None)
        except phonenumbers.NumberParseException as unreadable:
            raise Unreadable(_("This is not a telephone number.")) from unreadable
        if not phonenumbers.is_possible_number(number):
            raise Unreadable(_("This number has too many or too few digits."))
        return found

    def keys(self, value: Any) -> tuple[str, ...]:
        """The digits."""
        return Kind.keys(self, "".join(sign for sign in value or "" if sign.isdecimal()))
