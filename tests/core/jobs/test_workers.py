"""A job runs once (promise A-19): many workers, killed ones, sleeping ones, and a calm end."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.actors import system_actor
from core.jobs import Job, Worker, enqueue
from core.sites import ConnectionBudget, Site
from core.sites.engines import SiteDatabase
from core.storage import atomic
from core.storage.journal.models import JournalRow
from core.storage.journal.writer import note
from tests.core.jobs import duties
from tests.core.jobs.duties import Trace
from tests.core.jobs.hospital import OFF, furnish, site_at, until
from tests.servers import Servers

HOUSE = system_actor("tests")
SOAK = "MEDLEY_SOAK" in os.environ
pytestmark = [pytest.mark.soak] if SOAK else []  # `make soak` asks for the full figures
DUE_JOBS, KILLS, PAUSES = (500, 30, 20) if SOAK else (80, 3, 1)


def put_down(site: Site, job: Callable[..., None], number: int) -> None:
    """Enqueue many."""
    with site.activate(), atomic():
        for _each in range(number):
            enqueue(job, by=HOUSE)


def all_done() -> bool:
    """Whether nothing is left to do."""
    return not Job.select().where(Job.state != "done").exists()


def traces() -> Counter[tuple[str, int]]:
    """How often each step of each job was done; what the clock started meanwhile is left out."""
    put_down = {row.uid for row in Job.select(Job.uid).where(Job.name.in_(["ward.count", "ward.chunks"]))}
    return Counter((row.job_uid, row.step) for row in Trace.select() if row.job_uid in put_down)


def test_four_workers_do_every_job_once(ward: Site, processes: Callable[..., object]):
    for _each in range(4):
        processes()
    time.sleep(3)
    put_down(ward, duties.count, DUE_JOBS)
    until(ward, all_done, 120)
    with ward.activate():
        assert Job.select().where(Job.tries > 1).count() == 0
        found = traces()
        assert len(found) == DUE_JOBS
        assert set(found.values()) == {1}
        assert Job.select(Job.worker).distinct().count() >= 2, "one worker alone proves nothing"


def test_a_worker_killed_in_the_middle_is_taken_over_and_nothing_is_done_twice(ward, processes):
    for _each in range(KILLS):
        put_down(ward, duties.chunks, 1)
        first = processes(1)
        until(ward, lambda: Job.select().where((Job.state == "running") & (Job.done > random.randint(0, 5))).exists())
        first.kill()
        killed_at = time.monotonic()
        second = processes(1)
        until(ward, all_done)
        assert time.monotonic() - killed_at < 30
        second.kill()
    with ward.activate():
        found = traces()
        assert set(found.values()) == {1}
        assert len(found) == KILLS * 8


def test_a_worker_that_slept_longer_than_its_lease_wakes_to_nothing(ward, processes):
    for _each in range(PAUSES):
        put_down(ward, duties.chunks, 1)
        sleeper = processes(1)
        until(ward, lambda: Job.select().where((Job.state == "running") & (Job.done > 1)).exists())
        time.sleep(0.03)
        sleeper.send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        other = processes(1)
        time.sleep(1.5)
        sleeper.send_signal(signal.SIGCONT)
        until(ward, all_done)
        time.sleep(0.3)
        sleeper.kill()
        other.kill()
    with ward.activate():
        assert set(traces().values()) == {1}
        assert len(traces()) == PAUSES * 8


def test_a_worker_told_to_stop_gives_back_what_can_go_on_elsewhere(ward, processes):
    put_down(ward, duties.chunks, 1)
    first = processes()
    until(ward, lambda: Job.select().where((Job.state == "running") & (Job.done > 1)).exists())
    first.terminate()
    assert first.wait(20) == 0
    with ward.activate():
        row = Job.get(Job.name == "ward.chunks")
        assert (row.state, row.tries) == ("waiting", 0)
    processes()
    until(ward, all_done)
    with ward.activate():
        assert set(traces().values()) == {1}


def test_work_put_down_in_the_same_process_begins_at_once_and_the_journal_is_sealed(ward: Site):
    worker = Worker([ward])
    worker.start()
    try:
        time.sleep(1.5)
        begun = time.monotonic()
        put_down(ward, duties.count, 1)
        until(ward, all_done)
        assert time.monotonic() - begun < 0.7
        with ward.activate():
            note("core.sign_in")
        until(ward, lambda: not JournalRow.select().where(JournalRow.position.is_null()).exists(), 2.5)
    finally:
        assert worker.stop(10)


def test_work_put_down_by_another_process_of_a_quiet_hospital_begins_within_six_seconds(ward, processes):
    processes()
    time.sleep(8)
    begun = time.monotonic()
    put_down(ward, duties.count, 1)
    until(ward, all_done, 6)
    assert time.monotonic() - begun < 6


def test_one_hospital_whose_database_is_away_holds_up_no_other(
    ward: Site, servers: Servers, engine: str, tmp_path: Path
):
    url = servers.url(engine)
    away = site_at(url, tmp_path / "away", "away", ConnectionBudget(5))
    if engine == "sqlite":
        Path(away.database.database).write_bytes(b"this is no database" * 100)
    else:
        servers.drop(url)
    worker = Worker([away, ward])
    worker.start()
    try:
        put_down(ward, duties.count, 3)
        until(ward, all_done, 12)
    finally:
        assert worker.stop(10)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_fifty_quiet_hospitals_are_left_alone(engine: str, ward: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    ask = SiteDatabase.execute_sql

    def counted(database: SiteDatabase, sql: str, params: Any = None) -> Any:
        asked.append(sql)
        return ask(database, sql, params)

    budget = ConnectionBudget(30)
    sites = []
    for number in range(50):
        folder = tmp_path / f"site{number}"
        folder.mkdir()
        (folder / OFF).touch()  # so that no schedule of five minutes falls into the measurement
        site = site_at(f"sqlite:///{folder / 'site.db'}", folder, f"site{number}", budget)
        if number == 0:
            furnish(site)
        else:
            copy = tmp_path / "site0" / "site.db"
            (folder / "site.db").write_bytes(copy.read_bytes())
        sites.append(site)
        budget.close_idle()
    worker = Worker(sites)
    worker.start()
    monkeypatch.setattr(SiteDatabase, "execute_sql", counted)
    try:
        # What is new to a worker is looked at and planned once, which takes a busy machine its time.
        for _second in range(60):
            asked.clear()
            time.sleep(2)
            if not asked:
                break
        time.sleep(4)
        assert asked == []
        assert budget.open <= 30
    finally:
        assert worker.stop(10)
