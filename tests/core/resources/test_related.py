"""A record that points at one its reader may not see: it is not named at any door, and stays what it is."""

import csv
import io
from types import SimpleNamespace

import pytest

from core.resources.custom.checking import FieldDetails
from core.resources.custom.defining import add_field
from core.resources.writing import create_record, edit_record, values_of
from core.storage import RecordRef
from core.testing.house import HOUSE
from tests.core.resources.files.tables import run_jobs

HIDDEN = "Not open to you"


@pytest.fixture
def twins(store):
    """A device in the east whose twin stands in the west, and a keeper of the east alone."""
    devices = store.devices
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        rules = {"to": devices.name}
        add_field(devices.name, "x_twin", FieldDetails(kind="relation", title="Twin", rules=rules), by=HOUSE)
        east, west = store.wards
        facts = {"kind": "pump", "name": "Eastern pump", "serial": "E-1", "place": east}
        far = create_record(devices, {**facts, "name": "Western pump", "serial": "W-1", "place": west}, HOUSE)
        near = create_record(devices, {**facts, "x_twin": far}, HOUSE)
    run_jobs(store.site)
    keeper = store.house.person(store.site, "Keeper of the East", "administrator", "storekeeper", place=east)
    return SimpleNamespace(near=near, far=far, keeper=store.house.visitor(store.site, keeper), store=store)


def test_the_list_the_record_and_the_file_name_it_to_whom_it_is_open(twins):
    boss = twins.store.visitor("administrator")
    for visitor, said, unsaid in ((boss, "Western pump", HIDDEN), (twins.keeper, HIDDEN, "Western pump")):
        for page in ("/equipment/?cols=name,x_twin", f"/equipment/{twins.near.uid}"):
            text = visitor.get(page).get_data(as_text=True)
            assert "Eastern pump" in text
            assert said in text, page
            if visitor is twins.keeper:
                assert unsaid not in text, page
        visitor.get("/equipment/export")
        sent = {"list": "", "column": ["name", "x_twin"], "file_format": "csv"}
        answer = visitor.post("/equipment/export", sent)
        rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True), newline="")))
        assert ["Eastern pump", said] in rows


def test_the_keeper_is_not_led_to_it(twins):
    assert f"/equipment/{twins.far.uid}" not in twins.keeper.get(f"/equipment/{twins.near.uid}").get_data(as_text=True)
    assert twins.keeper.get(f"/equipment/{twins.far.uid}").status_code == 404


def test_a_form_does_not_ask_for_it_and_saving_leaves_it(twins):
    address = f"/equipment/{twins.near.uid}/edit"
    page = twins.keeper.get(address).get_data(as_text=True)
    assert 'name="x_twin"' not in page and "Western pump" not in page and twins.far.uid not in page
    sent = {"name": "Renamed", "serial": "E-1", "kind": "pump", "state": "in_use", "version": "1"}
    answer = twins.keeper.post(address, sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    with twins.store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        kept = twins.store.model.get(twins.store.model.uid == twins.near.uid)
        assert kept.name == "Renamed"
        assert values_of(twins.store.devices, kept, ["x_twin"])["x_twin"].label == "Western pump"
    assert twins.keeper.post(address, {**sent, "version": "2", "x_twin": twins.near.uid}).status_code == 422


def test_history_does_not_name_it_either(twins):
    with twins.store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        near = twins.store.model.get(twins.store.model.uid == twins.near.uid)
        edit_record(twins.store.devices, near, {"x_twin": None}, HOUSE)
    page = twins.keeper.get(f"/equipment/{twins.near.uid}").get_data(as_text=True)
    assert "Western pump" not in page and HIDDEN in page
    ref = RecordRef.of(twins.near)
    page = twins.keeper.get(f"/history/{ref.plugin}/{ref.noun}/{ref.uid}").get_data(as_text=True)
    assert "Western pump" not in page
