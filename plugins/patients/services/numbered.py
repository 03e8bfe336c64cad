"""The one patient under a record number, for those who have it on paper before them."""

from core.actors import Actor
from core.roles import NO_ROWS, visible
from plugins.patients.models import Patient
from plugins.patients.permissions import VIEW
from plugins.patients.services.fit import survivor_of


def numbered(number: str, by: Actor) -> Patient | None:
    """The patient of this very record number whom the actor may see; a merged record's leads to its survivor."""
    condition = visible(Patient, by, VIEW)
    if condition is NO_ROWS or not number.strip() or "\x00" in number or len(number) > 40:
        return None
    found = Patient.get_or_none(Patient.number == number.strip(), condition)
    found = survivor_of(found) if found is not None else None
    return None if found is None or found.is_retired else found
