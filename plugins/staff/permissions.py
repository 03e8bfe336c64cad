"""What may be done with the staff."""

from core.contributions import Permission
from core.texts import _

VIEW = "staff.view"
MANAGE = "staff.manage"
LICENCES = "staff.manage_licences"
SEE_LEAVE = "staff.see_leave"
ASK_LEAVE = "staff.ask_leave"
DECIDE_LEAVE = "staff.decide_leave"

EVERYBODY = (
    "administrator", "doctor", "nurse", "receptionist", "records_officer", "pharmacist", "lab_technician", "cashier",
    "storekeeper",
)  # fmt: skip

PERMISSIONS = (
    Permission(name=VIEW, label=_("See who works here, and when"), roles=(*EVERYBODY, "auditor")),
    Permission(name=MANAGE, label=_("Enter and change staff and their working hours"), roles=("administrator",)),
    Permission(name=LICENCES, label=_("Enter and change qualifications and licences"), roles=("administrator",)),
    Permission(name=SEE_LEAVE, label=_("See leave, one's own unless one decides"), roles=EVERYBODY),
    Permission(name=ASK_LEAVE, label=_("Ask for leave, and take the request back"), roles=EVERYBODY),
    Permission(name=DECIDE_LEAVE, label=_("Decide on leave, and enter it for others"), roles=("administrator",)),
)
