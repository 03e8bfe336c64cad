"""Values of custom fields: written with their record, checked, journaled, sealed, and never lost."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from medley_equipment.models import Device
from medley_equipment.resources import DEVICES
from wtforms import StringField

from core.errors import Conflict, KeyReused, Refused
from core.resources import facts_here, readable, writable
from core.resources.custom.checking import FieldDetails
from core.resources.custom.defining import edit_field, restore_field, retire_field
from core.resources.custom.models import CustomField
from core.resources.custom.part import with_custom, write_with_custom
from core.resources.custom.values import value_in
from core.resources.finding import page_of, query_of
from core.resources.kinds import Unreadable
from core.resources.narrowing import Narrowing
from core.resources.writing import conflict_in_words, edit_record, values_of
from core.storage import Money, keys
from core.storage.journal.history import history_of
from core.storage.keys import SealBroken
from core.storage.resealing import left_to_reseal, reseal
from core.testing.house import HOUSE
from core.web import MedleyForm

SIZES = [{"code": "s", "title": "Small"}, {"code": "l", "title": "Large"}]


def said(record, field: CustomField):
    """What the stored record says in a field."""
    fresh = Device.get_by_id(record.id)
    return values_of(DEVICES, fresh, [field.name])[field.name]


@pytest.mark.parametrize(
    ("kind", "rules", "value"),
    [
        ("line", {"shape": "@@-###"}, "ab-123"),
        ("text", {}, "two\nlines"),
        ("whole", {"least": "0"}, 0),
        ("decimal", {"places": "3"}, Decimal("1.125")),
        ("quantity", {"unit": "mm[Hg]"}, Decimal("0.5")),
        ("money", {"least": "0"}, Money(Decimal("12.50"), "KES")),
        ("yes_no", {}, False),
        ("choice", {"choices": SIZES}, "l"),
        ("several", {"choices": SIZES}, ["l", "s"]),
        ("day", {"earliest": "2020-01-01"}, date(2026, 11, 25)),
        ("moment", {}, datetime(2026, 11, 25, 9, 52, tzinfo=UTC)),
        ("email", {}, "ward@example.org"),
        ("phone", {}, "+254 20 1234567"),
    ],
)
def test_each_kind_gives_back_what_was_written(add, device, kind, rules, value) -> None:
    field = add("any", kind, **rules)
    assert said(device(**{field.name: value}), field) == value


def test_a_record_points_at_another_and_shows_what_it_is_called_today(add, device) -> None:
    twin = device(name="First pump")
    field = add("twin", "relation", to=DEVICES.name)
    record = device(**{field.name: twin})
    edit_record(DEVICES, twin, {"name": "Renamed pump"}, by=HOUSE)
    assert said(record, field).label == "Renamed pump"
    assert said(record, field).uid == twin.uid


@pytest.mark.parametrize(
    ("kind", "rules", "value"),
    [
        ("line", {"shape": "@@-###"}, "12-abc"),
        ("line", {"longest": "3"}, "four"),
        ("whole", {"most": "10"}, 11),
        ("whole", {}, "many"),
        ("decimal", {"places": "1"}, Decimal("1.25")),
        ("quantity", {"unit": "mg", "least": "1"}, Decimal("0.5")),
        ("money", {"most": "5"}, Money(Decimal("5.01"), "KES")),
        ("choice", {"choices": SIZES}, "xl"),
        ("several", {"choices": SIZES}, ["s", "xl"]),
        ("day", {"latest": "2026-01-01"}, date(2026, 1, 2)),
        ("email", {}, "nobody"),
        ("yes_no", {}, "perhaps"),
    ],
)
def test_what_breaks_the_rules_of_a_field_is_refused_beside_it(add, device, kind, rules, value) -> None:
    field = add("any", kind, **rules)
    before = Device.select().count()
    with pytest.raises(Refused) as refused:
        device(**{field.name: value})
    assert list(refused.value.fields) == [field.name]
    assert Device.select().count() == before


def test_a_record_is_entered_with_its_custom_values_in_one_row_of_the_journal(add, device) -> None:
    field = add("room")
    record = device(**{field.name: "12"})
    rows = history_of(record.uid)
    assert [(one.row.change, one.row.act, one.row.record_version) for one in rows] == [
        ("created", "equipment.create_device", 1)
    ]
    assert json.loads(rows[0].content["custom"][1]) == {field.uid: "12"}


def test_a_change_raises_the_version_once_and_keeps_what_was_not_given(add, device) -> None:
    room, floor = add("room"), add("floor", "whole")
    record = device(**{room.name: "12", floor.name: 3})
    changed = edit_record(DEVICES, record, {"name": "Old pump", room.name: "14"}, by=HOUSE, version=1)
    assert (changed.version, said(record, room), said(record, floor)) == (2, "14", 3)
    assert len(history_of(record.uid)) == 2


def test_a_change_of_custom_values_alone_is_stored_and_journaled(add, device) -> None:
    room = add("room")
    record = device()
    changed = edit_record(DEVICES, record, {room.name: "9"}, by=HOUSE, version=1)
    assert (changed.version, said(record, room)) == (2, "9")
    edit_record(DEVICES, changed, {room.name: ""}, by=HOUSE, version=2)
    assert Device.get_by_id(record.id).custom == {}
    again = edit_record(DEVICES, Device.get_by_id(record.id), {room.name: ""}, by=HOUSE, version=3)
    assert again.version == 3


def test_two_who_edit_at_once_are_shown_both_versions_custom_values_too(add, device) -> None:
    room = add("room", title="Room")
    record = device(**{room.name: "1"})
    mine, theirs = Device.get_by_id(record.id), Device.get_by_id(record.id)
    edit_record(DEVICES, theirs, {room.name: "2"}, by=HOUSE, version=1)
    with pytest.raises(Conflict) as conflict:
        edit_record(DEVICES, mine, {room.name: "3"}, by=HOUSE, version=1)
    found = conflict_in_words(DEVICES, conflict.value)
    assert (found.mine["Room"], found.theirs["Room"]) == ("3", "2")
    assert "custom" not in found.mine
    assert said(record, room) == "2"


def test_a_form_sent_twice_enters_one_record(add, device) -> None:
    room = add("room")
    first = device(key=f"form-{room.uid}", serial=f"s{room.id}", **{room.name: "5"})
    again = device(key=f"form-{room.uid}", serial=f"s{room.id}", **{room.name: "5"})
    assert again.uid == first.uid
    with pytest.raises(KeyReused):
        device(key=f"form-{room.uid}", serial=f"s{room.id}", **{room.name: "6"})


def test_a_required_field_added_later_leaves_records_valid_until_their_form_is_sent(add, device) -> None:
    record = device()
    room = add("room", is_required=True)
    changed = edit_record(DEVICES, record, {"name": "Still fine"}, by=HOUSE)
    assert changed.name == "Still fine"
    with pytest.raises(Refused):
        edit_record(DEVICES, changed, {"name": "Form", room.name: ""}, by=HOUSE)
    with pytest.raises(Refused) as refused:
        device()
    assert list(refused.value.fields) == [room.name]


def test_a_new_record_begins_with_the_default(add, device) -> None:
    size = add("size", "choice", choices=SIZES, default="l")
    assert said(device(), size) == "l"


def test_nobody_gives_two_records_what_only_one_may_have(add, device) -> None:
    tag = add("tag", is_unique=True)
    first = device(**{tag.name: "A-1"})
    with pytest.raises(Refused) as refused:
        device(**{tag.name: "a-1"})
    assert list(refused.value.fields) == [tag.name]
    edit_record(DEVICES, first, {tag.name: "A-2"}, by=HOUSE)
    device(**{tag.name: "A-1"})


# Out of use, and back.


def test_a_field_out_of_use_is_gone_from_every_door_and_its_values_come_back_with_it(add, device) -> None:
    room = add("room")
    record = device(**{room.name: "12"})
    retire_field(room, "not needed", by=HOUSE)
    assert room.name not in facts_here(DEVICES)
    with pytest.raises(Refused):
        edit_record(DEVICES, Device.get_by_id(record.id), {room.name: "13"}, by=HOUSE)
    edit_record(DEVICES, Device.get_by_id(record.id), {"name": "Changed meanwhile"}, by=HOUSE)
    restore_field(CustomField.get_by_id(room.id), by=HOUSE)
    assert said(record, room) == "12"


def test_a_choice_no_longer_offered_stays_with_the_records_that_have_it(add, device) -> None:
    size = add("size", "choice", choices=SIZES)
    record = device(**{size.name: "l"})
    edit_field(size, FieldDetails("Size", "choice", rules={"choices": SIZES[:1]}), by=HOUSE)
    assert said(record, size) == "l"
    assert str(facts_here(DEVICES)[size.name].kind.words("l")) == "Large"
    edit_record(DEVICES, Device.get_by_id(record.id), {"name": "Kept", size.name: "l"}, by=HOUSE)
    assert said(record, size) == "l"
    with pytest.raises(Refused):
        device(**{size.name: "l"})


# Sensitive fields.


def test_a_sensitive_value_is_encrypted_in_the_record_and_in_the_journal(add, device) -> None:
    virus = add("virus", is_sensitive=True)
    record = device(**{virus.name: "positive"})
    stored = Device.get_by_id(record.id).custom[virus.uid]
    assert stored["sealed"].startswith("v1:")
    assert said(record, virus) == "positive"
    assert "positive" not in json.dumps(history_of(record.uid)[0].content)


def test_a_sealed_value_moved_to_another_record_does_not_open(add, device) -> None:
    virus = add("virus", is_sensitive=True)
    record, other = device(**{virus.name: "positive"}), device()
    fact = facts_here(DEVICES)[virus.name]
    with pytest.raises(SealBroken):
        value_in(fact, Device, other.uid, Device.get_by_id(record.id).custom)


def test_a_sensitive_value_written_again_stays_as_it_is(add, device) -> None:
    virus = add("virus", is_sensitive=True)
    record = device(**{virus.name: "positive"})
    before = Device.get_by_id(record.id).custom
    changed = edit_record(DEVICES, Device.get_by_id(record.id), {virus.name: "positive"}, by=HOUSE, version=1)
    assert (changed.version, Device.get_by_id(record.id).custom) == (1, before)


def test_only_the_roles_chosen_know_and_write_a_sensitive_field(add, with_roles) -> None:
    virus = add("virus", is_sensitive=True, read_roles=("doctor", "storekeeper"), write_roles=("storekeeper",))
    doctor, nurse, keeper = with_roles("doctor"), with_roles("nurse"), with_roles("storekeeper")
    assert virus.name in readable(DEVICES, doctor)
    assert virus.name not in readable(DEVICES, nurse)
    assert virus.name in writable(DEVICES, keeper)
    assert virus.name not in writable(DEVICES, with_roles("administrator"))


def test_a_sensitive_value_is_brought_under_a_new_key_and_still_opens(add, device) -> None:
    virus = add("virus", is_sensitive=True)
    record = device(**{virus.name: "positive"})
    before = Device.get_by_id(record.id).custom[virus.uid]
    keys.installed_keyring().rotate()
    assert left_to_reseal([Device]) >= 1
    reseal([Device])
    assert left_to_reseal([Device]) == 0
    assert Device.get_by_id(record.id).custom[virus.uid] != before
    assert said(record, virus) == "positive"


def test_the_search_finds_records_by_the_words_of_a_field_also_those_that_were_there_before(add, device) -> None:
    def found(words: str) -> list[str]:
        query = query_of(DEVICES, Narrowing(words=words, sort="newest", falls=True), HOUSE)
        return [row.values["name"] for row in page_of(query, names=["name"]).rows]

    maker = add("maker", "line", title="Maker")
    device(name="before", **{maker.name: "Zylindro"})
    assert found("zylindro") == []
    edit_field(CustomField.get_by_id(maker.id), FieldDetails("Maker", "line", is_searched=True), by=HOUSE)
    add("other", is_filterable=True)
    device(name="after", **{maker.name: "Zylindro AG"})
    assert sorted(found("zylin")) == ["after", "before"]


# Forms written by hand.


class HandForm(MedleyForm):
    """A form of a plugin's own."""

    name = StringField("Name")


