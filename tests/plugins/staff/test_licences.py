"""Licences: the warnings before they expire, each once, and what is told and shown."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from core import clock
from core.jobs.declaring import spec_of
from core.storage import Model
from plugins.staff.jobs import warn_of_licences
from plugins.staff.models import Licence
from plugins.staff.resources import LICENCE_NOUN
from plugins.staff.services.licences import due_warnings, expiring, warn_of_expiry
from tests.hospital import HOUSE
from tests.plugins.staff.conftest import hired, licensed

TODAY = date(2026, 11, 25)


def warned(day: date, name: str) -> list[int]:
    """The warnings given on a day about one person's licences."""
    return [
        warn_of_expiry(licence, days, by=HOUSE).told_days
        for licence, days in due_warnings(day)
        if licence.member.name == name
    ]


def test_each_warning_is_given_once_on_its_day_or_the_first_night_after(at_ward: SimpleNamespace):
    licensed(hired("Hal"), TODAY)
    told = {}
    for left in range(70, -4, -1):
        if left in (30, 29):
            continue  # two nights without a worker
        found = warned(TODAY - timedelta(days=left), "Hal")
        if found:
            told[left] = found
    assert told == {60: [60], 28: [30], 7: [7], -1: [0]}


def test_a_licence_entered_late_is_warned_of_once_by_the_nearest(at_ward: SimpleNamespace):
    licensed(hired("Ida"), TODAY + timedelta(days=5))
    assert warned(TODAY, "Ida") == [7]
    assert warned(TODAY, "Ida") == []


def test_a_renewed_licence_is_warned_of_anew_and_one_without_an_end_never(at_ward: SimpleNamespace):
    one = licensed(hired("Jon"), TODAY + timedelta(days=5))
    licensed(one.member, None)
    assert warned(TODAY, "Jon") == [7]
    LICENCE_NOUN.acts.edit(Licence.get_by_id(one.id), {"expires_on": TODAY + timedelta(days=400)}, by=HOUSE)
    assert Licence.get_by_id(one.id).told_days is None
    assert warned(TODAY, "Jon") == []
    assert warned(TODAY + timedelta(days=341), "Jon") == [60]


def test_the_nightly_job_is_the_houses_own(at_ward: SimpleNamespace):
    spec = spec_of(warn_of_licences)
    assert (spec.system, str(spec.schedule.at)) == ("staff", "05:30:00")


def test_what_expires_stands_on_the_first_page_and_on_the_persons(ward: SimpleNamespace):
    with ward.site.activate(door="test"):
        yesterday = clock.today(ward.site.zone) - timedelta(days=1)
        licensed(ward.members["doctor"], yesterday, name="Ultrasound permit")
        assert "Ultrasound permit" in {one.name for one in expiring()}
    chief = ward.visitor("administrator")
    assert "Licences that expire" in chief.get("/").get_data(as_text=True)
    page = chief.get(f"/staff/{ward.members['doctor'].uid}").get_data(as_text=True)
    for words in ("be rostered today", "Ultrasound permit", "Expired", "Leave ahead", "09:00"):
        assert words in page, words
    assert "540" not in page  # neither the table nor the history shows a time as minutes
    assert "Licences that expire" not in ward.visitor("nurse").get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["/staff/", "/staff/week", "/staff/week?from=2026-13-99", "/staff/licences", "/staff/new"]
)
def test_pages_open_for_whom_they_are(ward: SimpleNamespace, path: str):
    assert ward.visitor("administrator").get(path).status_code == 200
    expected = 403 if path == "/staff/new" else 200
    assert ward.visitor("nurse").get(path).status_code == expected


def test_the_models_say_whose_data_they_are():
    assert issubclass(Licence, Model) and Licence._meta.subject == "member"
