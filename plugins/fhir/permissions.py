"""What may be done at this door."""

from core.contributions import Permission
from core.texts import _

IMPORT = "fhir.import"
EXPORT = "fhir.export"

PERMISSIONS = (
    Permission(name=IMPORT, label=_("Bring in FHIR files"), roles=("administrator",)),
    Permission(name=EXPORT, label=_("Give a record out as FHIR"), roles=("records_officer",)),
)
