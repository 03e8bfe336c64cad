"""Finding a patient in a million, as the desk does; see `finding` for the questions and `population` for the people."""

import time
from collections.abc import Iterator, Sequence

from benchmarks import finding
from benchmarks.figures import Figure, part
from benchmarks.ground import Ground, hospital, servers
from benchmarks.population import size_of
from core.places.models import Place
from core.testing.house import Visitor

TITLE = "Finding a patient among a million, all of them open to the searcher or one in a thousand"
PATIENTS, QUESTIONS, TYPED, ROUNDS, MIB = 1_000_000, 600, 300, 3, 1024 * 1024


def measure(engines: tuple[str, ...], patients: int | None = None) -> Iterator[Figure]:
    """Each engine in turn; loading a million patients takes minutes."""
    count = patients or PATIENTS
    questions = list(finding.questions(QUESTIONS, count))
    with servers() as databases:
        for engine in engines:
            with hospital(engine, databases, count) as ground:
                finding.measure(ground.site, questions[:40])
                for who, answers in finding.measure(ground.site, questions).items():
                    took = [one.milliseconds for one in answers]
                    yield Figure(f"{engine}: sees {who}: 95 of 100 answered within", part(took, 0.95), "ms", 20)
                    yield Figure(f"{engine}: sees {who}: the slowest", max(took), "ms", 100)
                share = finding.meant_among_first(ground.site, questions)
                yield Figure(f"{engine}: two names and birth year: meant among first ten", share * 100, "%", 95, False)
                share = finding.meant_among_first(ground.site, finding.with_slips(questions))
                yield Figure(f"{engine}: the same with a slip in a name", share * 100, "%", 85, False)
                yield from palette_at(ground, engine, [begun for begun, *_rest in questions[:TYPED]])
                sizes = size_of(ground.site)
                yield Figure(f"{engine}: {count:,} patients on disk", sizes.pop("whole") / MIB, "MiB")
                for table, size in sizes.items():
                    yield Figure(f"{engine}: … of it {table}", size / MIB, "MiB")


def palette_at(ground: Ground, engine: str, typed: Sequence[str]) -> Iterator[Figure]:
    """Ctrl+K in the service: the whole answer with people, acts and pages, signed in and journaled; no network."""
    for who, visitor in (("all", ground.signed_in("receptionist")), ("one in a thousand", of_a_department(ground))):
        looked_up(visitor, "")
        used = time.process_time()
        # The quickest of three rounds: what other work on the machine takes is not the palette's.
        asked = [[looked_up(visitor, one) for one in typed] for _round in range(ROUNDS)]
        took = [min(times) for times in zip(*asked, strict=True)]
        used = (time.process_time() - used) * 1000 / len(typed) / ROUNDS
        yield Figure(f"{engine}: palette, sees {who}: 95 of 100 within", part(took, 0.95), "ms", 100)
        yield Figure(f"{engine}: palette, sees {who}: the slowest", max(took), "ms", 100)
        yield Figure(f"{engine}: palette, sees {who}: processor time of one", used, "ms")
        yield Figure(f"{engine}: palette, sees {who}: before anything is typed", looked_up(visitor, ""), "ms", 100)


def of_a_department(ground: Ground) -> Visitor:
    """A receptionist at one department of a thousand."""
    with ground.site.activate(door="cli"):
        place = Place.select().where(Place.kind == "department").order_by(Place.id).first()
    user = ground.house.person(ground.site, "Few To Find", "receptionist", place=place)
    return ground.house.visitor(ground.site, user)


def looked_up(visitor: Visitor, words: str) -> float:
    """The milliseconds of one answer of the palette."""
    started = time.perf_counter()
    answer = visitor.post("/find", {"q": words}, headers={"X-CSRF-Token": visitor._token})
    took = (time.perf_counter() - started) * 1000
    assert answer.is_json and "groups" in answer.get_json(), answer.status_code
    return took
