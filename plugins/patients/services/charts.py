"""What a chart shows of the register itself."""

from collections.abc import Callable
from functools import cache
from typing import Any

from core.contributions import Panel
from core.storage import Model
from core.storage.prepared import prepared
from core.texts import _
from plugins.patients.models import Address, ContactPerson, Identifier, IdentifierType, Patient, PatientName, Telecom


def panels_of(patient: Patient) -> list[Panel]:
    """The register's own boxes; each reads what it shows in one statement."""
    return [
        Panel(
            template="patients/panels/reach.html", title=_("Where to reach them"), key="reach", order=60,
            context={"telecoms": in_use(Telecom, patient), "addresses": in_use(Address, patient)},
        ),
        Panel(
            template="patients/panels/contacts.html", title=_("Whom to call"), key="contacts", order=65,
            context={"contacts": in_use(ContactPerson, patient)},
        ),
        Panel(
            template="patients/panels/identifiers.html", title=_("Numbers and names"), key="identifiers", order=70,
            context={"identifiers": identifiers_of(patient), "names": in_use(PatientName, patient)},
        ),
    ]  # fmt: skip


def in_use(model: type[Model], patient: Patient) -> list[Any]:
    """The parts of one kind that hold, in the order they were noted."""
    return parts_of(model)(patient.id)


@cache
def parts_of(model: Any) -> Callable[[int], list[Any]]:
    """The query for the parts of one kind."""
    return prepared(
        lambda patient: model.select().where(model.patient == patient, model.retired_at.is_null()).order_by(model.id)
    )


def identifiers_of(patient: Patient) -> list[Identifier]:
    """The numbers that hold, with their kinds."""
    return numbers_of(patient.id)


@prepared
def numbers_of(patient):
    """The query for a patient's numbers."""
    query = Identifier.select(Identifier, IdentifierType).join(IdentifierType)
    return query.where(Identifier.patient == patient, Identifier.retired_at.is_null()).order_by(Identifier.id)
