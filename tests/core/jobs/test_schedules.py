"""Due times are right in every night, the two odd ones of the year included."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.errors import Misuse
from core.jobs import daily, every
from core.jobs.clockwork import DueTrigger
from core.jobs.schedules import Schedule

BERLIN, NEW_YORK, NAIROBI = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Africa/Nairobi")


def due_times(schedule: Schedule, zone: ZoneInfo, first: date, days: int) -> list[str]:
    """All due times of some days, as the clock on the wall shows them."""
    found, moment = [], datetime.combine(first, time(), zone)
    end = moment + timedelta(days=days)
    while (moment := schedule.after(moment, zone)) < end:
        found.append(moment.astimezone(zone).strftime("%d %H:%M%z"))
    return found


def test_a_daily_job_runs_at_the_same_time_of_the_wall_clock_all_year():
    assert due_times(daily("02:30"), NAIROBI, date(2026, 3, 1), 3) == [
        "01 02:30+0300",
        "02 02:30+0300",
        "03 02:30+0300",
    ]


def test_in_the_night_that_skips_its_hour_it_runs_once_when_the_hour_is_over():
    found = due_times(daily("02:30"), BERLIN, date(2026, 3, 28), 3)
    assert found == ["28 02:30+0100", "29 03:00+0200", "30 02:30+0200"]


def test_in_the_night_that_has_its_hour_twice_it_runs_once():
    found = due_times(daily("02:30"), BERLIN, date(2026, 10, 24), 3)
    assert found == ["24 02:30+0200", "25 02:30+0200", "26 02:30+0100"]
    assert due_times(daily("01:30"), NEW_YORK, date(2026, 11, 1), 1) == ["01 01:30-0400"]


def test_the_last_due_time_agrees_with_the_next_one_through_the_whole_year():
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for _hour in range(366 * 24):
        for zone in (BERLIN, NEW_YORK):
            latest = daily("02:30").latest(moment, zone)
            assert latest <= moment < daily("02:30").after(latest, zone)
        moment += timedelta(hours=1)


def test_a_day_that_an_island_skips_brings_no_third_run():
    found = due_times(daily("10:00"), ZoneInfo("Pacific/Apia"), date(2011, 12, 28), 5)
    assert found == ["28 10:00-1000", "29 10:00-1000", "31 00:00+1400", "31 10:00+1400", "01 10:00+1400"][: len(found)]


def test_every_five_minutes_does_not_mind_changed_clocks():
    moment = datetime(2026, 10, 25, 0, 58, 30, tzinfo=UTC)
    assert every(minutes=5).after(moment, BERLIN) == datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    assert every(minutes=5).latest(moment, BERLIN) == datetime(2026, 10, 25, 0, 55, tzinfo=UTC)


def test_the_clock_is_told_a_due_time_after_the_present_even_when_it_slept():
    trigger = DueTrigger(every(minutes=5), BERLIN)
    now = datetime(2026, 5, 1, 12, 1, tzinfo=UTC)
    assert trigger.get_next_fire_time(now - timedelta(hours=3), now) == datetime(2026, 5, 1, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2:30", "24:00", "02:60", ""])
def test_a_time_that_is_none_is_refused(written: str):
    with pytest.raises(Misuse):
        daily(written)


def test_a_schedule_without_a_span_is_refused():
    with pytest.raises(Misuse):
        every()
