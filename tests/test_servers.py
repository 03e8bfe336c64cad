"""The ground the other tests stand on: private database servers start, hand out databases, restart and go away."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest

from tests.servers import ENGINES, PostgreSQL, ServerMissing, Servers, alive, require

SERVED = pytest.mark.parametrize("engine", ENGINES[1:], indirect=True)


@contextlib.contextmanager
def connected(url: str) -> Iterator[Any]:
    """Open a bare connection, as a site's pool would."""
    address = urlsplit(url)
    if address.scheme == "postgresql":
        connection: Any = psycopg.connect(url, connect_timeout=5)
    else:
        connection = pymysql.connect(
            host="127.0.0.1", port=address.port or 0, user="medley", password="medley", database=address.path[1:]
        )
    with contextlib.closing(connection):
        yield connection


def ask(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements in one committed transaction and return the last one's rows."""
    with connected(url) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        rows = list(cursor.fetchall()) if cursor.description else []
        connection.commit()
    return rows


def test_a_sqlite_database_has_a_folder_of_its_own(servers: Servers) -> None:
    first, second = servers.url("sqlite"), servers.url("sqlite")
    assert first != second
    folder = Path(first.removeprefix("sqlite:///")).parent
    assert list(folder.iterdir()) == []
    servers.drop(first)
    assert not folder.exists()


@SERVED
def test_each_database_is_new_and_empty(engine: str, servers: Servers) -> None:
    first, second = servers.url(engine), servers.url(engine)
    ask(first, "CREATE TABLE patients_patient (name varchar(80))", "INSERT INTO patients_patient VALUES ('王小明 🙂')")
    assert ask(first, "SELECT name FROM patients_patient") == [("王小明 🙂",)]
    with pytest.raises((psycopg.errors.UndefinedTable, pymysql.err.ProgrammingError)):
        ask(second, "SELECT name FROM patients_patient")


@SERVED
def test_a_database_can_be_dropped_under_an_open_transaction(engine: str, servers: Servers) -> None:
    url = servers.url(engine)
    ask(url, "CREATE TABLE billing_bill (number int)")
    with connected(url) as connection:
        connection.cursor().execute("SELECT * FROM billing_bill")
        servers.drop(url)
    with pytest.raises((psycopg.OperationalError, pymysql.err.OperationalError)):
        ask(url, "SELECT 1")


@SERVED
def test_the_account_in_the_url_is_no_administrator(engine: str, database_url: str) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, pymysql.err.OperationalError)):
        ask(database_url, "CREATE USER intruder")


def test_shared_servers_are_not_taken_from_other_tests(servers: Servers) -> None:
    with pytest.raises(RuntimeError, match="own_servers"):
        servers.restart("postgresql")


@SERVED
@pytest.mark.parametrize("how", ["immediate", "kill"])
def test_what_was_committed_survives_a_restart(engine: str, how: str, own_servers: Servers) -> None:
    url = own_servers.url(engine)
    ask(url, "CREATE TABLE billing_payment (cents int)", "INSERT INTO billing_payment VALUES (1250)")
    with connected(url) as connection:
        connection.cursor().execute("INSERT INTO billing_payment VALUES (99)")
        own_servers.restart(engine, how)
    assert ask(url, "SELECT cents FROM billing_payment") == [(1250,)]


@SERVED
def test_an_outage_ends_on_the_same_port(engine: str, own_servers: Servers) -> None:
    url = own_servers.url(engine)
    own_servers.stop(engine)
    with pytest.raises((psycopg.OperationalError, pymysql.err.OperationalError)):
        ask(url, "SELECT 1")
    own_servers.start(engine)
    assert ask(url, "SELECT 1") == [(1,)]


def test_servers_of_ones_own_wait_for_the_disk(own_servers: Servers) -> None:
    require("postgresql", own_servers)
    require("mariadb", own_servers)
    kept = {name: ask(own_servers.url("postgresql"), f"SHOW {name}") for name in ("fsync", "synchronous_commit")}
    assert kept == {"fsync": [("on",)], "synchronous_commit": [("on",)]}
    asked = "SELECT @@innodb_flush_log_at_trx_commit, @@innodb_flush_method"
    assert ask(own_servers.url("mariadb"), asked) == [(1, "fsync")]


def test_a_killed_run_leaves_no_server_behind(servers: Servers) -> None:
    require("postgresql", servers)
    script = (
        "import time\nfrom tests.servers import running_servers\n"
        "with running_servers() as servers:\n"
        "    servers.url('postgresql')\n"
        "    print(servers.root, (servers.root / 'postgresql/pid').read_text(), flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as run:
        assert run.stdout is not None
        root, pid = run.stdout.readline().split()
        assert alive(int(pid))
        os.kill(run.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while (alive(int(pid)) or Path(root).exists()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(int(pid))
    assert not Path(root).exists()


def test_a_missing_server_skips_here_and_fails_in_ci(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(PostgreSQL, "binaries", list)
    with pytest.raises(ServerMissing, match="Debian's package postgresql"):
        servers.available("postgresql")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Debian's package postgresql"):
        require("postgresql", servers)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Debian's package postgresql"):
        require("postgresql", servers)
