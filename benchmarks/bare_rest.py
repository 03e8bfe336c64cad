"""The ceiling of a REST read: Flask running Medley's own statements of it, and its rows as JSON."""

import json
import os
import threading
from pathlib import Path

from flask import Flask, Response, jsonify, request

from benchmarks.bare import connected


def application() -> Flask:
    """The bare application with the statements and names in the file named in the environment."""
    app = Flask(__name__)
    facts = json.loads(Path(os.environ["BENCH_REST"]).read_text("utf-8"))
    held = threading.local()

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.get("/rest")
    def read() -> Response:
        if not hasattr(held, "cursor"):
            held.cursor = connected(os.environ["BENCH_DATABASE"]).cursor()
        case = facts[request.args["case"]]
        answers = []
        for sql, values in case["statements"]:
            held.cursor.execute(sql, values)
            answers.append(held.cursor.fetchall())
        rows, *more = answers
        beside = [{row[0]: row[1] for row in one} for one in more]
        items = [
            dict(zip(case["names"], map(plain, (*row, *(one.get(row[0]) for one in beside))), strict=False))
            for row in rows
        ]
        return jsonify(items=items, next=None)

    return app


def plain(value: object) -> object:
    """A value as JSON has it."""
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(value)
