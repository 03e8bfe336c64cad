"""What the FHIR door gives to the rest of the house."""

from core.hooks import hookimpl
from core.registry import Manifest
from core.texts import _
from plugins.fhir.permissions import PERMISSIONS

manifest = Manifest(
    name="fhir",
    title=_("FHIR"),
    version="0.1.0",
    summary=_("Reads FHIR R4 bundles that other systems wrote."),
    asks=_("Reads files an operator names on the command line. Writes what the other plugins make of them."),
    icon="arrow-left-right",
)


@hookimpl()
def permissions():
    return PERMISSIONS
