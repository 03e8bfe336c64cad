"""Patients as FHIR R4 writes them (hl7.org/fhir/R4/patient.html), read into the register."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any

from core.actors import Actor
from core.contributions import Contribution
from core.errors import Refused
from core.storage import is_uid
from core.texts import _
from plugins.patients.fhir_beside import add_beside
from plugins.patients.fhir_facts import enter_with, facts_in, set_facts
from plugins.patients.fhir_papers import bring_photo
from plugins.patients.fhir_words import (
    AREA,
    CALLED,
    ESTIMATED,
    UNIDENTIFIED,
    WAY,
    dicts,
    extension_of,
    own_system,
    partial_date,
    text,
    texts,
)
from plugins.patients.models import SEXES, Identifier, IdentifierType, Patient
from plugins.patients.permissions import IMPORT
from plugins.patients.services.details import (
    WAYS,
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    NameDetails,
    PatientDetails,
    TelecomDetails,
    one_line,
)
from plugins.patients.services.fit import survivor_of
from plugins.patients.services.identifiers import claim_of
from plugins.patients.services.joining import add_missing
from plugins.patients.services.prepared import rows_of
from plugins.patients.services.registering import edit_patient, register_patient
from plugins.patients.spelling import folded
from plugins.patients.tokens import plain_number

# The order in which a person's names are preferred as the one on the chart (hl7.org/fhir/R4/valueset-name-use.html).
PREFERRED = ("official", "usual", "", "nickname", "temp", "anonymous", "old", "maiden")
KINDS = ("phone", "fax", "email", "pager", "url", "sms", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientMapping(Contribution):
    """Reads one Patient. A later version of the same resource changes the patient it made before."""

    key: str = "patient"
    resource_type: str = "Patient"

    def read(self, resource: dict[str, Any], known_uid: str, by: Actor) -> tuple[str, ...]:
        """Store a resource; answers the patient's uid, whether it was "created", "updated" or "unchanged", and in words
        which of the hospital's own facts, and whether the photo, could not be kept.

        `known_uid` is the patient this resource made at an earlier import, or "". Raises `Refused` for what can't
        be a patient, and for a resource that names another person than the patient it made before.
        """
        by.require(IMPORT)
        details = details_of(resource)
        patient = own_patient(resource, details) or self.known(known_uid, details)
        said = facts_in(resource, patient, by)
        if patient is None:
            made: Patient = enter_with(
                said.values, lambda: register_patient(details, by=by, is_new=True, is_complete=False)
            )
            add_beside(made, resource, by)
            return made.uid, "created", *said.left_out, *bring_photo(made, resource, by)
        before = patient.version
        kept = replace(
            details, called=details.called or patient.called, place=patient.place,
            preferred_way=details.preferred_way or patient.preferred_way, is_unidentified=patient.is_unidentified,
        )  # fmt: skip
        edit_patient(patient, kept, by=by)
        add_missing(patient, details, by=by)
        set_facts(patient, said.values, by)
        add_beside(patient, resource, by)
        left_out = [*said.left_out, *bring_photo(patient, resource, by)]
        [(now,)] = rows_of(Patient.select(Patient.version).where(Patient.id == patient.id))
        return patient.uid, "updated" if now != before else "unchanged", *left_out

    @staticmethod
    def known(known_uid: str, details: PatientDetails) -> Patient | None:
        """The patient this resource is about: the one it made before, or the one who has its numbers."""
        owner = owner_of(details.identifiers)
        before = Patient.get_or_none(Patient.uid == known_uid) if is_uid(known_uid) else None
        if before is None:
            return owner
        before = survivor_of(before)
        if owner is not None and owner.id != before.id:
            raise Refused(_("Its numbers are those of another patient, %(number)s.", number=owner.number))
        same_name = folded(before.name) == folded(details.name)
        if owner is None and not same_name and before.born_on != details.born_on:
            raise Refused(_("An earlier file had another person under this id. Name the source of each file."))
        return before


def own_patient(resource: dict[str, Any], details: PatientDetails) -> Patient | None:
    """The patient of this very hospital whom a resource names by the record number.

    Raises `Refused` when nothing else fits: it is another hospital's number then, or was copied wrongly.
    """
    own = [one for one in dicts(resource, "identifier") if text(one, "system") == own_system()]
    found = Patient.get_or_none(Patient.number == text(own[0], "value")) if own else None
    if found is None:
        return None
    same_name = folded(found.name) == folded(details.name)
    if found.uid != text(resource, "id") and not same_name and found.born_on != details.born_on:
        raise Refused(_("Record number %(number)s is another person’s here.", number=found.number))
    return survivor_of(found)


def owner_of(identifiers: tuple[IdentifierDetails, ...]) -> Patient | None:
    """The patient who has one of these numbers already."""
    claims = [claim for claim in map(claim_of, identifiers) if claim]
    if not claims:
        return None
    query = Identifier.select(Identifier.patient).where(Identifier.claim.in_(claims))
    owners = {patient for (patient,) in rows_of(query)}
    if len(owners) > 1:
        raise Refused(_("Its numbers are those of several patients."))
    return Patient.get_by_id(owners.pop()) if owners else None


def details_of(resource: dict[str, Any]) -> PatientDetails:
    """What a Patient resource says, in the register's words; what it says in a strange shape is passed over."""
    called = next((text(one, "text") for one in dicts(resource, "name") if one.get("id") == CALLED), "")
    written = [one for one in dicts(resource, "name") if one.get("id") != CALLED]
    names = sorted(map(name_of, written), key=lambda name: PREFERRED.index(name.use))
    names = [name for name in names if name.name]
    if not names:
        raise Refused(fields={"name": _("It has no name.")})
    born_on, precision = partial_date(text(resource, "birthDate"))
    if born_on is not None and extension_of(resource.get("_birthDate"), ESTIMATED) is True:
        precision = "estimated"
    way = extension_of(resource, WAY)
    deceased = resource.get("deceasedBoolean") is True or bool(resource.get("deceasedDateTime"))
    order = resource.get("multipleBirthInteger")
    is_order = isinstance(order, int) and not isinstance(order, bool)
    is_multiple = resource.get("multipleBirthBoolean")
    languages = list(dict.fromkeys(languages_of(resource)))
    return PatientDetails(
        name=names[0].name,
        called=one_line(called),
        preferred_way=way if way in WAYS else "",
        is_unidentified=extension_of(resource, UNIDENTIFIED) is True,
        name_parts=names[0].parts,
        sex=text(resource, "gender") if text(resource, "gender") in SEXES else "unknown",
        born_on=born_on,
        born_precision=precision,
        is_deceased=deceased,
        deceased_at=moment_of(text(resource, "deceasedDateTime")),
        is_multiple_birth=True if is_order else is_multiple if isinstance(is_multiple, bool) else None,
        birth_order=order if is_order else None,
        language=languages[0] if languages else "",
        further_languages=tuple(languages[1:]),
        names=tuple(names[1:]),
        identifiers=tuple(identifiers_of(resource)),
        telecoms=tuple(telecoms_of(resource)),
        addresses=tuple(map(address_of, dicts(resource, "address"))),
        contacts=tuple(map(contact_of, dicts(resource, "contact"))),
    )


