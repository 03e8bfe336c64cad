"""How long it takes to find a patient among a million, and whether it is the one meant.

The questions are drawn by patient, so that common names are asked for as often as in life: a third are one beginning of
two to four letters, a third two, and a third whole words with a slip of the pen in one; each is asked by somebody who
sees everybody and by somebody who sees one in a thousand.
"""

import argparse
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.population import DEPARTMENTS, FACILITIES, fill, people, size_of
from core.actors import Actor, Grant
from core.sites import Site, current
from core.testing import house_of
from plugins.patients.permissions import VIEW
from plugins.patients.services.finding import find_patients
from plugins.patients.spelling import words_of
from tests.servers import ENGINES, running_servers


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
            if len(wanted) % 3 == 0:
                begun = slipped(two, chance)
            yield begun, f"{' '.join(two)} {person.born_on.year}", person.id, person.place


def slipped(words: Sequence[str], chance: random.Random) -> str:
    """Words typed in a hurry: in the longest, two letters change about, or one is wrong, missing or doubled."""
    longest = max(words, key=len)
    at = chance.randrange(max(1, len(longest) - 1))
    kinds = (
        longest[:at] + longest[at : at + 2][::-1] + longest[at + 2 :],
        longest[:at] + longest[at + 1 :],
        longest[:at] + longest[at : at + 1] + longest[at:],
        longest[:at] + chance.choice("aeiounrst") + longest[at + 1 :],
    )
    wrong = chance.choice(kinds) if len(longest) > 3 else longest
    return " ".join(wrong if word == longest else word for word in words)


def with_slips(questions: Sequence[tuple[str, str, int, int]], seed: int = 5) -> list[tuple[str, str, int, int]]:
    """The same questions of two names and a birth year, each with a slip in a name."""
    chance = random.Random(seed)
    found = []
    for begun, two, patient, place in questions:
        *names, year = two.split()
        found.append((begun, f"{slipped(names, chance)} {year}", patient, place))
    return found


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


def run(engines: Sequence[str], patients: int, asked: int, seed: int = 11) -> None:
    """Fill a site on each engine, ask, and print what came out. The second round is what a day at the desk is like."""
    asking = list(questions(asked, patients, seed))
    random.Random(seed).shuffle(asking)
    with running_servers() as servers:
        for engine in engines:
            with tempfile.TemporaryDirectory() as folder, house_of(Path(folder)) as house:
                report(house.site("bench", servers.url(engine), plugins=["patients"]), patients, asking)


def report(site: Site, patients: int, asking: list[tuple[str, str, int, int]]) -> None:
    """Fill one site, ask, and print."""
    began = time.monotonic()
    fill(site, patients)
    sizes = {name: f"{size / 1e6:.0f} MB" for name, size in size_of(site).items()}
    print(f"{site.engine}: {patients} patients in {time.monotonic() - began:.0f} s, {sizes}")
    for round_name in ("cold", "warm"):
        print(f" {round_name}")
        told(measure(site, asking))
    print(f"  person meant among the first 10: {meant_among_first(site, asking):.1%}")


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m benchmarks.finding --engine sqlite --patients 1000000`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.finding", description=__doc__)
    parser.add_argument("--engine", action="append", choices=ENGINES, help="all three unless named")
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=2000)
    chosen = parser.parse_args(arguments)
    run(chosen.engine or ENGINES, chosen.patients, chosen.questions)


if __name__ == "__main__":
    main()