def test_a_form_written_by_hand_asks_the_sites_own_fields_and_stores_all_or_nothing(add, register) -> None:
    room = add("room", is_required=True, shape="##")
    app = register.house.app
    address = f"http://{register.site.hosts[0]}"

    def send(room_said: str, key: str):
        sent = {"name": "By hand", room.name: room_said, "idempotency_key": key}
        with app.test_request_context(base_url=address, method="POST", data=sent):
            form = with_custom(HandForm, DEVICES, HOUSE, "create")()
            facts = {"name": form.name.data, "serial": f"hand-{room.id}", "kind": "pump"}
            return write_with_custom(
                DEVICES, "create", form, facts=facts, by=HOUSE, idempotency_key=form.key,
                write=lambda: DEVICES.acts.create(facts, by=HOUSE),
            )  # fmt: skip

    with app.test_request_context(base_url=address):
        form = with_custom(HandForm, DEVICES, HOUSE, "create")()
        assert form.custom_groups()[0][1] == [(room.name, 6, True)]
    before = Device.select().count()
    with pytest.raises(Unreadable):
        send("many", "first")
    assert Device.select().count() == before
    record = send("12", "second")
    assert send("12", "second").uid == record.uid
    assert said(record, room) == "12"
    assert [one.row.change for one in history_of(record.uid)] == ["created"]
