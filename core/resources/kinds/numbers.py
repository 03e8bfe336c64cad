"""Figures: whole numbers, decimals, sums of money, quantities with a unit. Exact, never floats."""

import re
from decimal import Decimal
from functools import cache
from typing import Any

from babel.numbers import format_currency, get_decimal_symbol, get_group_symbol
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.errors import Refused, Words
from core.resources.kinds.base import Asked, Kind, Unreadable, trimmed
from core.resources.kinds.texts import Holds
from core.sites import current_site
from core.storage.money import Money
from core.texts import _, reader_locale
from core.web.filters import number

LARGEST = Decimal(10) ** 15
FIGURE = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
LONGEST_FIGURE, MOST_DIGITS = 40, 15
CURRENCY = re.compile("[A-Z]{3}")
# An index keeps figures below `LARGEST` to six decimals.
KEY_PLACES, KEY_DIGITS = 6, 21


class Decimals(Kind):
    """A decimal number with at most `places` decimals, between `least` and `most`."""

    name = "decimal"
    is_figure = True
    narrows = "range"

    def __init__(self, places: int = 6, least: Decimal | int | None = None, most: Decimal | int | None = None) -> None:
        self.places = places
        self.least = least
        self.most = most

    def ask(self, asked: Asked) -> Any:
        """A field for a figure, written as the reader writes figures."""
        rules = [*([InputRequired()] if asked.is_required else []), Length(max=LONGEST_FIGURE), Holds(self)]
        mode = "decimal" if self.places else "numeric"
        return StringField(asked.label, rules, description=asked.help, render_kw={"inputmode": mode, "dir": "ltr"})

    def asked_value(self, value: Any) -> Any:
        """The figure with the reader's decimal sign and without separators."""
        return "" if value is None else plain_figure(value).replace(".", str(get_decimal_symbol(reader_locale())))

    def answer(self, field: Any) -> Any:
        """The figure that was typed."""
        return self.read(field.data or "")

    def read(self, written: str) -> Any:
        """A figure, with the reader's separators or with a plain point."""
        text = trimmed(written)
        if not text:
            return None
        return self.within(figure_of(text))

    def within(self, found: Decimal) -> Any:
        """The figure, if it is neither too exact nor out of bounds."""
        if abs(found) >= LARGEST:
            raise Unreadable(_("This number is too large."))
        if -found.as_tuple().exponent > self.places:  # type: ignore[operator]  # finite, so a number
            rounded = plain_figure(round(found, self.places))
            raise Unreadable(_("At most %(n)s decimals.", n=self.places), rounded)
        if self.least is not None and found < self.least:
            raise Unreadable(_("Not less than %(least)s.", least=number(self.least)))
        if self.most is not None and found > self.most:
            raise Unreadable(_("Not more than %(most)s.", most=number(self.most)))
        return found

    def from_json(self, value: Any) -> Any:
        """A number, or text that is one, which keeps its decimals."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, Decimal, str, float)):
            raise Unreadable(_("This must be a number."))
        if isinstance(value, str):
            if not FIGURE.fullmatch(value):
                raise Unreadable(_("This must be a number."))
            if len(value.lstrip("+-").partition(".")[0]) > MOST_DIGITS:
                raise Unreadable(_("This number is too large."))
        found = Decimal(str(value))
        if not found.is_finite():
            raise Unreadable(_("This must be a number."))
        return self.within(found)

    def as_json(self, value: Any) -> Any:
        """Text, so that no reader rounds it."""
        return None if value is None else plain_figure(value)

    def unstored(self, kept: Any) -> Any:
        """The figure."""
        return None if kept is None else Decimal(str(kept))

    def keys(self, value: Any) -> tuple[str, ...]:
        """As many digits for each figure, so that text compares as figures do."""
        return () if value is None else (figure_key(Decimal(value)),)

    def schema(self) -> dict[str, Any]:
        """A decimal number as text."""
        return {"type": "string", "pattern": r"^[+-]?[0-9]{1,15}(\.[0-9]{1,%d})?$" % max(1, self.places)}  # noqa: UP031  braces

    def takes(self) -> dict[str, Any]:
        """A number, or the same as text."""
        return {"anyOf": [Decimals.schema(self), {"type": "number"}]}

    def words(self, value: Any) -> Words:
        """With the reader's separators."""
        return "" if value is None else number(value)

    def as_cell(self, value: Any) -> Any:
        """A number."""
        return "" if value is None else value


class Whole(Decimals):
    """A whole number."""

    name = "whole"

    def __init__(self, least: int | None = None, most: int | None = None) -> None:
        super().__init__(0, -(2**53) if least is None else least, 2**53 if most is None else most)

    def within(self, found: Decimal) -> Any:
        """Without decimals, even where they are zeros."""
        if found == found.to_integral_value():
            found = found.to_integral_value()
        return int(super().within(found))

    def from_json(self, value: Any) -> Any:
        """A number."""
        if isinstance(value, str):
            raise Unreadable(_("This must be a number."))
        return super().from_json(value)

    def as_json(self, value: Any) -> Any:
        """A number."""
        return None if value is None else int(value)

    def unstored(self, kept: Any) -> Any:
        """The number."""
        return None if kept is None else int(kept)

    def takes(self) -> dict[str, Any]:
        """A whole number."""
        return self.schema()

    def schema(self) -> dict[str, Any]:
        """A whole number within its bounds."""
        return {"type": "integer", "minimum": int(self.least or 0), "maximum": int(self.most or 0)}


