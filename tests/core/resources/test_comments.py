"""What people say about a record, and the timeline it stands in."""

import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from medley_equipment.models import Device
from medley_equipment.resources import DEVICES

from core.errors import Conflict, NotFound, Refused
from core.registry import Found, catalogue
from core.resources.comments import add_comment, comment_of, edit_comment, retire_comment
from core.resources.custom.checking import FieldDetails
from core.resources.custom.defining import add_field, retire_field
from core.resources.timeline import timeline_of
from core.resources.writing import create_record, edit_record
from core.storage import Money
from core.storage.journal.history import history_of
from core.testing.house import HOUSE, House, actor_of


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A site with a device, a keeper and a nurse who see it, and a cashier who does not."""
    house = House(tmp_path_factory.mktemp("house"))
    if "equipment" not in catalogue.plugins:
        catalogue.add(Found("equipment", "medley_equipment"))
    site = house.site(plugins=("equipment",))
    people = {role: house.person(site, f"Kim {role}", role) for role in ("storekeeper", "nurse", "cashier")}
    yield SimpleNamespace(house=house, site=site, people=people)
    house.close()


@pytest.fixture
def ward(place):
    """The site entered, with a device of the test's own and the three people."""
    address = f"http://{place.site.hosts[0]}"
    with place.house.app.test_request_context(base_url=address), place.site.activate(door="test") as activation:
        activation.actor = HOUSE
        values = {"name": "Pump", "serial": f"S{Device.select().count()}", "kind": "pump"}
        device = create_record(DEVICES, values, by=HOUSE)
        by = {role: actor_of(user) for role, user in place.people.items()}
        yield SimpleNamespace(device=device, activation=activation, **by)


def say(ward, text: str, by=None):
    return add_comment(DEVICES.name, ward.device.uid, text, by=by or ward.nurse)


def test_whoever_sees_a_record_may_say_something_and_nobody_else(ward) -> None:
    assert say(ward, "  Squeaks.\r\nOil it. ").text == "Squeaks.\nOil it."
    with pytest.raises(NotFound):
        say(ward, "Let me in", by=ward.cashier)
    with pytest.raises(NotFound):
        comment_of(say(ward, "Again").uid, ward.cashier)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001])
def test_a_comment_says_something_and_not_too_much(ward, text) -> None:
    with pytest.raises(Refused):
        say(ward, text)


def test_only_its_writer_corrects_a_comment_and_what_it_said_stays_in_the_journal(ward) -> None:
    comment = say(ward, "Broken")
    with pytest.raises(Refused):
        edit_comment(comment, "Fine", by=ward.storekeeper)
    edit_comment(comment, "Only loose", by=ward.nurse, version=1)
    with pytest.raises(Conflict):
        edit_comment(comment, "Tight again", by=ward.nurse, version=1)
    assert history_of(comment.uid)[0].content["text"] == ["Broken", "Only loose"]


def test_a_comment_taken_back_is_gone_from_the_timeline_and_stays_in_the_journal(ward) -> None:
    comment = say(ward, "A mistake")
    with pytest.raises(Refused):
        retire_comment(comment, by=ward.storekeeper)
    retire_comment(comment, by=ward.nurse)
    shown = timeline_of(DEVICES, ward.device, ward.nurse).moments
    assert [one.kind for one in shown] == ["change"]
    assert len(history_of(comment.uid)) == 2


def test_the_timeline_puts_changes_and_comments_in_one_order_page_by_page(ward) -> None:
    for number in range(4):
        say(ward, f"comment {number}")
        edit_record(DEVICES, Device.get_by_id(ward.device.id), {"name": f"Pump {number}"}, by=HOUSE)
    seen, before = [], None
    for _page in range(3):
        page = timeline_of(DEVICES, ward.device, ward.nurse, before, limit=4)
        seen += [one.text or one.line.what for one in page.moments]
        before = page.older_url.partition("before=")[2]
    words = [f"comment {number}" if kind else "Changed" for number in range(3, -1, -1) for kind in (0, 1)]
    assert [str(one) for one in seen] == [*words, "Entered"]
    assert not before


def test_the_history_calls_custom_fields_by_their_label_and_keeps_them_from_whoever_may_not_read(ward, place) -> None:
    ward.activation.actor = HOUSE
    room = add_field(DEVICES.name, "x_room", FieldDetails("Room", "line"), by=HOUSE)
    cost = FieldDetails("Cost", "line", is_sensitive=True, read_roles=("storekeeper",))
    secret = add_field(DEVICES.name, "x_cost", cost, by=HOUSE)
    device = Device.get_by_id(ward.device.id)
    edit_record(DEVICES, device, {"x_room": "12", "x_cost": "900"}, by=HOUSE)
    retire_field(room, "moved", by=HOUSE)

    def told(by) -> list[tuple[str, str]]:
        ward.activation.actor = by
        line = timeline_of(DEVICES, device, by).moments[0].line
        return [(one.label, one.after) for one in line.changes]

    keeper = actor_of(place.people["storekeeper"])
    assert told(ward.nurse) == [("Room", "12")]
    assert told(keeper) == [("Room", "12"), ("Cost", "(sealed)")]
    retire_field(secret, "over", by=HOUSE)


def test_what_a_reader_may_not_know_of_a_declared_fact_is_not_in_the_history_either(ward) -> None:
    ward.activation.actor = HOUSE
    device = Device.get_by_id(ward.device.id)
    device.note = "seen"
    edit_record(DEVICES, device, {"price": Money(Decimal("12.50"), "USD")}, by=HOUSE)
    ward.activation.actor = ward.nurse
    labels = [one.label for one in timeline_of(DEVICES, device, ward.nurse).moments[0].line.changes]
    assert "Price" not in labels
    assert "Note" in labels
