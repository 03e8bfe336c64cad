"""Guessing is slowed down and stopped; the ward's own people still get in."""

from typing import Any

import pytest

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import MedleyError, Refused, TooManyTries
from core.sites import Site
from core.storage.journal.models import JournalRow
from core.users import devices, sessions, throttling
from core.users.models import KnownSource, Throttle, User
from tests.core.people import HOUSE, PASSWORD, actor_of, at_once, person


def guess(name: str, source: str, password: str = "wrong", **more: Any) -> str:
    """What one try comes to."""
    try:
        sessions.sign_in(name, password, source=source, **more)
    except TooManyTries:
        return "not heard"
    except Refused:
        return "wrong"
    return "in"


def heard(name: str, sources: list[str], tries: int, seconds: int) -> int:
    """How many of so many tries, made one after the other over some seconds, were heard at all."""
    count = 0
    for number in range(tries):
        count += guess(name, sources[number % len(sources)]) == "wrong"
        clock.advance(seconds=seconds / tries)
    return count


def test_slips_of_the_finger_cost_no_time(site: Site) -> None:
    person("jane")
    with clock.freeze():
        assert [guess("jane", "10.0.0.1") for _try in range(4)] == ["wrong"] * 4
        assert guess("jane", "10.0.0.1", PASSWORD) == "in"


def test_each_further_try_waits_longer(site: Site) -> None:
    person("jane")
    waits = []
    with clock.freeze():
        for _try in range(12):
            try:
                sessions.sign_in("jane", "wrong", source="10.0.0.1")
            except TooManyTries as slow:
                waits.append(slow.retry_after)
                clock.advance(seconds=slow.retry_after)
            except Refused:
                continue
    assert waits == sorted(waits)
    assert waits[0] >= 2


@pytest.mark.parametrize("name", ["jane", "nobody"])
def test_at_most_twenty_guesses_in_a_quarter_of_an_hour_are_heard(site: Site, name: str) -> None:
    person("jane")
    with clock.freeze():
        assert heard(name, ["10.0.0.1"], tries=450, seconds=15 * 60 - 1) <= 20


@pytest.mark.parametrize("name", ["jane", "nobody"])
def test_at_most_a_hundred_guesses_in_a_day_are_heard_from_all_the_world(site: Site, name: str) -> None:
    person("jane")
    world = [f"203.0.{block}.{host}" for block in range(3) for host in range(1, 100)]
    with clock.freeze():
        assert heard(name, world, tries=400, seconds=24 * 60 * 60 - 1) <= 100


def test_strangers_can_not_lock_the_ward_out(site: Site) -> None:
    person("jane")
    with clock.freeze():
        assert guess("jane", "10.0.0.1", PASSWORD) == "in"
        heard("jane", [f"203.0.113.{host}" for host in range(1, 200)], tries=400, seconds=3600)
        assert guess("jane", "198.51.100.7", PASSWORD) == "not heard"
        assert guess("jane", "10.0.0.1", PASSWORD) == "in"


def test_one_stranger_can_not_lock_out_a_newcomer(site: Site) -> None:
    person("jane")
    with clock.freeze():
        heard("jane", ["203.0.113.9"], tries=400, seconds=6 * 3600)
        assert guess("jane", "10.0.0.1", PASSWORD) == "in"


def test_a_stranger_on_the_wards_network_can_not_lock_out_a_remembered_browser(site: Site) -> None:
    jane = person("jane")
    with clock.freeze():
        token = remember(jane, by=sessions.bare_actor(jane))
        assert guess("jane", "10.0.0.1", PASSWORD) == "in"
        heard("jane", ["10.0.0.1"], tries=100, seconds=800)
        assert guess("jane", "10.0.0.1", PASSWORD) == "not heard"
        assert guess("jane", "10.0.0.1", PASSWORD, device_token=token) == "in"


@act("core.remember_for_test", permission="core.sign_in")
def remember(user: User, by: Actor) -> str:
    """A browser of this user, remembered inside an act as signing in does."""
    return devices.remember(user, "Firefox", "10.0.0.1")


def test_trying_one_password_on_all_names_is_stopped_at_its_source(site: Site) -> None:
    with clock.freeze():
        answers = [guess(f"user{number}", "203.0.113.9") for number in range(150)]
    assert answers.count("wrong") <= 100


def test_many_at_once_do_not_slip_through(each_site: Site) -> None:
    person("jane")
    with clock.freeze():
        results = at_once(12, lambda _index: guess("jane", "10.0.0.1"))
    assert results.count("wrong") <= 5
    assert not [one for one in results if isinstance(one, MedleyError)]


def test_ten_thousand_unknown_names_do_not_fill_the_database(site: Site) -> None:
    tries = 600
    with clock.freeze():
        for number in range(tries):
            guess(f"unknown{number}", f"203.0.{number % 200}.{number // 200}")
        rows = JournalRow.select().where(JournalRow.act == "core.sign_in").count()
        assert rows <= throttling.NOTED_UNKNOWN.window
    keys = {throttling.slot_of(f"unknown{number}") for number in range(20_000)}
    assert len(keys) <= throttling.SLOTS


def test_counters_are_cleared_away_after_a_day(site: Site) -> None:
    person("jane")
    with clock.freeze():
        guess("jane", "10.0.0.1")
        assert Throttle.select().count() == 4
        clock.advance(days=2)
        assert throttling.prune(by=HOUSE) == 4
        assert guess("jane", "10.0.0.1") == "wrong"


def test_names_and_addresses_can_not_be_read_from_the_counters(site: Site) -> None:
    person("jane")
    guess("jane", "10.0.0.1")
    assert not any("jane" in row.key or "10.0" in row.key for row in Throttle.select())


def test_an_administrator_unlocks_an_account(site: Site) -> None:
    jane, admin = person("jane"), person("ada", "administrator")
    by = actor_of(admin)
    with clock.freeze():
        heard("jane", ["10.0.0.2"], tries=100, seconds=800)
        assert guess("jane", "10.0.0.2", PASSWORD) == "not heard"
        throttling.unlock_user(jane, by=by)
        assert guess("jane", "10.0.0.2", PASSWORD) == "in"
    assert JournalRow.select().where(JournalRow.act == "core.unlock_user").count() == 1


def test_the_networks_of_a_user_are_few(site: Site) -> None:
    jane = person("jane")
    for host in range(30):
        assert guess("jane", f"10.1.{host}.1", PASSWORD) == "in"
    assert KnownSource.select().where(KnownSource.user == jane).count() == throttling.KNOWN_SOURCES_EACH


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unix socket", "unix socket"),
        ("", ""),
    ],
)
def test_a_network_is_what_one_stranger_can_hold(address: str, network: str) -> None:
    assert throttling.network_of(address) == network
