"""What a chart shows of the register itself."""

from core.contributions import Panel
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


def in_use(model, patient: Patient) -> list:
    """The parts of one kind that hold, in the order they were noted."""
    return list(model.select().where(model.patient == patient.id, model.retired_at.is_null()).order_by(model.id))


def identifiers_of(patient: Patient) -> list[Identifier]:
    """The numbers that hold, with their kinds."""
    query = Identifier.select(Identifier, IdentifierType).join(IdentifierType)
    return list(query.where(Identifier.patient == patient.id, Identifier.retired_at.is_null()).order_by(Identifier.id))
