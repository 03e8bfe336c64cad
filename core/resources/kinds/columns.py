"""Which sort of fact a column holds, where a declaration does not say."""

from typing import Any

import peewee

from core.errors import Misuse
from core.resources.kinds.base import Kind
from core.resources.kinds.choices import YesNo
from core.resources.kinds.numbers import Decimals, MoneyAmount, Whole
from core.resources.kinds.relations import Relation
from core.resources.kinds.texts import Line, LongText
from core.resources.kinds.times import Day, Moment
from core.storage import fields

NAMES = ("name", "title", "label", "number", "code")
LONG = 1000


def kind_of(column: Any) -> Kind:
    """The sort of fact a column holds; raises `Misuse` for one only its plugin can explain."""
    if isinstance(column, peewee.ForeignKeyField):
        other: Any = column.rel_model
        named = next((name for name in NAMES if name in other._meta.fields), "")
        if not named:
            raise Misuse(f"{column.name}: say which column names a {other.__name__}")
        return Relation(other, named)
    if isinstance(column, fields.MoneyField):
        return MoneyAmount()
    if isinstance(column, (fields.RateField, fields.QuantityField)):
        return Decimals()
    if isinstance(column, peewee.BooleanField):
        return YesNo()
    if isinstance(column, fields.UTCDateTimeField):
        return Moment()
    if isinstance(column, peewee.DateField):
        return Day()
    if isinstance(column, peewee.IntegerField):
        return Whole()
    if isinstance(column, fields.TextField):
        longest = int(getattr(column, "max_length", 0) or 0)
        return Line(longest) if 0 < longest < LONG else LongText(longest or 10_000)
    raise Misuse(f"{column.name}: a {type(column).__name__} needs a kind of its own")
