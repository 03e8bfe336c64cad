"""What a chart shows of the register itself: read in one statement, whatever it holds."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import peewee

from core import clock
from core.contributions import Panel
from core.sites import current, current_site
from core.storage.prepared import prepared
from core.texts import _
from plugins.patients.models import (
    SEVERITIES,
    Address,
    ContactPerson,
    Flag,
    Identifier,
    IdentifierType,
    Patient,
    PatientName,
    Telecom,
)


class FlagShown(NamedTuple):
    """A warning in force."""

    uid: str
    text: str
    severity: str


class NumberShown(NamedTuple):
    """A number somebody gave the person, under the name of its kind."""

    uid: str
    label: str
    value: str
    until_on: date | None


class NameShown(NamedTuple):
    """A further name."""

    uid: str
    name: str


class TelecomShown(NamedTuple):
    """A phone number or mail address."""

    uid: str
    kind: str
    value: str


class AddressShown(NamedTuple):
    """An address on one line."""

    uid: str
    line: str


class ContactShown(NamedTuple):
    """Somebody to call."""

    uid: str
    name: str
    relation: str
    phone: str
    email: str
    address: str


@dataclass(slots=True)
class Chart:
    """A patient's chart as far as the register fills it: the parts that hold, in the order they were noted."""

    flags: list[FlagShown] = field(default_factory=list)
    identifiers: list[NumberShown] = field(default_factory=list)
    names: list[NameShown] = field(default_factory=list)
    telecoms: list[TelecomShown] = field(default_factory=list)
    addresses: list[AddressShown] = field(default_factory=list)
    contacts: list[ContactShown] = field(default_factory=list)


SHOWN = "patients.chart"
# Texts in a row of the statement below, beside the day.
WIDTH = 7
FLAG, IDENTIFIER, NAME, TELECOM, ADDRESS, CONTACT = range(6)


def chart_of(patient: Patient) -> Chart:
    """Read everything the register shows on a patient's chart, the gravest warning first."""
    chart = Chart()
    for kind, _id, uid, until_on, *texts in sorted(parts_in_use(patient.id, clock.today(current_site().zone))):
        if kind == FLAG:
            chart.flags.append(FlagShown(uid, texts[0], texts[1]))
        elif kind == IDENTIFIER:
            chart.identifiers.append(NumberShown(uid, texts[0], texts[1], until_on))
        elif kind == NAME:
            chart.names.append(NameShown(uid, texts[0]))
        elif kind == TELECOM:
            chart.telecoms.append(TelecomShown(uid, texts[0], texts[1]))
        elif kind == ADDRESS:
            chart.addresses.append(AddressShown(uid, ", ".join(filter(None, texts))))
        else:
            chart.contacts.append(ContactShown(uid, *texts[:5]))
    if len(chart.flags) > 1:
        chart.flags.sort(key=lambda flag: -SEVERITIES.index(flag.severity))
    return chart


@prepared
def parts_in_use(patient, today):
    """The query for the parts of a chart: kind, id, uid, a day and texts."""
    flags = part(FLAG, Flag, Flag.until_on, (Flag.text, Flag.severity)).where(
        Flag.patient == patient, Flag.retired_at.is_null(), Flag.until_on.is_null() | (Flag.until_on >= today)
    )
    numbers = part(IDENTIFIER, Identifier, Identifier.until_on, (IdentifierType.label, Identifier.value))
    query = flags.union_all(held(numbers.join(IdentifierType), Identifier, patient))
    for kind, model, texts in PARTS:
        query = query.union_all(held(part(kind, model, peewee.SQL("NULL"), texts), model, patient))
    return query.tuples()


PARTS: tuple[tuple[int, Any, tuple[Any, ...]], ...] = (
    (NAME, PatientName, (PatientName.name,)),
    (TELECOM, Telecom, (Telecom.kind, Telecom.value)),
    (
        ADDRESS,
        Address,
        (
            Address.lines, Address.area, Address.district, Address.city, Address.state, Address.postal_code,
            Address.country,
        ),
    ),
    (
        CONTACT,
        ContactPerson,
        (ContactPerson.name, ContactPerson.relation, ContactPerson.phone, ContactPerson.email, ContactPerson.address),
    ),
)  # fmt: skip


def part(kind: int, model: Any, day: Any, texts: tuple[Any, ...]) -> Any:
    """The columns of one kind of part, as many as every kind has."""
    empty = [peewee.SQL("''")] * (WIDTH - len(texts))
    return model.select(peewee.SQL(str(kind)), model.id, model.uid, day, *texts, *empty)


def held(query: Any, model: Any, patient: Any) -> Any:
    """Of a patient, and not taken away."""
    return query.where(model.patient == patient, model.retired_at.is_null())


def chart_shown(patient: Patient) -> Chart:
    """The chart of a patient whose page is being made: `panels_of` shows the same one, so that it is read once."""
    chart = chart_of(patient)
    current().memory[SHOWN] = (patient, chart)
    return chart


def panels_of(patient: Patient) -> list[Panel]:
    """The register's own boxes."""
    shown, chart = current().memory.pop(SHOWN, (None, None))
    if shown is not patient:
        chart = chart_of(patient)
    return [
        Panel(
            template="patients/panels/reach.html", title=_("Where to reach them"), key="reach", order=60,
            context={"telecoms": chart.telecoms, "addresses": chart.addresses},
        ),
        Panel(
            template="patients/panels/contacts.html", title=_("Whom to call"), key="contacts", order=65,
            context={"contacts": chart.contacts},
        ),
        Panel(
            template="patients/panels/identifiers.html", title=_("Numbers and names"), key="identifiers", order=70,
            context={"identifiers": chart.identifiers, "names": chart.names},
        ),
    ]  # fmt: skip
