"""The public name of a record: a UUID version 7 made here, so that it exists before the row does."""

import os
import re
import secrets
import threading
from typing import Any

import peewee

from core import clock
from core.storage.fields.text import TextField, refusal
from core.texts import _

UID_LENGTH = 36
UID_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

_RANDOM_BITS = 74
_RANDOM_LIMIT = 1 << _RANDOM_BITS


def new_uid() -> str:
    """Make a UUIDv7 that is greater than every one this process made before.

    RFC 9562 §5.7 and §6.2 method 2: 48 bits of milliseconds, then 74 random bits which are raised
    by a random step, instead of drawn anew, while the clock stands still or goes back.
    """
    return _sequence.next()


def is_uid(text: object) -> bool:
    """Whether a text from outside has the shape of a uid at all, before a query is made with it."""
    return isinstance(text, str) and UID_SHAPE.fullmatch(text) is not None


class UidField(TextField):
    """A uid in its 36 characters. A text of any other shape is refused, in queries too: ask `is_uid` first."""

    def __init__(self, **options: Any) -> None:
        options.pop("max_length", None)
        super().__init__(max_length=UID_LENGTH, **options)

    def db_value(self, value: Any) -> Any:
        """Let only uids through."""
        if value is None or isinstance(value, peewee.Node) or is_uid(value):
            return value
        raise refusal(self.name, _("This is not the identifier of a record."))


class _Sequence:
    """The last uid of this process, as milliseconds and random bits."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start anew: a forked child must not continue its parent's sequence."""
        self._lock = threading.Lock()
        self._milliseconds = 0
        self._random = 0

    def next(self) -> str:
        """Give the next uid."""
        now = int(clock.now().timestamp() * 1000)
        with self._lock:
            self._advance(now)
            milliseconds, random = self._milliseconds, self._random
        high = random >> 62
        low = random & ((1 << 62) - 1)
        number = (milliseconds << 80) | (7 << 76) | (high << 64) | (2 << 62) | low
        text = f"{number:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _advance(self, now: int) -> None:
        if now > self._milliseconds:
            self._milliseconds = now
            self._random = secrets.randbits(_RANDOM_BITS)
            return
        self._random += 1 + secrets.randbits(32)
        if self._random >= _RANDOM_LIMIT:
            self._milliseconds += 1
            self._random = secrets.randbits(_RANDOM_BITS)


_sequence = _Sequence()
os.register_at_fork(after_in_child=_sequence.forget)
