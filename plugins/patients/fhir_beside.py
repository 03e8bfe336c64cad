"""What the register says of a patient and FHIR's Patient has no element for: warnings, family with rights, that nobody
knows yet who it is, that the record is sensitive. Written as extensions under names of ours, and read back.
"""

from datetime import date
from typing import Any

from core.actors import Actor
from core.storage.journal.reads import disclosed
from plugins.patients.fhir_words import (
    CONFIDENTIALITY,
    FLAG,
    RELATION,
    RESTRICTED,
    UNIDENTIFIED,
    dicts,
    extension_of,
    own_system,
    partial_date,
    text,
)
from plugins.patients.models import SEVERITIES, ContactPerson, Flag, Patient, Relation
from plugins.patients.services.details import ContactDetails, one_line
from plugins.patients.services.family import KINDS, RIGHTS, RelationDetails, hidden_from, relatives_of, store_relation
from plugins.patients.services.fit import survivor_of
from plugins.patients.services.flags import flags_of
from plugins.patients.services.sensitive import keep_closed


def beside(patient: Patient, by: Actor) -> dict[str, Any]:
    """The extensions of a patient, and what `meta` says of the record; relatives the actor may not see are left out."""
    relatives = [one for one in relatives_of(patient) if one.is_own]
    named = {one.other.uid for one in relatives if one.other is not None}
    hidden = hidden_from(by, named)
    if named - hidden:
        disclosed("export", sorted(named - hidden), condition="patients.family")
    extensions: list[dict[str, Any]] = [{"url": UNIDENTIFIED, "valueBoolean": True}] if patient.is_unidentified else []
    extensions += [flag_extension(flag) for flag in flags_of(patient)]
    extensions += [
        relation_extension(one.relation) for one in relatives if one.other is None or one.other.uid not in hidden
    ]
    found: dict[str, Any] = {"extension": extensions} if extensions else {}
    return (
        {**found, "meta": {"security": [{"system": CONFIDENTIALITY, "code": RESTRICTED}]}}
        if patient.is_sensitive
        else found
    )


def flag_extension(flag: Flag) -> dict[str, Any]:
    """A warning."""
    said = [("text", "valueString", flag.text), ("severity", "valueCode", flag.severity)]
    return parts_of(FLAG, [*said, ("until", "valueDate", flag.until_on)])


def relation_extension(relation: Relation) -> dict[str, Any]:
    """Somebody the patient belongs to: a patient by number and name, or one of those to call by name and phone."""
    other, contact = relation.other, relation.contact
    who: list[tuple[str, str, Any]] = []
    if other is not None:
        identifier = {"system": own_system(), "value": other.number}
        who = [("who", "valueReference", {"identifier": identifier, "display": other.name})]
    elif contact is not None:
        who = [("name", "valueString", contact.name), ("phone", "valueString", contact.phone)]
    rights = [(right, "valueBoolean", getattr(relation, right) or None) for right in RIGHTS]
    days = [("from", "valueDate", relation.from_on), ("until", "valueDate", relation.until_on)]
    return parts_of(
        RELATION, [("kind", "valueCode", relation.kind), *who, *rights, *days, ("note", "valueString", relation.note)]
    )


def parts_of(url: str, parts: list[tuple[str, str, Any]]) -> dict[str, Any]:
    """An extension made of parts; those that say nothing are left out."""
    written = [
        {"url": name, kind: value.isoformat() if isinstance(value, date) else value}
        for name, kind, value in parts
        if value not in (None, "")
    ]
    return {"url": url, "extension": written}


def add_beside(patient: Patient, resource: dict[str, Any], by: Actor) -> None:
    """Add warnings and relatives that were never there, and close a record that is sensitive where it comes from.

    Nothing is changed or taken away; what a resource says in a strange shape is passed over.
    """
    held = dicts(resource, "extension")
    known = {(flag.text, flag.severity) for flag in Flag.select().where(Flag.patient == patient.id)}
    for one in held:
        words, severity = one_line(str(extension_of(one, "text") or ""))[:200], str(extension_of(one, "severity"))
        if one.get("url") == FLAG and words and severity in SEVERITIES and (words, severity) not in known:
            Flag.create(patient=patient, text=words, severity=severity, until_on=day_of(one, "until"))
    related = {(one.kind, name_in(one)) for one in Relation.select().where(Relation.patient == patient.id)}
    for one in held:
        details = relation_of(patient, one) if one.get("url") == RELATION else None
        if details is not None and (details.kind, name_in(details)) not in related:
            store_relation(Relation(patient=patient), details)
    security = dicts(resource.get("meta"), "security")
    if any((text(one, "system"), text(one, "code")) == (CONFIDENTIALITY, RESTRICTED) for one in security):
        keep_closed(Patient.get_by_id(patient.id))


def relation_of(patient: Patient, one: dict[str, Any]) -> RelationDetails | None:
    """A relation: to the patient of that number here, else to somebody of that name to call."""
    kind, reference = str(extension_of(one, "kind")), extension_of(one, "who")
    reference = reference if isinstance(reference, dict) else {}
    name = one_line(text(reference, "display") or str(extension_of(one, "name") or ""))[:300]
    other = patient_named(reference)
    if kind not in KINDS or not name or (other is not None and other.id == patient.id):
        return None
    contact = None if other is not None else to_call(patient, name, str(extension_of(one, "phone") or "")[:60])
    rights = {right: extension_of(one, right) is True for right in RIGHTS}
    note = one_line(str(extension_of(one, "note") or ""))[:300]
    from_on, until_on = day_of(one, "from"), day_of(one, "until")
    return RelationDetails(kind, other, contact, from_on, until_on, note=note, **rights)


def to_call(patient: Patient, name: str, phone: str) -> ContactPerson | ContactDetails:
    """Somebody to call: who is noted already, else somebody new."""
    noted = (ContactPerson.patient == patient.id, ContactPerson.name == name, ContactPerson.retired_at.is_null())
    known: ContactPerson | None = ContactPerson.get_or_none(*noted)
    return known or ContactDetails(name, phone=phone)


def patient_named(reference: dict[str, Any]) -> Patient | None:
    """The patient of this very hospital a reference names by the record number."""
    identifier = reference.get("identifier")
    if text(identifier, "system") != own_system():
        return None
    found = Patient.get_or_none(Patient.number == text(identifier, "value"))
    return survivor_of(found) if found is not None else None


def name_in(relation: Relation | RelationDetails) -> str:
    """Whom a relation is to, by name."""
    who = relation.other or relation.contact
    return one_line(who.name) if who is not None else ""


def day_of(one: dict[str, Any], name: str) -> date | None:
    """A day an extension says."""
    said = extension_of(one, name)
    return partial_date(said[:10])[0] if isinstance(said, str) else None
