"""Finding a patient in a million, as the desk does; see `finding` for the questions and `population` for the people."""

from collections.abc import Iterator

from benchmarks import finding
from benchmarks.figures import Figure, part
from benchmarks.ground import hospital, servers
from benchmarks.population import size_of

TITLE = "Finding a patient among a million, all of them open to the searcher or one in a thousand"
PATIENTS, QUESTIONS, MIB = 1_000_000, 600, 1024 * 1024


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
                sizes = size_of(ground.site)
                yield Figure(f"{engine}: {count:,} patients on disk", sizes.pop("whole") / MIB, "MiB")
                for table, size in sizes.items():
                    yield Figure(f"{engine}: … of it {table}", size / MIB, "MiB")
