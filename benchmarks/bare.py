"""The ceiling: Flask and Jinja with one indexed query, no sign-in, no rights, no journal, no layers.

It shows the rows Medley shows, in a page of the same size, through one plain template.
"""

import os
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pymysql
from flask import Flask, render_template, request
from jinja2 import DictLoader
from markupsafe import Markup

from core.sites.engines import SQLITE_PRAGMAS, credentials, engine_of, urlsplit

CHART = """
SELECT p.uid, p.number, p.name, p.called, p.sex, p.born_on, t.uid, t.kind, t.value, t.use
FROM patients_patient p LEFT JOIN patients_telecom t ON t.patient_id = p.id WHERE p.uid = {mark}
"""
FOUND = """
SELECT p.uid, p.number, p.name, p.called, p.sex, p.born_on FROM patients_patient p
WHERE p.name >= {mark} AND p.name < {mark} ORDER BY p.name LIMIT 25
"""
CHART_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ rows[0][2] }}</title></head><body>
{{ filler }}<h1>{{ rows[0][2] }}</h1><dl><dt>Number</dt><dd>{{ rows[0][1] }}</dd><dt>Sex</dt><dd>{{ rows[0][4] }}</dd>
<dt>Born</dt><dd>{{ rows[0][5] }}</dd></dl><ul>{% for row in rows if row[6] %}
<li>{{ row[7] }} {{ row[8] }} <a href="/patients/{{ row[0] }}/telecoms/{{ row[6] }}">Change</a></li>{% endfor %}</ul>
</body></html>"""
FOUND_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Patients</title></head><body>
{{ filler }}<table>{% for row in rows %}
<tr><td><a href="/patients/{{ row[0] }}">{{ row[2] }}</a></td><td>{{ row[1] }}</td>
<td>{{ row[5] }}</td><td>{{ row[4] }}</td></tr>
{% endfor %}</table></body></html>"""


def application() -> Flask:
    """The bare application on the database named in the environment."""
    app = Flask(__name__)
    ask = asker(os.environ["BENCH_DATABASE"])
    sizes = (int(os.environ[name]) for name in ("BENCH_CHART", "BENCH_FOUND"))
    around_chart, around_found = (Markup("<p>.</p>\n" * (size // 9)) for size in sizes)
    app.jinja_loader = DictLoader({"chart.html": CHART_PAGE, "found.html": FOUND_PAGE})  # type: ignore[assignment]

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.get("/patients/<uid>")
    def chart(uid: str) -> str:
        return render_template("chart.html", rows=ask(CHART, (uid,)), filler=around_chart)

    @app.post("/patients/")
    def found() -> str:
        begun = request.form["q"]
        rows = ask(FOUND, (begun, begun + "\uffff"))
        return render_template("found.html", rows=rows, filler=around_found)

    return app


def asker(url: str) -> Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Run one statement on the thread's own connection, kept open."""
    held = threading.local()
    mark = "?" if engine_of(url) == "sqlite" else "%s"

    def ask(sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if not hasattr(held, "cursor"):
            held.connection = connected(url)
            held.cursor = held.connection.cursor()
        held.cursor.execute(sql.format(mark=mark), values)
        return list(held.cursor.fetchall())

    return ask


def connected(url: str) -> Any:
    """A connection of the engine's driver, with the settings Medley's own connections have."""
    parts = urlsplit(url)
    engine = engine_of(url)
    if engine == "sqlite":
        connection = sqlite3.connect(parts.path[1:], isolation_level=None)
        for name, value in SQLITE_PRAGMAS.items():
            connection.execute(f"PRAGMA {name} = {value}")
        return connection
    if engine == "postgresql":
        postgresql = psycopg.connect(dbname=parts.path[1:], autocommit=True, **credentials(parts))
        postgresql.prepare_threshold = 3
        return postgresql
    return pymysql.connect(database=parts.path[1:], autocommit=True, **credentials(parts))
