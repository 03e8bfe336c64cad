"""A small hospital for a test: a site on any engine, people with roles, and a browser without a screen."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

from core.actors import Actor, system_actor
from core.app import create_app, install_keys, install_plugins
from core.config import Config
from core.registry import switch_on
from core.registry.upgrading import upgrade
from core.roles import actor_for
from core.roles.defaults import ship_roles
from core.roles.grants import grant_role, role_named
from core.sites import Site, SiteDirectory, current
from core.users import accounts, credentials, sessions
from core.users.accounts import UserDetails
from core.users.door import load_door
from core.users.models import User
from core.users.policy import SignInPolicy, follow
from core.web.request import SESSION_COOKIE

PASSWORD = "a long walk by the harbour"
CHEAP = SignInPolicy(hash_rounds=1, hash_memory_kib=64)
TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')
HOUSE = system_actor("test")


class House:
    """One installation in a folder of its own."""

    def __init__(self, folder: Path, config: Config | None = None) -> None:
        install_plugins()
        self.config = config or Config(data_folder=folder / "data", keys_file=folder / "keys.toml")
        install_keys(self.config)
        self.directory = SiteDirectory(self.config)
        self._app: Flask | None = None

    @property
    def app(self) -> Flask:
        """The application that serves all sites of this house."""
        if self._app is None:
            self._app = create_app(self.config, self.directory)
            self._app.testing = False
            follow(CHEAP)
        return self._app

    def site(self, name: str = "harbour", url: str = "", plugins: Sequence[str] = (), **facts: Any) -> Site:
        """A new site with its tables, roles and plugins."""
        follow(CHEAP)
        facts.setdefault("zone", "Africa/Nairobi")
        facts.setdefault("country", "KE")
        site = self.directory.create(name, url, **facts)
        upgrade(site)
        with site.activate(door="cli"):
            ship_roles(by=HOUSE)
            for plugin in plugins:
                switch_on(plugin, by=HOUSE)
        return site

    def person(self, site: Site, name: str, *roles: str, place: Any = None) -> User:
        """Somebody with an account, a password and roles."""
        with site.activate(door="cli"):
            details = UserDetails(sign_in=name.lower().replace(" ", "."), name=name)
            user: User = accounts.create_user(details, by=HOUSE)
            hire(user, roles, place)
        return user

    def visitor(self, site: Site, user: User | None = None) -> "Visitor":
        """A browser at this site, signed in when a user is given."""
        visitor = Visitor(self.app, site)
        if user is not None:
            visitor.sign_in(user.sign_in)
        return visitor

    def close(self) -> None:
        """Close every connection."""
        self.directory.budget.close_idle()


def hire(user: User, roles: Sequence[str], place: Any = None) -> None:
    """Give a new account its password and roles."""
    credentials.set_password(user, PASSWORD, by=HOUSE, must_change=False)
    for role in roles:
        grant_role(user, role_named(role), by=HOUSE, place=place)


def actor_of(user: User) -> Actor:
    """The actor a user is at this moment, with all rights the door would find."""
    begun = sessions.sign_in(user.sign_in, PASSWORD, source="127.0.0.1")
    return actor_for(load_door(begun.token), current().state)


@contextmanager
def house_of(folder: Path) -> Iterator[House]:
    """A house that closes behind itself."""
    house = House(folder)
    try:
        yield house
    finally:
        house.close()


class Visitor:
    """A browser without a screen: keeps cookies, sends tokens of forms along."""

    def __init__(self, app: Flask, site: Site) -> None:
        self.site = site
        self.host = site.hosts[0]
        self.client = Client(app)
        self.client.environ_base = {"REMOTE_ADDR": "127.0.0.1"}  # type: ignore[attr-defined]
        self._token = ""

    def open(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send one request to this site."""
        options.setdefault("base_url", f"http://{self.host}")
        options.setdefault("environ_base", {"REMOTE_ADDR": "127.0.0.1"})
        answer = self.client.open(path, method=method, **options)
        found = TOKEN.search(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else None
        if found:
            self._token = found.group(1)
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.open("GET", path, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> TestResponse:
        """Send a form with the token of the page seen last."""
        if isinstance(data, dict) or data is None:
            data = {"csrf_token": self._token, **(data or {})}
        return self.open("POST", path, data=data, **options)

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        """Sign in through the page; the token of later forms is that of the session."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"name": name, "password": password})
        self.get("/me")
        return answer

    @property
    def session(self) -> str:
        """The token of the session, as the browser keeps it."""
        cookie = self.client.get_cookie(SESSION_COOKIE, domain=self.host)
        return cookie.value if cookie else ""


__all__ = ["HOUSE", "PASSWORD", "House", "Visitor", "actor_of", "hire", "house_of"]
