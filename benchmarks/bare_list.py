"""The ceiling of a list: Flask running Medley's own statements of a page, and its own page with the rows in a loop."""

import json
import os
import threading
from pathlib import Path
from typing import Any

from flask import Flask, render_template, request
from jinja2 import DictLoader

from benchmarks.bare import connected

MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SEXES = {"female": "Female", "male": "Male", "other": "Other", "unknown": "Not known"}


def day(on: Any) -> str:
    """A day in English; SQLite's driver gives days as text."""
    year, month, number = str(on)[:10].split("-")
    return f"{int(number)} {MONTHS[int(month)]} {year}"


def application() -> Flask:
    """The bare application with the pages and statements in the file named in the environment."""
    app = Flask(__name__)
    facts = json.loads(Path(os.environ["BENCH_LIST"]).read_text("utf-8"))
    app.jinja_loader = DictLoader({name: one["page"] for name, one in facts.items()})  # type: ignore[assignment]
    app.jinja_env.globals.update(day=day, sexes=SEXES)
    held = threading.local()

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.get("/patients/all")
    def listed() -> str:
        if not hasattr(held, "cursor"):
            held.cursor = connected(os.environ["BENCH_DATABASE"]).cursor()
        name = request.args["case"]
        answers = []
        for sql, values in facts[name]["statements"]:
            held.cursor.execute(sql, values)
            answers.append(held.cursor.fetchall())
        _count, rows, phones, areas = answers
        return render_template(name, rows=rows, phones=dict(phones), areas={one[0]: one[1] or one[2] for one in areas})

    return app
