"""The core's own part in its hooks, like any plugin's."""

from pathlib import Path

from core import clock
from core.actors import Actor
from core.contributions import NavItem, Panel, Permission
from core.hooks import hookimpl
from core.jobs import enqueue
from core.jobs.house import catch_up_plugin
from core.registry import is_listening
from core.registry.catching_up import SETTLED_AFTER
from core.resources import Resource
from core.resources.custom.here import field_permissions
from core.resources.indexing import ask_for_words
from core.screens.home import needs_you
from core.screens.nouns import RESOURCES
from core.texts import _

HOUSE = Path(__file__).parents[2]


@hookimpl()
def navigation() -> list[NavItem]:
    """The first page, what auditors read, and what administrators set up."""
    return [
        NavItem(
            label=_("Home"),
            endpoint="core.home",
            icon="house-door",
            group="today",
            permission="core.sign_in",
            order=10,
            on_phone=True,
        ),
        NavItem(
            label=_("Journal"),
            endpoint="core.journal",
            icon="journal-text",
            group="insight",
            permission="core.view_journal",
            order=80,
        ),
        NavItem(
            label=_("Emergency access"),
            endpoint="core.emergencies",
            icon="exclamation-diamond",
            group="insight",
            permission="core.review_break_glass",
            order=90,
        ),
        NavItem(
            label=_("Plugins"),
            endpoint="core.plugins",
            icon="puzzle",
            group="setup",
            permission="core.manage_plugins",
            order=10,
        ),
        NavItem(
            label=_("People"),
            endpoint="core.people",
            icon="person-badge",
            group="setup",
            permission="core.view_users",
            order=20,
        ),
        NavItem(
            label=_("Roles"),
            endpoint="core.roles",
            icon="shield-lock",
            group="setup",
            permission="core.view_users",
            order=30,
        ),
        NavItem(
            label=_("Places"),
            endpoint="core.places",
            icon="geo-alt",
            group="setup",
            permission="core.manage_places",
            order=40,
        ),
        NavItem(
            label=_("Settings"),
            endpoint="core.settings",
            icon="sliders",
            group="setup",
            permission="core.manage_settings",
            order=50,
        ),
        NavItem(
            label=_("Fields and forms"),
            endpoint="core.fields",
            icon="layout-three-columns",
            group="setup",
            permission="core.manage_fields",
            order=55,
        ),
        NavItem(
            label=_("Workflows"),
            endpoint="core.workflows",
            icon="diagram-3",
            group="setup",
            permission="core.manage_workflows",
            order=57,
        ),
        NavItem(
            label=_("Jobs"), endpoint="core.jobs", icon="activity", group="setup", permission="core.view_jobs", order=60
        ),
    ]


@hookimpl()
def permissions() -> list[Permission]:
    """Those of fields the site added; the core's other permissions are known to `core.roles` already."""
    return field_permissions()


@hookimpl()
def resources() -> list[Resource]:
    """The core's own nouns."""
    return [*RESOURCES]


@hookimpl()
def home_cards(by: Actor) -> list[Panel]:
    """What waits for whoever looks after the house."""
    return needs_you(by)


@hookimpl()
def plugin_switched(name: str, is_on: bool, by: Actor) -> None:
    """Let a plugin that is on again hear what it missed; once more later, for acts that were still under way."""
    if is_on:
        ask_for_words(by=by)
    if is_on and is_listening(name):
        enqueue(catch_up_plugin, name, by=by)
        enqueue(catch_up_plugin, name, by=by, due=clock.now() + SETTLED_AFTER)
