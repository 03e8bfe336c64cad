"""Moving records: who may, what is asked, what is in the way, what is written down, and that there is no other way."""

from datetime import date
from typing import Any

import pytest

from core import clock
from core.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from core.hooks import table
from core.places.services import PlaceDetails, add_place
from core.registry import switch_on
from core.sites import Site, current
from core.storage.bulk import change_where, insert_records
from core.storage.journal.history import history_of
from core.storage.journal.models import JournalRow
from core.testing.house import House, actor_of
from core.workflow import Workflow, change_workflow, move, ways, ways_of, why_not
from tests.core.storage.clinic import do
from tests.core.workflow.conftest import errand, somebody
from tests.core.workflow.test_definitions import edited
from tests.hospital import HOUSE, Workshop

NURSE = somebody("nurse", "porters.view", "porters.ask")
PORTER = somebody("porter", "porters.view", "porters.carry")
VISITOR = somebody("visitor", "porters.view")


def test_a_record_goes_its_way_and_the_effects_go_with_it(desk: Workflow):
    one = errand(desk, by=NURSE)
    taken = move(one, "take", {"carried_by": "Amina"}, by=PORTER)
    assert (taken.state, taken.state_kind, taken.carried_by, taken.times_moved) == ("under_way", "moving", "Amina", 1)
    assert (one.state, one.version) == ("under_way", taken.version)
    done = move(one, "deliver", by=PORTER)
    assert (done.state_kind, done.times_moved, done.version) == ("arrived", 2, 3)


def test_a_step_asks_for_its_own_permission(desk: Workflow):
    one = errand(desk, by=NURSE)
    with pytest.raises(Forbidden) as refused:
        move(one, "take", {"carried_by": "Amina"}, by=NURSE)
    assert refused.value.permission == "porters.carry"
    rows = JournalRow.select().where(JournalRow.outcome == "refused")
    assert [(row.act, row.reason, row.actor_uid) for row in rows] == [("core.move_record", "porters.carry", NURSE.uid)]
    assert type(one).get_by_id(one.id).state_kind == "open"


def test_a_step_asks_for_what_it_needs_and_for_nothing_else(desk: Workflow):
    one = errand(desk)
    for values in ({}, {"carried_by": ""}):
        with pytest.raises(Refused) as refused:
            move(one, "take", values, by=PORTER)
        assert refused.value.fields == {"carried_by": "This is needed."}
    with pytest.raises(Refused) as refused:
        move(one, "take", {"carried_by": "Amina", "weight": 3}, by=PORTER)
    assert refused.value.fields == {"weight": "This is not asked for here."}
    assert move(one, "recall", {}, by=HOUSE).note == ""


def test_what_a_record_holds_already_need_not_be_said_again(desk: Workflow):
    assert move(errand(desk, carried_by="Amina"), "take", by=PORTER).carried_by == "Amina"


def test_a_condition_that_does_not_hold_is_told_in_words(desk: Workflow):
    heavy = errand(desk, weight=80, is_urgent=True)
    with pytest.raises(Refused, match="needs the lift"):
        move(heavy, "take", {"carried_by": "Amina"}, by=PORTER)
    theirs = errand(desk, by=NURSE)
    with pytest.raises(Refused, match="Only when: Asked for by oneself"):
        move(theirs, "recall", by=somebody("other", "porters.ask"))
    assert move(theirs, "recall", {"note": "Found it"}, by=NURSE).note == "Found it"


def test_days_are_those_of_the_hospital(desk: Workflow):
    change_workflow("porters.errand", edited(desk, deliver={"condition": "wanted_on <= today()"}), by=HOUSE)
    with clock.freeze(clock.datetime(2026, 5, 3, 22, 30, tzinfo=clock.UTC)):  # in Nairobi it is the fourth
        one = move(errand(desk, carried_by="A", wanted_on=date(2026, 5, 5)), "take", by=PORTER)
        with pytest.raises(Refused, match="Wanted on is at most today"):
            move(one, "deliver", by=PORTER)
        one = move(errand(desk, carried_by="A", wanted_on=date(2026, 5, 4)), "take", by=PORTER)
        assert move(one, "deliver", by=PORTER).state_kind == "arrived"


def test_only_the_ways_from_where_it_stands_are_open(desk: Workflow):
    one = errand(desk)
    with pytest.raises(Refused, match="It is Asked for; Delivered begins at: Under way"):
        move(one, "deliver", by=PORTER)
    with pytest.raises(NotFound):
        move(one, "explode", by=PORTER)
    do(lambda: one.retire("twice"), by=HOUSE)
    with pytest.raises(Refused, match="out of use"):
        move(one, "take", {"carried_by": "Amina"}, by=PORTER)


def test_why_not_tells_of_every_step_what_is_missing(desk: Workflow):
    one = errand(desk, by=NURSE, weight=80, is_urgent=True)
    told = {name: [str(words) for words in why] for name, why in why_not(one, VISITOR).items()}
    assert told == {
        "take": [
            "This needs the permission porters.carry.", "What is urgent and heavy needs the lift.",
            "Who carries it is needed.",
        ],
        "deliver": ["It is Asked for; Delivered begins at: Under way.", "This needs the permission porters.carry."],
        "refuse": ["This needs the permission porters.carry.", "Note is needed."],
        "recall": ["This needs the permission porters.ask.", "Only when: Asked for by oneself."],
    }  # fmt: skip
    assert [way.transition.name for way in ways(one, NURSE) if way.is_open] == ["recall"]
    assert [way.transition.name for way in ways(errand(desk), PORTER) if way.is_open] == ["take", "refuse"]


