"""The only place that asks the time. Tests stop it, move it, and set it back."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_stopped: list[datetime] = []


def now() -> datetime:
    """This moment, in UTC."""
    return _stopped[-1] if _stopped else datetime.now(UTC)


def today(zone: ZoneInfo) -> date:
    """The calendar day at a place on earth."""
    return now().astimezone(zone).date()


def monotonic() -> float:
    """Seconds on a clock that never jumps, for measuring waits."""
    return time.monotonic()


@contextmanager
def freeze(at: datetime | None = None) -> Iterator[None]:
    """Stop the clock at a moment (by default now) for the length of the block."""
    _stopped.append((at or datetime.now(UTC)).astimezone(UTC))
    try:
        yield
    finally:
        _stopped.pop()


def advance(**span: float) -> None:
    """Move a stopped clock on, or back: `advance(minutes=15)`."""
    _stopped[-1] += timedelta(**span)
