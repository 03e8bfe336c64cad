"""A hospital with the register switched on."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.actors import Actor, Grant
from core.sites import Activation, Site
from core.testing.house import HOUSE, House, house_of
from plugins.patients import permissions
from plugins.patients.models import IdentifierType, Patient
from plugins.patients.services.details import PatientDetails
from plugins.patients.services.identifiers import TypeDetails, add_identifier_type
from plugins.patients.services.merging import acts
from plugins.patients.services.registering import register_patient

EVERYTHING_HERE = frozenset(one.name for one in permissions.PERMISSIONS)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An installation of this test alone."""
    with house_of(tmp_path) as house:
        yield house


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A merge of ordinary size is one transaction, however busy the machine of the tests is."""
    monkeypatch.setattr(acts, "BUDGET_SECONDS", 60.0)


@pytest.fixture
def site(house: House) -> Site:
    """A hospital on SQLite."""
    return house.site("harbour", plugins=["patients"])


@pytest.fixture
def site_anywhere(house: House, database_url: str) -> Site:
    """A hospital on each engine in turn."""
    return house.site("harbour", database_url, plugins=["patients"])


@pytest.fixture
def desk(site: Site) -> Iterator[Activation]:
    """Work at the desk of the SQLite hospital."""
    with site.activate(door="web") as activation:
        yield activation


@pytest.fixture
def desk_anywhere(site_anywhere: Site) -> Iterator[Activation]:
    """Work at the desk, on each engine in turn."""
    with site_anywhere.activate(door="web") as activation:
        yield activation


def clerk(place: int | None = None, held: frozenset[str] = EVERYTHING_HERE) -> Actor:
    """A receptionist, of the whole hospital or of one place."""
    return Actor("person", "clerk", "Grace Wanjiru", held, place=place, grants=(Grant("receptionist", place, held),))


@pytest.fixture
def grace() -> Actor:
    """The receptionist."""
    return clerk()


@pytest.fixture
def enter(desk: Activation, grace: Actor) -> Callable[..., Patient]:
    """Register somebody in a line."""
    return entering(grace)


def entering(by: Actor) -> Callable[..., Patient]:
    """What registers somebody in a line."""

    def enter(name: str, born: str = "", **facts: Any) -> Patient:
        day = date.fromisoformat(born) if born else None
        details = PatientDetails(name=name, born_on=day, **facts)
        return register_patient(details, by=by, is_new=True, is_complete=False)

    return enter


def kind(**facts: Any) -> IdentifierType:
    """A kind of identifier."""
    facts = {"key": "national-id", "label": "National ID", "check_digit": "luhn", **facts}
    return add_identifier_type(TypeDetails(**facts), by=HOUSE)