def test_a_right_at_one_place_moves_nothing_at_another(desk: Workflow, house: House):
    top = add_place(PlaceDetails("Harbour", "organisation"), by=HOUSE)
    east, west = (add_place(PlaceDetails(name, "facility", name), by=HOUSE, parent=top) for name in ("EAST", "WEST"))
    here, there = errand(desk, place=east), errand(desk, place=west)
    user = house.person(current().site, "Perla Port", "receptionist", place=east)
    with current().site.activate(door="test"):
        porter = actor_of(user)
        found = ways_of([here, there], porter)
        assert [[way.is_open for way in found[one.id]] for one in (here, there)] == [[True, True, False], [False] * 3]
        assert move(here, "take", {"carried_by": "Perla"}, by=porter).state_kind == "moving"
        with pytest.raises(Forbidden):
            move(there, "take", {"carried_by": "Perla"}, by=porter)


def test_each_move_is_journaled_with_the_version_that_allowed_it(desk: Workflow):
    one = errand(desk)
    change_workflow("porters.errand", edited(desk, asked={"title": "Called in"}), by=HOUSE)
    move(one, "take", {"carried_by": "Amina"}, by=PORTER)
    told = [found for found in history_of(one.uid) if found.row.act == "porters.errand.take"]
    assert {found.row.actor_uid for found in told} == {PORTER.uid}
    (noted,) = (found for found in told if found.row.change == "noted")
    assert noted.content == {"from": "asked", "to": "under_way", "definition": 2}
    assert noted.row.reason == "Take it"
    changed = next(found for found in told if found.row.change == "changed" and "state" in found.content)
    assert changed.content["state"] == ["asked", "under_way"]


def test_who_saw_an_older_version_is_told_so(desk: Workflow):
    one = errand(desk)
    move(errand(desk), "take", {"carried_by": "Amina"}, by=PORTER)
    seen = one.version
    do(lambda: setattr(one, "what", "Plasma") or one.save(), by=HOUSE)
    with pytest.raises(Conflict):
        move(one, "take", {"carried_by": "Amina"}, by=PORTER, version=seen)
    stale = type(one).get_by_id(one.id)
    move(one, "take", {"carried_by": "Amina"}, by=PORTER)
    with pytest.raises(Conflict):
        move(stale, "refuse", {"note": "Nobody there"}, by=PORTER)


def test_asked_twice_with_one_key_it_is_done_once(desk: Workflow):
    one = errand(desk)
    first = move(one, "take", {"carried_by": "Amina"}, by=PORTER, version=1, idempotency_key="k1")
    again = move(one, "take", {"carried_by": "Amina"}, by=PORTER, version=1, idempotency_key="k1")
    assert (first.version, again.version, again.times_moved) == (2, 2, 1)


def test_an_effect_that_fails_takes_the_move_back(desk: Workflow, monkeypatch: pytest.MonkeyPatch):
    def refuse(_record: Any, _by: Any) -> None:
        raise Refused("The lift is broken.")

    broken = type(desk.effects[0])("count", "Count", refuse)
    monkeypatch.setitem(desk.effect_of, "count", broken)
    one = errand(desk)
    with pytest.raises(Refused, match="lift is broken"):
        move(one, "take", {"carried_by": "Amina"}, by=PORTER)
    kept = type(one).get_by_id(one.id)
    assert (kept.state_kind, kept.version, one.state_kind) == ("open", 1, "open")


def test_no_state_is_set_by_hand_one_by_one_or_in_bulk(desk: Workflow):
    model = desk.model
    assert do(lambda: model.create(what="X", state="there", state_kind="arrived"), by=HOUSE).state_kind == "open"
    one = errand(desk)
    for name, value in (("state", "there"), ("state_kind", "arrived"), ("workflow_version", 9)):
        fresh = model.get_by_id(one.id)
        setattr(fresh, name, value)
        with pytest.raises(Misuse, match=r"core\.workflow\.move only"):
            do(fresh.save, by=HOUSE)
    with pytest.raises(Misuse, match="one by one"):
        do(lambda: change_where(model, model.id == one.id, {"state_kind": "arrived"}), by=HOUSE)
    with pytest.raises(Misuse, match="one by one"):
        do(lambda: insert_records([model(what="X")]), by=HOUSE)
    assert do(lambda: change_where(model, model.id == one.id, {"note": "by hand"}), by=HOUSE) == 1
    one = model.get_by_id(one.id)
    one.note = "half done"
    with pytest.raises(Misuse, match="save a record"):
        move(one, "take", {"carried_by": "Amina"}, by=PORTER)


def test_who_listens_is_told_of_kinds_and_hears_later_what_was_missed(desk: Workflow, workshop: Workshop, site: Site):
    workshop.small(
        "ear",
        """
        from core.hooks import hookimpl

        HEARD = []

        @hookimpl(catch_up=True)
        def workflow_moved(record, workflow, transition, from_kind, to_kind, by):
            HEARD.append((record.what, workflow, transition, from_kind, to_kind))
        """,
    )
    workshop.install("ear")
    assert table.specs["workflow_moved"].catch_up
    switch_on("ear", by=HOUSE)
    move(errand(desk), "take", {"carried_by": "Amina"}, by=PORTER)
    assert workshop.module("ear").HEARD == [("Blood", "porters.errand", "take", "open", "moving")]


def test_a_job_passes_the_same_door(desk: Workflow):
    """Whoever moves a record inside an act of their own joins it, and is asked for the permission all the same."""
    one = errand(desk)
    with pytest.raises(Forbidden):
        do(lambda: move(one, "take", {"carried_by": "Amina"}, by=VISITOR), by=VISITOR)
    moved = do(
        lambda: move(move(errand(desk), "take", {"carried_by": "A"}, by=PORTER), "deliver", by=PORTER), by=PORTER
    )
    assert (moved.state_kind, moved.times_moved) == ("arrived", 2)
