"""Whole numbers and yes-or-no, which refuse what is not exactly that instead of guessing."""

from typing import Any

import peewee

from core.storage.fields.text import refusal
from core.texts import _


class BooleanField(peewee.BooleanField):
    """True or False. Texts, numbers and other things that merely count as true are refused."""

    def db_value(self, value: Any) -> Any:
        """Let only booleans through."""
        if value is None or isinstance(value, peewee.Node | bool):
            return value
        raise refusal(self.name, _("This must be yes or no."))


class IntegerField(peewee.IntegerField):
    """A whole number of 32 bits."""

    bits = 32

    def db_value(self, value: Any) -> Any:
        """Let only whole numbers that fit the column through."""
        if value is None or isinstance(value, peewee.Node):
            return value
        return checked_integer(value, self.name, self.bits)

    def python_value(self, value: Any) -> Any:
        """Read the number as the driver gave it; a sum may come as a Decimal."""
        return value if value is None or type(value) is int else int(value)


class BigIntegerField(IntegerField):
    """A whole number of 64 bits."""

    field_type = "BIGINT"
    bits = 64


class SmallIntegerField(IntegerField):
    """A whole number of 16 bits."""

    field_type = "SMALLINT"
    bits = 16


def checked_integer(value: Any, name: str, bits: int) -> int:
    """Return the number, or refuse it in the name of the field."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise refusal(name, _("This must be a whole number."))
    if not -(1 << (bits - 1)) <= value < (1 << (bits - 1)):
        raise refusal(name, _("This number is too large."))
    return value
