"""A hospital with a register of equipment, on each engine in turn; the site's own fields go when a test ends."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.actors import Actor
from core.registry import Found, catalogue
from core.testing.house import HOUSE, House, actor_of
from tests.servers import ENGINES, Servers, require

EXAMPLES = str(Path(__file__).parents[3] / "examples")


@pytest.fixture(scope="module", params=ENGINES)
def register(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    require(request.param, servers)
    if EXAMPLES not in sys.path:
        sys.path.insert(0, EXAMPLES)
    house = House(tmp_path_factory.mktemp("house"))
    if "equipment" not in catalogue.plugins:
        catalogue.add(Found("equipment", "medley_equipment"))
    url = servers.url(request.param)
    site = house.site(url=url, plugins=("equipment",), zone="Africa/Nairobi", country="KE", currency="KES")
    yield SimpleNamespace(house=house, site=site)
    house.close()
    servers.drop(url)


@pytest.fixture
def at_register(register: SimpleNamespace) -> Iterator[Any]:
    """The site, entered for the length of a test."""
    with register.site.activate(door="test"):
        yield register.site


@pytest.fixture
def with_roles(register: SimpleNamespace) -> Callable[..., Actor]:
    """What the door makes of somebody with these roles."""
    made: dict[tuple[str, ...], Any] = {}

    def act_as(*roles: str) -> Actor:
        if roles not in made:
            made[roles] = register.house.person(register.site, f"Robin {'-'.join(roles)} {id(made)}", *roles)
        return actor_of(made[roles])

    return act_as


__all__ = ["HOUSE"]
