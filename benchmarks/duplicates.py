"""People who are there twice: how many of them are asked about, how many others are, and how long that takes.

A thousand people of the register come again as another clerk would write them: a slip in a name, names in another
order or one left out, day and month changed about, another phone. A thousand others only look like somebody there:
brothers and sisters with the family's phone, twins, namesakes born elsewhere in time.

First each is compared as the desk does before saving. Then all of them are entered, and the job goes through the
register as an officer lets it: all of a small one; of a large one the last twenty thousand, each compared with
everybody entered before.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from benchmarks.figures import Figure, part
from benchmarks.finding import searcher, slipped
from benchmarks.ground import hospital, servers
from benchmarks.population import Person, people
from benchmarks.registering import number_on
from core.jobs import Job, Worker
from core.settings import settings_of
from core.sites import Site, current
from core.testing.house import HOUSE
from plugins.patients.models import Likeness, Patient
from plugins.patients.services.details import PatientDetails, TelecomDetails
from plugins.patients.services.duplicates import likely_duplicates
from plugins.patients.services.registering import register_patient
from plugins.patients.services.telling import look_for_duplicates

TITLE = "Telling people who are in the register already from those who only look like somebody there"
PATIENTS, EACH, LAST = 1_000_000, 1000, 20_000


def measure(engines: tuple[str, ...], patients: int | None = None) -> Iterator[Figure]:
    """Each engine; precision and recall are the same on all, so they are told once."""
    count = patients or PATIENTS
    again, others = drawn(count)
    with servers() as databases:
        for engine in engines:
            with hospital(engine, databases, count) as ground:
                took, found = asked(ground.site, again)
                took_others, wrong = asked(ground.site, others)
                yield Figure(f"{engine}: 95 of 100 compared within", part(took + took_others, 0.95), "ms", 300)
                yield Figure(f"{engine}: the slowest", max(took + took_others), "ms")
                if engine == engines[0]:
                    yield from judged(ground.site, found, wrong)
                with ground.site.activate():
                    number_on(by=HOUSE)
                meant = entered(ground.site, again)
                entered(ground.site, others)
                yield from gone_through(engine, ground.site, meant, is_first=engine == engines[0])


def drawn(patients: int) -> tuple[list[tuple[PatientDetails, int]], list[tuple[PatientDetails, int]]]:
    """Those who come again, with whom they are, and those who only look like somebody."""
    chance = random.Random(42)
    wanted = set(chance.sample(range(1, patients + 1), 2 * EACH))
    again, others = [], []
    for person in people(patients):
        if person.id in wanted:
            side, make = (again, as_another_clerk) if len(again) <= len(others) else (others, only_alike)
            side.append((make(person, chance), person.id))
    return again, others


def told(person: Person) -> PatientDetails:
    """A person as the register has them."""
    phone = TelecomDetails(f"+{person.phone}")
    return PatientDetails(person.name, sex=person.sex, born_on=person.born_on, telecoms=(phone,))


def as_another_clerk(person: Person, chance: random.Random) -> PatientDetails:
    """The same person, written down by somebody else."""
    details, words = told(person), person.name.split()
    for _time in range(chance.choice((1, 1, 2))):
        change = chance.randrange(6)
        if change == 0:
            details = replace(details, name=slipped(details.name.split(), chance))
        elif change == 1:
            chance.shuffle(words)
            details = replace(details, name=" ".join(words))
        elif change == 2 and len(words) > 2:
            details = replace(details, name=" ".join((words[0], words[-1])))
        elif change == 3 and person.born_on.day <= 12:
            details = replace(details, born_on=date(person.born_on.year, person.born_on.day, person.born_on.month))
        elif change == 4:
            details = replace(details, telecoms=())
        else:
            details = replace(details, telecoms=(TelecomDetails(f"+2547{chance.randrange(10**8):08d}"),))
    return details


def only_alike(person: Person, chance: random.Random) -> PatientDetails:
    """Somebody else: family under the same phone, a twin, or a namesake."""
    details, words = told(person), person.name.split()
    given = chance.choice(("Abel", "Bahati", "Cynthia", "Dorcas", "Elkana", "Fridah"))
    kind = chance.randrange(3)
    if kind == 0:
        day = person.born_on + timedelta(days=chance.randrange(400, 4000))
        return replace(details, name=" ".join((given, *words[1:])), born_on=min(day, date(2026, 1, 1)))
    if kind == 1:
        return replace(details, name=" ".join((given, *words[1:])))
    day = person.born_on.replace(year=max(1900, person.born_on.year - chance.randrange(3, 30)), day=1)
    return replace(details, born_on=day, telecoms=(TelecomDetails(f"+2547{chance.randrange(10**8):08d}"),))


def asked(site: Site, drawn_people: list[tuple[PatientDetails, int]]) -> tuple[list[float], list[int]]:
    """Milliseconds of each comparison, and the score of the person meant, 0 when they were not found."""
    took, scores = [], []
    for details, meant in drawn_people:
        with site.activate():
            started = time.perf_counter()
            found = likely_duplicates(details, searcher(None))
            took.append((time.perf_counter() - started) * 1000)
            current().memory.clear()
        scores.append(next((one.score for one in found if one.hit.id == meant), 0))
    return took, scores


def judged(site: Site, found: list[int], wrong: list[int]) -> Iterator[Figure]:
    """Precision and recall, where the clerk is asked and where people are only shown."""
    with site.activate():
        settings = settings_of("patients")
        levels = (("asked about", settings.asks_about_duplicates_from), ("shown", settings.shows_duplicates_from))
    for name, level in levels:
        right, beside = sum(score >= level for score in found), sum(score >= level for score in wrong)
        limit = 80 if name == "asked about" else 90
        yield Figure(f"{name} (from {level}): recall", right / len(found) * 100, "%", limit, False)
        yield Figure(f"{name} (from {level}): precision", right / max(1, right + beside) * 100, "%")


def entered(site: Site, drawn_people: list[tuple[PatientDetails, int]]) -> set[tuple[int, int]]:
    """Enter them all without a question; the pairs of whom they were drawn from and their new record."""
    pairs = set()
    for details, meant in drawn_people:
        with site.activate():
            made = register_patient(details, by=HOUSE, is_new=True, is_complete=False)
            pairs.add((meant, int(made.id)))
    return pairs


def gone_through(engine: str, site: Site, meant: set[tuple[int, int]], is_first: bool) -> Iterator[Figure]:
    """The job over the register: how fast, and what stands on the worklist of those who were entered twice."""
    with site.activate():
        rows = Patient.select().count()
        begin = Patient.select(Patient.id).order_by(Patient.id.desc()).offset(LAST).limit(1).tuples().first()
        asked_for = look_for_duplicates(by=HOUSE)
        if begin:
            Job.update(cursor={"at": begin[0]}).where(Job.id == asked_for.id).execute()
    worker, started = Worker([site]), time.perf_counter()
    worker.start()
    try:
        while (state := state_of(site, asked_for.uid)) not in ("done", "failed", "parked"):
            time.sleep(0.1)
    finally:
        worker.stop()
    took = time.perf_counter() - started
    if state != "done":
        raise SystemExit(f"the job through the register on {engine} ended as {state}")
    yield Figure(f"{engine}: the job goes through, of {rows:,}", min(rows, LAST) / took, "rows/s")
    if is_first:
        yield from listed(site, meant)


def state_of(site: Site, uid: str) -> str:
    """How far a job is."""
    with site.activate():
        return str(Job.get(Job.uid == uid).state)


def listed(site: Site, meant: set[tuple[int, int]]) -> Iterator[Figure]:
    """Precision and recall of the worklist, among all pairs with somebody who was entered for this."""
    newest = min(new for _old, new in meant)
    with site.activate():
        level = settings_of("patients").lists_duplicates_from
        query = Likeness.select(Likeness.one_id, Likeness.other_id).where(Likeness.other_id >= newest)
        pairs = {(one, other) for one, other in query.tuples()}
    right = len(pairs & meant)
    yield Figure(f"worklist (from {level}): recall", right / len(meant) * 100, "%")
    yield Figure(f"worklist (from {level}): precision", right / max(1, len(pairs)) * 100, "%")
