"""Who works when: weekly hours, days that hold, leave, licences, nights, and clocks that change."""

import time
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from core.places.services import PlaceDetails, add_place
from core.storage.transactions import atomic
from core.workflow import move
from plugins.staff.api import availability, why_not_rostered
from plugins.staff.services.hours import Span, joined, read_time, span_of, without
from plugins.staff.services.leave import ask_for_leave
from tests.hospital import HOUSE
from tests.plugins.staff.conftest import FIVE, NINE, hired, licensed, on

MONDAY = date(2026, 3, 23)
ZONES = (
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "America/Santiago",
    "America/Havana", "Africa/Nairobi", "Africa/Casablanca", "Africa/Cairo", "Asia/Kolkata", "Asia/Tehran",
    "Asia/Beirut", "Asia/Kathmandu", "Asia/Gaza", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Auckland",
    "Pacific/Chatham", "UTC",
)  # fmt: skip


def hours_of(member: Any, first: date, last: date | None = None) -> list[str]:
    """When somebody works, as it is written on a wall in Nairobi."""
    zone = ZoneInfo("Africa/Nairobi")
    spans = availability([member], first, last or first)[member.uid]
    return [f"{one.starts_at.astimezone(zone):%a %H:%M}-{one.ends_at.astimezone(zone):%H:%M}" for one in spans]


def granted(member: Any, kind: str, first: date, last: date, **times: Any) -> Any:
    """Leave somebody was granted."""
    leave = ask_for_leave({"member": member, "kind": kind, "from_on": first, "until_on": last, **times}, by=HOUSE)
    return move(leave, "approve", by=HOUSE)


def test_weekly_hours_hold_between_their_days(at_ward: SimpleNamespace):
    until = MONDAY + timedelta(days=6)
    one = hired("Ann", on(1, until_on=until), on(1, 8 * 60, 12 * 60, from_on=until), on(3), on(3, 13 * 60, 20 * 60))
    assert hours_of(one, MONDAY, until) == ["Mon 09:00-17:00", "Wed 09:00-20:00"]
    assert hours_of(one, MONDAY + timedelta(days=7)) == ["Mon 08:00-12:00"]
    assert availability([one], MONDAY, MONDAY - timedelta(days=1)) == {one.uid: []}


def test_a_night_belongs_to_the_day_it_begins_on(at_ward: SimpleNamespace):
    one = hired("Ben", on(1, 20 * 60, 7 * 60))
    assert hours_of(one, MONDAY) == ["Mon 20:00-07:00"]
    assert hours_of(one, MONDAY + timedelta(days=1)) == []
    (span,) = availability([one], MONDAY, MONDAY)[one.uid]
    assert span.ends_at - span.starts_at == timedelta(hours=11)


def test_granted_leave_is_taken_out_and_a_request_is_not(at_ward: SimpleNamespace):
    one = hired("Cai", on(1), on(2), on(3))
    asked = {"member": one, "kind": "annual", "from_on": MONDAY, "until_on": MONDAY}
    leave = ask_for_leave(asked, by=HOUSE)
    week = MONDAY + timedelta(days=6)
    assert len(hours_of(one, MONDAY, week)) == 3
    move(leave, "approve", by=HOUSE)
    assert hours_of(one, MONDAY, week) == ["Tue 09:00-17:00", "Wed 09:00-17:00"]
    tuesday = MONDAY + timedelta(days=1)
    granted(one, "study", tuesday, tuesday + timedelta(days=1), begins=12 * 60, ends=10 * 60)
    assert hours_of(one, MONDAY, week) == ["Tue 09:00-12:00", "Wed 10:00-17:00"]
    move(leave, "revoke", {"decision_note": "Needed"}, by=HOUSE)
    assert hours_of(one, MONDAY) == ["Mon 09:00-17:00"]


def test_granted_extra_hours_are_put_in(at_ward: SimpleNamespace):
    one = hired("Dee", on(1))
    sunday = MONDAY + timedelta(days=6)
    granted(one, "extra", sunday, sunday, begins=10 * 60, ends=14 * 60)
    granted(one, "extra", MONDAY, MONDAY, begins=16 * 60, ends=19 * 60)
    assert hours_of(one, MONDAY, sunday) == ["Mon 09:00-19:00", "Sun 10:00-14:00"]


