"""How a patient is reached: phones and mail, addresses, and whom to call for them."""

from dataclasses import asdict
from typing import TypeVar

from core.actors import Actor
from core.acts import act
from core.errors import Refused
from core.settings import settings_of
from core.sites import current_site
from core.storage import Model
from core.texts import _
from plugins.patients.models import Address, ContactPerson, Patient, Telecom
from plugins.patients.permissions import EDIT
from plugins.patients.services.details import (
    KINDS_OF_TELECOM,
    AddressDetails,
    ContactDetails,
    TelecomDetails,
    international,
    lookup_of,
    one_line,
)
from plugins.patients.services.fit import refuse_unfit

M = TypeVar("M", bound=Model)


@act("patients.add_telecom", permission=EDIT)
def add_telecom(patient: Patient, details: TelecomDetails, by: Actor) -> Telecom:
    """Note one more phone number or mail address."""
    refuse_unfit(patient)
    return store_telecoms(patient, (details,))[0]


@act("patients.edit_telecom", permission=EDIT)
def edit_telecom(telecom: Telecom, details: TelecomDetails, by: Actor, version: int | None = None) -> Telecom:
    """Change a phone number or mail address."""
    return changed(telecom, telecom_facts(details), version)


@act("patients.add_address", permission=EDIT)
def add_address(patient: Patient, details: AddressDetails, by: Actor) -> Address:
    """Note one more address."""
    if details.is_empty:
        raise Refused(fields={"area": _("Write where the person lives.")})
    refuse_unfit(patient)
    return store_addresses(patient, (details,))[0]


@act("patients.edit_address", permission=EDIT)
def edit_address(address: Address, details: AddressDetails, by: Actor, version: int | None = None) -> Address:
    """Change an address."""
    if details.is_empty:
        raise Refused(fields={"area": _("Write where the person lives.")})
    return changed(address, asdict(details), version)


@act("patients.add_contact", permission=EDIT)
def add_contact(patient: Patient, details: ContactDetails, by: Actor) -> ContactPerson:
    """Note somebody to call."""
    if details.is_empty:
        raise Refused(fields={"name": _("Write a name or a phone number.")})
    refuse_unfit(patient)
    return store_contacts(patient, (details,))[0]


@act("patients.edit_contact", permission=EDIT)
def edit_contact(
    contact: ContactPerson, details: ContactDetails, by: Actor, version: int | None = None
) -> ContactPerson:
    """Change what is known of somebody to call."""
    if details.is_empty:
        raise Refused(fields={"name": _("Write a name or a phone number.")})
    return changed(contact, contact_facts(details), version)


@act("patients.retire_part", permission=EDIT)
def retire_part(part: Telecom | Address | ContactPerson, reason: str, by: Actor, version: int | None = None) -> None:
    """Take away a phone, an address or a contact that does not hold any more."""
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why it is taken away.")})
    if version is not None:
        part.version = version
    part.retire(reason.strip())


def changed(record: M, facts: dict[str, object], version: int | None) -> M:
    """Write new facts into a record as the person saw it."""
    if version is not None:
        record.version = version
    for name, value in facts.items():
        setattr(record, name, value)
    record.save()
    return record


def store_telecoms(patient: Patient, telecoms: tuple[TelecomDetails, ...]) -> list[Telecom]:
    """Store phones and mail addresses in the order they are preferred."""
    return [
        Telecom.create(patient=patient, rank=rank, **telecom_facts(details))
        for rank, details in enumerate(telecoms, start=1)
    ]


def store_addresses(patient: Patient, addresses: tuple[AddressDetails, ...]) -> list[Address]:
    """Store addresses that say something."""
    return [Address.create(patient=patient, **asdict(details)) for details in addresses if not details.is_empty]


def store_contacts(patient: Patient, contacts: tuple[ContactDetails, ...]) -> list[ContactPerson]:
    """Store contacts that name somebody."""
    return [
        ContactPerson.create(patient=patient, **contact_facts(details)) for details in contacts if not details.is_empty
    ]


def telecom_facts(details: TelecomDetails) -> dict[str, object]:
    """A telecom in its stored form; raises `Refused` when it can't be one."""
    value = one_line(details.value)
    field = "phone" if details.kind != "email" else "email"
    if details.kind not in KINDS_OF_TELECOM:
        raise Refused(fields={"kind": _("Choose one of the list.")})
    if details.kind == "email" and ("@" not in value[1:-1] or " " in value):
        raise Refused(fields={field: _("This is not a mail address.")})
    if details.kind == "phone" and sum(map(str.isdigit, value)) < 3:
        raise Refused(fields={field: _("This is not a phone number.")})
    e164 = international(value, phone_country()) if details.kind in ("phone", "sms") else ""
    lookup = lookup_of(details.kind, value, e164)
    return {"kind": details.kind, "value": value, "e164": e164, "lookup": lookup, "use": details.use}


def contact_facts(details: ContactDetails) -> dict[str, object]:
    """A contact in its stored form."""
    phone = one_line(details.phone)
    if phone and sum(map(str.isdigit, phone)) < 3:
        raise Refused(fields={"contact_phone": _("This is not a phone number.")})
    return {
        "name": one_line(details.name), "relation": one_line(details.relation), "phone": phone,
        "relation_code": details.relation_code, "e164": international(phone, phone_country()) if phone else "",
        "email": one_line(details.email), "address": one_line(details.address),
    }  # fmt: skip


def phone_country() -> str:
    """The country whose numbers are written without a code here."""
    return str(settings_of("patients").country or current_site().country)
