"""What may be done at the register."""

from core.contributions import Permission
from core.texts import _

VIEW = "patients.view"
REGISTER = "patients.register"
EDIT = "patients.edit"
FLAG = "patients.flag"
CONFIGURE = "patients.configure"
IMPORT = "patients.import"

CLINICIANS = ("doctor", "nurse")

PERMISSIONS = (
    Permission(
        name=VIEW,
        label=_("Find patients and open their charts"),
        roles=(*CLINICIANS, "receptionist", "pharmacist", "lab_technician", "cashier", "auditor"),
    ),
    Permission(name=REGISTER, label=_("Register patients"), roles=(*CLINICIANS, "receptionist")),
    Permission(
        name=EDIT, label=_("Change names, numbers, addresses and contacts"), roles=(*CLINICIANS, "receptionist")
    ),
    Permission(name=FLAG, label=_("Set and lift warnings on a chart"), roles=CLINICIANS),
    Permission(name=CONFIGURE, label=_("Choose which kinds of identifiers are kept"), roles=("administrator",)),
    Permission(name=IMPORT, label=_("Bring patients in from files"), roles=("administrator",)),
)
