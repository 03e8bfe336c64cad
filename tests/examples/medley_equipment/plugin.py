"""What the register of equipment gives to the rest of the house."""

from medley_equipment.permissions import PERMISSIONS, VIEW
from medley_equipment.resources import RESOURCES

from core.contributions import NavItem
from core.hooks import hookimpl
from core.registry import Manifest
from core.texts import _

manifest = Manifest(
    name="equipment",
    title=_("Equipment"),
    version="0.1.0",
    summary=_("The devices the hospital owns, and when each was last looked after."),
    asks=_("Keeps a list of its own. Contacts nobody."),
    icon="tools",
)


@hookimpl()
def permissions():
    """Who may see and change the register."""
    return PERMISSIONS


@hookimpl()
def navigation():
    """Its line in the navigation."""
    return [NavItem(label=_("Equipment"), endpoint="equipment.index", icon="tools", group="supplies", permission=VIEW)]


@hookimpl()
def resources():
    """Its nouns."""
    return RESOURCES
