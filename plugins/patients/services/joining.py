"""Adding to a patient what another source knows of them and the register does not yet."""

from core.actors import Actor
from core.acts import act
from plugins.patients.models import Address, ContactPerson, Identifier, Patient, PatientName, Telecom
from plugins.patients.permissions import EDIT
from plugins.patients.services.details import PatientDetails, one_line
from plugins.patients.services.identifiers import store_identifiers
from plugins.patients.services.prepared import rows_of
from plugins.patients.services.reaching import store_addresses, store_contacts, store_telecoms
from plugins.patients.services.registering import add_name
from plugins.patients.spelling import folded
from plugins.patients.tokens import plain_number


@act("patients.add_missing", permission=EDIT)
def add_missing(patient: Patient, details: PatientDetails, by: Actor) -> None:
    """Add names, numbers, phones, addresses and contacts that are not there; nothing is changed or taken away."""
    own = patient.id
    names = {folded(patient.name), *(folded(name) for (name,) in stored(PatientName, own, PatientName.name))}
    for name in details.names:
        if folded(name.name) not in names:
            add_name(patient, name, by=by)
    numbers = set(stored(Identifier, own, Identifier.type, Identifier.plain))
    new = tuple(one for one in details.identifiers if (one.type.id, plain_number(one.value)) not in numbers)
    if new:
        store_identifiers(patient, new)
    reached = set(stored(Telecom, own, Telecom.kind, Telecom.value))
    store_telecoms(patient, tuple(one for one in details.telecoms if (one.kind, one.value) not in reached))
    homes = set(stored(Address, own, Address.lines, Address.area, Address.city, Address.postal_code))
    store_addresses(
        patient,
        tuple(one for one in details.addresses if (one.lines, one.area, one.city, one.postal_code) not in homes),
    )
    called = set(stored(ContactPerson, own, ContactPerson.name, ContactPerson.phone))
    store_contacts(
        patient, tuple(one for one in details.contacts if (one_line(one.name), one_line(one.phone)) not in called)
    )


def stored(model, patient_id: int, *columns) -> list[tuple]:
    """What the register has of one kind, retired parts too: what was taken away does not come back."""
    return rows_of(model.select(*columns).where(model.patient == patient_id))
