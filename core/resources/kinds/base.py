"""What every sort of fact can do. A value is empty (None), or what the column's Python value is."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import Field

from core.errors import Words
from core.texts import _
from core.web.forms import strange

MOST_PICKED = 50
LONGEST_KEY = 120


class Unreadable(Exception):
    """What was written can't be this sort of fact; `fix` is what the writer may have meant, as text."""

    def __init__(self, words: Words, fix: str = "") -> None:
        self.words = words
        self.fix = fix
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class Picked:
    """What a list is narrowed to by one fact: how it is compared, and with what. Values fit the column.

    `how` is "in" (one of `values`), "from", "until" or "between" (bounds included), or "empty".
    """

    how: str
    values: tuple[Any, ...] = ()

    @property
    def shape(self) -> tuple[str, int]:
        """What a statement made for it hangs on."""
        return self.how, len(self.values)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form field is made of, besides the sort of fact: its words and whether it must be filled."""

    label: Words
    help: Words = ""
    is_required: bool = False
    longest: int = 0
    choices: Sequence[tuple[str, Words]] = ()


class Kind:
    """A sort of fact. Subclasses say how it is asked for, read, shown and compared."""

    name = ""
    # Figures stand at the end of their column, compared digit by digit.
    is_figure = False
    # What is stored means little to a reader: the history says its words.
    is_code = False
    # How a list can be narrowed by it: "choice" (a few values), "range", or "" (not at all).
    narrows = ""

    def ask(self, asked: Asked) -> Any:
        """The field of a form, unbound."""
        raise NotImplementedError

    def asked_value(self, value: Any) -> Any:
        """What the form's field is given for a value."""
        return value

    def answer(self, field: Field) -> Any:
        """The value of a form's field that held."""
        return field.data

    def read(self, written: str) -> Any:
        """A value out of text from a file or an address; "" is empty. Raises `Unreadable`."""
        raise NotImplementedError

    def from_json(self, value: Any) -> Any:
        """A value out of JSON. Raises `Unreadable`."""
        if value is None:
            return None
        if not isinstance(value, str):
            raise Unreadable(_("This must be text."))
        return self.read(value)

    def as_json(self, value: Any) -> Any:
        """A value as JSON has it; what `from_json` reads back."""
        return value

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what `as_json` gives (2020-12)."""
        raise NotImplementedError

    def takes(self) -> dict[str, Any]:
        """The JSON Schema of what `from_json` reads, where that is more than what `as_json` gives. Null is empty."""
        return self.schema()

    def words(self, value: Any) -> Words:
        """A value for the reader, in their language. Empty is ""."""
        return "" if value is None else str(value)

    def as_cell(self, value: Any) -> Any:
        """A value in a file: text, number or day. What stands in the file reads back to the same value."""
        return "" if value is None else self.as_json(value)

    def stored(self, value: Any) -> Any:
        """A value as a JSON column keeps it."""
        return self.as_json(value)

    def unstored(self, kept: Any) -> Any:
        """The value again; what was stored fitted once and is not judged by the rules of today."""
        return kept

    def keys(self, value: Any) -> tuple[str, ...]:
        """A value as text that compares as the value does, for an index; none where it is empty."""
        return () if value is None or value == "" else (str(value)[:LONGEST_KEY],)

    def pick(self, written: str) -> Picked:
        """What a list is narrowed to, out of an address: `a,b`, `from..until`, `-` for empty. Raises `Unreadable`."""
        if written == "-":
            return Picked("empty")
        if self.narrows == "range":
            return self._pick_range(written)
        parts = [part for part in written.split(",") if part][:MOST_PICKED]
        if not parts:
            raise Unreadable(_("Choose something."))
        return Picked("in", tuple(self.read(part) for part in parts))

    def _pick_range(self, written: str) -> Picked:
        first, dots, last = written.partition("..")
        if not dots:
            value = self.read(first)
            return Picked("between", (value, value))
        low, high = self.read(first), self.read(last)
        if low is None and high is None:
            raise Unreadable(_("Write where it begins or where it ends."))
        if low is None:
            return Picked("until", (high,))
        return Picked("between", (low, high)) if high is not None else Picked("from", (low,))

    def condition(self, column: Any, how: str, values: Sequence[Any]) -> Any:
        """The condition of the database for what was picked. `values` may be placeholders."""
        match how:
            case "empty":
                return column.is_null()
            case "in":
                return column == values[0] if len(values) == 1 else column.in_(list(values))
            case "from":
                return column >= values[0]
            case "until":
                return column <= values[0]
        return (column >= values[0]) & (column <= values[1])

    def picked_words(self, picked: Picked) -> Words:
        """What was picked, for its chip."""
        if picked.how == "empty":
            return _("Not given")
        said = [str(self.words(value)) for value in picked.values]
        match picked.how:
            case "from":
                return _("from %(low)s", low=said[0])
            case "until":
                return _("until %(high)s", high=said[0])
            case "between":
                return said[0] if said[0] == said[1] else _("%(low)s to %(high)s", low=said[0], high=said[1])
        return ", ".join(said)


def trimmed(written: str) -> str:
    """Text without spaces at its ends, in one spelling of each letter; raises `Unreadable` for what can't be stored."""
    complaint = strange(written)
    if complaint is not None:
        raise Unreadable(complaint)
    return unicodedata.normalize("NFC", written.strip())
