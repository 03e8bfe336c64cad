"""Records read over REST, a page of them and one, signed in and journaled, against bare Flask with the same statements.

Patients are persons: each answer about them waits until it is written down durably who was shown whom. Places are not.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, rounds
from benchmarks.ground import Asked, Ground, hospital, load, served, servers
from benchmarks.lists import recorded
from core.places.models import Place
from core.registry import switch_on
from core.roles.grants import grant_permission
from core.settings import change_settings
from core.testing.house import HOUSE, Visitor
from plugins.patients.api import Patient

TITLE = "REST: reads per second, eight at a time, against bare Flask and JSON with the same statements"
PATIENTS = 100_000
SECONDS, ROUNDS = 3.0, 3
PATIENT, PLACE = "/api/v1/patients/all", "/api/v1/core/places"
MOST = 1_000_000
TABLES = ("patients_", "core_place")


def measure(engines: tuple[str, ...], patients: int | None = None) -> Iterator[Figure]:
    """A page and a record on each engine."""
    with servers() as databases:
        for engine in engines:
            with hospital(engine, databases, patients or PATIENTS) as ground:
                yield from reads_at(ground, engine)


def reads_at(ground: Ground, engine: str) -> Iterator[Figure]:
    """Both servers stand side by side and are asked in turns."""
    doctor = prepared(ground)
    with ground.site.activate():
        uids = [uid for (uid,) in Patient.select(Patient.uid).order_by(Patient.id.desc()).limit(300).tuples()]
        places = [uid for (uid,) in Place.select(Place.uid).order_by(Place.id).limit(300).tuples()]
    cases = {
        "50 places": [f"{PLACE}?limit=50&fields=name,kind,code,parent,zone"],
        "one place": [f"{PLACE}/{uid}?fields=name,kind,code,parent,zone" for uid in places],
        "50 patients, journaled": [f"{PATIENT}?sex=female&sort=name&limit=50"],
        "one patient, journaled": [f"{PATIENT}/{uid}" for uid in uids],
    }
    facts = {name: captured(ground, doctor, paths[0]) for name, paths in cases.items()}
    written = Path(ground.folder) / "rest.json"
    written.write_text(json.dumps(facts), "utf-8")
    bare = {**os.environ, "BENCH_DATABASE": ground.site.database_url, "BENCH_REST": str(written)}
    host, cookie = ground.site.hosts[0], f"medley_session={doctor.session}"
    with (
        served("core.cli.serving:application", ground.environment) as medley,
        served("benchmarks.bare_rest:application", bare) as flask,
    ):
        for name, paths in cases.items():
            ours = [Asked(path) for path in paths]
            theirs = [Asked(f"/rest?case={name.replace(' ', '%20')}")]
            bad = load(medley.port, ours, host, cookie, 1).bad + load(flask.port, theirs, seconds=1).bad
            ours_per_second, theirs_per_second = rounds(
                ROUNDS,
                lambda asked=ours: load(medley.port, asked, host, cookie, SECONDS).per_second,
                lambda asked=theirs: load(flask.port, asked, seconds=SECONDS).per_second,
            )
            yield Figure(f"{engine}: {name}", ours_per_second, "req/s", 1 / 2, False, theirs_per_second, "bare Flask")
            yield Figure(f"{engine}: {name}, answers that were errors", bad, limit=0)
        yield Figure(f"{engine}: memory of a web process after it", medley.memory(), "MiB", 150)


def prepared(ground: Ground) -> Visitor:
    """A doctor who may use the API as often as the machine can."""
    user = ground.house.person(ground.site, "Remote Doctor", "doctor")
    with ground.site.activate(door="cli"):
        switch_on("api", by=HOUSE)
        grant_permission(user, "api.use", by=HOUSE)
        change_settings("api", {"requests_a_minute": MOST, "source_requests_a_minute": MOST}, by=HOUSE)
    return ground.house.visitor(ground.site, user)


def captured(ground: Ground, visitor: Visitor, path: str) -> dict[str, Any]:
    """The statements that fetch what an answer says, and the names it says it under."""
    visitor.get(path)
    with recorded(ground.site) as statements:
        found = visitor.get(path).get_json()
    own = [
        (sql, values)
        for sql, values in statements
        if sql.startswith("SELECT") and any(table in sql for table in TABLES)
    ]
    one = found["items"][0] if "items" in found else found
    return {"names": list(one), "statements": own}
