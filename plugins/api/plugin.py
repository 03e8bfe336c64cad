"""What the door for programs gives to the rest of the house."""

from core.contributions import NavItem
from core.hooks import hookimpl
from core.registry import Manifest
from core.texts import _
from plugins.api.permissions import PERMISSIONS, USE

manifest = Manifest(
    name="api",
    title=_("API"),
    version="0.1.0",
    summary=_("Lets other programs read and write what their owner may, over HTTP."),
    asks=_("Reads and writes what the nouns of the other plugins hold, by their acts. Contacts nobody; it is asked."),
    icon="link-45deg",
)


@hookimpl()
def permissions():
    return PERMISSIONS


@hookimpl()
def navigation():
    return [NavItem(label=_("API"), endpoint="api.index", icon="link-45deg", group="setup", permission=USE, order=90)]
