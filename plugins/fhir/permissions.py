"""What may be done at this door."""

from core.contributions import Permission
from core.texts import _

IMPORT = "fhir.import"

PERMISSIONS = (Permission(name=IMPORT, label=_("Bring in FHIR files"), roles=("administrator",)),)