class Quantity(Decimals):
    """A measured amount in a fixed unit (UCUM), as 2.5 mL."""

    name = "quantity"

    def __init__(self, unit: str, places: int = 6, least: Decimal | int | None = 0) -> None:
        super().__init__(places, least)
        self.unit = unit

    def ask(self, asked: Asked) -> Any:
        """The unit stands beside the name."""
        label = _("%(label)s, %(unit)s", label=asked.label, unit=self.unit)
        return super().ask(Asked(label, asked.help, asked.is_required))

    def words(self, value: Any) -> Words:
        """The figure and its unit."""
        return "" if value is None else f"{number(value)} {self.unit}"


class MoneyAmount(Decimals):
    """A sum of money. The currency is the record's own (`currency`, a column), or the site's."""

    name = "money"

    def __init__(self, least: Decimal | int | None = None) -> None:
        super().__init__(4, least)

    def asked_value(self, value: Any) -> Any:
        """The amount alone."""
        return super().asked_value(value.amount if isinstance(value, Money) else value)

    def within(self, found: Decimal) -> Any:
        """A sum in the site's currency, with no more decimals than it has."""
        super().within(found)
        try:
            return Money(found, current_site().currency)
        except Refused as refusal:
            raise Unreadable(refusal.message) from refusal

    def from_json(self, value: Any) -> Any:
        """`{"amount": "12.50", "currency": "KES"}`, or the amount alone in the site's currency."""
        if not isinstance(value, dict):
            return super().from_json(value)
        if value.keys() - {"amount", "currency"} or value.get("amount") is None:
            raise Unreadable(_("A sum of money has an amount and a currency."))
        found = super().from_json(value["amount"])
        currency = value.get("currency", found.currency)
        if not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
            raise Unreadable(_("A currency is a code of three letters."))
        try:
            return Money(found.amount, currency)
        except Refused as refusal:
            raise Unreadable(refusal.message) from refusal

    def as_json(self, value: Any) -> Any:
        """The amount as text, and its currency."""
        return None if value is None else {"amount": plain_figure(value.amount), "currency": value.currency}

    def unstored(self, kept: Any) -> Any:
        """The sum, in the currency it was written down in."""
        return None if kept is None else Money(Decimal(kept["amount"]), kept["currency"])

    def keys(self, value: Any) -> tuple[str, ...]:
        """By the amount alone: a site keeps its sums in one currency."""
        return super().keys(value.amount if isinstance(value, Money) else value)

    def schema(self) -> dict[str, Any]:
        """An amount and a currency."""
        return self.sum_of(super().schema())

    def takes(self) -> dict[str, Any]:
        """The same, or the amount alone."""
        return {"anyOf": [self.sum_of(super().takes()), *super().takes()["anyOf"]]}

    @staticmethod
    def sum_of(amount: dict[str, Any]) -> dict[str, Any]:
        """The schema of a sum."""
        parts = {"amount": amount, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}}
        return {"type": "object", "properties": parts, "required": ["amount"], "additionalProperties": False}

    def words(self, value: Any) -> Words:
        """As the reader writes money."""
        return "" if value is None else format_currency(value.amount, value.currency, locale=reader_locale())

    def as_cell(self, value: Any) -> Any:
        """The amount."""
        return "" if value is None else value.amount


def figure_of(text: str) -> Decimal:
    """A figure as people write it: with the reader's separators, or a plain point. Raises `Unreadable`."""
    plain = exact_text(text)
    if not FIGURE.fullmatch(plain):
        point, group = symbols(reader_locale())
        plain = exact_text(text.replace(group, "").replace("\u00a0", "").replace(point, "."))
    if not FIGURE.fullmatch(plain):
        raise Unreadable(_("This is not a number."))
    return Decimal(plain)


@cache
def symbols(locale: str) -> tuple[str, str]:
    """How a language writes the decimal point, and what it puts between thousands."""
    return str(get_decimal_symbol(locale)), str(get_group_symbol(locale))


def exact_text(text: str) -> str:
    """Digits of any script as 0 to 9, for what was written in them."""
    if len(text) > LONGEST_FIGURE:
        raise Unreadable(_("This number is too large."))
    if text.isascii():
        return text.strip()
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text.strip())


def plain_figure(value: Any) -> str:
    """A figure without exponent, and without zeros that say nothing."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def figure_key(value: Decimal) -> str:
    """A figure as text of one length that compares as figures do; below zero each digit counts down from nine."""
    scaled = int(abs(value).scaleb(KEY_PLACES).to_integral_value())
    if value >= 0 or not scaled:
        return f"p{scaled:0{KEY_DIGITS}d}"
    return f"n{10**KEY_DIGITS - 1 - scaled:0{KEY_DIGITS}d}"
