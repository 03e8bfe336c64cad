"""A-24: the database is away. Fail fast, in plain words, and come back by yourself."""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from core.sites import Site
from core.testing.house import House
from core.web.request import SESSION_COOKIE
from tests.hospital import ROOT, SOAK, rounds
from tests.servers import ENGINES, Servers, free_port

pytestmark = SOAK

BAD_WORDS = ("Traceback", "peewee", "psycopg", "pymysql", "OperationalError", ".py")


class Served(NamedTuple):
    """A hospital served by a real server process."""

    site: Site
    port: int
    cookie: str
    servers: Servers
    engine: str
    process: "subprocess.Popen[bytes]"


class Got(NamedTuple):
    """One answer: its status, how long it took, and what it said."""

    status: int
    seconds: float
    text: str
    retry_after: str


def get(served: Served, path: str, cookie: bool = True) -> Got:
    """Ask the server, as a browser with a session."""
    began = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=15)
    headers = {"Host": served.site.hosts[0], **({"Cookie": f"{SESSION_COOKIE}={served.cookie}"} if cookie else {})}
    try:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        text = answer.read().decode()
        return Got(answer.status, time.monotonic() - began, text, answer.headers.get("Retry-After", ""))
    except OSError as cut:
        return Got(0, time.monotonic() - began, str(cut), "")
    finally:
        line.close()


@pytest.fixture(params=ENGINES[1:])
def served(request: pytest.FixtureRequest, own_servers: Servers, tmp_path: Path) -> Iterator[Served]:
    """A site on a database server of its own, behind a server process with four threads."""
    house = House(tmp_path)
    site = house.site("harbour", own_servers.url(request.param))
    visitor = house.visitor(site, house.person(site, "Ada Admin", "administrator"))
    port = free_port()
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "MEDLEY_DATA_FOLDER": str(house.config.data_folder),
        "MEDLEY_KEYS_FILE": str(house.config.keys_file), "MEDLEY_DATABASE_MAX_CONNECTIONS": "8",
    }  # fmt: skip
    command = [sys.executable, "-c", "from core.cli import main; main()", "serve", "--port", str(port)]
    log = (tmp_path / "server.log").open("wb")
    process = subprocess.Popen(
        [*command, "--workers", "1", "--threads", "4", "--without-worker"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
    )
    made = Served(site, port, visitor.session, own_servers, request.param, process)
    try:
        until_ready(made, 30)
        yield made
    finally:
        process.terminate()
        process.wait(20)
        log.close()
        house.close()
        own_servers.start(request.param)
        own_servers.drop(site.database_url)


def until_ready(served: Served, seconds: float) -> float:
    """Wait for the first good page; how long it took."""
    began = time.monotonic()
    while get(served, "/me").status != 200:
        assert time.monotonic() - began < seconds, "it does not come back"
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.parametrize("how", ["immediate", "kill"])
def test_an_outage_under_load_is_answered_at_once_and_over_when_it_is_over(served: Served, how: str):
    for _turn in range(rounds(1, 15)):
        outage(served, how, seconds=rounds(1, 2))
    assert get(served, "/readyz", cookie=False).status == 200
    assert connections_to(served) <= 8


def test_a_long_outage_wears_nothing_out(served: Served):
    for _turn in range(rounds(1, 10)):
        outage(served, "immediate", seconds=rounds(4, 60))
    assert get(served, "/readyz", cookie=False).status == 200
    assert connections_to(served) <= 8


def outage(served: Served, how: str, seconds: float) -> None:
    """Take the database away under load and bring it back; nobody waits, nobody is told a falsehood."""
    answers: list[Got] = []
    stop = threading.Event()

    def browse() -> None:
        while not stop.is_set():
            answers.append(get(served, "/me"))
            time.sleep(0.01)

    browsers = [threading.Thread(target=browse) for _one in range(6)]
    for browser in browsers:
        browser.start()
    time.sleep(0.5)
    served.servers.stop(served.engine, how)
    time.sleep(seconds)
    assert get(served, "/healthz", cookie=False).status == 200
    readiness = get(served, "/readyz", cookie=False)
    assert (readiness.status, "not ready" in readiness.text) == (503, True)
    served.servers.start(served.engine)
    assert until_ready(served, 10) < 10
    stop.set()
    for browser in browsers:
        browser.join()
    assert {answer.status for answer in answers} == {200, 503}
    for answer in answers:
        assert answer.seconds < 5, answer
        if answer.status == 503:
            assert not any(word in answer.text for word in BAD_WORDS), answer.text
            assert answer.retry_after
        else:
            assert "Ada Admin" in answer.text


def connections_to(served: Served) -> int:
    """How many connections the hospital's database has now."""
    count = {
        "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()",
        "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE()",
    }
    with served.site.activate():
        found = served.site.database.execute_sql(count[served.engine]).fetchone()[0]
    return int(found) - 1


def test_a_dead_database_does_not_make_a_dead_process(house: House, tmp_path: Path):
    """SQLite's way of being away: the file is no database."""
    site = house.site()
    visitor = house.visitor(site)
    assert visitor.get("/readyz").status_code == 200
    house.close()
    path = Path(site.database.database)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(b"this is no database" * 100)
    assert visitor.get("/healthz").get_json() == {"status": "ok"}
    assert visitor.get("/readyz").status_code == 503
    page = visitor.get("/sign-in")
    assert page.status_code in (500, 503)
    assert not any(word in page.get_data(as_text=True) for word in BAD_WORDS)
    assert house.directory.budget.open <= 1
