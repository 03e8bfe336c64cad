"""Definitions: which one counts, what a site may change in its copy, and what becomes of records under way."""

from typing import Any

import pytest

from core.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from core.sites import current
from core.storage import IntegerField, Model, TextField
from core.storage.journal.models import JournalRow
from core.workflow import (
    Kind,
    Known,
    State,
    Workflow,
    back_to_shipped,
    change_workflow,
    governing,
    in_force,
    move,
    state_title,
    versions_of,
    workflows_here,
)
from core.workflow.checking import complaints
from core.workflow.contents import read_content, shipped_content
from core.workflow.editing import drifted, left_behind
from core.workflow.models import WorkflowDefinition
from tests.core.workflow.conftest import errand, somebody
from tests.hospital import HOUSE

PORTER = somebody("porter", "porters.view", "porters.carry")
CHIEF = somebody("chief", "core.manage_workflows")


def edited(workflow: Workflow, **changes: Any) -> dict[str, Any]:
    """What is shipped, with states and transitions changed by name; None takes one away."""
    content = shipped_content(workflow)
    for part in content:
        kept = [{**one, **(changes.get(one["name"]) or {})} for one in content[part] if changes.get(one["name"], 1)]
        content[part] = kept + list(changes.get(f"more_{part}", ()))
    return content


def one_state(name: str, kind: str, **more: str) -> dict[str, Any]:
    """A state of the site's own."""
    return {"name": name, "title": name.capitalize(), "kind": kind, "fhir": "", "phase": "", **more}


def one_way(name: str, start: list[str], to: str, **more: Any) -> dict[str, Any]:
    """A transition of the site's own."""
    return {"name": name, "title": name.capitalize(), "start": start, "to": to, "permission": "porters.carry", **more}


def wrong_with(workflow: Workflow, content: dict[str, Any]) -> str:
    """What the house has against a definition."""
    return " ".join(str(one) for one in complaints(workflow, read_content(content)))


def test_what_a_plugin_ships_counts_and_is_kept_with_the_first_record(desk: Workflow):
    assert "porters.errand" in workflows_here()
    assert (in_force(desk).number, in_force(desk).is_kept, versions_of(desk)) == (1, False, {})
    one = errand(desk)
    assert (one.state, one.state_kind, one.workflow_version) == ("asked", "open", 1)
    assert (in_force(desk).is_kept, list(versions_of(desk)), in_force(desk).origin) == (True, [1], "shipped")
    assert errand(desk).workflow_version == 1
    assert WorkflowDefinition.select().count() == 1
    assert str(state_title(one)) == "Asked for"


def test_a_sites_own_copy_counts_from_then_on_under_its_own_number(desk: Workflow):
    old = errand(desk)
    change_workflow("porters.errand", edited(desk, asked={"title": "Called in"}), by=CHIEF, note="As we say it")
    new = errand(desk)
    assert (in_force(desk).number, in_force(desk).origin, new.workflow_version) == (2, "site", 2)
    assert (old.workflow_version, str(state_title(old)), str(state_title(new))) == (1, "Called in", "Called in")
    assert str(in_force(desk).states["there"].title) == "There"
    rows = list(JournalRow.select().where(JournalRow.act == "core.change_workflow"))
    assert [(one.noun, one.actor_uid) for one in rows] == [("workflow_definition", CHIEF.uid)]


def test_going_back_to_what_is_shipped_is_a_version_too(desk: Workflow):
    change_workflow("porters.errand", edited(desk, asked={"title": "Called in"}), by=CHIEF)
    assert drifted(desk)
    back_to_shipped("porters.errand", by=CHIEF)
    assert (in_force(desk).number, in_force(desk).origin, drifted(desk)) == (3, "shipped", False)
    with pytest.raises(Refused, match="in force already"):
        back_to_shipped("porters.errand", by=CHIEF)


def test_a_new_release_is_followed_until_a_site_has_its_own(desk: Workflow, monkeypatch: pytest.MonkeyPatch):
    errand(desk)
    ahead = (*desk.states[:3], State("refused", "Turned down", "dropped", fhir="rejected"))
    monkeypatch.setitem(vars(desk), "states", ahead)
    assert (in_force(desk).number, in_force(desk).is_kept) == (2, False)
    assert errand(desk).workflow_version == 2
    change_workflow("porters.errand", edited(desk, asked={"title": "Called in"}), by=CHIEF)
    monkeypatch.setitem(vars(desk), "states", (*desk.states[:3], State("refused", "Sent back", "dropped")))
    assert (in_force(desk).number, str(in_force(desk).states["refused"].title)) == (3, "Turned down")
    assert drifted(desk)


