"""What one may do with errands."""

from core.contributions import Permission
from core.texts import _

VIEW = "porters.view"
ASK = "porters.ask"
CARRY = "porters.carry"

PERMISSIONS = (
    Permission(name=VIEW, label=_("See errands"), roles=("administrator", "nurse", "doctor", "receptionist")),
    Permission(name=ASK, label=_("Ask for an errand"), roles=("administrator", "nurse", "doctor")),
    Permission(name=CARRY, label=_("Carry an errand out"), roles=("administrator", "receptionist")),
)
