"""What a workflow gives to the pages of a noun, to the board, to many at once and to programs."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from core.testing.house import House
from core.workflow import Workflow, change_workflow
from tests.core.workflow.conftest import errand
from tests.core.workflow.test_definitions import edited, one_state, one_way
from tests.hospital import HOUSE
from tests.plugins.api.conftest import Program, secret_for


@pytest.fixture
def ward(porters: Workflow, house: House) -> SimpleNamespace:
    """A hospital with porters: a nurse who asks, somebody at the desk who carries."""
    site = house.site(plugins=["porters", "api"])
    people = {role: house.person(site, f"{role} person", role) for role in ("nurse", "receptionist", "administrator")}

    def made(**facts: Any) -> Any:
        with site.activate(door="test"):
            return errand(porters, **facts)

    return SimpleNamespace(
        site=site, workflow=porters, made=made, visitor=lambda role: house.visitor(site, people[role])
    )


def text_of(answer: Any) -> str:
    """The page, spaces together."""
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.get_data(as_text=True).split())


def kept(ward: SimpleNamespace, one: Any) -> Any:
    """The record as it is now."""
    with ward.site.activate(door="test"):
        return ward.workflow.model.get_by_id(one.id)


def test_a_record_shows_its_state_and_the_steps_that_are_open_to_its_reader(ward: SimpleNamespace):
    one = ward.made()
    page = text_of(ward.visitor("receptionist").get(f"/porters/{one.uid}"))
    assert re.search(r'm-st s-neutral is-soft"><svg[^>]*><use href="[^"]*#planned"></use></svg>Asked for', page)
    assert f'/porters/{one.uid}/move/take"' in page and "Take it</a>" in page
    assert f"/porters/{one.uid}/move/deliver" not in page
    nurse = text_of(ward.visitor("nurse").get(f"/porters/{one.uid}"))
    assert "/move/take" not in nurse
    assert "This needs the permission porters.carry." in nurse and "Only when: Asked for by oneself." in nurse


def test_a_step_is_asked_for_what_it_needs_and_taken_once(ward: SimpleNamespace):
    one, desk = ward.made(), ward.visitor("receptionist")
    page = text_of(desk.get(f"/porters/{one.uid}/move/take"))
    assert 'name="carried_by"' in page and 'name="version" type="hidden" value="1"' in page
    refused = desk.post(f"/porters/{one.uid}/move/take", {"carried_by": "", "version": "1"})
    assert refused.status_code == 422
    sent = {"carried_by": "Amina", "version": "1", "idempotency_key": "once"}
    for _time in range(2):
        answer = desk.post(f"/porters/{one.uid}/move/take", sent)
        assert (answer.status_code, answer.location) == (303, f"/porters/{one.uid}")
    now = kept(ward, one)
    assert (now.state_kind, now.carried_by, now.times_moved) == ("moving", "Amina", 1)
    stale = desk.post(f"/porters/{one.uid}/move/refuse", {"note": "No", "version": "1"})
    assert stale.status_code == 409
    assert kept(ward, one).state_kind == "moving"


def test_no_page_takes_a_step_for_somebody_who_may_not(ward: SimpleNamespace):
    one, nurse = ward.made(), ward.visitor("nurse")
    assert nurse.get(f"/porters/{one.uid}/move/take").status_code == 403
    assert nurse.post(f"/porters/{one.uid}/move/take", {"carried_by": "N", "version": "1"}).status_code == 403
    desk = ward.visitor("receptionist")
    assert desk.get(f"/porters/{one.uid}/move/nowhere").status_code == 404
    assert desk.get(f"/porters/{one.uid}/move/deliver").status_code == 404
    assert desk.post(f"/porters/{one.uid}/move/deliver", {"version": "1"}).status_code == 422
    assert kept(ward, one).version == 1


def test_a_list_is_narrowed_by_state(ward: SimpleNamespace):
    ward.made(what="Blood")
    gone = ward.made(what="Bed")
    desk = ward.visitor("receptionist")
    desk.get(f"/porters/{gone.uid}/move/take")
    desk.post(f"/porters/{gone.uid}/move/take", {"carried_by": "Amina", "version": "1"})
    listed = text_of(desk.get("/porters/?state=under_way"))
    assert "Bed" in listed and "<bdi>Blood</bdi>" not in listed and "<b>Under way</b>" in listed
    assert 'href="/porters/board?state=under_way">Board' in listed


def test_the_board_has_a_column_for_each_state_and_cards_that_move(ward: SimpleNamespace):
    ward.made(what="Blood")
    bed = ward.made(what="Bed", carried_by="Amina")
    desk = ward.visitor("receptionist")
    page = text_of(desk.get("/porters/board"))
    assert re.findall(r'data-m-column="(\w+)"', page) == ["asked", "under_way", "there", "refused"]
    assert page.count("data-m-card") == 2
    assert re.findall(r'aria-current="true"><span class="m-st s-neutral">', page)
    assert f'/porters/{bed.uid}/move/take?from=board" data-m-step="under_way"' in page
    assert "Move Bed" in page and f'id="card-{bed.uid}"' in page
    answer = desk.post(f"/porters/{bed.uid}/move/take?from=board", {"carried_by": "Amina", "version": "1"})
    assert answer.location == f"/porters/board?at=under_way#card-{bed.uid}"
    page = text_of(desk.get("/porters/board?at=under_way"))
    deliver = re.search(rf'<form method="post" action="/porters/{bed.uid}/move/deliver\?from=board"', page)
    assert deliver and '<section class="m-board-col is-current" aria-labelledby="col-under_way"' in page
    assert text_of(desk.get("/porters/board?state=asked")).count("data-m-column=") == 1


def test_a_state_of_an_older_version_has_a_column_while_something_is_in_it(ward: SimpleNamespace):
    desk, one = ward.visitor("receptionist"), None
    with ward.site.activate(door="test"):
        ways = [one_way("wait", ["asked"], "lift"), one_way("go_on", ["lift"], "under_way")]
        content = edited(ward.workflow, more_states=[one_state("lift", "moving")], more_transitions=ways)
        change_workflow("porters.errand", content, by=HOUSE)
    one = ward.made()
    desk.get("/porters/board")
    assert desk.post(f"/porters/{one.uid}/move/wait?from=board", {"version": "1"}).status_code == 303
    with ward.site.activate(door="test"):
        change_workflow("porters.errand", edited(ward.workflow, asked={"title": "Called in"}), by=HOUSE)
    page = text_of(desk.get("/porters/board"))
    assert re.findall(r'data-m-column="(\w+)"', page) == ["asked", "under_way", "there", "refused", "lift"]
    assert "Called in" in page and "/move/go_on" in page
    assert desk.post(f"/porters/{one.uid}/move/go_on?from=board", {"version": "2"}).status_code == 303
    assert 'data-m-column="lift"' not in text_of(desk.get("/porters/board"))


def test_many_are_moved_at_once_and_why_not_is_told_for_each(ward: SimpleNamespace):
    light, heavy = ward.made(what="Letter"), ward.made(what="Bed", weight=80, is_urgent=True)
    desk = ward.visitor("receptionist")
    desk.get("/porters/")
    where = desk.post("/porters/bulk", {"uid": [light.uid, heavy.uid]}).location
    page = text_of(desk.get(f"{where}?do=act:take"))
    assert "needs the lift" in page
    answer = desk.post(f"{where}?do=act:take", {"carried_by": "Amina"})
    assert answer.status_code == 303
    assert (kept(ward, light).state_kind, kept(ward, heavy).state_kind) == ("moving", "open")


def test_programs_take_the_same_steps(ward: SimpleNamespace, house: House):
    one, other = ward.made(), ward.made(weight=80, is_urgent=True)
    porter = house.person(ward.site, "Pro Gram", "receptionist", "administrator")
    program = Program(house, ward.site, secret_for(ward.site, porter))
    place = f"/api/v1/porters/errand/{one.uid}"
    found = program.get(place).get_json()
    assert (found["state"], found["state_kind"], found["version"]) == ("asked", "open", 1)
    assert program.post(f"{place}/actions/take", {}).get_json()["errors"][0]["pointer"] == "/carried_by"
    moved = program.post(f"{place}/actions/take", {"carried_by": "Amina"}, If_Match='"1"')
    assert (moved.status_code, moved.get_json()["state_kind"]) == (200, "moving"), moved.text
    assert program.post(f"{place}/actions/refuse", {"note": "X"}, If_Match='"1"').status_code == 412
    refused = program.post(f"/api/v1/porters/errand/{other.uid}/actions/take", {"carried_by": "Amina"})
    assert refused.status_code == 422 and "needs the lift" in refused.text
    assert program.ask("PATCH", place, {"state": "there"}, If_Match='"2"').status_code == 422
    assert [row["uid"] for row in program.get("/api/v1/porters/errand?state=under_way").get_json()["items"]] == [
        one.uid
    ]
    described = program.get("/api/openapi.json").get_json()["paths"]
    assert "/api/v1/porters/errand/{uid}/actions/take" in described