def test_only_who_may_changes_it_and_not_what_somebody_else_changed_meanwhile(desk: Workflow):
    with pytest.raises(Forbidden):
        change_workflow("porters.errand", edited(desk, asked={"title": "X"}), by=PORTER)
    change_workflow("porters.errand", edited(desk, asked={"title": "X"}), by=CHIEF, seen=1)
    with pytest.raises(Conflict):
        change_workflow("porters.errand", edited(desk, asked={"title": "Y"}), by=CHIEF, seen=1)
    with pytest.raises(NotFound):
        change_workflow("porters.parcel", edited(desk), by=CHIEF)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"asked": {"kind": "lost"}}, "the kind “lost”, which nobody knows. Choose one of: open, moving"),
        ({"asked": {"kind": "moving"}}, "Put a state first whose kind is one of: Not begun"),
        ({"asked": {"phase": "blue"}}, "no such phase"),
        ({"refused": {"fhir": "entered"}}, "no such FHIR code. Choose one of: cancelled, rejected"),
        ({"more_states": [one_state("asked", "open")]}, "“asked” is there twice"),
        ({"more_states": [one_state("On hold", "open")]}, "“On hold” is no name"),
        ({"more_states": [one_state("lost", "dropped")]}, "Nothing leads to Lost. Add a transition"),
        (
            {"more_states": [one_state("stuck", "moving")], "more_transitions": [one_way("stick", ["asked"], "stuck")]},
            "From Stuck no way leads to an end",
        ),
        ({"there": None}, "Delivered leads from or to “there”, which is no state"),
        ({"take": None}, "can't do without Take it. Put it back"),
        ({"take": {"to": "refused"}}, "Take it must lead to a state of the kind On its way"),
        ({"take": {"start": ["under_way"]}}, "Take it must begin at a state of the kind Not begun"),
        ({"take": {"effects": []}}, "must keep its effect “Count the trip”"),
        (
            {"deliver": {"permission": "core.grant"}},
            "names the permission “core.grant”, which the plugin does not have",
        ),
        ({"deliver": {"needs": ["version"]}}, "names the field “version”"),
        ({"deliver": {"effects": ["explode"]}}, "names the effect “explode”"),
        ({"deliver": {"condition": "weight < "}}, "condition of Delivered can't be used, at letter 10"),
        ({"deliver": {"condition": "errand.id = 1"}}, "at letter 7"),
        ({"deliver": {"condition": "weight"}}, "this is a number"),
    ],
)
def test_a_copy_that_would_not_work_is_told_what_to_do(porters: Workflow, changes: dict[str, Any], words: str):
    assert words in wrong_with(porters, edited(porters, **changes))


def test_a_copy_that_would_not_work_is_not_put_in_force(desk: Workflow):
    with pytest.raises(Refused, match="can't do without Take it"):
        change_workflow("porters.errand", edited(desk, take=None), by=CHIEF)
    assert in_force(desk).origin == "shipped"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "states and transitions"), ([], "states and transitions"), ({"states": []}, "a list of 1 to"),
        ({"states": [1], "transitions": [1]}, "states 1: this must be an object"),
        ({"states": [{"name": "a"}], "transitions": [{}]}, "states 1: “title” is missing"),
        ({"states": [{"name": "a", "title": "A", "kind": "b", "colour": "red"}], "transitions": [{}]}, "no “colour”"),
        ({"states": [{"name": 3, "title": "A", "kind": "open"}], "transitions": [{}]}, "“name” is of the wrong sort"),
        ({"states": [{"name": "a", "title": "A" * 61, "kind": "b"}], "transitions": [{}]}, "“title” is too long"),
        ({"states": [{"name": "a", "title": "A", "kind": "b"}], "transitions": [{"start": [1]}]}, "“start” is of the"),
        ({"states": [one_state("a", "open")] * 101, "transitions": [{}]}, "a list of 1 to 100"),
        ({"states": [], "transitions": [], "also": 1}, "nothing else"),
    ],
)  # fmt: skip
def test_anything_may_stand_in_a_file(given: Any, words: str):
    with pytest.raises(Refused) as refused:
        read_content(given)
    assert words in str(refused.value)


