"""The facts a hospital added to its patients as FHIR extensions, one address for each field, and read back.

What this hospital has no field for, or whoever reads it in may not set, is told in words: nothing is lost silently.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.actors import Actor
from core.resources.catalogue import readable, writable
from core.resources.custom.acting import Waiting, beside, custom_of, edit_with, refuse_unfit, stored
from core.resources.custom.here import CustomFact, here
from core.resources.custom.values import kept_in
from core.resources.kinds import Unreadable
from core.resources.kinds.numbers import plain_figure
from core.resources.writing import unwritable, values_of
from core.sites import current_site
from core.texts import _
from plugins.patients.fhir_words import FACT, dicts, text
from plugins.patients.models import Patient
from plugins.patients.resources import PATIENTS

CODED = frozenset({"choice", "several"})
UCUM = "http://unitsofmeasure.org"
# FHIR's integer has 32 bits.
LARGEST_INTEGER = 2**31 - 1


@dataclass(slots=True)
class Said:
    """What a resource says in the hospital's own fields: the values that are new, and in words what can't be kept."""

    values: dict[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def fact_extensions(patient: Patient, by: Actor) -> list[dict[str, Any]]:
    """The hospital's own facts this actor may know of; a record they point at and may not see is left out."""
    own = here(PATIENTS).custom
    if not own:
        return []
    known = {name: own[name] for name in readable(PATIENTS, by) if name in own}
    said = values_of(PATIENTS, patient, tuple(known))
    return [
        {"url": f"{FACT}{name}", **value}
        for name, fact in known.items()
        if said[name] not in (None, "", [])
        for value in fhir_values(fact, said[name])
    ]


def fhir_values(fact: CustomFact, value: Any) -> list[dict[str, Any]]:
    """A value in the type of FHIR that fits its kind; several of a list are as many extensions."""
    kind: Any = fact.kind
    match fact.sort_of:
        case "yes_no":
            return [{"valueBoolean": value}]
        case "whole":
            return [{"valueInteger" if abs(value) <= LARGEST_INTEGER else "valueDecimal": value}]
        case "decimal" | "quantity" | "money":
            return [measured(fact, value)]
        case "choice":
            return [coding(kind, value)]
        case "several":
            return [coding(kind, one) for one in value]
        case "day":
            return [{"valueDate": kind.as_json(value)}]
        case "moment":
            return [{"valueDateTime": kind.as_json(value)}]
        case "relation" if hasattr(value, "uid"):
            return [reference(kind, value)] if value.is_open else []
    return [{"valueString": str(value)}]


def coding(kind: Any, code: str) -> dict[str, Any]:
    """One of a list, with its words."""
    return {"valueCoding": {"code": code, "display": str(kind.words([code] if kind.name == "several" else code))}}


def reference(kind: Any, related: Any) -> dict[str, Any]:
    """Another record of this hospital."""
    identifier = {"system": system_of(kind), "value": related.uid}
    return {"valueReference": {"identifier": identifier, "display": related.label}}


def system_of(kind: Any) -> str:
    """What the records of another noun of this very hospital are known by."""
    return f"urn:medley:{current_site().name}:{kind.to}"


def measured(fact: CustomFact, value: Any) -> dict[str, Any]:
    """A figure as JSON has numbers; as text where a number of JSON is read back as another."""
    kind: Any = fact.kind
    amount = Decimal(value.amount if fact.sort_of == "money" else value)
    figure = json.loads(plain_figure(amount))
    is_exact = Decimal(str(figure)) == amount
    match fact.sort_of:
        case "money" if is_exact:
            return {"valueMoney": {"value": figure, "currency": value.currency}}
        case "money":
            return {"valueString": f"{plain_figure(amount)} {value.currency}"}
        case "quantity" if is_exact:
            return {"valueQuantity": {"value": figure, "unit": kind.unit, "system": UCUM, "code": kind.unit}}
    return {"valueDecimal": figure} if is_exact else {"valueString": plain_figure(amount)}


