"""Leave: who asks, who sees it, who decides, and that nobody is away twice."""

from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from core import clock
from core.app import install_plugins
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.registry import switch_on
from core.roles import get_visible
from core.sites import Site, current
from core.workflow import move, why_not
from plugins.staff.models import Leave, Member
from plugins.staff.services.leave import ask_for_leave, change_leave
from tests.hospital import HOUSE, SOAK, at_once, rounds
from tests.plugins.staff.conftest import hired

pytestmark = SOAK
DAY = date(2027, 2, 1)


def days(first: int, last: int, **facts: Any) -> dict[str, Any]:
    """A request for some days of a year."""
    return {"kind": "annual", "from_on": DAY + timedelta(days=first), "until_on": DAY + timedelta(days=last), **facts}


def test_one_asks_for_oneself_and_somebody_else_decides(at_ward: SimpleNamespace):
    doctor, chief = at_ward.actors["doctor"], at_ward.actors["administrator"]
    leave = ask_for_leave(days(0, 3), by=doctor)
    assert (leave.member, leave.state_kind) == (at_ward.members["doctor"], "asked")
    with pytest.raises(Forbidden):
        move(leave, "approve", by=doctor)
    with pytest.raises(Refused) as refused:
        ask_for_leave(days(0, 3, member=at_ward.members["nurse"]), by=doctor)
    assert refused.value.fields == {"member": "You can ask for yourself only."}
    granted = move(leave, "approve", {"decision_note": "Enjoy"}, by=chief)
    assert (granted.state_kind, granted.decision_note) == ("granted", "Enjoy")
    with pytest.raises(Refused, match="It is decided"):
        change_leave(granted, {"reason": "Longer"}, by=doctor)


def test_nobody_decides_on_their_own_leave(at_ward: SimpleNamespace):
    chief = hired("Chief", user=at_ward.people["administrator"])
    leave = ask_for_leave(days(0, 1), by=at_ward.actors["administrator"])
    assert leave.member == chief
    told = why_not(leave, at_ward.actors["administrator"])
    assert [str(one) for one in told["approve"]] == ["Somebody else decides on one's own leave."]
    with pytest.raises(Refused, match="Somebody else decides"):
        move(leave, "approve", by=at_ward.actors["administrator"])
    assert move(leave, "withdraw", by=at_ward.actors["administrator"]).state_kind == "withdrawn"


def test_granted_leave_is_taken_back_before_it_has_begun_and_not_after(at_ward: SimpleNamespace):
    doctor = at_ward.actors["doctor"]
    one, other = (move(ask_for_leave(days(*some), by=doctor), "approve", by=HOUSE) for some in ((20, 21), (25, 26)))
    with clock.freeze(clock.datetime(2027, 2, 20, 9, tzinfo=clock.UTC)):
        assert move(one, "cancel", by=doctor).state_kind == "withdrawn"
    with (
        clock.freeze(clock.datetime(2027, 2, 26, 9, tzinfo=clock.UTC)),
        pytest.raises(Refused, match="before it has begun"),
    ):
        move(other, "cancel", by=doctor)


def test_leave_is_seen_by_whom_it_belongs_to_and_by_who_decides(at_ward: SimpleNamespace):
    leave = ask_for_leave(days(40, 41), by=at_ward.actors["doctor"])
    for role in ("doctor", "administrator"):
        assert get_visible(Leave, leave.uid, at_ward.actors[role]) == leave
    with pytest.raises(NotFound):
        get_visible(Leave, leave.uid, at_ward.actors["nurse"])
    page = at_ward.visitor("nurse").get(f"/staff/leave/{leave.uid}")
    assert page.status_code == 404


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        (days(0, 3), days(3, 5), False), (days(0, 3), days(4, 5), True), (days(0, 3), days(1, 2), False),
        (days(0, 0, ends=720), days(0, 0, begins=720), True), (days(0, 0, ends=720), days(0, 0, begins=719), False),
        (days(0, 0), days(0, 0, begins=600, ends=660), False), (days(0, 5, begins=720), days(5, 5, begins=600), False),
        (days(0, 5), days(2, 2, kind="extra", begins=600, ends=660), True),
    ],
)  # fmt: skip
def test_nobody_is_away_twice(at_ward: SimpleNamespace, first: dict[str, Any], second: dict[str, Any], fits: bool):
    member = hired("Twice")
    leave = ask_for_leave({**first, "member": member}, by=HOUSE)
    if fits:
        assert ask_for_leave({**second, "member": member}, by=HOUSE).state_kind == "asked"
        return
    with pytest.raises(Refused, match="already"):
        ask_for_leave({**second, "member": member}, by=HOUSE)
    move(leave, "refuse", {"decision_note": "No"}, by=HOUSE)
    assert ask_for_leave({**second, "member": member}, by=HOUSE).state_kind == "asked"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (days(3, 0), "until_on"), (days(0, 900), "until_on"), (days(0, 0, kind="extra"), "begins"),
        (days(0, 0, begins=700, ends=600), "ends"), (days(0, 0, begins=600, ends=600), "ends"),
    ],
)  # fmt: skip
def test_a_request_makes_sense(at_ward: SimpleNamespace, facts: dict[str, Any], field: str):
    with pytest.raises(Refused) as refused:
        ask_for_leave({**facts, "member": at_ward.members["nurse"]}, by=HOUSE)
    assert list(refused.value.fields) == [field]


def test_it_is_asked_for_and_granted_on_the_page_and_moved_on_the_board(ward: SimpleNamespace):
    nurse, chief = ward.visitor("nurse"), ward.visitor("administrator")
    assert "Only from" in nurse.get("/staff/leave/new").get_data(as_text=True)
    sent = {"kind": "annual", "from_on": "2027-06-01", "until_on": "2027-06-02", "begins": "13", "reason": "Wedding"}
    answer = nurse.post("/staff/leave/new", sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    uid = answer.location.rpartition("/")[2]
    page = nurse.get(answer.location).get_data(as_text=True)
    assert "13:00" in page and "Wedding" in page and "Take it back" in page and "/move/approve" not in page
    assert uid in chief.get("/staff/leave/board").get_data(as_text=True)
    step = f"/staff/leave/{uid}/move/approve?from=board"
    assert "Note on the decision" in chief.get(step).get_data(as_text=True)
    assert chief.post(step, {"version": "1", "decision_note": ""}).status_code == 303
    with ward.site.activate(door="test"):
        assert Leave.get(Leave.uid == uid).state_kind == "granted"


@pytest.fixture
def everywhere(hospital: Site) -> Iterator[Site]:
    """A hospital on each engine, with staff."""
    install_plugins()
    with hospital.activate(door="test"):
        if "staff" not in current().state.enabled:
            switch_on("staff", by=HOUSE)
    yield hospital


def test_of_many_requests_for_the_same_days_one_is_taken_on_every_engine(everywhere: Site):
    for number in range(rounds(3, 100)):
        with everywhere.activate(door="test"):
            member = hired(f"Busy {number}")

        def ask(index: int, member: Member = member) -> Any:
            return ask_for_leave(days(index % 2, 4, member=Member.get_by_id(member.id)), by=HOUSE)

        results = at_once(everywhere, 5, ask)
        won = [one for one in results if isinstance(one, Leave)]
        told = [one for one in results if isinstance(one, (Refused, Conflict))]
        assert (len(won), len(told)) == (1, 4), results
        with everywhere.activate(door="test"):
            assert Leave.select().where(Leave.member == member).count() == 1
