"""Two who move the same record at once, on every engine: one moves it, the other is told."""

from typing import Any

from core.errors import Conflict, Refused
from core.sites import Site
from core.workflow import Workflow, in_force, move, versions_of
from core.workflow.models import WorkflowDefinition
from tests.core.workflow.conftest import errand, somebody
from tests.hospital import SOAK, at_once, rounds

pytestmark = SOAK
PORTER = somebody("porter", "porters.view", "porters.carry")
MANY = 6


def test_the_first_records_of_a_hospital_keep_one_version_between_them(desk_on: Site, porters: Workflow):
    with desk_on.activate(door="test"):
        assert not versions_of(porters)
    made = at_once(desk_on, MANY, lambda _index: errand(porters))
    assert {one.workflow_version for one in made} == {1}, made
    with desk_on.activate(door="test"):
        assert WorkflowDefinition.select().count() == 1 == len(versions_of(porters))
        assert in_force(porters).is_kept


def test_one_of_many_moves_it_and_the_others_are_told(desk_on: Site, porters: Workflow):
    for _round in range(rounds(6, 100)):
        with desk_on.activate(door="test"):
            uid = errand(porters).uid

        def take(index: int, uid: str = uid) -> Any:
            one = porters.model.get(porters.model.uid == uid)
            if index % 2:
                return move(one, "refuse", {"note": f"by {index}"}, by=PORTER)
            return move(one, "take", {"carried_by": f"by {index}"}, by=PORTER)

        results = at_once(desk_on, MANY, take)
        won = [one for one in results if isinstance(one, porters.model)]
        told = [one for one in results if isinstance(one, (Conflict, Refused))]
        assert (len(won), len(told)) == (1, MANY - 1), results
        with desk_on.activate(door="test"):
            kept = porters.model.get(porters.model.uid == uid)
            assert (kept.state, kept.version, kept.note + kept.carried_by) == (
                won[0].state, 2, won[0].note + won[0].carried_by,
            )  # fmt: skip


def test_a_version_seen_is_asked_for_whoever_is_later(desk_on: Site, porters: Workflow):
    with desk_on.activate(door="test"):
        one = errand(porters, carried_by="Amina")
        seen = one.version

    def take(_index: int) -> Any:
        return move(porters.model.get_by_id(one.id), "take", by=PORTER, version=seen)

    results = at_once(desk_on, MANY, take)
    assert sorted(type(result).__name__ for result in results) == ["Conflict"] * (MANY - 1) + ["Errand"]
