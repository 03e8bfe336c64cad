"""Lists narrowed by a custom field and put in the order of one, page by page, on each engine."""

from decimal import Decimal

import pytest
from medley_equipment.models import Device
from medley_equipment.resources import DEVICES
from werkzeug.datastructures import MultiDict

from core.acts import act
from core.jobs import Job
from core.resources import facets_here, orders_here
from core.resources.custom import comparing
from core.resources.custom.checking import FieldDetails
from core.resources.custom.defining import edit_field, restore_field, retire_field
from core.resources.custom.models import CustomField, CustomIndex
from core.resources.finding import count_all, page_of, query_of
from core.resources.narrowing import narrowed, narrowing_of
from core.resources.writing import edit_record
from core.storage import bulk
from core.testing.house import HOUSE

SIZES = [{"code": "s", "title": "Small"}, {"code": "l", "title": "Large"}]


def listed(**query: str) -> list[str]:
    """The names on the first page of the list of devices."""
    found = narrowing_of(DEVICES, MultiDict(query), HOUSE)
    return [row.values["name"] for row in page_of(query_of(DEVICES, found, HOUSE), names=["name"]).rows]


@pytest.fixture(autouse=True)
def empty_register(at_register):
    """Each test has the register to itself."""
    for record in Device.select().where(Device.retired_at.is_null()):
        DEVICES.acts.retire(record, "the test is over", by=HOUSE)


def test_a_list_is_narrowed_to_one_value_to_several_and_to_none(add, device) -> None:
    size = add("size", "choice", choices=SIZES, is_filterable=True)
    device(name="one", **{size.name: "s"})
    device(name="two", **{size.name: "l"})
    device(name="three")
    assert listed(**{size.name: "s"}) == ["one"]
    assert sorted(listed(**{size.name: "s,l"})) == ["one", "two"]
    assert listed(**{size.name: "-"}) == ["three"]


@pytest.mark.parametrize("many", [0, 2000])
def test_bounds_hold_whether_few_or_many_records_fit(add, device, monkeypatch, many) -> None:
    monkeypatch.setattr(comparing, "MANY", many)
    comparing._counts.clear()
    price = add("worth", "decimal", is_filterable=True)
    for name, worth in (("debt", "-3.5"), ("none", None), ("zero", "0"), ("ten", "10"), ("nine", "9")):
        device(name=name, **{price.name: None if worth is None else Decimal(worth)})
    assert sorted(listed(**{price.name: "0..9.5"})) == ["nine", "zero"]
    assert sorted(listed(**{price.name: "..0"})) == ["debt", "zero"]
    assert listed(**{price.name: "9.5.."}) == ["ten"]
    query = query_of(DEVICES, narrowing_of(DEVICES, MultiDict({price.name: "-5..9"}), HOUSE), HOUSE)
    assert count_all(query) == page_of(query).count == 3
    comparing._counts.clear()


def test_a_record_with_several_choices_is_found_once_by_any_of_them(add, device) -> None:
    sizes = add("sizes", "several", choices=SIZES, is_filterable=True)
    device(name="both", **{sizes.name: ["s", "l"]})
    device(name="small", **{sizes.name: ["s"]})
    assert sorted(listed(**{sizes.name: "s,l"})) == ["both", "small"]
    assert listed(**{sizes.name: "l"}) == ["both"]
    assert sizes.name not in orders_here(DEVICES)


def test_what_is_typed_freely_orders_a_list_without_accents_and_never_stands_in_its_address(add, device) -> None:
    maker = add("maker", is_filterable=True)
    for name, said in (("third", "Ångström"), ("first", "agfa"), ("second", "ÁMBAR"), ("none", "")):
        device(name=name, **{maker.name: said})
    assert maker.name not in facets_here(DEVICES)
    assert listed(sort=maker.name) == ["first", "second", "third", "none"]


def test_a_list_is_narrowed_to_records_that_point_at_another(add, device) -> None:
    twin = add("twin", "relation", to=DEVICES.name, is_filterable=True)
    first = device(name="first")
    device(name="second", **{twin.name: first})
    assert listed(**{twin.name: first.uid}) == ["second"]


