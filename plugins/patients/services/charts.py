"""What a chart shows of the register itself: read in one statement, whatever it holds."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import peewee

from core import clock
from core.actors import Actor
from core.sites import current, current_site
from core.storage.prepared import prepared
from core.texts import Text
from plugins.patients.models import (
    SEVERITIES,
    Address,
    ContactPerson,
    Document,
    Flag,
    Identifier,
    IdentifierType,
    Patient,
    PatientName,
    Relation,
    Telecom,
)
from plugins.patients.services.family import KINDS, RIGHTS, hidden_from


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


class RelativeShown(NamedTuple):
    """Somebody the patient belongs to, from whichever side it was noted, and what they may for the patient.

    `is_hidden` when they have a record the reader may not see: then neither name nor record is told.
    """

    uid: str
    kind: Text
    name: str
    other_uid: str
    rights: list[Text]
    until_on: date | None
    note: str
    is_own: bool
    is_hidden: bool = False


class PaperShown(NamedTuple):
    """A paper of the patient's."""

    uid: str
    title: str
    kind: str
    dated_on: date | None


class MergedShown(NamedTuple):
    """A record that was joined with this one."""

    number: str
    name: str


@dataclass(slots=True)
class Chart:
    """A patient's chart as far as the register fills it: the parts that hold, in the order they were noted."""

    flags: list[FlagShown] = field(default_factory=list)
    identifiers: list[NumberShown] = field(default_factory=list)
    names: list[NameShown] = field(default_factory=list)
    telecoms: list[TelecomShown] = field(default_factory=list)
    addresses: list[AddressShown] = field(default_factory=list)
    contacts: list[ContactShown] = field(default_factory=list)
    relatives: list[RelativeShown] = field(default_factory=list)
    papers: list[PaperShown] = field(default_factory=list)
    merged: list[MergedShown] = field(default_factory=list)


SHOWN = "patients.chart"
# Texts in a row of the statement below, beside the day.
WIDTH = 7
FLAG, IDENTIFIER, NAME, TELECOM, ADDRESS, CONTACT, RELATION, RELATION_OF_OTHER, PAPER, MERGED = range(10)


def chart_of(patient: Patient, by: Actor) -> Chart:
    """Read everything the register shows somebody on a patient's chart, the gravest warning first."""
    chart = read_parts(patient)
    chart.flags.sort(key=lambda flag: -SEVERITIES.index(flag.severity))
    chart.papers.reverse()
    if chart.relatives:
        chart.relatives = as_seen_by(by, chart.relatives)
    return chart


def read_parts(patient: Patient) -> Chart:
    """The parts as they are stored."""
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
        elif kind == CONTACT:
            chart.contacts.append(ContactShown(uid, *texts[:5]))
        elif kind == PAPER:
            chart.papers.append(PaperShown(uid, texts[0], texts[1], until_on))
        elif kind == MERGED:
            chart.merged.append(MergedShown(texts[0], texts[1]))
        else:
            chart.relatives.append(relative_of(kind == RELATION, uid, until_on, texts))
    return chart


def relative_of(is_own: bool, uid: str, until_on: date | None, texts: list[str]) -> RelativeShown:
    """A relation as it is seen from this chart: noted here, or on the other's."""
    noted, name, other_uid, decides, sees, collects, note = texts
    kind = KINDS.get(noted, KINDS["other"])
    held = zip(RIGHTS.values(), (decides, sees, collects), strict=True)
    rights = [words for words, holds in held if is_own and holds]
    label = kind.label if is_own else KINDS[kind.inverse].label
    return RelativeShown(uid, label, name, other_uid, rights, until_on, note, is_own)


def as_seen_by(by: Actor, relatives: list[RelativeShown]) -> list[RelativeShown]:
    """Relatives, whoever decides first, without what lies in records the reader may not see."""
    hidden = hidden_from(by, {one.other_uid for one in relatives if one.other_uid})
    seen = [
        one._replace(name="", other_uid="", note=one.note if one.is_own else "", is_hidden=True)
        if one.other_uid in hidden
        else one
        for one in relatives
    ]
    return sorted(seen, key=lambda one: (not one.rights, one.uid))


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
    papers = held(part(PAPER, Document, Document.dated_on, (Document.title, Document.kind)), Document, patient)
    query = query.union_all(papers.where(Document.kind != "photo"))
    merged = part(MERGED, Patient, peewee.SQL("NULL"), (Patient.number, Patient.name))
    query = query.union_all(merged.where(Patient.merged_into == patient))
    return query.union_all(relations_from(patient)).union_all(relations_to(patient)).tuples()


def relations_from(patient: Any) -> Any:
    """The relations noted on this chart: to another patient, or to somebody to call."""
    other = Patient.alias("o")
    name = peewee.fn.COALESCE(other.name, ContactPerson.name)
    texts = (Relation.kind, name, peewee.fn.COALESCE(other.uid, peewee.SQL("''")), *rights_said(), Relation.note)
    query = part(RELATION, Relation, Relation.until_on, texts)
    query = query.join(other, peewee.JOIN.LEFT_OUTER, on=Relation.other == other.id).switch(Relation)
    query = query.join(ContactPerson, peewee.JOIN.LEFT_OUTER, on=Relation.contact == ContactPerson.id)
    return held(query, Relation, patient)


def relations_to(patient: Any) -> Any:
    """The relations noted on the charts of others."""
    other = Patient.alias("p")
    texts = (Relation.kind, other.name, other.uid, *rights_said(), Relation.note)
    query = part(RELATION_OF_OTHER, Relation, Relation.until_on, texts)
    query = query.join(other, on=Relation.patient == other.id)
    return query.where(Relation.other == patient, Relation.retired_at.is_null())


def rights_said() -> list[Any]:
    """What somebody may for a patient, as texts: "1" or nothing."""
    held, not_held = peewee.SQL("'1'"), peewee.SQL("''")
    return [peewee.Case(None, [(getattr(Relation, right), held)], not_held) for right in RIGHTS]


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


def chart_shown(patient: Patient, by: Actor) -> Chart:
    """The chart of a patient whose page is being made: `chart_to_show` gives the same one, so that it is read once."""
    chart = chart_of(patient, by)
    current().memory[SHOWN] = (patient, chart)
    return chart


def chart_to_show(patient: Patient, by: Actor) -> Chart:
    """The chart read for this page, or the chart as it is now."""
    shown, chart = current().memory.pop(SHOWN, (None, None))
    return chart if shown is patient else chart_of(patient, by)
