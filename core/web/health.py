"""What a supervisor asks: does the process live, can it serve, which version is it."""

import peewee
from flask import Flask, Response, jsonify

from core.errors import MedleyError
from core.sites import Site, SiteDirectory


def add_health(app: Flask, directory: SiteDirectory, version: str) -> None:
    """Answer on any host, without naming any hospital."""

    def healthz() -> Response:
        return jsonify(status="ok")

    def readyz() -> tuple[Response, int]:
        ready = [is_ready(site) for site in directory]
        word = "ok" if all(ready) and ready else "not ready"
        return jsonify(status=word, sites=len(ready), ready=sum(ready)), 200 if word == "ok" else 503

    def version_() -> Response:
        return jsonify(version=version)

    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/version", "version", version_)


def is_ready(site: Site) -> bool:
    """Whether the site's database answers and has its tables."""
    try:
        with site.activate(door="system") as activation:
            return bool(activation.read_revision())
    except (MedleyError, peewee.PeeweeException):
        return False
