"""A hospital whose register of equipment (tests/examples) programs read and write."""

import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from core.app import install_plugins
from core.registry import Found, catalogue
from core.sites import Site
from core.testing.house import House, actor_of
from core.users.models import User
from plugins.api.rest.limits import turnstile
from plugins.api.services.tokens import TokenDetails, create_token, new_secret
from tests.hospital import Workshop

EXAMPLES = Path(__file__).parents[2] / "examples"
DEVICES = "/api/v1/equipment/device"
EVERYTHING = ("administrator", "doctor", "receptionist")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def equipment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The example's plugin, installed in this process."""
    shop = Workshop(tmp_path_factory.mktemp("shop"))
    sys.path.insert(0, str(EXAMPLES))
    shop.made.append("equipment")
    install_plugins()
    catalogue.add(Found("equipment", "medley_equipment"))
    yield
    shop.forget()
    sys.path.remove(str(EXAMPLES))


class Program:
    """A program with a token, or without one."""

    def __init__(self, house: House, site: Site, secret: str = "") -> None:
        self.client = Client(house.app)
        self.site = site
        self.secret = secret

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send one request; names of headers have `_` for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.secret and "Authorization" not in sent:
            sent["Authorization"] = f"Bearer {self.secret}"
        options: dict[str, Any] = {"headers": sent}
        if body is not None:
            options["data"] = body if isinstance(body, (bytes, str)) else json.dumps(body)
            options["content_type"] = sent.pop("Content-Type", "application/json")
        options |= {"base_url": f"http://{self.site.hosts[0]}", "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
        return self.client.open(path, method=method, **options)

    def get(self, path: str, **headers: str) -> TestResponse:
        """Read something."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Write something."""
        return self.ask("POST", path, body, **headers)

    def device(self, **facts: Any) -> dict[str, Any]:
        """Enter a device, and say what it looks like now."""
        answer = self.post(DEVICES, device(**facts))
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())


def device(**facts: Any) -> dict[str, Any]:
    """What a new device needs."""
    number = next(_numbers)
    return {"name": f"Pump {number}", "serial": f"SN-{number:06d}", "kind": "pump", **facts}


@dataclass
class Shop:
    """A hospital with equipment, and the people who have to do with it."""

    house: House
    site: Site
    admin: User
    program: Program

    def token(self, user: User, *scopes: str, **facts: Any) -> Program:
        """A program with somebody's token."""
        return Program(self.house, self.site, secret_for(self.site, user, scopes, **facts))

    def person(self, *roles: str, place: Any = None) -> User:
        """Somebody with these roles, who may use the API besides."""
        number = next(_numbers)
        return self.house.person(self.site, f"Person {number}", *roles, place=place)


def secret_for(site: Site, user: User, scopes: tuple[str, ...] = (), days: int = 90, sources: Any = ()) -> str:
    """A token of somebody's own; for all they may do when no scopes are named."""
    secret = new_secret()
    with site.activate(door="test"):
        by = actor_of(user)
        wanted = frozenset(scopes) or frozenset(one for one in by.permissions if one != "core.sign_in")
        create_token(TokenDetails("Test", wanted, days, sources), secret, user, by=by)
    return secret


def opened(house: House, url: str = "", **facts: Any) -> Shop:
    """A hospital of a house, with its administrator and their program."""
    site = house.site("harbour", url, plugins=["equipment", "patients", "api"], **facts)
    admin = house.person(site, "Ada Admin", *EVERYTHING)
    return Shop(house, site, admin, Program(house, site, secret_for(site, admin)))


@pytest.fixture(scope="module")
def shop(equipment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A hospital on SQLite, under the address test clients begin with."""
    house = House(tmp_path_factory.mktemp("house"))
    yield opened(house, hosts=["localhost"])
    house.close()


@pytest.fixture(autouse=True)
def unhurried() -> None:
    """No test uses up the minute of another."""
    turnstile.forget()
