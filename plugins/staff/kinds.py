"""A time of the day as a fact."""

from typing import Any

from core.errors import Words
from core.resources import Line, Unreadable
from core.texts import _
from plugins.staff.services.hours import read_time, written_time


class TimeOfDay(Line):
    """`9`, `9:30`, `0930` and `09.30` are read; `09:30` is shown; minutes since midnight are kept."""

    name = "time"
    is_code = True
    input_mode = "numeric"
    narrows = ""

    def __init__(self) -> None:
        super().__init__(5)

    def read(self, written: str) -> Any:
        """A time, or nothing."""
        text = super().read(written)
        found = read_time(text) if text else None
        if text and found is None:
            raise Unreadable(_("Write the time as 09:30."))
        return found

    def from_json(self, value: Any) -> Any:
        """As it is written; null is none."""
        found = super().from_json(value)
        return None if found == "" else found

    def asked_value(self, value: Any) -> Any:
        """As it is written."""
        return self.as_json(value) or ""

    def as_json(self, value: Any) -> Any:
        """As it is written, null where there is none."""
        return None if value is None else written_time(value)

    def schema(self) -> dict[str, Any]:
        """Hours and minutes."""
        return {"type": ["string", "null"], "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}

    def takes(self) -> dict[str, Any]:
        """The same, or what people write."""
        return {"type": "string", "maxLength": 5}

    def words(self, value: Any) -> Words:
        """As it is written."""
        return self.as_json(value) or ""
