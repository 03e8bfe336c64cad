"""Medley on a home screen: its manifest, and what a browser shows while the network is gone.

The worker in the browser keeps one page and what that page is made of, and nothing else: nothing about anybody stays on
a computer.
"""

from flask import Response

from core.screens.pages import blueprint
from core.web import OPEN, render


@blueprint.get("/manifest.webmanifest", permission=OPEN)
def manifest() -> Response:
    """Name, colours and pictures for a home screen."""
    return Response(render("core/manifest.webmanifest"), mimetype="application/manifest+json")


@blueprint.get("/service-worker.js", permission=OPEN)
def service_worker() -> Response:
    """The worker; it changes whenever one of the files it keeps does."""
    return Response(render("core/service_worker.js"), mimetype="text/javascript")


@blueprint.get("/offline", permission=OPEN)
def offline() -> str:
    """What is shown when the server can't be reached."""
    return render("core/offline.html")