def name_of(name: dict[str, Any]) -> NameDetails:
    """A HumanName as it is written: its text, else given names and family."""
    parts = {key: texts(name, key) for key in ("given", "prefix", "suffix") if texts(name, key)}
    family = text(name, "family")
    written = text(name, "text") or " ".join([*parts.get("given", []), family, *parts.get("suffix", [])])
    use = text(name, "use")
    period = name.get("period") if isinstance(name.get("period"), dict) else {}
    return NameDetails(
        name=one_line(written),
        use=use if use in PREFERRED else "",
        parts={**parts, "family": family} if family else parts or None,
        from_on=partial_date(text(period, "start")[:10])[0],
        until_on=partial_date(text(period, "end")[:10])[0],
    )


def identifiers_of(resource: dict[str, Any]) -> Iterator[IdentifierDetails]:
    """Its numbers, each once, with their kinds; a system met for the first time becomes a kind."""
    met = set()
    for identifier in dicts(resource, "identifier"):
        value = one_line(text(identifier, "value"))
        if not plain_number(value) or text(identifier, "system") == own_system():
            continue
        kind = type_for(identifier)
        if (kind.id, plain_number(value)) in met:
            continue
        met.add((kind.id, plain_number(value)))
        use = text(identifier, "use")
        period = identifier.get("period") if isinstance(identifier.get("period"), dict) else {}
        from_on, until_on = (partial_date(text(period, end)[:10])[0] for end in ("start", "end"))
        yield IdentifierDetails(kind, value, use[:12], from_on, until_on)


