"""Whether anything may still be written on a record: it may be out of use, merged into another, or its person dead."""

from core.errors import Busy, NeedsConfirmation, Refused
from core.texts import _
from plugins.patients.models import Patient


def refuse_unfit(patient: Patient) -> None:
    """Raise `Refused` for a record that is merged or out of use, `Busy` while it is being merged."""
    if patient.is_merging:
        raise Busy(message=_("Two records are being joined to one at this moment. Try again in a few seconds."))
    if patient.merged_into is not None:
        number = survivor_of(patient).number
        raise Refused(_("This record was merged into %(number)s. Write it there.", number=number))
    if patient.is_retired:
        raise Refused(_("This record is out of use; nothing new is written on it."))


def refuse_dead(patient: Patient, is_meant: bool = False) -> None:
    """Raise `NeedsConfirmation` (`for_the_dead`) where an act is for the living; `Refused` for an unfit record.

    Booking, ordering and admitting ask this first; what is done after a death goes on when the person says so.
    """
    refuse_unfit(patient)
    if patient.is_deceased and not is_meant:
        raise NeedsConfirmation(
            _("%(name)s has died. Is this meant all the same?", name=patient.name), confirm_as="for_the_dead"
        )


def survivor_of(patient: Patient) -> Patient:
    """The record that stands for this one now: itself, unless it was merged into another."""
    while patient.merged_into is not None:
        patient = patient.merged_into
    return patient
