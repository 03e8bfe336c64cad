"""What it joins in."""

from core.contributions import NavItem, Panel
from core.hooks import hookimpl
from core.registry import Manifest
from tests.core.screens.medley_asking.permissions import PERMISSIONS

manifest = Manifest(name="asking", title="Asking", version="1.2", summary="Asks two questions.", asks="Reads nothing.")


@hookimpl()
def navigation():
    return [
        NavItem(label="Asking", endpoint="asking.index", icon="puzzle", group="care", permission="asking.view"),
        NavItem(label="Nowhere", endpoint="asking.nowhere", icon="puzzle", group="care", permission="asking.view"),
    ]


@hookimpl()
def permissions():
    return PERMISSIONS


@hookimpl()
def home_cards(by):
    return [Panel(template="asking/card.html", title="Asked")]
