"""What the platform adds to a request with twenty plugins on: statements, and processor time against the bare view."""

import gc
import io
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask
from peewee import Database
from werkzeug.test import EnvironBuilder

from benchmarks.figures import Figure, rounds
from benchmarks.ground import Ground, folder, hospital, servers
from core.registry import catalogue, switch_on
from core.registry.loader import Found
from core.testing.house import HOUSE
from plugins.patients.api import Patient

TITLE = "The platform: what it adds to a request with twenty plugins on"
PLUGINS, REQUESTS, ROUNDS = 20, 60, 25
PATIENTS = 200
PARTS = {
    "__init__.py": '"""Measured, not used."""\n',
    "permissions.py": """
from core.contributions import Permission
PERMISSIONS = (Permission(name="{name}.view", label="See {name}", roles=("doctor",)),)
""",
    "plugin.py": """
from core.contributions import NavItem, Panel
from core.hooks import hookimpl
from core.registry import Manifest
from {package}.permissions import PERMISSIONS
manifest = Manifest(name="{name}", title="{title}", version="0.1.0")

@hookimpl()
def permissions():
    return PERMISSIONS

@hookimpl()
def navigation():
    return [NavItem(label="{title}", endpoint="{name}.words", icon="puzzle", group="care", permission="{name}.view")]
""",
    "views.py": """
from core.web import MedleyBlueprint, render
blueprint = MedleyBlueprint("{name}", __name__)

@blueprint.get("/words", permission="{name}.view")
def words():
    return "<p>Measured.</p>"

@blueprint.get("/page", permission="{name}.view")
def page():
    return render("{name}/page.html")
""",
    "templates/{name}/page.html": """{% extends "core/base.html" %}{% block main %}<p>Measured.</p>{% endblock %}\n""",
}


def measure(_engines: tuple[str, ...], _patients: int | None = None) -> Iterator[Figure]:
    """On SQLite, where the database itself costs least and the platform is seen best."""
    with folder() as place, servers() as databases, hospital("sqlite", databases, PATIENTS) as ground:
        names = list(grow(place))
        with ground.site.activate(door="cli"):
            for name in names:
                switch_on(name, by=HOUSE)
        yield from figures_of(ground, names[0])


def grow(place: Path) -> Iterator[str]:
    """Write and install twenty plugins, each with a permission, a line of navigation and pages."""
    sys.path.insert(0, str(place))
    for number in range(PLUGINS):
        name = f"measured{number:02d}"
        package = f"medley_{name}"
        for file, text in PARTS.items():
            path = place / package / file.replace("{name}", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            written = text.replace("{name}", name).replace("{package}", package).replace("{title}", name.capitalize())
            path.write_text(written, encoding="utf-8")
        catalogue.add(Found(name, package))
        yield name


def figures_of(ground: Ground, name: str) -> Iterator[Figure]:
    """Processor time in turns with a Flask that does nothing, then statements."""
    clerk = ground.signed_in("doctor")
    with ground.site.activate():
        uid = Patient.select(Patient.uid).limit(1).scalar()
    cookie, host = f"medley_session={clerk.session}", ground.site.hosts[0]
    bare = Flask("bare")
    bare.add_url_rule("/words", "words", lambda: "<p>Measured.</p>")
    ours = asker(ground.house.app, f"/{name}/words", host, cookie)
    framed = asker(ground.house.app, f"/{name}/page", host, cookie)
    theirs = asker(bare, "/words", host, cookie)
    words, page, nothing = rounds(ROUNDS, lambda: cpu(ours), lambda: cpu(framed), lambda: cpu(theirs))
    yield Figure("processor time added: door, rights, headers", (words - nothing) * 1000, "ms", 0.7)
    yield Figure("processor time added, with navigation and frame", (page - nothing) * 1000, "ms", 0.7)
    yield Figure("processor time of the bare view", nothing * 1000, "ms")
    yield Figure("statements at the door", len(statements(ours)), "", 1)
    chart = statements(asker(ground.house.app, f"/patients/{uid}", host, cookie))
    yield Figure("statements of a chart", len(chart))
    yield Figure("of them writes (who was shown whom)", sum(sql.startswith("INSERT") for sql in chart), "", 1)


def asker(app: Flask, path: str, host: str, cookie: str) -> Callable[[], bytes]:
    """Ask an application for a page, without a client's own work."""
    builder = EnvironBuilder(
        path, base_url=f"http://{host}", headers={"Cookie": cookie}, environ_base={"REMOTE_ADDR": "127.0.0.1"}
    )
    environment = builder.get_environ()

    def ask() -> bytes:
        statuses: list[str] = []
        request = {**environment, "wsgi.input": io.BytesIO()}
        answer = app.wsgi_app(request, lambda status, *_more: statuses.append(status))  # type: ignore[arg-type,func-returns-value]
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if not statuses[0].startswith("200"):
            raise SystemExit(f"{path} answered {statuses[0]}")
        return body

    ask()
    return ask


def cpu(ask: Callable[[], bytes]) -> float:
    """Processor seconds of one request."""
    gc.collect()
    started = time.process_time()
    for _request in range(REQUESTS):
        ask()
    return (time.process_time() - started) / REQUESTS


def statements(ask: Callable[[], bytes]) -> list[str]:
    """The statements of one request, on every connection."""
    heard: list[str] = []
    run = Database._execute_cursor

    def listening(database: Database, sql: str, *rest: object, **options: object) -> object:
        heard.append(sql.strip())
        return run(database, sql, *rest, **options)

    Database._execute_cursor = listening
    try:
        ask()
    finally:
        Database._execute_cursor = run
    return heard
