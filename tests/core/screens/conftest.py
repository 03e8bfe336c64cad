"""A hospital with an administrator, a nurse and a few places, and browsers at its door."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from core.app import install_plugins
from core.hooks import table
from core.places.services import PlaceDetails, add_place
from core.registry import Found, catalogue
from core.testing.house import HOUSE, House, house_of
from core.users.policy import follow, policy


def hospital_in(house: House) -> SimpleNamespace:
    """One site with people and places."""
    site = house.site()
    admin = house.person(site, "Ada Admin", "administrator")
    nurse = house.person(site, "Nora Nurse", "nurse")
    with site.activate(door="cli"):
        top = add_place(PlaceDetails("Harbour", "organisation"), by=HOUSE)
        ward = add_place(PlaceDetails("Main", "facility", "MAIN"), by=HOUSE, parent=top)
    return SimpleNamespace(house=house, site=site, admin=admin, nurse=nurse, top=top, ward=ward)


@pytest.fixture
def hospital(tmp_path) -> Iterator[SimpleNamespace]:
    before = policy()
    with house_of(tmp_path) as house:
        yield hospital_in(house)
    follow(before)


@pytest.fixture(scope="module")
def shared_hospital(tmp_path_factory) -> Iterator[SimpleNamespace]:
    before = policy()
    with house_of(tmp_path_factory.mktemp("house")) as house:
        yield hospital_in(house)
    follow(before)


@pytest.fixture
def admin(hospital):
    return hospital.house.visitor(hospital.site, hospital.admin)


@pytest.fixture
def nurse(hospital):
    return hospital.house.visitor(hospital.site, hospital.nurse)


@pytest.fixture
def asking() -> Iterator[str]:
    """A plugin that has settings and one page, installed for the length of a test."""
    install_plugins()
    catalogue.add(Found("asking", "tests.core.screens.medley_asking"))
    yield "asking"
    catalogue.plugins.pop("asking", None)
    catalogue.failures.pop("asking", None)
    table.remove_plugin("asking")
