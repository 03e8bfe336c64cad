"""The one place that asks the time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core import clock


def test_the_moment_is_in_utc_and_moves():
    first = clock.now()
    assert first.tzinfo is UTC
    assert clock.now() >= first


def test_a_stopped_clock_stands_and_is_moved_by_hand():
    with clock.freeze(datetime(2026, 3, 1, 23, 30, tzinfo=UTC)):
        assert clock.now() == clock.now()
        clock.advance(minutes=45)
        assert clock.now() == datetime(2026, 3, 2, 0, 15, tzinfo=UTC)
        clock.advance(hours=-1)
        assert clock.now().hour == 23
    assert clock.now() > datetime(2026, 3, 2, tzinfo=UTC) or clock.now().year < 2026


def test_the_day_is_that_of_the_place():
    with clock.freeze(datetime(2026, 3, 1, 22, 30, tzinfo=UTC)):
        days = [
            clock.today(ZoneInfo(zone)).day for zone in ("UTC", "Africa/Nairobi", "Pacific/Apia", "America/New_York")
        ]
    assert days == [1, 2, 2, 1]


def test_a_clock_stopped_twice_goes_on_from_the_outer_stop():
    outer = datetime(2026, 1, 1, tzinfo=UTC)
    with clock.freeze(outer):
        with clock.freeze(outer + timedelta(days=1)):
            assert clock.now().day == 2
        assert clock.now() == outer


def test_waits_are_measured_on_a_clock_that_never_jumps():
    with clock.freeze(datetime(2000, 1, 1, tzinfo=UTC)):
        first = clock.monotonic()
        assert clock.monotonic() >= first
