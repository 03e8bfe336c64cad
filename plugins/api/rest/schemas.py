"""JSON Schemas of facts: what is given is described loosely, for lists change; what is taken exactly as checked."""

from collections.abc import Sequence
from typing import Any

from core.resources import Choice, Fact, Resource
from core.resources.kinds import Line, Several

Schema = dict[str, Any]
BOUNDS = frozenset({"enum", "maxLength", "minLength", "minimum", "maximum", "pattern"})
PROBLEM: Schema = {
    "type": "object",
    "title": "RFC 9457",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "question": {"type": "string"},
        "confirm_as": {"type": "string"},
        "confirmation": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"}, "parameter": {"type": "string"}, "detail": {"type": "string"},
                },
                "required": ["detail"],
            },
        },
    },
    "required": ["type", "title", "status"],
}  # fmt: skip


def given(fact: Fact) -> Schema:
    """What a fact looks like in an answer. Its bounds may have been others when it was written."""
    kind: Any = fact.kind
    return nullable(without_bounds(kind.schema()))


def taken(fact: Fact) -> Schema:
    """What a fact takes."""
    kind: Any = fact.kind
    schema: Schema = kind.takes()
    if not fact.required or fact.when is not None:
        return nullable(schema)
    if isinstance(kind, Several):
        return {**schema, "minItems": 1}
    if isinstance(kind, Choice):
        return {**schema, "enum": [code for code in schema["enum"] if code]}
    return {**schema, "minLength": 1} if isinstance(kind, Line) else schema


def without_bounds(schema: Any) -> Any:
    """The shape of a schema alone."""
    if isinstance(schema, dict):
        return {name: without_bounds(inner) for name, inner in schema.items() if name not in BOUNDS}
    return [without_bounds(inner) for inner in schema] if isinstance(schema, list) else schema


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    if "type" not in schema:
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    found = {**schema, "type": [schema["type"], "null"]}
    return {**found, "enum": [*schema["enum"], None]} if "enum" in schema else found


def object_of(parts: Schema, needed: Sequence[str] = ()) -> Schema:
    """An object with these parts and no others."""
    found: Schema = {"type": "object", "properties": parts, "additionalProperties": False}
    return {**found, "required": list(needed)} if needed else found


def named(resource: Resource, suffix: str = "") -> str:
    """What the schemas of a noun are called: `EquipmentDeviceNew`."""
    words = resource.name.replace(".", "_").split("_")
    return "".join(word.capitalize() for word in words) + suffix


def ref(resource: Resource, suffix: str = "") -> Schema:
    """A pointer at one of them."""
    return {"$ref": f"#/components/schemas/{named(resource, suffix)}"}
