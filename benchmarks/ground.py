"""What measurements stand on: a hospital on an engine, servers in processes of their own, and requests sent at them."""

import contextlib
import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks import population
from core.registry import switch_on
from core.registry.upgrading import upgrade
from core.roles.defaults import ship_roles
from core.sites import Site
from core.testing.house import HOUSE, House, Visitor
from tests.servers import Servers, free_port, running_servers

ROOT = Path(__file__).parent.parent
WORKERS, THREADS, CLIENTS = 2, 4, 8
TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


@contextlib.contextmanager
def servers() -> Iterator[Servers]:
    """Private database servers that wait for the disk, as a hospital's do."""
    with running_servers(durable=True) as found:
        yield found


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="medley-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def database_url(engine: str, databases: Servers) -> str:
    """An empty database; "" lets an SQLite site choose its own file."""
    return "" if engine == "sqlite" else databases.url(engine)


@dataclass
class Ground:
    """A hospital to measure at."""

    house: House
    site: Site
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to work on the same installation."""
        return {
            **os.environ,
            "MEDLEY_DATA_FOLDER": str(self.house.config.data_folder),
            "MEDLEY_KEYS_FILE": str(self.house.config.keys_file),
            "MEDLEY_LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }

    def signed_in(self, *roles: str) -> Visitor:
        """Somebody at work with these roles."""
        user = self.house.person(self.site, f"Clerk {len(roles)} {'-'.join(roles)}"[:40].replace("_", ""), *roles)
        return self.house.visitor(self.site, user)


@contextlib.contextmanager
def hospital(engine: str, databases: Servers, patients: int = 0) -> Iterator[Ground]:
    """A hospital with the register switched on and so many patients in it."""
    with folder() as place:
        house = House(place)
        site = house.directory.create("harbour", database_url(engine, databases), zone="Africa/Nairobi", country="KE")
        if patients:
            population.fill(site, patients)
        upgrade(site)
        with site.activate(door="cli"):
            ship_roles(by=HOUSE)
            switch_on("patients", by=HOUSE)
        try:
            yield Ground(house, site, place)
        finally:
            house.close()


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    port: int
    process: "subprocess.Popen[bytes]"
    ready_after: float

    def memory(self) -> float:
        """MiB of the largest of its processes, as the system counts what is resident and its own."""
        return max(resident(pid) for pid in family(self.process.pid))


@contextlib.contextmanager
def served(
    target: str, environment: dict[str, str], workers: int = WORKERS, threads: int = THREADS
) -> Iterator[Served]:
    """Serve an application with the options `medley serve` uses."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.server", target, str(port), str(workers), str(threads)]
    with running(command, environment, port) as found:
        yield found


@contextlib.contextmanager
def running(command: Sequence[str], environment: dict[str, str], port: int, path: str = "/healthz") -> Iterator[Served]:
    """Run a server's command line until the block ends, which begins once the server answers."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_answered(port, path, process)
        yield Served(port, process, time.perf_counter() - started)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_answered(port: int, path: str, process: "subprocess.Popen[bytes]", seconds: float = 60) -> None:
    """Ask every few milliseconds until an answer comes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}: {process.args!r}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            if answered(port, path)[0] == 200:
                return
        time.sleep(0.01)
    raise SystemExit(f"the server did not answer within {seconds:.0f} s")


def answered(port: int, path: str, host: str = "127.0.0.1", cookie: str = "") -> tuple[int, bytes]:
    """One request and its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host, "Cookie": cookie})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@dataclass(frozen=True)
class Asked:
    """A request of a load: an address, and the fields of a form where it is one."""

    path: str
    fields: dict[str, str] | None = None

    @property
    def body(self) -> str:
        """The form as it travels."""
        return urlencode(self.fields or {})


@dataclass(frozen=True)
class Load:
    """What came of a load."""

    per_second: float
    p95_ms: float
    bad: int


def load(port: int, asked: Sequence[Asked], host: str = "127.0.0.1", cookie: str = "", seconds: float = 3) -> Load:
    """Send these requests round and round from a process of its own, eight at a time."""
    with folder() as place:
        if shutil.which("wrk"):
            return by_wrk(place, port, asked, host, cookie, seconds)
        return by_python(place, port, asked, host, cookie, seconds)


WRK = """
local asked = {{
{lines}
}}
local at = 0
request = function()
  at = at % #asked + 1
  return wrk.format(asked[at][1], asked[at][2], {{["Host"]="{host}", ["Cookie"]="{cookie}",
    ["Content-Type"]="application/x-www-form-urlencoded"}}, asked[at][3])
end
done = function(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  local per_second = summary.requests / summary.duration * 1e6
  io.write(string.format("figures %f %f %d\\n", per_second, latency:percentile(95) / 1000, bad))
end
"""


def by_wrk(place: Path, port: int, asked: Sequence[Asked], host: str, cookie: str, seconds: float) -> Load:
    """The load by wrk, which costs the measured machine least."""
    lines = "\n".join(
        '  {"%s", "%s", %s},' % (("POST", one.path, f'"{one.body}"') if one.fields else ("GET", one.path, "nil"))
        for one in asked
    )
    script = place / "load.lua"
    script.write_text(WRK.format(lines=lines, host=host, cookie=cookie), encoding="utf-8")
    address = f"http://127.0.0.1:{port}"
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds:g}s", "--latency", "-s", str(script), address]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"figures ([\d.]+) ([\d.]+) (\d+)", out)
    if found is None:
        raise SystemExit(f"wrk said nothing: {out}")
    return Load(float(found[1]), float(found[2]), int(found[3]))


def by_python(place: Path, port: int, asked: Sequence[Asked], host: str, cookie: str, seconds: float) -> Load:
    """The load by `benchmarks.client`, where wrk is not installed."""
    script = place / "asked.txt"
    script.write_text("\n".join(f"{one.path}\t{one.body}" for one in asked), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.client", str(port), host, cookie, str(seconds), str(script)]
    out = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    return Load(float(out[0]), float(out[1]), int(out[2]))


def family(pid: int) -> list[int]:
    """A process and all it started."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(further for child in children for further in family(child))]


def resident(pid: int) -> float:
    """MiB of a process that no other shares."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def cpu_seconds(pid: int) -> float:
    """What a process and all it started have used so far."""
    ticks = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def token_of(page: bytes) -> str:
    """The token against forged forms, out of a page."""
    found: Any = TOKEN.search(page.decode())
    return str(found[1]) if found else ""
