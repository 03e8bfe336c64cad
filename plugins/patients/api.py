"""What other plugins may use of the register."""

from plugins.patients.errors import IdentifierTaken, PossibleDuplicate
from plugins.patients.models import Identifier, IdentifierType, Patient
from plugins.patients.services.details import (
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    NameDetails,
    PatientDetails,
    TelecomDetails,
)
from plugins.patients.services.duplicates import Duplicate, likely_duplicates
from plugins.patients.services.finding import Found, find_patients
from plugins.patients.services.fit import refuse_dead, refuse_unfit, survivor_of
from plugins.patients.services.flags import flags_of
from plugins.patients.services.hits import Hit
from plugins.patients.services.merging.acts import merge_patients, unmerge_patients
from plugins.patients.services.merging.prospect import Prospect, Settlement, look_at_merge
from plugins.patients.services.misfiled import move_entry
from plugins.patients.services.registering import edit_patient, register_patient

__all__ = [
    "AddressDetails",
    "ContactDetails",
    "Duplicate",
    "Found",
    "Hit",
    "Identifier",
    "IdentifierDetails",
    "IdentifierTaken",
    "IdentifierType",
    "NameDetails",
    "Patient",
    "PatientDetails",
    "PossibleDuplicate",
    "Prospect",
    "Settlement",
    "TelecomDetails",
    "edit_patient",
    "find_patients",
    "flags_of",
    "likely_duplicates",
    "look_at_merge",
    "merge_patients",
    "move_entry",
    "refuse_dead",
    "refuse_unfit",
    "register_patient",
    "survivor_of",
    "unmerge_patients",
]
