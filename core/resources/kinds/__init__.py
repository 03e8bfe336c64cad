"""Sorts of facts: how each is asked, read, shown, compared and written to a file. One table for every door."""

from core.resources.kinds.base import Kind, Picked, Unreadable
from core.resources.kinds.choices import Choice, Several, YesNo
from core.resources.kinds.columns import kind_of
from core.resources.kinds.numbers import Decimals, MoneyAmount, Quantity, Whole
from core.resources.kinds.relations import Related, Relation
from core.resources.kinds.states import KindOfState, StateOf
from core.resources.kinds.texts import Email, Line, LongText, Phone
from core.resources.kinds.times import Day, Moment

__all__ = [
    "Choice",
    "Day",
    "Decimals",
    "Email",
    "Kind",
    "KindOfState",
    "Line",
    "LongText",
    "Moment",
    "MoneyAmount",
    "Phone",
    "Picked",
    "Quantity",
    "Related",
    "Relation",
    "Several",
    "StateOf",
    "Unreadable",
    "Whole",
    "YesNo",
    "kind_of",
]
