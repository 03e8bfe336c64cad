"""One writer at a time on SQLite, in the order they came, over threads and processes."""

import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import Busy
from core.sites import Site
from core.storage import locks
from core.storage.locks import WriteLock, write_lock_of
from tests.core.storage.clinic import Slip, write_slip
from tests.core.storage.writers import write_for_a_while
from tests.hospital import HOUSE, SOAK, in_processes, process_of, rounds

pytestmark = SOAK


def test_sixteen_writers_in_four_processes_all_get_their_turn_soon(site: Site, capsys: pytest.CaptureFixture[str]):
    with site.activate(door="test"):
        site.database.create_tables([Slip])
        waits = sorted(wait for found in in_processes(4, write_for_a_while, 4, rounds(25, 500)) for wait in found)
        assert len(waits) == 16 * rounds(25, 500) == Slip.select().count()
    p99 = waits[int(len(waits) * 0.99)]
    middle, p99_ms, longest = (round(wait * 1000) for wait in (waits[len(waits) // 2], p99, waits[-1]))
    with capsys.disabled():
        sys.stdout.write(f"\nwaiting to write: p50 {middle} ms, p99 {p99_ms} ms, longest {longest} ms\n")
    assert p99 < 1


def test_a_writer_waits_no_longer_than_it_was_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.2)
    lock = WriteLock(tmp_path / "site.lock")
    lock.acquire()
    began = time.monotonic()
    with pytest.raises(Busy):
        lock.acquire()
    assert 0.15 < time.monotonic() - began < 2
    lock.release()
    lock.acquire()
    lock.release()


def test_a_wait_that_was_given_up_passes_nobody_the_lock_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.05)
    mine, other = WriteLock(tmp_path / "site.lock"), WriteLock(tmp_path / "site.lock")
    for _round in range(5):
        other.acquire()
        with pytest.raises(Busy):
            mine.acquire()
        other.release()
        time.sleep(0.05)
    monkeypatch.setattr(locks, "WAIT_SECONDS", 5)
    for lock in (other, mine, other):
        lock.acquire()
        lock.release()


def test_an_interrupt_while_waiting_leaves_no_hole_in_the_queue(tmp_path: Path):
    lock = WriteLock(tmp_path / "site.lock")

    class Interrupt(BaseException):
        pass

    class Impatient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise Interrupt

    lock.acquire()
    original, locks.threading.Event = threading.Event, Impatient  # type: ignore[misc]
    try:
        with pytest.raises(Interrupt):
            lock.acquire()
    finally:
        locks.threading.Event = original  # type: ignore[misc]
    lock.release()
    lock.acquire()
    lock.release()


def test_a_process_that_dies_with_the_lock_frees_it(site: Site):
    path = site.database.database
    with process_of("tests.core.storage.writers", "hold", path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        lock = write_lock_of(path)
        held = threading.Thread(target=lock.acquire)
        held.start()
        held.join(0.3)
        assert held.is_alive(), "the other process does not hold it"
        holder.kill()
        held.join(5)
        assert not held.is_alive()
    lock.release()


def test_threads_are_served_in_the_order_they_came(tmp_path: Path):
    lock = WriteLock(tmp_path / "site.lock")
    lock.acquire()
    served: list[int] = []

    def wait_for_it(number: int) -> None:
        lock.acquire()
        served.append(number)
        lock.release()

    threads = []
    for number in range(12):
        threads.append(threading.Thread(target=wait_for_it, args=(number,)))
        threads[-1].start()
        deadline = time.monotonic() + 5
        while len(lock._queue) <= number and time.monotonic() < deadline:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert served == list(range(12))


def test_a_database_has_one_lock_in_a_process_whatever_its_path_is_written_like(tmp_path: Path):
    (tmp_path / "a").mkdir()
    assert write_lock_of(str(tmp_path / "site.db")) is write_lock_of(str(tmp_path / "a" / ".." / "site.db"))


def test_the_lock_is_free_after_an_act_that_failed(site: Site):
    with site.activate(door="test"):
        with pytest.raises(Exception, match="clinic_slip"):
            write_slip("no such table yet", by=HOUSE)
        site.database.create_tables([Slip])
        assert write_slip("now", by=HOUSE).id
