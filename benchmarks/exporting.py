"""Taking a whole register out as a file: the page asks, a worker writes, the page hands the file on.

Whoever asks is a person in a browser, so everything on the way is the real thing: rights, the record of who was shown
whom, the job, the store of files. Memory is that of the processes themselves, read ten times a second.
"""

import contextlib
import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.figures import Figure
from benchmarks.ground import ROOT, Ground, answered, family, hospital, resident, served, servers, token_of

TITLE = "Taking a million patients out as CSV: a worker writes the file, a page sends it; memory stays flat"
PATIENTS = 1_000_000
COLUMNS = ("uid", "name", "number", "born_on", "sex", "phone", "area", "created_on")
PER_SECOND, GROWTH_MIB, PAUSE_SECONDS = 5000.0, 24.0, 0.1
# Memory counts once everything is loaded that the work needs: after this part of it.
WARM = 0.1
LONGEST_SECONDS = 3600


@dataclass
class Watch:
    """Reads the memory of a process and all it started, until it is told to stop."""

    pid: int
    seen: list[float] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Look again and again, at least once."""
        while True:
            self.seen.append(sum(map(resident, family(self.pid))))
            if self.is_over.wait(PAUSE_SECONDS):
                return

    @property
    def growth(self) -> float:
        """MiB the last nine tenths needed beyond what there was after the first."""
        later = self.seen[int(len(self.seen) * WARM) :]
        return max(later) - later[0]


@contextlib.contextmanager
def watched(pid: int) -> Iterator[Watch]:
    """Watch a process while the block runs."""
    watch = Watch(pid)
    thread = threading.Thread(target=watch.look)
    thread.start()
    try:
        yield watch
    finally:
        watch.is_over.set()
        thread.join()


def measure(engines: tuple[str, ...], patients: int | None = None) -> Iterator[Figure]:
    """Each engine in turn; loading a million patients takes minutes."""
    count = patients or PATIENTS
    with servers() as databases:
        for engine in engines:
            with hospital(engine, databases, count) as ground:
                yield from files_of(ground, engine, count)


def files_of(ground: Ground, engine: str, count: int) -> Iterator[Figure]:
    """A server and a worker stand side by side, as `medley serve` has them."""
    visitor = ground.signed_in("administrator", "doctor")
    host, cookie = ground.site.hosts[0], f"medley_session={visitor.session}"
    with served("core.cli.serving:application", ground.environment, workers=1) as medley, worker(ground) as carrier:
        began = time.monotonic()
        where = asked(medley.port, host, cookie)
        with watched(carrier.pid) as at_work:
            until_ready(medley.port, host, cookie, where)
        seconds = time.monotonic() - began
        yield Figure(f"{engine}: {count:,} patients written to a file", count / seconds, "/s", PER_SECOND, False)
        yield Figure(f"{engine}: memory of the worker at most", max(at_work.seen), "MiB", 150)
        yield Figure(f"{engine}: … grown since a tenth was written", at_work.growth, "MiB", GROWTH_MIB)
        with watched(medley.process.pid) as sending:
            began = time.monotonic()
            size, lines = fetched(medley.port, host, cookie, f"{where}/file")
            seconds = time.monotonic() - began
        yield Figure(f"{engine}: rows the file lacks", count + 1 - lines, limit=0)
        yield Figure(f"{engine}: sent by the page", size / seconds / 1024**2, "MiB/s")
        yield Figure(f"{engine}: memory of the page's process grown while it sends", sending.growth, "MiB", GROWTH_MIB)


@contextlib.contextmanager
def worker(ground: Ground) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.worker"], env=ground.environment, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def asked(port: int, host: str, cookie: str) -> str:
    """Ask for the whole register on its page; where the file will be."""
    _status, page = answered(port, "/patients/all/export?sort=newest", host, cookie)
    fields = [("column", name) for name in COLUMNS]
    fields += [("csrf_token", token_of(page)), ("list", "sort=newest"), ("file_format", "csv")]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Host": host, "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/patients/all/export", urlencode(fields), headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 303, answer.status
    return str(answer.headers["Location"])


def until_ready(port: int, host: str, cookie: str, where: str) -> None:
    """Look at the export's page every second, as it does itself, until it offers the file."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while f"{where}/file".encode() not in answered(port, where, host, cookie)[1]:
        assert time.monotonic() < deadline, "the file is never ready"
        time.sleep(1)


def fetched(port: int, host: str, cookie: str, where: str) -> tuple[int, int]:
    """Fetch the file, a piece at a time: its bytes and its lines."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", where, headers={"Host": host, "Cookie": cookie})
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    size = lines = 0
    while part := answer.read(256 * 1024):
        size, lines = size + len(part), lines + part.count(b"\n")
    connection.close()
    return size, lines
