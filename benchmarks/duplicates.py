"""People who are there twice: how many of them are asked about, how many others are, and how long that takes.

A thousand people of the register come again as another clerk would write them: a slip in a name, names in another
order or one left out, day and month changed about, another phone. A thousand others only look like somebody there:
brothers and sisters with the family's phone, twins, namesakes born elsewhere in time.
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
from core.settings import settings_of
from core.sites import Site, current
from plugins.patients.services.details import PatientDetails, TelecomDetails
from plugins.patients.services.duplicates import likely_duplicates

TITLE = "Telling people who are in the register already from those who only look like somebody there"
PATIENTS, EACH = 1_000_000, 1000


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
