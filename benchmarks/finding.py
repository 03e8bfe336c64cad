"""How long it takes to find a patient among a million, and whether it is the one meant.

The questions are drawn by patient, so that common names are asked for as often as in life: half are one beginning of
two to four letters, half two; each is asked by somebody who sees everybody and by somebody who sees one in a thousand.
"""

import random
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.population import DEPARTMENTS, FACILITIES, people
from core.actors import Actor, Grant
from core.sites import Site, current
from plugins.patients.permissions import VIEW
from plugins.patients.services.finding import find_patients
from plugins.patients.spelling import words_of


class Asked(NamedTuple):
    """One measured question."""

    text: str
    milliseconds: float
    found: int
    is_capped: bool
    place: int | None


def questions(count: int, patients: int, seed: int = 11) -> Iterator[tuple[str, str, int, int]]:
    """Beginnings, the two names with the birth year, the patient meant and their place."""
    chance = random.Random(seed)
    wanted = set(chance.sample(range(1, patients + 1), count))
    for person in people(patients):
        if person.id in wanted:
            words = [word for word in words_of(person.name) if len(word) > 1] or words_of(person.name)
            asked = chance.sample(words, min(len(words), 1 + (len(wanted) % 2)))
            wanted.discard(person.id)
            begun = " ".join(word[: chance.randint(2, 4)] for word in asked)
            two = chance.sample(words, min(2, len(words)))
            yield begun, f"{' '.join(two)} {person.born_on.year}", person.id, person.place


def searcher(place: int | None) -> Actor:
    """A receptionist of the whole hospital, or of one department."""
    held = frozenset((VIEW,))
    return Actor("person", "bench", "Bench", held, place=place, grants=(Grant("receptionist", place, held),))


def measure(site: Site, asked: list[tuple[str, str, int, int]]) -> dict[str, list[Asked]]:
    """Ask everything both ways."""
    found: dict[str, list[Asked]] = {"all": [], "one in a thousand": []}
    leaves = random.Random(3)
    first = 2 + FACILITIES
    for begun, _two, _id, _place in asked:
        for who, place in (("all", None), ("one in a thousand", first + leaves.randrange(FACILITIES * DEPARTMENTS))):
            found[who].append(timed(site, begun, searcher(place), place))
    return found


def timed(site: Site, text: str, by: Actor, place: int | None) -> Asked:
    """Ask once, on a connection as a request would find it."""
    with site.activate():
        started = time.perf_counter()
        answer = find_patients(text, by)
        took = (time.perf_counter() - started) * 1000
        current().memory.clear()
    return Asked(text, took, len(answer.hits), answer.is_capped, place)


def meant_among_first(site: Site, asked: list[tuple[str, str, int, int]], first: int = 10) -> float:
    """How often the person meant is among the first for two names and the birth year."""
    hits = 0
    for _begun, two, patient, _place in asked:
        with site.activate():
            answer = find_patients(two, searcher(None))
            hits += patient in [hit.id for hit in answer.hits[:first]]
    return hits / len(asked)


def told(found: dict[str, list[Asked]], say: Callable[[str], None] = print) -> None:
    """Print the figures, and the slowest questions."""
    for who, answers in found.items():
        took = sorted(one.milliseconds for one in answers)
        say(
            f"  {who}: n={len(took)} median {statistics.median(took):.1f} ms, p95 {took[int(len(took) * 0.95)]:.1f},"
            f" p99 {took[int(len(took) * 0.99)]:.1f}, max {took[-1]:.1f};"
            f" empty {sum(not one.found for one in answers)}, capped {sum(one.is_capped for one in answers)}"
        )
        for one in sorted(answers, key=lambda one: -one.milliseconds)[:3]:
            say(f"      {one.milliseconds:.1f} ms {one.text!r} ({one.found} found)")
    say(f"  process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
