"""Who was entered in the register today, and when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core import clock
from core.actors import Actor
from core.roles import visible
from core.sites import current_site
from core.storage.journal.reads import disclosed
from plugins.patients.models import Patient
from plugins.patients.services.prepared import rows_of

SHOWN = 5
COLUMNS = (
    Patient.uid, Patient.number, Patient.name, Patient.sex, Patient.born_on, Patient.born_precision, Patient.created_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody entered today."""

    uid: str
    number: str
    name: str
    sex: str
    born_on: date | None
    born_precision: str
    entered_at: datetime


def arrivals_today(by: Actor, limit: int = SHOWN) -> list[Arrival]:
    """Who was entered last, as far as it was today and the reader may see them; journaled as a disclosure.

    The newest are read by their id and the day is looked at afterwards, so that a quiet day costs no more than others.
    """
    query: Any = Patient.select(*COLUMNS).where(visible(Patient, by), Patient.retired_at.is_null())
    zone = current_site().zone
    newest = [Arrival(*row) for row in rows_of(query.order_by(Patient.id.desc()).limit(limit))]
    found = [one for one in newest if one.entered_at.astimezone(zone).date() == clock.today(zone)]
    if found:
        disclosed("list", [one.uid for one in found], condition="patients.today")
    return found
