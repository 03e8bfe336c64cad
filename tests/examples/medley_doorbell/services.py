"""What the doorbell does."""

from typing import Any

from medley_doorbell.models import Ring

from core.actors import system_actor
from core.acts import act
from plugins.patients.api import Patient

BELL = system_actor("doorbell")


@act("doorbell.ring", permission="core.manage_plugins")
def ring(reason, by, patient=None):
    """Remember something somebody should look at."""
    return Ring.create(reason=reason, patient=patient)


def rings_about(record: Any) -> list[Ring]:
    """What rang about a record, the newest first."""
    if not isinstance(record, Patient):
        return []
    return list(Ring.select().where(Ring.patient == record).order_by(Ring.id.desc()).limit(5))


def both_rang(one, other):
    """Whether both stand at the door."""
    return all(
        Ring.select().where(Ring.patient == who.id, Ring.reason == "At the door").exists() for who in (one, other)
    )
