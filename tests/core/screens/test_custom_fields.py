"""The pages where an administrator adds fields and arranges forms, without a line of code."""

import re
import sys
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from medley_equipment.models import Device
from medley_equipment.resources import DEVICES

from core.registry import Found, catalogue
from core.resources.catalogue import facts_here, sections_here
from core.resources.custom.kinds import KINDS
from core.resources.custom.models import CustomField
from core.testing.house import House

NOUN = "/fields/equipment.device"
ANSWERS = {
    "choice": {"choices": "s: Small | de: Klein\nl: Large"},
    "several": {"choices": "s: Small\nl: Large"},
    "quantity": {"unit": "mm[Hg]"},
    "relation": {"to": "equipment.device"},
}


@pytest.fixture
def place(tmp_path):
    """A site with a register of equipment, an administrator and a storekeeper at its door."""
    house = House(tmp_path)
    if "equipment" not in catalogue.plugins:
        catalogue.add(Found("equipment", "medley_equipment"))
    site = house.site(plugins=("equipment",))
    ada = house.visitor(site, house.person(site, "Ada Admin", "administrator"))
    kim = house.visitor(site, house.person(site, "Kim Keeper", "storekeeper"))
    yield SimpleNamespace(house=house, site=site, ada=ada, kim=kim)
    house.close()


def add(place, kind: str, name: str, title: str = "", **answers: str):
    """Send the form of a new field."""
    address = f"{NOUN}/new?kind={kind}"
    place.ada.get(address)
    return place.ada.post(address, {"title": title or name, "name": name, **answers})


def layout(page: str) -> list[str]:
    """The sections and facts as the page has them, in order."""
    return re.findall(r'name="place" value="([^"]+)"', page)


def text_of(answer) -> str:
    return unescape(answer.get_data(as_text=True))


def test_nobody_but_who_may_arranges(place) -> None:
    assert place.kim.get(NOUN).status_code == 403
    assert place.ada.get("/fields").status_code == 200


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_field_of_each_kind_is_added_by_its_page_and_asked_in_the_form(place, kind) -> None:
    answer = add(place, kind, "x_more", f"More {kind}", **ANSWERS.get(kind, {}))
    assert answer.status_code == 303, text_of(answer)
    assert f"More {kind}" in text_of(place.kim.get("/equipment/new"))
    with place.site.activate():
        uid = CustomField.get(CustomField.name == "x_more").uid
    shown = place.ada.get(f"{NOUN}/{uid}")
    assert shown.status_code == 200
    form = dict(re.findall(r'name="(version|kind|title)" [^>]*value="([^"]*)"', shown.get_data(as_text=True)))
    again = place.ada.post(f"{NOUN}/{uid}", {**form, "title": "Renamed", "kind": kind, **ANSWERS.get(kind, {})})
    assert again.status_code == 303, text_of(again)
    assert "Renamed" in text_of(place.kim.get("/equipment/new"))


def test_a_field_is_filled_in_shown_and_found_in_the_list(place) -> None:
    add(place, "choice", "x_size", "Size", **ANSWERS["choice"], is_filterable="y")
    add(place, "line", "x_room", "Room")
    place.kim.get("/equipment/new")
    values = {"name": "Pump", "serial": "S1", "kind": "pump", "state": "in_use", "x_size": "l", "x_room": "12b"}
    sent = place.kim.post("/equipment/new", values)
    assert sent.status_code == 303, text_of(sent)
    page = text_of(place.kim.get(sent.location))
    assert "Large" in page
    assert "12b" in page
    assert "12b" in text_of(place.kim.get("/equipment/?cols=name,x_room"))


@pytest.mark.parametrize(
    ("kind", "answers", "says"),
    [
        ("line", {"name": "room"}, "Write x_ and then small letters"),
        ("line", {"name": "x_room", "shape": "abc"}, "# stands for a digit"),
        ("whole", {"name": "x_n", "least": "9", "most": "3"}, "The most is less than the least."),
        ("choice", {"name": "x_c", "choices": "no colon"}, "Write a code, a colon"),
        ("choice", {"name": "x_c", "choices": "a: A\na: B"}, "is there twice"),
        ("decimal", {"name": "x_d", "default": "many"}, "This is not a number."),
        ("line", {"name": "x_l", "is_sensitive": "y", "is_searched": "y"}, "What is encrypted can be neither"),
        ("day", {"name": "x_day", "earliest": "tomorrow"}, "Write the day as"),
        ("line", {"name": "x_l", "languages": "German Zimmer"}, "Write a language, a colon"),
    ],
)
def test_what_does_not_hold_comes_back_beside_its_question(place, kind, answers, says) -> None:
    place.ada.get(f"{NOUN}/new?kind={kind}")
    answer = place.ada.post(f"{NOUN}/new?kind={kind}", {"title": "More", **answers})
    assert answer.status_code == 422
    assert says in text_of(answer)


