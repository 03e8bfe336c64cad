"""A patient's parts in use, for papers and files that leave the house."""

from typing import Any

from plugins.patients.models import Address, ContactPerson, Identifier, IdentifierType, Patient, PatientName, Telecom


def in_use(model: Any, patient: Patient) -> list[Any]:
    """The parts of one kind that hold, in the order they were noted."""
    query = model.select().where(model.patient == patient.id, model.retired_at.is_null())
    return list(query.order_by(model.id))


def names_of(patient: Patient) -> list[PatientName]:
    """Further names."""
    return in_use(PatientName, patient)


def telecoms_of(patient: Patient) -> list[Telecom]:
    """Phones and mail addresses, the preferred first."""
    return sorted(in_use(Telecom, patient), key=lambda one: (one.rank, one.id))


def homes_of(patient: Patient) -> list[Address]:
    """Addresses."""
    return in_use(Address, patient)


def addresses_of(patient: Patient) -> list[str]:
    """Addresses, each in a line."""
    parts = ("lines", "area", "district", "city", "state", "postal_code", "country")
    return [", ".join(filter(None, (getattr(one, part) for part in parts))) for one in homes_of(patient)]


def contacts_of(patient: Patient) -> list[ContactPerson]:
    """Whom to call."""
    return in_use(ContactPerson, patient)


def numbers_of(patient: Patient) -> list[Identifier]:
    """Numbers with their kinds."""
    query = Identifier.select(Identifier, IdentifierType).join(IdentifierType)
    held = (Identifier.patient == patient.id, Identifier.retired_at.is_null())
    return list(query.where(*held).order_by(Identifier.id))
