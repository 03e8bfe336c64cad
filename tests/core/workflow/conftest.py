"""A hospital where porters carry things, which is what the tests of workflows are about."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.actors import Actor
from core.app import install_plugins
from core.registry import Found, catalogue, switch_on
from core.sites import Site, current
from core.workflow import Workflow
from tests.core.storage.clinic import do
from tests.hospital import HOUSE, Workshop

EXAMPLES = Path(__file__).parents[2] / "examples"


def somebody(name: str, *permissions: str) -> Actor:
    """A person with these permissions and no others."""
    return Actor(kind="person", uid=f"user:{name}", name=name, permissions=frozenset({"clinic.do", *permissions}))


@pytest.fixture
def porters(workshop: Workshop) -> Iterator[Any]:
    """The example plugin, installed for the length of a test; gives its workflow."""
    sys.path.insert(0, str(EXAMPLES))
    install_plugins()
    catalogue.add(Found("porters", "medley_porters"))
    workshop.made.append("porters")
    yield workshop.module("porters", "workflow").ERRAND
    sys.path.remove(str(EXAMPLES))


@pytest.fixture
def desk(porters: Workflow, site: Site) -> Iterator[Workflow]:
    """A hospital with that plugin on, entered, on SQLite."""
    with site.activate(door="test"):
        switch_on("porters", by=HOUSE)
        yield porters


@pytest.fixture
def desk_on(porters: Workflow, hospital: Site) -> Iterator[Site]:
    """The same on each engine in turn, not entered; a definition that a test before changed stays."""
    with hospital.activate(door="test"):
        if "porters" not in current().state.enabled:
            switch_on("porters", by=HOUSE)
    yield hospital


def errand(workflow: Workflow, by: Actor = HOUSE, **facts: Any) -> Any:
    """An errand, just asked for."""
    return do(lambda: workflow.model.create(**{"what": "Blood", **facts}), by=by)
