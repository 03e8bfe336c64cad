"""A site with the register of equipment, which declares every sort of fact once."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.app import install_plugins
from core.places.services import PlaceDetails, add_place
from core.registry import Found, catalogue
from core.testing.house import HOUSE, House, Visitor
from tests.hospital import Workshop

EXAMPLES = Path(__file__).parents[2] / "examples"
PUMP = {"name": "Infusion pump", "serial": "P-1", "kind": "pump", "state": "in_use"}


@pytest.fixture
def equipment(workshop: Workshop) -> Iterator[Any]:
    """The example plugin, installed for the length of a test."""
    sys.path.insert(0, str(EXAMPLES))
    install_plugins()
    catalogue.add(Found("equipment", "medley_equipment"))
    workshop.made.append("equipment")
    yield workshop.module("equipment", "resources").DEVICES
    sys.path.remove(str(EXAMPLES))


@pytest.fixture
def store(equipment: Any, house: House) -> SimpleNamespace:
    """A hospital with that plugin on, two wards, an administrator, a storekeeper and a nurse."""
    site = house.site(plugins=["equipment"])
    with site.activate(door="cli"):
        top = add_place(PlaceDetails("Harbour", "organisation"), by=HOUSE)
        wards = [
            add_place(PlaceDetails(name, "facility", name[:4].upper()), by=HOUSE, parent=top)
            for name in ("East", "West")
        ]
    people = {role: house.person(site, f"{role} person", role) for role in ("administrator", "storekeeper", "nurse")}
    return SimpleNamespace(
        house=house, site=site, devices=equipment, wards=wards, people=people,
        model=equipment.model, visitor=lambda role: house.visitor(site, people[role]),
    )  # fmt: skip


def entered(visitor: Visitor, **facts: Any) -> str:
    """A device entered through the form; the address of its page."""
    page = visitor.get("/equipment/new").get_data(as_text=True)
    assert 'name="serial"' in page
    answer = visitor.post("/equipment/new", {**PUMP, **facts})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)
