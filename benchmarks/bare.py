"""The ceiling: Flask and Jinja with one indexed query, no sign-in, no rights, no journal, no layers.

It shows the rows Medley shows, in a page of the same size, through one plain template.
"""

import os
import sqlite3
import threading
from collections.abc import Callable
from datetime import date
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
SELECT p.uid, p.number, p.name, p.called, p.sex, p.born_on, t.value FROM patients_patient p
LEFT JOIN patients_telecom t ON t.patient_id = p.id WHERE p.name >= {mark} AND p.name < {mark} ORDER BY p.name LIMIT 25
"""
CHART_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ rows[0][2] }}</title></head><body>
{{ filler }}<header class="m-banner" aria-label="Patient"><h1><bdi>{{ rows[0][2] }}</bdi>
{%- if rows[0][3] %} <span class="m-ink3">(<bdi>{{ rows[0][3] }}</bdi>)</span>{% endif %}</h1><div class="m-facts">
{% if rows[0][5] %}<span><b>{{ age(rows[0][5]) }} years</b></span>{% endif %}<span>{{ rows[0][4] }}</span>
<span class="m-num"><bdi>{{ rows[0][5] }}</bdi></span>
<span class="m-num"><bdi>{{ rows[0][1] }}</bdi></span></div></header>
<ul class="m-list">{% for row in rows if row[6] %}
<li><span class="m-what"><bdi dir="ltr">{{ row[8] }}</bdi></span>
<a href="/patients/{{ row[0] }}/telecoms/{{ row[6] }}/edit">Change</a>
<a href="/patients/{{ row[0] }}/telecoms/{{ row[6] }}/remove">Take away</a></li>{% endfor %}</ul>
</body></html>"""
FOUND_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Patients</title></head><body>
{{ filler }}<table class="m-table">{% for row in rows %}
<tr><td class="m-lead"><a href="/patients/{{ row[0] }}"><bdi>{{ row[2] }}</bdi></a>
{%- if row[3] %} <span class="m-ink3">(<bdi>{{ row[3] }}</bdi>)</span>{% endif %}</td>
<td class="m-num m-ink2 m-nowrap m-pend"><bdi>{{ row[1] }}</bdi></td>
<td class="m-num m-nowrap m-p2">{% if row[5] %}<bdi>{{ row[5] }}</bdi>
<span class="m-ink3">({{ age(row[5]) }} years)</span>{% endif %}</td>
<td class="m-p2">{{ row[4] if row[4] != "unknown" }}</td>
<td class="m-num m-nowrap m-p4"><bdi dir="ltr">{{ row[6] or "" }}</bdi></td><td class="m-low"></td></tr>
{% endfor %}</table></body></html>"""


def age(born_on: date | str) -> int:
    """Years; SQLite's driver gives days as text."""
    born = date.fromisoformat(born_on) if isinstance(born_on, str) else born_on
    return (date.today() - born).days * 400 // 146097  # noqa: DTZ011  the bare page asks no zone


def application() -> Flask:
    """The bare application on the database named in the environment."""
    app = Flask(__name__)
    ask = asker(os.environ["BENCH_DATABASE"])
    sizes = (int(os.environ[name]) for name in ("BENCH_CHART", "BENCH_FOUND"))
    around_chart, around_found = (Markup("<p>.</p>\n" * (size // 9)) for size in sizes)
    app.jinja_loader = DictLoader({"chart.html": CHART_PAGE, "found.html": FOUND_PAGE})  # type: ignore[assignment]

    app.jinja_env.globals["age"] = age

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
