"""The core's own part in its hooks, like any plugin's."""

from pathlib import Path

from core.contributions import NavItem, Permission
from core.hooks import hookimpl
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
