"""What the register of equipment gives to the rest of the house."""

from medley_equipment.permissions import PERMISSIONS, VIEW
from medley_equipment.resources import RESOURCES
from medley_equipment.services import devices_at

from core.contributions import NavItem, Panel
from core.hooks import hookimpl
from core.registry import Manifest
from core.texts import _

manifest = Manifest(
    name="equipment",
    title=_("Equipment"),
    version="0.1.0",
    uses={"patients": ">=0.1"},
    summary=_("The devices the hospital owns, and when each was last looked after."),
    asks=_("Keeps a list of its own. Reads where a patient is. Contacts nobody."),
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


@hookimpl(order=80, optional=True)
def patients_panels(patient, by):
    """What stands where the patient is, on the patient's chart."""
    found = devices_at(patient.place)
    facts = {"template": "equipment/panels/here.html", "title": _("Equipment here"), "context": {"devices": found}}
    return [Panel(**facts, key="equipment", permission=VIEW)] if found else []
