"""The house as a whole: how soon it serves, how a switch reaches every worker, what two hundred quiet sites cost."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.ground import ROOT, Ground, answered, cpu_seconds, family, folder, hospital, running, servers
from core.jobs import Run, enqueue, job
from core.registry import switch_off, switch_on
from core.testing.house import HOUSE, House
from tests.servers import free_port

TITLE = "The house: starting, switching, many sites"
SWITCHES, REQUESTS = 6, 24
SITES, WATCHED_SECONDS, BUSY_PER_SECOND = 200, 20.0, 5
SETTLES_AFTER_SECONDS = 12.0


def measure(_engines: tuple[str, ...], _patients: int | None = None) -> Iterator[Figure]:
    """On SQLite, as a clone starts."""
    with servers() as databases, hospital("sqlite", databases, 50) as ground:
        yield from starting(ground)
        yield from switching(ground)
    yield from many_sites()


def command(port: int, *more: str) -> list[str]:
    """`medley serve`, as one types it."""
    return [sys.executable, "-c", "from core.cli import main; main()", "serve", "--port", str(port), *more]


def starting(ground: Ground) -> Iterator[Figure]:
    """From the command to the first answer that says ready; the third start counts, as files are warm then."""
    for _start in range(3):
        port = free_port()
        with running(command(port), ground.environment, port, "/readyz") as found:
            ready = found.ready_after
    yield Figure("medley serve ready after, every plugin installed", ready, "s", 1.5)


def switching(ground: Ground) -> Iterator[Figure]:
    """After each switch, requests on fresh connections that meet both workers."""
    clerk = ground.signed_in("receptionist")
    host, cookie = ground.site.hosts[0], f"medley_session={clerk.session}"
    port = free_port()
    wrong = 0
    with running(command(port, "--workers", "2"), ground.environment, port, "/readyz"):
        for number in range(SWITCHES):
            with ground.site.activate(door="cli"):
                if number % 2:
                    switch_on("patients", by=HOUSE)
                else:
                    switch_off("patients", by=HOUSE)
            wanted = 200 if number % 2 else 404
            answers = [answered(port, "/patients/", host, cookie)[0] for _request in range(REQUESTS)]
            wrong += sum(answer != wanted for answer in answers)
    yield Figure(f"answers that did not know of a switch, of {SWITCHES * REQUESTS}, 2 workers", wrong, limit=0)


@job("core.knock", system="benchmark")
def knock(run: Run, *_uids: str) -> None:
    """Do nothing, as soon as possible."""


def many_sites() -> Iterator[Figure]:
    """Two hundred sites, copies of one; a worker looks after all of them while one is busy."""
    with folder() as place:
        house = House(place)
        sites = list(copies(house))
        busy, quiet = sites[0], sites[-1]
        environment = {
            **os.environ, "MEDLEY_DATA_FOLDER": str(house.config.data_folder),
            "MEDLEY_KEYS_FILE": str(house.config.keys_file), "MEDLEY_LOG_LEVEL": "ERROR",
        }  # fmt: skip
        worker = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        try:
            time.sleep(SETTLES_AFTER_SECONDS)
            yield from idle(worker.pid)
            longest, open_files = 0.0, 0
            for _knock in range(3):
                longest = max(longest, started_after(house, quiet, busy))
                open_files = max(open_files, connections(worker.pid))
            yield Figure("a job at a quiet site starts after, another site busy", longest, "s", 6)
            yield Figure("connections of the process at most", open_files, "", 30)
        finally:
            worker.terminate()
            worker.wait(20)
            house.close()


def copies(house: House) -> Iterator[str]:
    """The names of many sites with the same tables."""
    first = house.site("site000")
    first.database.close()
    house.close()
    yield first.name
    for number in range(1, SITES):
        name = f"site{number:03d}"
        made = house.directory.create(name)
        made.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(first.database.database, made.database.database)
        yield name


def idle(pid: int) -> Iterator[Figure]:
    """Processor time while nobody wants anything."""
    before, started = cpu_seconds(pid), time.monotonic()
    time.sleep(WATCHED_SECONDS)
    share = (cpu_seconds(pid) - before) / (time.monotonic() - started)
    yield Figure(f"processor time of a process with {SITES} idle sites", share * 100, "%", 3)


def started_after(house: House, quiet: str, busy: str) -> float:
    """Seconds until a job at a quiet site runs, put down by another process while a busy site gets jobs on and on."""
    with house.directory.get(quiet).activate(door="cli"):
        waiting = enqueue(knock, by=HOUSE)
    put_down = time.monotonic()
    while time.monotonic() - put_down < 30:
        with house.directory.get(busy).activate(door="cli"):
            enqueue(knock, by=HOUSE)
        with house.directory.get(quiet).activate(door="cli"):
            if type(waiting).get_by_id(waiting.id).state not in ("waiting",):
                return time.monotonic() - put_down
        time.sleep(1 / BUSY_PER_SECOND)
    return 30.0


def connections(pid: int) -> int:
    """How many databases a process holds open."""
    found = 0
    for one in family(pid):
        for descriptor in Path(f"/proc/{one}/fd").iterdir():
            try:
                found += descriptor.readlink().suffix == ".db"
            except OSError:
                continue
    return found