def facts_in(resource: dict[str, Any], patient: Patient | None, by: Actor) -> Said:
    """What a resource says in fields of this hospital, as far as it is new to the patient and this actor may set it."""
    found, said = Said(), said_in(resource)
    if not said:
        return found
    own = here(PATIENTS).custom
    known = {name: own[name] for name in writable(PATIENTS, by, "edit" if patient else "create") if name in own}
    for name, given in said.items():
        if name not in known:
            found.left_out.append(f"{name}: {unwritable(PATIENTS, name)}")
            continue
        try:
            value = read_value(known[name], given)
        except Unreadable as unreadable:
            if not is_held(known[name], patient, given):
                found.left_out.append(f"{name}: {unreadable.words}")
            continue
        kind: Any = known[name].kind
        if kind.stored(value) != held_by(patient, known[name]):
            found.values[name] = value
    return found


def said_in(resource: dict[str, Any]) -> dict[str, list[Any]]:
    """The values of extensions under names of fields, by the name of the field."""
    found: dict[str, list[Any]] = {}
    for one in dicts(resource, "extension"):
        url = text(one, "url")
        if url.startswith(FACT):
            found.setdefault(url.removeprefix(FACT)[:40], []).extend(
                value for name, value in one.items() if name.startswith("value")
            )
    return found


def read_value(fact: CustomFact, given: list[Any]) -> Any:
    """A value, judged by the rules its field has here; raises `Unreadable`."""
    kind: Any = fact.kind
    if not given:
        raise Unreadable(_("It says nothing."))
    if fact.sort_of == "several":
        return kind.from_json([code_in(one) for one in given])
    return kind.from_json(READERS.get(fact.sort_of, lambda _fact, one: one)(fact, given[0]))


def code_in(one: Any) -> Any:
    """The code of a Coding, or a code alone."""
    return one.get("code") if isinstance(one, dict) else one


def quantity_in(fact: CustomFact, one: Any) -> Any:
    """The figure of a Quantity in the unit of the field."""
    kind: Any = fact.kind
    if isinstance(one, dict) and (text(one, "code") or text(one, "unit")) != kind.unit:
        raise Unreadable(_("Here it is kept in %(unit)s.", unit=kind.unit))
    return one.get("value") if isinstance(one, dict) else one


def money_in(_fact: CustomFact, one: Any) -> Any:
    """A sum, as a Money or as `12.50 KES`."""
    if isinstance(one, str):
        amount, _space, currency = one.partition(" ")
        return {"amount": amount, "currency": currency}
    return {"amount": one.get("value"), "currency": one.get("currency")} if isinstance(one, dict) else one


def record_in(fact: CustomFact, one: Any) -> Any:
    """The uid of another record of this very hospital."""
    kind: Any = fact.kind
    identifier = one.get("identifier") if isinstance(one, dict) else None
    if not isinstance(identifier, dict) or text(identifier, "system") != system_of(kind):
        raise Unreadable(_("It points at a record of another hospital."))
    return text(identifier, "value")


READERS: dict[str, Callable[[CustomFact, Any], Any]] = {
    "choice": lambda _fact, one: code_in(one),
    "quantity": quantity_in,
    "money": money_in,
    "relation": record_in,
}


def held_by(patient: Patient | None, fact: CustomFact) -> Any:
    """What the record says already, as JSON keeps it."""
    return kept_in(fact, Patient, patient.uid, custom_of(patient)) if patient is not None else None


def is_held(fact: CustomFact, patient: Patient | None, given: list[Any]) -> bool:
    """Whether codes that are no longer offered are those the record has."""
    codes = [code_in(one) for one in given]
    return held_by(patient, fact) in (codes, codes[0] if codes else None) if fact.sort_of in CODED else False


def enter_with(values: dict[str, Any], register: Callable[[], Patient]) -> Patient:
    """Register somebody with the hospital's own facts: stored at once, in the same act."""
    if not values:
        return register()
    facts = here(PATIENTS).custom
    refuse_unfit(PATIENTS, facts, values)
    with beside(Waiting(Patient, "", facts, values)) as waiting:
        made = register()
    stored(made, waiting)
    return made


def set_facts(patient: Patient, values: dict[str, Any], by: Actor) -> None:
    """Set what is new on somebody who is in the register."""
    if values:
        edit_with(PATIENTS, Patient.get_by_id(patient.id), {}, values, by, None, None)
