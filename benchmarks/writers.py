"""Many writers at once: numbers without gaps behind a slow listener, and sixteen writers on one SQLite file."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure, part
from benchmarks.ground import Ground, hospital, servers
from core.actors import Actor
from core.acts import OPEN, act
from core.config import Config
from core.sites import Site
from core.storage import Model, fields, next_number
from core.storage.model import quoted
from core.testing.house import HOUSE, House

TITLE = "Many writers at once"
PROCESSES, THREADS, SECONDS = 4, 4, 6.0
LISTENER_SECONDS = 0.02


class Receipt(Model):
    """Something with a number that has no gap."""

    number = fields.TextField(max_length=40, null=True)

    class Meta:
        table_name = "bench_receipt"


@act("bench.give_receipt", permission=OPEN)
def give_receipt(by: Actor) -> Receipt:
    """Store a receipt whose number is given at the very end; a listener takes its time before."""
    receipt = Receipt.create()
    next_number("bench.receipt", gapless=True).bind(receipt, "number")
    time.sleep(LISTENER_SECONDS)
    return receipt


@act("bench.write", permission=OPEN)
def write(by: Actor) -> Receipt:
    """Store one journaled record."""
    return Receipt.create()


ACTS: dict[str, Callable[..., Receipt]] = {"receipt": give_receipt, "write": write}


def measure(engines: tuple[str, ...], _patients: int | None = None) -> Iterator[Figure]:
    """Numbers on the engines of servers, writers on the file."""
    with servers() as databases:
        for engine in engines:
            with hospital(engine, databases) as ground:
                furnish(ground.site)
                yield from numbers(ground, engine) if engine != "sqlite" else writers(ground)


def furnish(site: Site) -> None:
    """Make the table of receipts."""
    with site.activate(door="cli"):
        site.database.create_tables([Receipt])


def numbers(ground: Ground, engine: str) -> Iterator[Figure]:
    """Sixteen writers who all want the next number."""
    took, errors = together(ground, "receipt")
    limit = 100.0 if engine == "postgresql" else None
    what = f"{engine}: numbers without gaps, 16 writers, 20 ms listener"
    yield Figure(what, len(took) / SECONDS, "a second", limit, False)
    yield Figure(f"{engine}: errors among them", errors, limit=0)
    with ground.site.activate():
        table = quoted("bench_receipt", ground.site)
        rows = ground.site.database.execute_sql(f"SELECT number FROM {table}").fetchall()  # noqa: S608  own name
    given = sorted(int("".join(filter(str.isdigit, number))) for (number,) in rows)
    yield Figure(f"{engine}: gaps and doubles", sum(one != at for at, one in enumerate(given, start=given[0])), limit=0)


def writers(ground: Ground) -> Iterator[Figure]:
    """Sixteen writers in four processes on one file."""
    took, errors = together(ground, "write")
    yield Figure("sqlite: 16 writers in 4 processes, acts", len(took) / SECONDS, "a second")
    yield Figure("sqlite: errors among them", errors, limit=0)
    yield Figure("sqlite: the slowest in a hundred", part(took, 0.99), "s", 1.0)
    yield Figure("sqlite: the slowest", max(took), "s")


def together(ground: Ground, name: str) -> tuple[list[float], int]:
    """All writers at work for some seconds: how long each act took, and how many failed."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES) as pool:
        parts = pool.starmap(process, [(ground.house.config, name)] * PROCESSES)
    return [one for took, _errors in parts for one in took], sum(errors for _took, errors in parts)


def process(config: Config, name: str) -> tuple[list[float], int]:
    """One process with its threads."""
    house = House(Path(config.data_folder).parent, config)
    site = house.directory.get("harbour")
    took: list[float] = []
    errors: list[str] = []
    time.sleep(3.0 - time.monotonic() % 3.0)
    until = time.monotonic() + SECONDS

    def writer() -> None:
        while (started := time.monotonic()) < until:
            try:
                with site.activate(door="cli"):
                    ACTS[name](by=HOUSE)
                took.append(time.monotonic() - started)
            except Exception as failure:  # noqa: BLE001  whatever it is, it is counted
                errors.append(repr(failure))

    threads = [threading.Thread(target=writer) for _thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    house.close()
    return took, len(errors)
