"""A page of fifty of a million rows: facets, first and last page, all and one in a thousand, against bare Flask."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, rounds
from benchmarks.ground import Asked, Ground, hospital, load, served, servers
from core.places.models import Place
from core.sites import Site
from core.testing.house import Visitor

TITLE = "Lists: a page of 50 rows, requests per second, eight at a time, against bare Flask with the same statements"
PATIENTS = 1_000_000
SECONDS, ROUNDS = 3.0, 3
FACETS = "sex=female&is_deceased=no&rows=50"
CASES = {
    "two facets, first page": f"{FACETS}",
    "two facets by name, first page": f"{FACETS}&sort=name",
    "two facets by name, last page": f"{FACETS}&sort=name&at=last",
}
ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
# One row of the page, as its own markup with the columns of the statement.
FLAT_ROW = """{% for row in rows %}  <tr>
    <th scope="row" class="m-lead"><a href="/patients/{{ row[1] }}"><bdi>{{ row[4] }}</bdi></a></th>
    <td class="m-pend"><bdi>{{ row[5] }}</bdi></td><td class="m-p2 m-num m-nowrap"><bdi>{{ day(row[6]) }}</bdi></td>
    <td class="m-p3"><bdi>{{ sexes[row[7]] }}</bdi></td>
    <td class="m-p4"><bdi>{{ phones[row[0]] or "" }}</bdi></td>
    <td class="m-hide"><bdi>{{ areas[row[0]] or "" }}</bdi></td>
    <td class="m-hide m-num m-nowrap"><bdi>{{ day(row[8]) }}</bdi></td>
  </tr>
{% endfor %}"""


def measure(engines: tuple[str, ...], patients: int | None = None) -> Iterator[Figure]:
    """Each case on each engine."""
    with servers() as databases:
        for engine in engines:
            with hospital(engine, databases, patients or PATIENTS) as ground:
                yield from lists_at(ground, engine)


def lists_at(ground: Ground, engine: str, own: Mapping[str, str] | None = None) -> Iterator[Figure]:
    """Both servers stand side by side and are asked in turns; `own` are other cases than those above."""
    everybody = ground.signed_in("doctor")
    cases = {name: (everybody, query) for name, query in (own or CASES).items()}
    if own is None:
        cases["somebody who sees one in a thousand"] = (one_in_a_thousand(ground), f"{FACETS}&sort=name")
    facts = {name: captured(ground.site, visitor, query) for name, (visitor, query) in cases.items()}
    written = Path(ground.folder) / "lists.json"
    written.write_text(json.dumps(facts), "utf-8")
    bare = {**os.environ, "BENCH_DATABASE": ground.site.database_url, "BENCH_LIST": str(written)}
    host = ground.site.hosts[0]
    with (
        served("core.cli.serving:application", ground.environment) as medley,
        served("benchmarks.bare_list:application", bare) as flask,
    ):
        for name, (visitor, query) in cases.items():
            cookie = f"medley_session={visitor.session}"
            ours, theirs = [Asked(f"/patients/all?{query}")], [Asked(f"/patients/all?case={name.replace(' ', '%20')}")]
            bad = load(medley.port, ours, host, cookie, 1).bad + load(flask.port, theirs, seconds=1).bad
            ours_per_second, theirs_per_second = rounds(
                ROUNDS,
                lambda asked=ours, cookie=cookie: load(medley.port, asked, host, cookie, SECONDS).per_second,
                lambda asked=theirs: load(flask.port, asked, seconds=SECONDS).per_second,
            )
            yield Figure(f"{engine}: {name}", ours_per_second, "req/s", 1 / 3, False, theirs_per_second, "bare Flask")
            yield Figure(f"{engine}: {name}, answers that were errors", bad, limit=0)
        yield Figure(f"{engine}: memory of a web process after it", medley.memory(), "MiB", 150)


def one_in_a_thousand(ground: Ground) -> Visitor:
    """A doctor at one department of a thousand."""
    with ground.site.activate(door="cli"):
        place = Place.select().where(Place.kind == "department").order_by(Place.id).first()
    user = ground.house.person(ground.site, "Few Patients", "doctor", place=place)
    return ground.house.visitor(ground.site, user)


def captured(site: Site, visitor: Visitor, query: str) -> dict[str, Any]:
    """A page of Medley with its rows in a loop, and the statements that fetch what it shows."""
    visitor.get(f"/patients/all?{query}")
    with recorded(site) as statements:
        page = visitor.get(f"/patients/all?{query}").get_data(as_text=True)
    head, body, tail = page.partition("<tbody>")
    inside, end, rest = tail.partition("</tbody>")
    assert ROW.search(inside), "the page shows rows"
    literal = "{% raw %}", "{% endraw %}"
    flat = f"{literal[0]}{head}{body}{literal[1]}{FLAT_ROW}{literal[0]}{end}{rest}{literal[1]}"
    own = [(sql, values) for sql, values in statements if "patients_" in sql and sql.startswith("SELECT")]
    assert len(own) == 4, f"a count, the rows, phones and areas: {own}"
    return {"page": flat, "statements": own}


@contextmanager
def recorded(site: Site) -> Iterator[list[tuple[str, list[Any]]]]:
    """The statements a site's database is asked inside the block."""
    database, found = site.database, []
    run = database.execute_sql

    def record(sql: str, params: Any = None, *more: Any) -> Any:
        found.append((sql, [plain(one) for one in params or ()]))
        return run(sql, params, *more)

    database.execute_sql = record
    try:
        yield found
    finally:
        database.execute_sql = run


def plain(value: Any) -> Any:
    """A parameter as JSON has it."""
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(value)
