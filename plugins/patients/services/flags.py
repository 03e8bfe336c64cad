"""Warnings that everybody sees first on a chart."""

from datetime import date

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Refused
from core.sites import current_site
from core.storage.prepared import prepared
from core.texts import _
from plugins.patients.models import SEVERITIES, Flag, Patient
from plugins.patients.permissions import FLAG
from plugins.patients.services.details import one_line
from plugins.patients.services.fit import refuse_unfit


@act("patients.flag", permission=FLAG)
def flag_patient(
    patient: Patient, text: str, by: Actor, severity: str = "caution", until_on: date | None = None
) -> Flag:
    """Put a warning on a chart, for a time or until it is lifted."""
    refuse_unfit(patient)
    text = one_line(text)
    if not text:
        raise Refused(fields={"text": _("Write what everybody must know.")})
    if severity not in SEVERITIES:
        raise Refused(fields={"severity": _("Choose one of the list.")})
    if until_on is not None and until_on < clock.today(current_site().zone):
        raise Refused(fields={"until_on": _("This day is over.")})
    return Flag.create(patient=patient, text=text, severity=severity, until_on=until_on)


@act("patients.lift_flag", permission=FLAG)
def lift_flag(flag: Flag, reason: str, by: Actor, version: int | None = None) -> None:
    """Take a warning off a chart."""
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why the warning is lifted.")})
    if version is not None:
        flag.version = version
    flag.retire(reason.strip())


def flags_of(patient: Patient) -> list[Flag]:
    """The warnings in force, the gravest first."""
    found = flags_in_force(patient.id, clock.today(current_site().zone))
    return sorted(found, key=lambda flag: (-SEVERITIES.index(flag.severity), flag.id))


@prepared
def flags_in_force(patient, today):
    """The query for a patient's warnings."""
    in_force = Flag.until_on.is_null() | (Flag.until_on >= today)
    return Flag.select().where(Flag.patient == patient, Flag.retired_at.is_null(), in_force)