@pytest.mark.parametrize("falls", [False, True])
def test_the_order_of_a_field_goes_on_from_page_to_page_and_back(add, device, falls) -> None:
    rank = add("rank", "whole", is_filterable=True)
    for number in (*range(-15, 15), None, None):
        device(name=f"r{number}", **{rank.name: number})
    kept = {"sort": f"-{rank.name}" if falls else rank.name, "size": "25"}
    query = query_of(DEVICES, narrowed(DEVICES, kept, HOUSE), HOUSE)
    first = page_of(query, names=["name"])
    second = page_of(query, first.next, names=["name"])
    names = [row.values["name"] for page in (first, second) for row in page.rows]
    numbers = [f"r{number}" for number in range(-15, 15)]
    assert names == [*(numbers[::-1] if falls else numbers), "rNone", "rNone"]
    back = page_of(query, second.previous, names=["name"])
    assert [row.uid for row in back.rows] == [row.uid for row in first.rows]
    last = page_of(query, "last", names=["name"])
    assert last.rows[-1].values["name"] == "rNone"


def test_the_order_of_one_field_and_the_facets_of_others_go_together(add, device) -> None:
    rank = add("rank", "whole", is_filterable=True)
    size = add("size", "choice", choices=SIZES, is_filterable=True)
    for number in range(6):
        device(name=f"r{number}", **{rank.name: 9 - number, size.name: "s" if number % 2 else "l"})
    assert listed(sort=rank.name, kind="pump", **{size.name: "s", rank.name: "4..9"}) == ["r5", "r3", "r1"]


# Records that were there before.


def test_a_field_made_filterable_later_is_prepared_by_a_job_that_tells_how_far_it_is(add, device) -> None:
    room = add("room", "whole")
    record = device(name="early", **{room.name: 12})
    device(name="none")
    assert room.name not in facets_here(DEVICES)
    details = FieldDetails("Room", "whole", is_filterable=True)
    edit_field(CustomField.get_by_id(room.id), details, by=HOUSE)
    waiting = Job.get(Job.name == "core.index_field", Job.state == "waiting")
    assert room.name not in facets_here(DEVICES)
    add("other", is_filterable=True)
    done = Job.get_by_id(waiting.id)
    assert (done.state, done.done) == ("done", Device.select().count())
    assert listed(**{room.name: "12"}) == ["early"]
    edit_record(DEVICES, Device.get_by_id(record.id), {room.name: 13}, by=HOUSE)
    assert listed(**{room.name: "12"}) == []
    assert listed(**{room.name: "13"}) == ["early"]


def test_records_written_in_bulk_are_kept_in_the_index_too(add) -> None:
    room = add("room", "whole", is_filterable=True)
    made = [Device(name=f"b{n}", key=f"b{n}", serial=f"bulk-{room.id}-{n}", custom={room.uid: 7}) for n in range(3)]

    @act("equipment.bring_in", permission="equipment.manage")
    def bring_in(by) -> None:
        """Enter devices in bulk."""
        bulk.insert_records(made)

    bring_in(by=HOUSE)
    assert sorted(listed(**{room.name: "7"})) == ["b0", "b1", "b2"]


def test_a_field_brought_back_is_prepared_again(add, device) -> None:
    room = add("room", "whole", is_filterable=True)
    device(name="before", **{room.name: 1})
    retire_field(room, "not needed", by=HOUSE)
    device(name="meanwhile")
    restore_field(CustomField.get_by_id(room.id), by=HOUSE)
    assert room.name not in facets_here(DEVICES)
    add("other", is_filterable=True)
    assert listed(**{room.name: "-"}) == ["meanwhile"]
    rows = CustomIndex.select().where(CustomIndex.field_id == room.id).count()
    assert rows == Device.select().count()


def test_nobody_narrows_or_orders_a_list_by_a_field_they_may_not_read(add, device, with_roles) -> None:
    secret = add("cost", "whole", is_filterable=True, is_restricted=True, read_roles=("storekeeper",))
    device(name="dear", **{secret.name: 9})
    nurse, keeper = with_roles("nurse"), with_roles("storekeeper")
    asked = {secret.name: "9", "sort": secret.name, "cols": secret.name}
    for by, sees in ((nurse, False), (keeper, True)):
        found = narrowing_of(DEVICES, MultiDict(asked), by)
        assert (secret.name in found.picked, found.sort == secret.name) == (sees, sees)
        assert (secret.name in found.columns) == sees
