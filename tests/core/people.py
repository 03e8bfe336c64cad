"""A small hospital with people in it, for tests of users, roles and places."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import core.registry
from core.actors import Actor, system_actor
from core.errors import MedleyError
from core.hooks import table
from core.hookspecs import rights
from core.places.models import Place
from core.places.services import PlaceDetails, add_place
from core.roles.defaults import ship_roles
from core.roles.grants import grant_role, role_named
from core.roles.rights import actor_for
from core.sites import ConnectionBudget, Site, current_site, database_for
from core.storage import keys
from core.storage.migrations import apply
from core.users import accounts, credentials, sessions
from core.users.accounts import UserDetails
from core.users.door import load_door
from core.users.models import User
from core.users.policy import SignInPolicy, follow, policy

table.add_specs("core", rights)

MIGRATIONS = Path(core.registry.__file__).parents[1] / "migrations"
PASSWORD = "seven grey herons at dawn"
HOUSE = system_actor("test")
CHEAP = SignInPolicy(hash_rounds=1, hash_memory_kib=64, hashes_at_once=8)


def site_at(url: str, folder: Path, name: str = "north") -> Site:
    """A site with the core's tables and its shipped roles."""
    site = bare_site(url, folder, name)
    apply(site, [("core", MIGRATIONS)])
    with site.activate():
        ship_roles(by=HOUSE)
    return site


def bare_site(url: str, folder: Path, name: str = "north") -> Site:
    """The same site as another process sees it."""
    return Site(
        name=name,
        title="North Hospital",
        hosts=(f"{name}.localhost",),
        database_url=url,
        folder=folder,
        secret=name.encode().ljust(32, b"."),
        database=database_for(url, ConnectionBudget(20)),
    )


@contextmanager
def cheap_hashing(folder: Path) -> Iterator[None]:
    """Passwords at a price tests can pay, and a keyring of the test's own."""
    before = policy()
    follow(CHEAP)
    keys.install(keys.Keyring.create(folder / "keys.toml"))
    try:
        yield
    finally:
        keys.install(None)
        follow(before)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A hospital on SQLite, served for the length of the test."""
    with cheap_hashing(tmp_path):
        made = site_at(f"sqlite:///{tmp_path / 'north.db'}", tmp_path)
        with made.activate(door="test"):
            yield made
        made.database.budget.close_idle()


@pytest.fixture
def each_site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    """The same hospital on each of the three engines."""
    with cheap_hashing(tmp_path):
        made = site_at(database_url, tmp_path)
        with made.activate(door="test"):
            yield made
        made.database.budget.close_idle()


def person(name: str, *roles: str, password: str = PASSWORD, place: Place | None = None, kind: str = "person") -> User:
    """Somebody with an account, a password and roles."""
    user: User = accounts.create_user(UserDetails(sign_in=name, name=name.title(), kind=kind), by=HOUSE)
    credentials.set_password(user, password, by=HOUSE, must_change=False)
    for role in roles:
        grant_role(user, role_named(role), by=HOUSE, place=place)
    return user


def signed_in(user: User, password: str = PASSWORD, source: str = "10.0.0.1") -> str:
    """The token of a fresh session."""
    return sessions.sign_in(user.sign_in, password, source=source, device="Firefox on Linux").token


def actor_of(user: User, place: Place | None = None) -> Actor:
    """What the door makes of somebody who has just signed in."""
    answer = load_door(signed_in(user))
    assert answer.is_signed_in
    return actor_for(replace_place(answer, place))


def replace_place(answer: Any, place: Place | None) -> Any:
    """The same answer for a session at another place."""
    return answer._replace(place_id=place.id if place is not None else None)


def place(name: str, kind: str = "facility", parent: Place | None = None) -> Place:
    """A place of the tree."""
    made: Place = add_place(PlaceDetails(name=name, kind=kind), by=HOUSE, parent=parent)
    return made


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """The results, or errors, of the same work done by many threads at the same moment."""
    site = current_site()
    gate = threading.Barrier(number)
    results: list[Any] = [None] * number

    def run(index: int) -> None:
        with site.activate(door="test"):
            gate.wait()
            try:
                results[index] = work(index)
            except MedleyError as failure:
                results[index] = failure

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def in_processes(number: int, work: Callable[..., Any], *facts: Any) -> list[str]:
    """What the same work comes to in as many processes at once: its answer, or the name of its error."""
    site = current_site()
    site.database.close()
    with ProcessPoolExecutor(number, mp_context=get_context("spawn")) as pool:
        asked = [pool.submit(in_another_process, site.database_url, site.folder, work, facts) for _one in range(number)]
        return [one.result() for one in asked]


def in_another_process(url: str, folder: Path, work: Callable[..., Any], facts: tuple[Any, ...]) -> str:
    """One piece of work at the site, in a process that shares nothing else with the others."""
    follow(CHEAP)
    keys.install(keys.Keyring.load(folder / "keys.toml"))
    site = bare_site(url, folder)
    with site.activate(door="test"):
        try:
            return str(work(*facts))
        except MedleyError as failure:
            return type(failure).__name__


__all__ = [
    "HOUSE",
    "PASSWORD",
    "actor_of",
    "at_once",
    "each_site",
    "in_processes",
    "person",
    "place",
    "signed_in",
    "site",
]
