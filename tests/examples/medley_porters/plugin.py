"""What the porters give to the rest of the house."""

from medley_porters.permissions import PERMISSIONS, VIEW
from medley_porters.resources import RESOURCES

from core.contributions import NavItem
from core.hooks import hookimpl
from core.registry import Manifest
from core.texts import _

manifest = Manifest(
    name="porters",
    title=_("Porters"),
    version="0.1.0",
    summary=_("What is to be taken somewhere, and how far that is."),
    asks=_("Keeps a list of its own. Contacts nobody."),
)


@hookimpl()
def permissions():
    """Who may ask and who carries."""
    return PERMISSIONS


@hookimpl()
def navigation():
    """Its line in the navigation."""
    return [NavItem(label=_("Errands"), endpoint="porters.index", icon="truck", group="today", permission=VIEW)]


@hookimpl()
def resources():
    """Its noun."""
    return RESOURCES
