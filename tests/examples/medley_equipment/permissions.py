"""What one may do with the register of equipment."""

from core.contributions import Permission
from core.texts import _

VIEW = "equipment.view"
MANAGE = "equipment.manage"
SEE_PRICES = "equipment.see_prices"

PERMISSIONS = (
    Permission(name=VIEW, label=_("See equipment"), roles=("administrator", "doctor", "nurse", "storekeeper")),
    Permission(name=MANAGE, label=_("Enter and change equipment"), roles=("administrator", "storekeeper")),
    Permission(name=SEE_PRICES, label=_("See what equipment cost"), roles=("administrator",)),
)
