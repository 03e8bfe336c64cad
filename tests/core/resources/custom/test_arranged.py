"""A noun as a site arranged it: fields in their places, sections in order, and nothing hidden that an act needs."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "examples"))

from medley_equipment.resources import DEVICES

from core.resources.custom.here import Here, arranged
from core.resources.custom.models import Arrangement, CustomField
from core.texts import reading

WARD = {"key": "own-1", "title": "On the ward", "words": {"de": {"title": "Auf Station"}}, "facts": ["x_ward", "kind"]}


def field(name: str, kind: str = "line", **facts: Any) -> CustomField:
    """A field that is not stored."""
    facts.setdefault("title", name.removeprefix("x_").capitalize())
    return CustomField(noun=DEVICES.name, name=name, kind=kind, **facts)


def devices(*fields: CustomField, sections: Any = (), hidden: Any = (), needed: Any = ()) -> Here:
    """The register of equipment with these fields and this arrangement."""
    arrangement = Arrangement(noun=DEVICES.name, sections=list(sections), hidden=list(hidden), needed=list(needed))
    return arranged(DEVICES, fields, arrangement)


def test_a_noun_nobody_arranged_is_as_it_was_declared() -> None:
    found = arranged(DEVICES, (), None)
    assert found.facts == DEVICES.by_name
    assert [one.facts for one in found.sections] == [one.facts for one in DEVICES.parts]
    assert found.facets == DEVICES.facets
    assert list(found.orders) == list(DEVICES.orders)


def test_a_field_nobody_placed_stands_in_a_section_of_its_own_at_the_end() -> None:
    found = devices(field("x_ward"))
    assert found.sections[-1].facts == ("x_ward",)
    assert str(found.sections[-1].title) == "Further facts"
    assert found.facts["x_ward"].within
    assert found.facts["x_ward"].column == "custom"


def test_sections_stand_in_the_order_of_the_site_and_keep_what_was_declared_later() -> None:
    found = devices(field("x_ward"), sections=[WARD, {"key": "where", "facts": ["place"]}])
    assert [one.key for one in found.sections] == ["own-1", "where", "device", "rest"]
    assert found.sections[0].facts == ("x_ward", "kind")
    assert found.sections[1].facts == ("place", "bought_on", "checked_at")
    with reading("de"):
        assert str(found.sections[0].title) == "Auf Station"


def test_a_form_leaves_out_what_the_site_does_not_ask_but_never_what_an_act_needs() -> None:
    found = devices(hidden=["note", "serial"])
    in_form = [name for one in found.form_sections for name in one.facts]
    assert "note" not in in_form
    assert "serial" in in_form
    assert "note" in [name for one in found.sections for name in one.facts]


def test_a_site_can_insist_on_a_fact_and_then_it_is_asked() -> None:
    found = devices(needed=["bought_on", "is_mobile"], hidden=["bought_on"])
    assert found.facts["bought_on"].required
    assert not found.facts["is_mobile"].required
    assert "bought_on" in [name for one in found.form_sections for name in one.facts]
    assert not DEVICES.by_name["bought_on"].required


@pytest.mark.parametrize("facts", [{"is_sensitive": True}, {"is_restricted": True}])
def test_a_field_that_is_not_everybodys_has_permissions_of_its_own(facts: dict[str, bool]) -> None:
    fact = devices(field("x_virus", **facts)).facts["x_virus"]
    assert fact.read == "core.read_equipment_device_x_virus"
    assert fact.write == "core.write_equipment_device_x_virus"


def test_lists_go_by_a_field_only_when_its_index_is_complete() -> None:
    waiting = field("x_ward", "whole", is_filterable=True)
    waiting.id = 7
    assert "x_ward" not in devices(waiting).facets
    ready = arranged(DEVICES, [waiting], None, {7})
    assert "x_ward" in ready.facets
    assert "x_ward" in ready.orders
