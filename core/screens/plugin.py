"""The core's own part in its hooks, like any plugin's."""

from pathlib import Path

from core import clock
from core.actors import Actor
from core.contributions import NavItem, Permission
from core.hooks import hookimpl
from core.jobs import enqueue
from core.jobs.house import catch_up_plugin
from core.registry import is_listening
from core.registry.catching_up import SETTLED_AFTER
from core.texts import _

HOUSE = Path(__file__).parents[2]


@hookimpl()
def navigation() -> list[NavItem]:
    """The first page, and what administrators set up."""
    return [
        NavItem(label=_("Home"), endpoint="core.home", icon="house", group="today", permission="core.sign_in", order=10, on_phone=True),
    ]


@hookimpl()
def permissions() -> list[Permission]:
    """The core's own permissions are known to `core.roles` already."""
    return []


@hookimpl()
def plugin_switched(name: str, is_on: bool, by: Actor) -> None:
    """Let a plugin that is on again hear what it missed; once more later, for acts that were still under way."""
    if is_on and is_listening(name):
        enqueue(catch_up_plugin, name, by=by)
        enqueue(catch_up_plugin, name, by=by, due=clock.now() + SETTLED_AFTER)
