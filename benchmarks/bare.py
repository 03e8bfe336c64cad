"""The ceiling: Flask and Jinja, one indexed query and one flat template; no sign-in, no rights, no journal, no layers.

The templates are Medley's own final pages with the rows in loops (`benchmarks.full`); one statement fetches all rows of
a page, as tuples.
"""

import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from flask import Flask, render_template, request
from jinja2 import FileSystemLoader

from core.sites.engines import SQLITE_PRAGMAS, credentials, engine_of, urlsplit
from plugins.patients.tokens import prefix_token

# Every row of a chart: its kind, id, uid, a day, and up to seven texts.
CHART = """
SELECT 'person', p.id, p.uid, p.born_on, p.number, p.name, p.sex, p.called, p.born_precision, '', ''
FROM patients_patient p WHERE p.uid = {mark}
UNION ALL SELECT 'flag', t.id, t.uid, t.until_on, t.text, t.severity, '', '', '', '', ''
FROM patients_patient p JOIN patients_flag t ON t.patient_id = p.id AND t.retired_at IS NULL WHERE p.uid = {mark}
UNION ALL SELECT 'identifier', t.id, t.uid, t.until_on, k.label, t.value, '', '', '', '', ''
FROM patients_patient p JOIN patients_identifier t ON t.patient_id = p.id AND t.retired_at IS NULL
JOIN patients_identifier_type k ON k.id = t.type_id WHERE p.uid = {mark}
UNION ALL SELECT 'name', t.id, t.uid, t.until_on, t.name, '', '', '', '', '', ''
FROM patients_patient p JOIN patients_patient_name t ON t.patient_id = p.id AND t.retired_at IS NULL
WHERE p.uid = {mark}
UNION ALL SELECT t.kind, t.id, t.uid, NULL, t.value, '', '', '', '', '', ''
FROM patients_patient p JOIN patients_telecom t ON t.patient_id = p.id AND t.retired_at IS NULL WHERE p.uid = {mark}
UNION ALL SELECT 'address', t.id, t.uid, NULL, t.lines, t.area, t.district, t.city, t.state, t.postal_code, t.country
FROM patients_patient p JOIN patients_address t ON t.patient_id = p.id AND t.retired_at IS NULL WHERE p.uid = {mark}
UNION ALL SELECT 'paper', t.id, t.uid, t.dated_on, t.title, t.kind, '', '', '', '', ''
FROM patients_patient p JOIN patients_document t ON t.patient_id = p.id AND t.retired_at IS NULL WHERE p.uid = {mark}
UNION ALL SELECT 'relation', t.id, t.uid, t.until_on, o.name, o.uid, t.kind, t.note, '', '', ''
FROM patients_patient p JOIN patients_relation t ON t.patient_id = p.id AND t.retired_at IS NULL
JOIN patients_patient o ON o.id = t.other_id WHERE p.uid = {mark}
UNION ALL SELECT 'contact', t.id, t.uid, NULL, t.name, t.relation, t.phone, t.email, t.address, '', ''
FROM patients_patient p JOIN patients_contact_person t ON t.patient_id = p.id AND t.retired_at IS NULL
WHERE p.uid = {mark}
"""
# The newest people one of whose names begins like this, with phone and area.
FOUND = """
SELECT 'person', p.id, p.uid, p.born_on, p.number, p.name, p.sex, p.called,
 (SELECT t.value FROM patients_telecom t
  WHERE t.patient_id = p.id AND t.kind = 'phone' AND t.retired_at IS NULL LIMIT 1),
 (SELECT a.area FROM patients_address a WHERE a.patient_id = p.id AND a.retired_at IS NULL LIMIT 1)
FROM patients_search_token d JOIN patients_patient p ON p.id = d.owner_id
WHERE d.token = {mark} ORDER BY d.owner_id DESC LIMIT 25
"""
MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Texts:
    """What the page works out of its rows."""

    def __init__(self) -> None:
        self.sexes = {"female": "Female", "male": "Male", "other": "Other", "unknown": "Not known"}

    @staticmethod
    def age(born_on: date | str) -> int:
        """Years; SQLite's driver gives days as text."""
        born = date.fromisoformat(born_on) if isinstance(born_on, str) else born_on
        return (date.today() - born).days * 400 // 146097  # noqa: DTZ011  the bare page asks no zone

    @staticmethod
    def day(on: date | str) -> str:
        """A day in English."""
        found = date.fromisoformat(on) if isinstance(on, str) else on
        return f"{found.day} {MONTHS[found.month]} {found.year}"

    @staticmethod
    def initials(name: str) -> str:
        """Two letters."""
        words = name.split()
        return words[0][0] + words[-1][0]

    @staticmethod
    def line(row: tuple[Any, ...]) -> str:
        """An address."""
        return ", ".join(filter(None, row[4:]))


def application() -> Flask:
    """The bare application on the database and with the pages named in the environment."""
    app = Flask(__name__)
    ask = asker(os.environ["BENCH_DATABASE"])
    app.jinja_loader = FileSystemLoader(Path(os.environ["BENCH_PAGES"]))  # type: ignore[assignment]
    app.jinja_env.globals["text"] = Texts()

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.get("/patients/<uid>")
    def chart(uid: str) -> str:
        rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for row in ask(CHART, (uid,) * 9):
            rows[row[0]].append(row)
        return render_template("chart.html", person=rows["person"][0], rows=rows)

    @app.post("/patients/")
    def found() -> str:
        asked = request.form["q"]
        people = ask(FOUND, (prefix_token(asked.lower()),))
        return render_template("found.html", people=people, asked=asked)

    return app


def asker(url: str) -> Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Run one statement on the thread's own connection, kept open."""
    held = threading.local()
    mark = "?" if engine_of(url) == "sqlite" else "%s"
    written = {sql: sql.format(mark=mark) for sql in (CHART, FOUND)}

    def ask(sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if not hasattr(held, "cursor"):
            held.connection = connected(url)
            held.cursor = held.connection.cursor()
        held.cursor.execute(written[sql], values)
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