def test_records_under_way_follow_a_new_version_that_knows_their_state(desk: Workflow):
    one = errand(desk)
    change_workflow("porters.errand", edited(desk, take={"needs": []}), by=CHIEF)
    moved = move(one, "take", by=PORTER)
    assert (moved.state, moved.workflow_version, moved.carried_by) == ("under_way", 2, "")


def test_records_go_on_by_their_own_version_where_the_new_one_is_for_new_ones_only(desk: Workflow):
    old = errand(desk)
    change_workflow("porters.errand", edited(desk, take={"needs": []}), by=CHIEF, takes_over=False)
    with pytest.raises(Refused):
        move(old, "take", by=PORTER)
    assert move(errand(desk), "take", by=PORTER).workflow_version == 2
    moved = move(old, "take", {"carried_by": "Amina"}, by=PORTER)
    assert moved.workflow_version == 1


def test_no_record_is_stranded_by_a_state_that_is_taken_away(desk: Workflow):
    """A site had a state of its own; who is still in it leaves it by the version that knew it."""
    waiting = one_state("lift", "moving")
    ways = [one_way("wait", ["under_way"], "lift"), one_way("go_on", ["lift"], "under_way")]
    change_workflow("porters.errand", edited(desk, more_states=[waiting], more_transitions=ways), by=CHIEF)
    one = move(move(errand(desk), "take", {"carried_by": "Amina"}, by=PORTER), "wait", by=PORTER)
    assert one.state_kind == "moving"
    assert left_behind(desk, shipped_content(desk)) == {"lift": 1}
    back_to_shipped("porters.errand", by=CHIEF)
    assert (governing(one).number, str(state_title(one))) == (2, "Lift")
    one = move(one, "go_on", by=PORTER)
    assert (one.state, one.workflow_version, governing(one).number) == ("under_way", 2, 3)
    assert move(one, "deliver", by=PORTER).workflow_version == 3


def test_a_state_that_changes_its_kind_is_another_state(desk: Workflow):
    one = errand(desk)
    content = edited(
        desk, asked={"name": "called"},
        **{name: {"start": ["called"]} for name in ("take", "recall", "refuse")},
        more_states=[one_state("asked", "moving")],
        more_transitions=[one_way("wait", ["under_way"], "asked"), one_way("go", ["asked"], "under_way")],
    )  # fmt: skip
    change_workflow("porters.errand", content, by=CHIEF)
    assert governing(one).number == 1
    assert move(one, "take", {"carried_by": "Amina"}, by=PORTER).state_kind == "moving"


def test_fhir_and_phase_come_from_the_state_or_its_kind(desk: Workflow):
    found = in_force(desk)
    assert [(found.fhir_of(name), found.phase_of(name)) for name in found.states] == [
        ("requested", "planned"), ("in-progress", "active"), ("completed", "done"), ("rejected", "missed"),
    ]  # fmt: skip
    assert (found.phase_of("nowhere"), found.fhir_of("nowhere")) == ("hold", "")


def test_versions_of_a_plugin_that_is_off_wait_for_it(desk: Workflow):
    errand(desk)
    row = WorkflowDefinition.get()
    assert (row.workflow, row.number, row.created_by) == ("porters.errand", 1, HOUSE.uid)
    assert current().state.enabled == {"porters"}


class Parcel(Model):
    """Something with no room for a state."""

    note = TextField(default="")

    class Meta:
        plugin = "clinic"


class Letter(Model):
    """Something with room for one."""

    state = TextField(max_length=40, default="")
    state_kind = TextField(max_length=40, default="")
    workflow_version = IntegerField(default=0)

    class Meta:
        plugin = "clinic"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"model": Parcel}, "has no column state, state_kind, workflow_version"),
        ({"name": "wards.letter"}, "named <plugin>.<noun>"),
        ({"kinds": (Kind("A B", "A", "done"),)}, "needs a short name"),
        ({"kinds": (Kind("a", "A", "blue"),)}, "no phase 'blue'"),
        ({"facts": (Known("a", "A", "float", len),)}, "no sort 'float'"),
        ({"states": (State("a", "A", "b"), State("a", "A", "b"))}, "needs a short name of its own"),
        ({"fields": (Known("sender", "Sender", "text", len),)}, "no column a transition could ask for"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused_when_they_are_written(facts: dict[str, Any], words: str):
    whole: dict[str, Any] = {
        "name": "clinic.letter", "title": "Letters", "model": Letter, "kinds": (), "states": (), "transitions": (),
    }  # fmt: skip
    with pytest.raises(Misuse, match=words):
        Workflow(**{**whole, **facts})
