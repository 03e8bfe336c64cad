"""A hospital with the FHIR door open, and files made for these tests."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.sites import Activation, Site
from core.testing.house import HOUSE, House, house_of


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An installation of this test alone."""
    with house_of(tmp_path) as house:
        yield house


@pytest.fixture
def site(house: House) -> Site:
    """A hospital on SQLite."""
    return house.site("harbour", plugins=["patients", "fhir"])


@pytest.fixture
def door(site: Site) -> Iterator[Activation]:
    """Work at the FHIR door of the SQLite hospital."""
    with site.activate(door="cli") as activation:
        activation.actor = HOUSE
        yield activation


@pytest.fixture
def door_anywhere(house: House, database_url: str) -> Iterator[Activation]:
    """The same on each engine in turn."""
    site = house.site("harbour", database_url, plugins=["patients", "fhir"])
    with site.activate(door="cli") as activation:
        activation.actor = HOUSE
        yield activation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files lie."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


@pytest.fixture
def put(folder: Path) -> Callable[..., Path]:
    """Write a bundle of these resources into a file."""

    def write(name: str, *resources: Any, kind: str = "transaction") -> Path:
        entries = [
            {"fullUrl": f"urn:uuid:{place}", "resource": one, "request": {"method": "POST", "url": "x"}}
            for place, one in enumerate(resources)
        ]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}), "utf-8")
        return path

    return write


def sample_folder() -> Path | None:
    """Samples other people's systems wrote, where the machine has them: named by the environment, or beside us."""
    named = os.environ.get("MEDLEY_SAMPLE_DATA")
    found = [Path(named) / "fhir", Path(named)] if named else []
    found += sorted(Path(__file__).parents[4].glob("*/data/fhir"))
    return next((one for one in found if any(one.glob("*/*.json"))), None)
