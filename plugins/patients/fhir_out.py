"""Patients written as FHIR R4 (hl7.org/fhir/R4/patient.html), so that `plugins.patients.fhir` reads them back the same.

What FHIR has no element for travels as an extension under a name of ours.
"""

from dataclasses import dataclass
from typing import Any

from core.actors import Actor
from core.contributions import Contribution
from core.errors import Refused
from core.roles import get_visible, visible
from core.storage import is_uid
from core.texts import _
from plugins.patients.fhir_beside import beside
from plugins.patients.fhir_facts import fact_extensions
from plugins.patients.fhir_papers import photo_out
from plugins.patients.fhir_words import AREA, CALLED, ESTIMATED, WAY, own_system
from plugins.patients.models import Address, ContactPerson, Patient, Telecom
from plugins.patients.permissions import VIEW
from plugins.patients.services.merging.past import merged_into
from plugins.patients.services.numbered import numbered
from plugins.patients.services.reached import contacts_of, homes_of, names_of, numbers_of, telecoms_of
from plugins.patients.services.sensitive import may_open

MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
LANGUAGES = "urn:ietf:bcp:47"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientWriting(Contribution):
    """Writes one Patient."""

    key: str = "patient"
    resource_type: str = "Patient"

    def subject_of(self, named: str, by: Actor) -> str:
        """The uid of a patient by record number or uid, if the actor may see them."""
        if is_uid(named):
            found = Patient.get_or_none(Patient.uid == named, visible(Patient, by, VIEW))
        else:
            found = numbered(named, by)
        return found.uid if found is not None else ""

    def write(self, subject_uid: str, by: Actor) -> list[dict[str, Any]]:
        """The resource; nothing for a person of another plugin's register. Raises `Refused` for a sensitive record that
        was not opened with a reason.
        """
        if Patient.get_or_none(Patient.uid == subject_uid) is None:
            return []
        patient = get_visible(Patient, subject_uid, by, permission=VIEW)
        if not may_open(patient, by):
            raise Refused(_("This record is sensitive. Open its chart first, and say why."))
        resource = resource_of(patient)
        resource["extension"] = [*resource.get("extension", []), *fact_extensions(patient, by)]
        for name, value in (beside(patient, by) | {"photo": photo_out(patient)}).items():
            resource[name] = [*resource.get(name, []), *value] if isinstance(value, list) else resource[name] | value
        return [{name: value for name, value in resource.items() if value != []}]


def resource_of(patient: Patient) -> dict[str, Any]:
    """What the register says of somebody, as a Patient."""
    resource = {
        "resourceType": "Patient",
        "id": patient.uid,
        "meta": {"versionId": str(patient.version), "lastUpdated": patient.updated_at.isoformat()},
        "extension": [{"url": WAY, "valueCode": patient.preferred_way}] if patient.preferred_way else [],
        "identifier": identifiers_of(patient),
        "active": not patient.is_retired,
        "name": human_names_of(patient),
        "telecom": [telecom_of(one, rank) for rank, one in enumerate(telecoms_of(patient), start=1)],
        "gender": patient.sex,
        "address": [address_of(one) for one in homes_of(patient)],
        "contact": [contact_of(one) for one in contacts_of(patient)],
        "communication": languages_of(patient),
        "link": [
            {"other": {"reference": f"urn:uuid:{one.uid}", "display": one.number}, "type": "replaces"}
            for one in merged_into(patient)
        ],
        **born(patient),
        **died(patient),
        **multiple(patient),
    }
    return {name: value for name, value in resource.items() if value not in ([], {}, "", None)}


def identifiers_of(patient: Patient) -> list[dict[str, Any]]:
    """The record number, and the numbers others gave."""
    found = [{"use": "usual", "type": MR, "system": own_system(), "value": patient.number}]
    for one in numbers_of(patient):
        kind: dict[str, Any] = {"text": one.type.label}
        if one.type.code:
            kind["coding"] = [{"code": one.type.code, "display": one.type.label}]
        facts = {"use": one.use, "type": kind, "system": one.type.system, "value": one.value}
        period = period_of(one)
        found.append({name: value for name, value in (facts | period).items() if value})
    return found


def human_names_of(patient: Patient) -> list[dict[str, Any]]:
    """The name on the chart first, then what they are called and further names."""
    found = [human_name("official", patient.name, patient.name_parts)]
    if patient.called:
        found.append({"id": CALLED, **human_name("nickname", patient.called, None)})
    for one in names_of(patient):
        found.append({**human_name(one.use, one.name, one.name_parts), **period_of(one)})
    return found


def human_name(use: str, text: str, parts: dict[str, Any] | None) -> dict[str, Any]:
    """A HumanName."""
    return {**({"use": use} if use else {}), "text": text, **(parts or {})}


def period_of(part: Any) -> dict[str, Any]:
    """From when until when something holds."""
    ends = {"start": part.from_on, "end": part.until_on}
    said = {name: day.isoformat() for name, day in ends.items() if day}
    return {"period": said} if said else {}


def telecom_of(one: Telecom, rank: int) -> dict[str, Any]:
    """A ContactPoint."""
    return {"system": one.kind, "value": one.value, **({"use": one.use} if one.use else {}), "rank": rank}


def address_of(one: Address) -> dict[str, Any]:
    """An Address."""
    facts = {
        "extension": [{"url": AREA, "valueString": one.area}] if one.area else [], "use": one.use,
        "line": [one.lines] if one.lines else [], "city": one.city, "district": one.district, "state": one.state,
        "postalCode": one.postal_code, "country": one.country,
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value}


def contact_of(one: ContactPerson) -> dict[str, Any]:
    """A Patient.contact."""
    relation: dict[str, Any] = {"text": one.relation} if one.relation else {}
    if one.relation_code:
        relation["coding"] = [{"code": one.relation_code}]
    ways = [{"system": kind, "value": value} for kind, value in (("phone", one.phone), ("email", one.email)) if value]
    facts = {
        "relationship": [relation] if relation else [], "name": {"text": one.name} if one.name else {},
        "telecom": ways, "address": {"text": one.address} if one.address else {},
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value}


def languages_of(patient: Patient) -> list[dict[str, Any]]:
    """The languages spoken, the preferred one marked."""
    codes = [code for code in (patient.language, *(patient.further_languages or ())) if code]
    return [
        {"language": {"coding": [{"system": LANGUAGES, "code": code}]}, **({"preferred": True} if not place else {})}
        for place, code in enumerate(codes)
    ]


def born(patient: Patient) -> dict[str, Any]:
    """The birth date, no more exact than it is known."""
    if patient.born_on is None:
        return {}
    day = patient.born_on.isoformat()
    cut = {"year": day[:4], "month": day[:7]}
    found: dict[str, Any] = {"birthDate": cut.get(patient.born_precision, day)}
    if patient.born_precision == "estimated":
        found["_birthDate"] = {"extension": [{"url": ESTIMATED, "valueBoolean": True}]}
    return found


def died(patient: Patient) -> dict[str, Any]:
    """Whether and when somebody died."""
    if patient.deceased_at is not None:
        return {"deceasedDateTime": patient.deceased_at.isoformat()}
    return {"deceasedBoolean": True} if patient.is_deceased else {}


def multiple(patient: Patient) -> dict[str, Any]:
    """Whether somebody is a twin, and which."""
    if patient.birth_order is not None:
        return {"multipleBirthInteger": patient.birth_order}
    return {} if patient.is_multiple_birth is None else {"multipleBirthBoolean": patient.is_multiple_birth}
