"""The functions a condition may use: a closed list, each over values that are small and known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

NUMBER, TEXT, DAY, YES_NO = "number", "text", "day", "yes_no"
TEXTS = "texts"
SORTS = (NUMBER, TEXT, DAY, YES_NO, TEXTS)
ANY = "any"
LARGEST = 10**15


@dataclass(frozen=True, slots=True)
class Function:
    """What it takes, what it gives, and how it is worked out. The last sort is repeated where `is_open`.

    A function meets no unknown value unless it `asks_for_unknown`; without one its answer is unknown too.
    """

    takes: tuple[str, ...]
    gives: str
    work: Callable[..., Any]
    is_open: bool = False
    asks_for_unknown: bool = False


def day_of(text: str) -> date | None:
    """A day that is written as 2026-12-31; unknown where there is no such day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def bounded(number: int | Decimal) -> int | Decimal | None:
    """A number no larger than is sensible; beyond that it counts as unknown."""
    return number if -LARGEST <= number <= LARGEST else None


def is_given(value: Any) -> bool:
    """Whether something is known and not empty."""
    return value is not None and value != "" and value != ()


# What takes nothing is given the day at the hospital.
FUNCTIONS: dict[str, Function] = {
    "today": Function((), DAY, lambda day: day),
    "given": Function((ANY,), YES_NO, is_given, asks_for_unknown=True),
    "day": Function((TEXT,), DAY, day_of),
    "year": Function((DAY,), NUMBER, lambda day: day.year),
    "month": Function((DAY,), NUMBER, lambda day: day.month),
    "weekday": Function((DAY,), NUMBER, lambda day: day.isoweekday()),
    "length": Function((TEXT,), NUMBER, len),
    "lower": Function((TEXT,), TEXT, str.casefold),
    "starts": Function((TEXT, TEXT), YES_NO, str.startswith),
    "least": Function((NUMBER,), NUMBER, min, is_open=True),
    "most": Function((NUMBER,), NUMBER, max, is_open=True),
}