def test_nobody_works_before_they_came_after_they_left_or_without_a_licence_they_need(at_ward: SimpleNamespace):
    one = hired("Eva", *[on(day) for day in range(1, 8)], from_on=MONDAY + timedelta(days=1))
    licensed(one, MONDAY + timedelta(days=4))
    licensed(one, MONDAY, is_needed=False)
    assert [words[:3] for words in hours_of(one, MONDAY, MONDAY + timedelta(days=6))] == ["Tue", "Wed", "Thu", "Fri"]
    assert "does not work here yet" in str(why_not_rostered(one, MONDAY))
    assert why_not_rostered(one, MONDAY + timedelta(days=4)) == ""
    assert "Licence to practise has expired" in str(why_not_rostered(one, MONDAY + timedelta(days=5)))
    gone = hired("Flo", on(1), until_on=MONDAY - timedelta(days=1))
    assert hours_of(gone, MONDAY) == []
    assert "any more" in str(why_not_rostered(gone, MONDAY))


def test_hours_are_those_of_the_clock_at_the_place(at_ward: SimpleNamespace):
    berlin = add_place(PlaceDetails("Berlin", "facility", "BER", "Europe/Berlin"), by=HOUSE, parent=at_ward.top)
    one = hired("Gil", on(7, place=berlin), place=at_ward.main)
    found = [availability([one], day, day)[one.uid][0] for day in (date(2026, 3, 22), date(2026, 3, 29))]
    assert [span.starts_at for span in found] == [
        datetime(2026, 3, 22, 8, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC),
    ]  # fmt: skip
    assert {span.place_id for span in found} == {berlin.id}


@pytest.mark.parametrize("name", ZONES)
def test_nine_stays_nine_on_every_day_of_twelve_years(name: str):
    assert name in available_timezones()
    zone = ZoneInfo(name)
    day, before = date(2024, 1, 1), None
    while day < date(2036, 1, 1):
        span = span_of(day, NINE, FIVE, zone)
        assert (span.starts_at.astimezone(zone).hour, span.ends_at.astimezone(zone).hour) == (9, 17), day
        night = span_of(day, 22 * 60, 6 * 60, zone)
        assert timedelta(hours=7) <= night.ends_at - night.starts_at <= timedelta(hours=9), day
        assert before is None or before.ends_at < span.starts_at
        day, before = day + timedelta(days=1), span


def test_a_time_the_clock_jumps_over_counts_from_the_end_of_the_jump():
    berlin = ZoneInfo("Europe/Berlin")
    assert span_of(date(2026, 3, 29), 150, NINE, berlin).starts_at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert span_of(date(2026, 10, 25), 150, NINE, berlin).starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_spans_are_joined_and_cut_without_losing_or_doubling_a_minute():
    def span(first: int, last: int, place: int | None = 1) -> Span:
        return Span(datetime(2026, 1, 1, first, tzinfo=UTC), datetime(2026, 1, 1, last, tzinfo=UTC), place)

    assert joined([span(3, 5), span(1, 3), span(4, 8), span(10, 12)]) == [span(1, 8), span(10, 12)]
    assert joined([span(1, 5), span(3, 8, 2)]) == [span(1, 5), span(5, 8, 2)]
    assert without([span(1, 8)], [span(0, 2), span(4, 5), span(8, 9)]) == [span(2, 4), span(5, 8)]
    assert without([span(1, 3)], [span(0, 9)]) == []


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("9", 540),
        ("09:30", 570),
        ("0930", 570),
        ("9.05", 545),
        ("23:59", 1439),
        ("24:00", None),
        ("9:3", None),
        ("x", None),
    ],
)
def test_times_are_read_as_people_write_them(written: str, minutes: int | None):
    assert read_time(written) == minutes


def test_a_month_of_fifty_doctors_costs_three_statements_and_some_hundredths_of_a_second(at_ward: SimpleNamespace):
    people = [hired(f"Doctor {number}", *[on(day) for day in range(1, 6)]) for number in range(50)]
    availability(people[:1], MONDAY, MONDAY)  # what hangs on the revision is read once
    with atomic() as transaction:
        before = transaction.statements
        began = time.thread_time()
        found = availability(people, MONDAY, MONDAY + timedelta(days=30))
        spent = time.thread_time() - began
        assert transaction.statements - before == 3
    assert {len(spans) for spans in found.values()} == {23}
    assert spent < 0.25, spent