def type_for(identifier: dict[str, Any]) -> IdentifierType:
    """The kind with this system. In FHIR a value is unique in its system; without one nobody knows."""
    system = text(identifier, "system")[:200] or None
    codings = dicts(identifier.get("type"), "coding")
    code = next((text(coding, "code") for coding in codings if text(coding, "code")), "")[:20]
    if system is None:
        key = f"fhir-{plain_number(code).lower()}" if code else "fhir-other"
        known = IdentifierType.get_or_none(IdentifierType.key == key)
    else:
        tail = "".join(sign if sign.isalnum() else "-" for sign in system.rpartition("//")[2]).strip("-").lower()
        key = tail.encode("ascii", "ignore").decode()[:34].strip("-") or "system"
        known = IdentifierType.get_or_none(IdentifierType.system == system)
    if known is not None:
        return known
    label = text(identifier.get("type"), "text") or next((text(coding, "display") for coding in codings), "")
    taken = IdentifierType.select(IdentifierType.id).where(IdentifierType.key == key).exists()
    if taken:
        key = f"{key}-{IdentifierType.select().count()}"[:40]
    return IdentifierType.create(
        key=key, label=one_line(label)[:120] or (system or "")[:120] or "Other", system=system, code=code,
        is_unique=system is not None,
    )  # fmt: skip


def telecoms_of(resource: dict[str, Any]) -> Iterator[TelecomDetails]:
    """Its phones and addresses; the preferred ones first, those that can't be one left out."""
    points = [point for point in dicts(resource, "telecom") if text(point, "use") != "old"]
    for point in sorted(points, key=rank_of):
        kind, value = text(point, "system"), one_line(text(point, "value"))[:200]
        is_phone = kind == "phone" and sum(map(str.isdigit, value)) >= 3
        is_mail = kind == "email" and "@" in value[1:-1] and " " not in value
        if value and (is_phone or is_mail or kind in KINDS[1:2] + KINDS[3:]):
            yield TelecomDetails(value, kind, text(point, "use")[:10])


def rank_of(point: dict[str, Any]) -> int:
    """Which way to reach a person is tried first."""
    rank = point.get("rank")
    return rank if isinstance(rank, int) and 0 < rank < 1000 else 1000


def address_of(address: dict[str, Any]) -> AddressDetails:
    """An Address, each part cut to what fits."""
    lines = ", ".join(texts(address, "line"))
    parts = (text(address, "city"), text(address, "district"), text(address, "state"), text(address, "country"))
    is_bare = not lines and not any(parts)
    return AddressDetails(
        lines=one_line(text(address, "text") if is_bare else lines)[:400],
        area=one_line(str(extension_of(address, AREA) or ""))[:120],
        city=one_line(parts[0])[:120],
        district=one_line(parts[1])[:120],
        state=one_line(parts[2])[:120],
        country=one_line(parts[3])[:60],
        postal_code=one_line(text(address, "postalCode"))[:20],
        use=text(address, "use")[:10] or "home",
    )


def contact_of(contact: dict[str, Any]) -> ContactDetails:
    """Somebody to call for the patient."""
    relations = dicts(contact, "relationship")
    codings = [coding for relation in relations for coding in dicts(relation, "coding")]
    said = [text(relation, "text") for relation in relations] + [text(coding, "display") for coding in codings]
    ways = {text(way, "system"): one_line(text(way, "value")) for way in reversed(dicts(contact, "telecom"))}
    home = address_of(contact["address"]) if isinstance(contact.get("address"), dict) else AddressDetails()
    phone = ways.get("phone", "")
    return ContactDetails(
        name=name_of(contact["name"]).name[:300] if isinstance(contact.get("name"), dict) else "",
        relation=one_line(next((words for words in said if words), ""))[:120],
        relation_code=next((text(coding, "code") for coding in reversed(codings)), "")[:40],
        phone=phone[:60] if sum(map(str.isdigit, phone)) >= 3 else "",
        email=ways.get("email", "")[:200],
        address=", ".join(part for part in (home.lines, home.city, home.state, home.country) if part)[:400],
    )


def languages_of(resource: dict[str, Any]) -> Iterator[str]:
    """Languages the person speaks, the preferred one first."""
    spoken = sorted(dicts(resource, "communication"), key=lambda one: one.get("preferred") is not True)
    for one in spoken:
        for coding in dicts(one.get("language"), "coding")[:1]:
            code = text(coding, "code")
            if code and len(code) <= 35 and code.replace("-", "").isalnum() and code.isascii():
                yield code


def moment_of(written: str) -> datetime | None:
    """A FHIR dateTime; a day alone stands for its noon, in UTC."""
    if not written:
        return None
    if len(written) <= 10:
        day, _precision = partial_date(written)
        return datetime.combine(day, time(12), UTC) if day else None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as unreadable:
        raise Refused(fields={"deceasedDateTime": _("%(date)s is not a date.", date=written[:40])}) from unreadable
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
