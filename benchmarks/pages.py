"""The pages opened all day, signed in and journaled, against bare Flask with the same rows on the same server."""

import os
from collections.abc import Iterator

from benchmarks.figures import Figure, rounds
from benchmarks.ground import Asked, Ground, hospital, load, served, servers, token_of
from plugins.patients.api import Patient

TITLE = "Pages: requests per second, eight at a time, against bare Flask and Jinja on granian"
PATIENTS = 20_000
SECONDS, ROUNDS = 3.0, 3


def measure(engines: tuple[str, ...], patients: int | None = None) -> Iterator[Figure]:
    """The chart and the search page on each engine."""
    with servers() as databases:
        for engine in engines:
            with hospital(engine, databases, patients or PATIENTS) as ground:
                yield from pages_at(ground, engine)


def pages_at(ground: Ground, engine: str) -> Iterator[Figure]:
    """Both servers stand side by side and are asked in turns."""
    clerk = ground.signed_in("doctor", "receptionist")
    with ground.site.activate():
        database = ground.site.database
        database.execute_sql("CREATE INDEX bench_name ON patients_patient (name)")
        rows = list(Patient.select(Patient.uid, Patient.name).order_by(Patient.uid.desc()).limit(500).tuples())
    chart = clerk.get(f"/patients/{rows[0][0]}")
    find = clerk.get("/patients/")
    token = token_of(find.data)
    begun = [name[:4] for _uid, name in rows if name[:4].isascii() and name[:4].isalpha()][:200]
    charts = [Asked(f"/patients/{uid}") for uid, _name in rows]
    ours = [Asked("/patients/", {"q": one, "csrf_token": token}) for one in begun]
    theirs = [Asked("/patients/", {"q": one}) for one in begun]
    found = clerk.post("/patients/", {"q": begun[0], "csrf_token": token})
    bare = {
        **os.environ, "BENCH_DATABASE": ground.site.database_url,
        "BENCH_CHART": str(len(chart.data)), "BENCH_FOUND": str(max(1, len(found.data) - 5000)),
    }  # fmt: skip
    host, cookie = ground.site.hosts[0], f"medley_session={clerk.session}"
    with (
        served("core.cli.serving:application", ground.environment) as medley,
        served("benchmarks.bare:application", bare) as flask,
    ):
        for name, at_medley, at_flask in (("chart", charts, charts), ("search", ours, theirs)):
            bad = load(medley.port, at_medley, host, cookie, 1).bad
            load(flask.port, at_flask, seconds=1)
            ours_per_second, theirs_per_second = rounds(
                ROUNDS,
                lambda asked=at_medley: load(medley.port, asked, host, cookie, SECONDS).per_second,
                lambda asked=at_flask: load(flask.port, asked, seconds=SECONDS).per_second,
            )
            yield Figure(
                f"{engine}: {name} page", ours_per_second, "req/s", 1 / 3, False, theirs_per_second, "bare Flask"
            )
            yield Figure(f"{engine}: {name} page, answers that were errors", bad, limit=0)
        yield Figure(f"{engine}: memory of a web process after it", medley.memory(), "MiB", 150)
