"""A-4: what was acknowledged survives a crash; what was not is whole or absent."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import peewee
import pytest

from core.app import install_plugins
from core.errors import MedleyError
from core.registry.upgrading import upgrade
from core.sites import Site
from core.storage.checks import unsafe_settings
from core.storage.journal.models import JournalRow
from core.storage.journal.positions import broken_rows, seal_all
from tests.core.storage.clinic import TABLES, Bill, BillLine, Person, write_bill
from tests.hospital import HOUSE, SOAK, bare_site, process_of, rounds
from tests.servers import ENGINES, Servers

pytestmark = SOAK

LINES = 3


def bills_of(tag: str) -> dict[str, tuple[int, int]]:
    """By name: how many lines a bill has, and how many rows of the journal are about its person."""
    found = {}
    for person in Person.select().where(Person.name.startswith(tag)):
        lines = BillLine.select().join(Bill).where(Bill.person == person).count()
        rows = JournalRow.select().where(JournalRow.subject_uid == person.uid).count()
        found[person.name] = (lines, rows)
    return found


def is_whole(bill: tuple[int, int]) -> bool:
    """A person, a bill and its lines, each with its row."""
    return bill == (LINES, LINES + 2)


def refuse_losses(tag: str, begun: set[str], done: set[str]) -> None:
    """Nothing lost, nothing half, nothing that was never begun."""
    stored = bills_of(tag)
    assert done <= stored.keys(), done - stored.keys()
    assert all(is_whole(bill) for bill in stored.values()), stored
    assert stored.keys() <= begun


def test_writers_killed_at_any_moment_leave_whole_bills(clinic: Site):
    chance = random.Random(4)
    number = rounds(4, 100 if clinic.engine == "sqlite" else 50)
    amid = 0
    for turn in range(number):
        tag = f"crash{turn}"
        with process_of("tests.core.storage.writers", "write", clinic.database_url, str(clinic.folder), tag) as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            time.sleep(chance.uniform(0.02, 0.25))
            writer.kill()
            told = [first, *writer.stdout.read().splitlines()]
        lines = [line.split() for line in told if len(line.split()) == 2]
        begun = {name for word, name in lines if word == "begin"}
        done = {name for word, name in lines if word == "done"}
        amid += bool(begun - done)
        refuse_losses(tag, begun, done)
    assert amid > number / 2, "too few were killed amid a write"
    seal_all()
    assert broken_rows() == []
    write_bill("after all crashes", LINES, by=HOUSE)
    assert is_whole(bills_of("after all crashes")["after all crashes"])


@pytest.fixture(params=ENGINES[1:])
def fragile(
    request: pytest.FixtureRequest, own_servers: Servers, tmp_path: Path
) -> Iterator[tuple[Site, Servers, str]]:
    """A hospital on a server of its own, which may be killed."""
    install_plugins()
    site = bare_site(own_servers.url(request.param), tmp_path)
    upgrade(site)
    with site.activate():
        site.database.create_tables(TABLES)
    yield site, own_servers, request.param
    site.database.budget.close_idle()
    own_servers.drop(site.database_url)


def test_a_server_killed_under_four_writers_keeps_what_it_acknowledged(fragile: tuple[Site, Servers, str]):
    site, servers, engine = fragile
    for turn in range(rounds(1, 25)):
        begun: set[str] = set()
        done: set[str] = set()
        failed: list[BaseException] = []
        stop = threading.Event()

        def write(thread: int, turn: int = turn, begun: set[str] = begun, done: set[str] = done,
                  failed: list[Any] = failed, stop: threading.Event = stop) -> None:  # fmt: skip
            number = 0
            while not stop.is_set():
                name = f"server{turn}-{thread}-{number}"
                number += 1
                begun.add(name)
                try:
                    with site.activate(door="test"):
                        write_bill(name, LINES, by=HOUSE)
                    done.add(name)
                except (MedleyError, peewee.PeeweeException) as away:
                    failed.append(away)
                    time.sleep(0.05)

        threads = [threading.Thread(target=write, args=(index,)) for index in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        servers.stop(engine, "kill")
        time.sleep(0.3)
        servers.start(engine)
        began = time.monotonic()
        before = len(done)
        while len(done) == before and time.monotonic() - began < 10:
            time.sleep(0.02)
        assert len(done) > before, "nobody wrote again within ten seconds"
        stop.set()
        for thread in threads:
            thread.join()
        assert failed, "nobody was amid a write"
        assert {type(one).__name__ for one in failed} == {"Unavailable"}, failed
        with site.activate():
            refuse_losses(f"server{turn}-", begun, done)
            seal_all()
            assert broken_rows() == []
            assert unsafe_settings() == []
        assert site.database.budget.open <= 5


def test_sqlite_is_set_up_to_survive_the_power_going_out(site: Site):
    with site.activate():
        assert unsafe_settings() == []
        site.database.execute_sql("PRAGMA synchronous = off")
        assert unsafe_settings() == ["synchronous is 0, and should be 2"]
        site.database.execute_sql("PRAGMA synchronous = full")


def test_a_settings_check_names_what_weakens_a_promise(fragile: tuple[Site, Servers, str]):
    site, _servers, engine = fragile
    with site.activate():
        if engine == "postgresql":
            site.database.execute_sql("SET synchronous_commit = off")
            assert unsafe_settings() == ["synchronous_commit is off, and should be on"]
            with suppress(peewee.PeeweeException):
                site.database.execute_sql("SET synchronous_commit = on")
        assert unsafe_settings() == []
