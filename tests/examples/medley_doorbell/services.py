"""What the doorbell does."""

from medley_doorbell.models import Ring

from core.actors import system_actor
from core.acts import act

BELL = system_actor("doorbell")


@act("doorbell.ring", permission="core.manage_plugins")
def ring(reason, by, patient=None):
    """Remember something somebody should look at."""
    return Ring.create(reason=reason, patient=patient)
