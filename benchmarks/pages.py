"""The pages opened all day, signed in and journaled, against bare Flask with the same rows on the same server."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, rounds
from benchmarks.full import chart_template, fill_charts, found_template, is_whole, marked_patient
from benchmarks.ground import Asked, Ground, answered, folder, hospital, load, served, servers, token_of
from core.jobs.sealing import keep_sealed
from core.testing.house import HOUSE, Visitor
from plugins.patients.api import Patient

TITLE = "Pages: requests per second, eight at a time, against bare Flask and Jinja on granian"
PATIENTS = 20_000
ASKED = 500
SECONDS, ROUNDS = 3.0, 5


def measure(engines: tuple[str, ...], patients: int | None = None) -> Iterator[Figure]:
    """The chart and the search page on each engine."""
    with servers() as databases, folder() as place:
        for engine in engines:
            with hospital(engine, databases, patients or PATIENTS) as ground:
                yield from pages_at(ground, engine, place)


def pages_at(ground: Ground, engine: str, place: Path) -> Iterator[Figure]:
    """Both servers stand side by side and are asked in turns."""
    clerk = ground.signed_in("doctor", "receptionist")
    with ground.site.activate(door="cli"):
        people = list(Patient.select().order_by(Patient.id.desc()).limit(ASKED))
        fill_charts(people, by=HOUSE)
        keep_sealed("benchmark")
    write_bare_pages(ground, clerk, place)
    token = token_of(clerk.get("/patients/").data)
    begun = [one.name[:4] for one in people if one.name[:4].isascii() and one.name[:4].isalpha()][:200]
    charts = [Asked(f"/patients/{one.uid}") for one in people]
    ours = [Asked("/patients/", {"q": one, "csrf_token": token}) for one in begun]
    theirs = [Asked("/patients/", {"q": one}) for one in begun]
    bare = {**os.environ, "BENCH_DATABASE": ground.site.database_url, "BENCH_PAGES": str(place)}
    host, cookie = ground.site.hosts[0], f"medley_session={clerk.session}"
    with (
        served("core.cli.serving:application", ground.environment) as medley,
        served("benchmarks.bare:application", bare) as flask,
    ):
        missing = words(answered(medley.port, charts[0].path, host, cookie)[1].decode()) - words(
            answered(flask.port, charts[0].path)[1].decode()
        )
        yield Figure(f"{engine}: words of a chart that the bare page lacks", len(missing), limit=0)
        for name, at_medley, at_flask in (("chart", charts, charts), ("search", ours, theirs)):
            bad = load(medley.port, at_medley, host, cookie, 1).bad
            bad += load(flask.port, at_flask, seconds=1).bad
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


def write_bare_pages(ground: Ground, clerk: Visitor, place: Path) -> None:
    """The templates of the bare pages, out of Medley's own."""
    patient = marked_patient(ground.site)
    chart = clerk.get(f"/patients/{patient.uid}").get_data(as_text=True)
    clerk.get("/patients/")
    found = clerk.post("/patients/", {"q": patient.name}).get_data(as_text=True)
    with ground.site.activate(door="cli"):
        templates = {"chart.html": chart_template(chart, patient), "found.html": found_template(found, patient)}
    for name, template in templates.items():
        if not is_whole(template):
            raise SystemExit(f"{name}: a row of Medley's page is not in a loop")
        (place / name).write_text(template, encoding="utf-8")


def words(page: str) -> set[str]:
    """What a page says."""
    return set(re.sub(r"<[^>]*>", " ", page).split())
