"""Registering a patient: rules, record number, search tokens and journal, against the same rows sent by the driver."""

import multiprocessing
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from peewee import Database

from benchmarks.bare import connected
from benchmarks.figures import Figure, rounds
from benchmarks.ground import Ground, hospital, servers
from benchmarks.population import Person, people
from core.actors import Actor
from core.acts import OPEN, act
from core.config import Config
from core.storage import continue_from
from core.testing.house import HOUSE, House
from plugins.patients.api import PatientDetails, TelecomDetails, register_patient

TITLE = "Registering a patient, against the same rows sent through the driver one by one"
COST = {"sqlite": 6.0, "postgresql": 2.5}
PER_SECOND = {"sqlite": 300.0, "postgresql": 150.0}
EACH, ROUNDS, CLIENTS, SECONDS = 60, 7, 4, 5.0
PATIENTS = 10_000
Statement = tuple[str, Any]


def measure(engines: tuple[str, ...], patients: int | None = None) -> Iterator[Figure]:
    """Each engine with some patients already there, among whom duplicates are looked for."""
    with servers() as databases:
        for engine in engines:
            count = patients or PATIENTS
            with hospital(engine, databases, count) as twin, hospital(engine, databases, count) as ground:
                yield from cost(ground, twin, engine)
                yield from throughput(ground, engine)


@act("bench.number_on", permission=OPEN)
def number_on(by: Actor) -> None:
    """Give record numbers after those of the population."""
    continue_from("patients.record", 5_000_000)


def strangers(seed: int) -> Iterator[Person]:
    """People who are not in the register yet."""
    return people(1_000_000, seed)


def register(person: Person) -> None:
    """What the desk does, with the usual facts."""
    phone = TelecomDetails(value=f"+{person.phone}")
    details = PatientDetails(name=person.name, sex=person.sex, born_on=person.born_on, telecoms=(phone,))
    register_patient(details, by=HOUSE, is_new=True)


def cost(ground: Ground, twin: Ground, engine: str) -> Iterator[Figure]:
    """Processor time of acts, and of their rows alone sent into a twin of the site, in turns."""
    newcomers = strangers(seed=99)
    driver = connected(twin.site.database_url)
    with ground.site.activate(door="cli"):
        number_on(by=HOUSE)
        heard: list[list[Statement]] = []
        cpu_of_acts(newcomers, heard)
        cpu_of_rows(driver, heard)
        act_cost, row_cost = rounds(ROUNDS, lambda: cpu_of_acts(newcomers, heard), lambda: cpu_of_rows(driver, heard))
        last: list[list[Statement]] = []
        cpu_of_acts(newcomers, last)
    what, limit = f"{engine}: processor time of an act", COST.get(engine)
    yield Figure(what, act_cost * 1000, "ms", limit, True, row_cost * 1000, "ms by driver")
    yield Figure(f"{engine}: statements of an act", sum(map(len, last)) / len(last))
    written = sum(len(one_by_one(one)) for act in last for one in act if is_insert(one))
    yield Figure(f"{engine}: rows written by an act", written / len(last))


def cpu_of_acts(newcomers: Iterator[Person], heard: list[list[Statement]]) -> float:
    """Processor seconds of one registration; what it sends is noted."""
    some = [next(newcomers) for _one in range(EACH)]
    heard.clear()
    run = Database._execute_cursor

    def listening(database: Database, sql: str, params: Any = None, **options: Any) -> Any:
        heard[-1].append((sql, params))
        return run(database, sql, params, **options)

    Database._execute_cursor = listening
    try:
        started = time.process_time()
        for person in some:
            heard.append([])
            register(person)
        return (time.process_time() - started) / EACH
    finally:
        Database._execute_cursor = run


def cpu_of_rows(driver: Any, heard: Sequence[Sequence[Statement]]) -> float:
    """Processor seconds of sending the rows of one registration, in one transaction."""
    acts = [[row for one in act if is_insert(one) for row in one_by_one(one)] for act in heard]
    cursor = driver.cursor()
    started = time.process_time()
    for rows in acts:
        cursor.execute("BEGIN")
        for sql, values in rows:
            cursor.execute(sql, values)
        cursor.execute("COMMIT")
    return (time.process_time() - started) / len(acts)


def is_insert(statement: Statement) -> bool:
    """Whether a statement writes rows."""
    return statement[0].lstrip().startswith("INSERT")


def one_by_one(statement: Statement) -> list[Statement]:
    """A statement for each of the rows that one statement wrote."""
    sql, values = statement
    head, word, tail = re.split(r"(\bVALUES\b)", sql, maxsplit=1)
    groups = re.findall(r"\([^()]*\)", tail)
    after = tail[tail.rindex(")") + 1 :] if not tail.rstrip().endswith(")") else ""
    found, at = [], 0
    for group in groups:
        width = len(re.findall(r"\?|%s", group))
        found.append((f"{head}{word} {group}{after}", values[at : at + width]))
        at += width
    return found


def throughput(ground: Ground, engine: str) -> Iterator[Figure]:
    """Four clients in processes of their own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(CLIENTS) as pool:
        work = [(ground.house.config, 1000 + client) for client in range(CLIENTS)]
        counts = pool.starmap(client, work)
    what, limit = f"{engine}: registrations with {CLIENTS} clients", PER_SECOND.get(engine)
    yield Figure(what, sum(counts) / SECONDS, "a second", limit, False)


def client(config: Config, seed: int) -> int:
    """Register for some seconds, and tell how many."""
    house = House(Path(config.data_folder).parent, config)
    newcomers = strangers(seed)
    with house.directory.get("harbour").activate(door="cli"):
        register(next(newcomers))
        waiting = 3.0 - time.monotonic() % 3.0
        time.sleep(waiting)
        until, done = time.monotonic() + SECONDS, 0
        while time.monotonic() < until:
            register(next(newcomers))
            done += 1
    house.close()
    return done