def test_a_field_out_of_use_leaves_the_form_and_comes_back(place) -> None:
    add(place, "line", "x_room", "Ward room")
    with place.site.activate():
        uid = CustomField.get(CustomField.name == "x_room").uid
    place.ada.get(f"{NOUN}/{uid}/retire")
    assert place.ada.post(f"{NOUN}/{uid}/retire", {"reason": "moved"}).status_code == 303
    assert "Ward room" not in text_of(place.kim.get("/equipment/new"))
    assert "had this name" in text_of(add(place, "line", "x_room"))
    place.ada.get(NOUN)
    assert place.ada.post(f"{NOUN}/{uid}/restore").status_code == 303
    assert "Ward room" in text_of(place.kim.get("/equipment/new"))


# Arranging.


def sent_layout(page: str, **changes) -> dict:
    """What the page would send as it stands."""
    asked = re.findall(r'name="asked" value="([^"]+)"(?: checked|>)', page)
    return {"place": layout(page), "asked": asked, "needed": [], "section_title": [], **changes}


def test_facts_are_moved_by_buttons_without_a_script_and_stored_when_saved(place) -> None:
    page = place.ada.get(NOUN).get_data(as_text=True)
    assert layout(page)[:3] == ["s:device", "f:name", "f:serial"]
    moved = place.ada.post(NOUN, sent_layout(page, move="down:name")).get_data(as_text=True)
    assert layout(moved)[:3] == ["s:device", "f:serial", "f:name"]
    with place.site.activate():
        assert sections_here(DEVICES)[0].facts[0] == "name"
    assert place.ada.post(NOUN, sent_layout(moved)).status_code == 303
    with place.site.activate():
        assert sections_here(DEVICES)[0].facts[:2] == ("serial", "name")
    form = text_of(place.kim.get("/equipment/new"))
    assert form.index("Serial number") < form.index(">Name")


def test_a_section_is_added_named_moved_and_taken_away(place) -> None:
    page = place.ada.get(NOUN).get_data(as_text=True)
    grown = place.ada.post(NOUN, sent_layout(page, move="new:")).get_data(as_text=True)
    own = layout(grown)[-1]
    assert own.startswith("s:own-")
    up = place.ada.post(NOUN, sent_layout(grown, move=f"section-up:{own[2:]}", section_title=["On the ward"]))
    places = layout(up.get_data(as_text=True))
    places.remove("f:note")
    places.insert(places.index(own) + 1, "f:note")
    assert place.ada.post(NOUN, sent_layout(page, place=places, section_title=["On the ward"])).status_code == 303
    assert "On the ward" in text_of(place.kim.get("/equipment/new"))
    page = place.ada.get(NOUN).get_data(as_text=True)
    gone = place.ada.post(NOUN, sent_layout(page, move=f"gone:{own[2:]}", section_title=["On the ward"]))
    assert own not in layout(gone.get_data(as_text=True))


def test_a_fact_is_left_out_of_the_form_and_another_insisted_on_but_never_what_an_act_needs(place) -> None:
    page = place.ada.get(NOUN).get_data(as_text=True)
    sent = sent_layout(page, needed=["bought_on", "is_mobile"])
    sent["asked"] = [name for name in sent["asked"] if name not in ("note", "serial")]
    assert place.ada.post(NOUN, sent).status_code == 303
    with place.site.activate():
        assert facts_here(DEVICES)["bought_on"].required
        assert not facts_here(DEVICES)["is_mobile"].required
    form = text_of(place.kim.get("/equipment/new"))
    assert 'name="note"' not in form
    assert 'name="serial"' in form
    values = {"name": "Pump", "serial": "S1", "kind": "pump", "state": "in_use"}
    assert place.kim.post("/equipment/new", values).status_code == 422
    assert place.kim.post("/equipment/new", {**values, "bought_on": "2026-01-01"}).status_code == 303
    with place.site.activate():
        assert Device.get(Device.serial == "S1").note == ""


def test_the_preview_shows_the_form_and_stores_nothing(place) -> None:
    page = place.ada.get(NOUN).get_data(as_text=True)
    sent = sent_layout(page, move="")
    sent["asked"] = [name for name in sent["asked"] if name != "note"]
    preview = text_of(place.ada.post(f"{NOUN}/preview", sent))
    assert "Nothing is stored." in preview
    assert 'name="note"' not in preview
    assert 'name="note"' in text_of(place.kim.get("/equipment/new"))


def test_two_who_arrange_at_once_do_not_undo_each_other(place) -> None:
    page = place.ada.get(NOUN).get_data(as_text=True)
    assert place.ada.post(NOUN, sent_layout(page)).status_code == 303
    first = place.ada.get(NOUN).get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', first)[1]
    swapped = ["s:where", *[one for one in layout(first) if one != "s:where"]]
    assert place.ada.post(NOUN, sent_layout(first, place=swapped, version=version)).status_code == 303
    assert place.ada.post(NOUN, sent_layout(first, version=version)).status_code == 409


@pytest.mark.parametrize("junk", [["f:name"], ["s:x y", "f:name"], ["s:device", "f:nothing"], ["s:device", "s:device"]])
def test_a_layout_that_is_none_never_breaks_the_page(place, junk) -> None:
    page = place.ada.get(NOUN).get_data(as_text=True)
    answer = place.ada.post(NOUN, sent_layout(page, place=junk))
    assert answer.status_code in (303, 422)
    assert place.kim.get("/equipment/new").status_code == 200
