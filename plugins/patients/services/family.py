"""Whom a patient belongs to, seen from both sides, and who decides, sees and collects for them."""

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Refused
from core.roles import ALL_ROWS, visible
from core.settings import settings_of
from core.sites import current_site
from core.storage import rows
from core.storage.prepared import prepared
from core.texts import Text, _
from plugins.patients.models import ContactPerson, Patient, Relation
from plugins.patients.permissions import EDIT, VIEW
from plugins.patients.services.details import ContactDetails, one_line
from plugins.patients.services.fit import refuse_dead, refuse_unfit
from plugins.patients.services.reaching import store_contacts


@dataclass(frozen=True, slots=True)
class Kind:
    """What somebody is to a patient: the word, what the patient is to them, and the code of FHIR (v3 RoleCode)."""

    label: Text
    inverse: str
    code: str


KINDS: dict[str, Kind] = {
    "mother": Kind(_("Mother"), "child", "MTH"),
    "father": Kind(_("Father"), "child", "FTH"),
    "parent": Kind(_("Parent"), "child", "PRN"),
    "child": Kind(_("Child"), "parent", "CHILD"),
    "sibling": Kind(_("Brother or sister"), "sibling", "SIB"),
    "spouse": Kind(_("Husband or wife"), "spouse", "SPS"),
    "partner": Kind(_("Partner"), "partner", "DOMPART"),
    "grandparent": Kind(_("Grandparent"), "grandchild", "GRPRN"),
    "grandchild": Kind(_("Grandchild"), "grandparent", "GRNDCHILD"),
    "guardian": Kind(_("Guardian"), "ward", "GUARD"),
    "ward": Kind(_("In their care by law"), "guardian", "DEP"),
    "carer": Kind(_("Carer"), "cared_for", "CAREGIVER"),
    "cared_for": Kind(_("Cared for by them"), "carer", "CASESBJ"),
    "other": Kind(_("Other"), "other", "O"),
}
RIGHTS: dict[str, Text] = {
    "may_decide": _("Decides for them"), "may_see": _("May see the record"), "may_collect": _("May collect for them"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RelationDetails:
    """Somebody a patient belongs to: another patient, or one of those to call; and what they may."""

    kind: str
    other: Patient | None = None
    contact: ContactPerson | ContactDetails | None = None
    from_on: date | None = None
    until_on: date | None = None
    may_decide: bool = False
    may_see: bool = False
    may_collect: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Relative:
    """A relation as the chart shows it, from whichever side it was noted."""

    relation: Relation
    kind: Text
    name: str
    other: Patient | None
    is_own: bool

    @property
    def rights(self) -> list[Text]:
        """What they may for this patient; nothing when it is the patient who may for them."""
        return [words for right, words in RIGHTS.items() if self.is_own and getattr(self.relation, right)]

    @property
    def until_on(self) -> date | None:
        """Until when it holds."""
        end: date | None = self.relation.until_on
        return end


@act("patients.add_relation", permission=EDIT)
def add_relation(patient: Patient, details: RelationDetails, by: Actor) -> Relation:
    """Note whom a patient belongs to. It shows on the other patient's chart too, the other way round.

    Raises `Refused` for a guardian under age, and `NeedsConfirmation` where rights would be given to somebody dead.
    A guardian of somebody under age decides until that birthday, unless an end is given.
    """
    refuse_unfit(patient)
    return store_relation(Relation(patient=patient), checked_relation(patient, details))


@act("patients.edit_relation", permission=EDIT)
def edit_relation(relation: Relation, details: RelationDetails, by: Actor, version: int | None = None) -> Relation:
    """Change what somebody is to a patient, what they may, or until when."""
    if version is not None:
        relation.version = version
    return store_relation(relation, checked_relation(relation.patient, details))


@act("patients.retire_relation", permission=EDIT)
def retire_relation(relation: Relation, reason: str, by: Actor, version: int | None = None) -> None:
    """Take away a relation that never was."""
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why it is taken away.")})
    if version is not None:
        relation.version = version
    relation.retire(reason.strip())


def store_relation(relation: Relation, details: RelationDetails) -> Relation:
    """Write the details into a relation; somebody new to call is noted with it."""
    if isinstance(details.contact, ContactDetails):
        details = replace(details, contact=store_contacts(relation.patient, (details.contact,))[0])
    for name in ("kind", "other", "contact", "from_on", "until_on", *RIGHTS, "note"):
        setattr(relation, name, getattr(details, name))
    relation.save()
    return relation


def checked_relation(patient: Patient, details: RelationDetails) -> RelationDetails:
    """The details as they are stored; raises `Refused` naming what does not hold."""
    if details.kind not in KINDS:
        raise Refused(fields={"kind": _("Choose one of the list.")})
    if (details.other is None) == (details.contact is None):
        raise Refused(fields={"number": _("Name a patient by the record number, or choose somebody to call.")})
    if isinstance(details.contact, ContactPerson) and details.contact.patient_id != patient.id:
        raise Refused(fields={"contact": _("Choose one of the list.")})
    if details.from_on and details.until_on and details.until_on < details.from_on:
        raise Refused(fields={"until_on": _("This is before it begins.")})
    if details.other is not None:
        check_other(patient, details)
    if details.may_decide and details.until_on is None:
        details = replace(details, until_on=adult_on(patient))
    return replace(details, note=one_line(details.note))


def check_other(patient: Patient, details: RelationDetails) -> None:
    """Nobody is their own relative, and rights are given to living adults."""
    other: Any = details.other
    if other.id == patient.id:
        raise Refused(fields={"number": _("This is the patient’s own number.")})
    if details.may_decide or details.may_see or details.may_collect:
        refuse_dead(other)
    today = clock.today(current_site().zone)
    comes_of_age = adult_on(other)
    if details.may_decide and comes_of_age is not None and comes_of_age > today:
        raise Refused(fields={"may_decide": _("They are under age themselves.")})


def adult_on(patient: Patient) -> date | None:
    """The day somebody comes of age, if that is still to come; None for adults and where the birth is not known."""
    born, age = patient.born_on, int(settings_of("patients").adult_from)
    if born is None:
        return None
    year = born.year + age
    day = date(year, born.month, min(born.day, monthrange(year, born.month)[1]))
    return day if day > clock.today(current_site().zone) else None


def relatives_of(patient: Patient) -> list[Relative]:
    """Everybody a patient belongs to, noted on either side, whoever decides first."""
    found = []
    for relation in relations_with(patient.id):
        is_own = relation.patient_id == patient.id
        kind = KINDS.get(relation.kind, KINDS["other"])
        if is_own and relation.other is None:
            name = relation.contact.name if relation.contact is not None else ""
            found.append(Relative(relation, kind.label, name, None, True))
            continue
        other = relation.other if is_own else relation.patient
        label = kind.label if is_own else KINDS[kind.inverse].label
        found.append(Relative(relation, label, other.name, other, is_own))
    return sorted(found, key=lambda one: (not one.rights, one.relation.id))


def hidden_from(by: Actor, uids: Collection[str]) -> set[str]:
    """Those of these patients whom somebody may not see: what they are to others may be told, who they are may not."""
    if not uids or (condition := visible(Patient, by, VIEW)) is ALL_ROWS:
        return set()
    seen = rows(Patient.select(Patient.uid).where(Patient.uid.in_(list(uids)), condition))
    return set(uids) - {uid for (uid,) in seen}


@prepared
def relations_with(patient):
    """The query for the relations of a patient in use, from both sides."""
    own = (Relation.patient == patient) | (Relation.other == patient)
    return Relation.select().where(own, Relation.retired_at.is_null())


def guardians_of(patient: Patient, on: date | None = None) -> list[Relative]:
    """Who decides for a patient on a day, today unless told."""
    day = on or clock.today(current_site().zone)
    return [
        one for one in relatives_of(patient)
        if one.is_own and one.relation.may_decide
        and (one.relation.from_on is None or one.relation.from_on <= day)
        and (one.until_on is None or day <= one.until_on)
    ]  # fmt: skip
