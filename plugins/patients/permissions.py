"""What may be done at the register."""

from core.contributions import Permission
from core.texts import _

VIEW = "patients.view"
REGISTER = "patients.register"
EDIT = "patients.edit"
FLAG = "patients.flag"
CONFIGURE = "patients.configure"
IMPORT = "patients.import"
MERGE = "patients.merge"
MOVE_ENTRY = "patients.move_entry"
SEE_SENSITIVE = "patients.see_sensitive"
MARK_SENSITIVE = "patients.mark_sensitive"
COUNT = "patients.count"
GIVE_DATA = "patients.give_data"
ERASE = "patients.erase"

CLINICIANS = ("doctor", "nurse")
RECORDS = ("records_officer",)
DESK = ("receptionist", *RECORDS)

PERMISSIONS = (
    Permission(
        name=VIEW,
        label=_("Find patients and open their charts"),
        roles=(*CLINICIANS, *DESK, "pharmacist", "lab_technician", "cashier", "auditor"),
    ),
    Permission(name=REGISTER, label=_("Register patients"), roles=(*CLINICIANS, *DESK)),
    Permission(name=EDIT, label=_("Change names, numbers, addresses and contacts"), roles=(*CLINICIANS, *DESK)),
    Permission(name=FLAG, label=_("Set and lift warnings on a chart"), roles=CLINICIANS),
    Permission(name=CONFIGURE, label=_("Choose which kinds of identifiers are kept"), roles=("administrator",)),
    Permission(name=IMPORT, label=_("Bring patients in from files"), roles=("administrator",)),
    Permission(name=MERGE, label=_("Join two records of one person, and part them again"), roles=RECORDS),
    Permission(
        name=MOVE_ENTRY, label=_("Move an entry to the right patient's record"), roles=("doctor", "nurse", *RECORDS)
    ),
    Permission(name=SEE_SENSITIVE, label=_("Open sensitive records, with a reason"), roles=("doctor", *RECORDS)),
    Permission(name=MARK_SENSITIVE, label=_("Mark a record as sensitive"), roles=("doctor", *RECORDS)),
    Permission(name=COUNT, label=_("See figures about the register"), roles=("administrator", "doctor", *RECORDS)),
    Permission(name=GIVE_DATA, label=_("Give a person everything that is kept about them"), roles=RECORDS),
    Permission(name=ERASE, label=_("Erase a person, together with a second one"), roles=("administrator", *RECORDS)),
)
