"""The fields and the arrangement of a noun as a file: taken out at one hospital, brought in at another.

The file holds decisions, never a value of a record. Bringing it in is a proposal like any other: each field goes
through the same checks as one somebody typed, one that is there already is changed, and one the file does not name
stays. Roles belong to a hospital: a file that asks for a role which is not there is refused.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from core.actors import Actor
from core.acts import act
from core.errors import Refused, Words
from core.resources.custom.arranging import arrange, arrangement_of
from core.resources.custom.checking import FieldDetails
from core.resources.custom.defining import add_field, edit_field, fields_of, restore_field
from core.resources.custom.models import CustomField
from core.resources.nouns import resource_named
from core.roles.permissions import MANAGE_FIELDS
from core.roles.rights import rights_book
from core.texts import _

FORMAT, VERSION = "medley fields", 1
LARGEST = 2 * 1024 * 1024
PARTS = frozenset({"format", "version", "noun", "fields", "arrangement"})
DETAILS = tuple(one.name for one in fields(FieldDetails))
SECTION = frozenset({"key", "title", "words", "facts"})
# What of a rule follows from another one here, and is worked out again where the file is brought in.
WORKED_OUT = ("named_by", "view")


def definitions_of(noun: str) -> dict[str, Any]:
    """The fields in use and the arrangement of a noun, as the file has them."""
    resource = resource_named(noun)
    held = arrangement_of(noun)
    return {
        "format": FORMAT,
        "version": VERSION,
        "noun": resource.name,
        "fields": [field_told(one) for one in fields_of(noun) if not one.is_retired],
        "arrangement": None
        if held is None
        else {"sections": held.sections, "hidden": held.hidden, "needed": held.needed},
    }


def field_told(field: CustomField) -> dict[str, Any]:
    """One field."""
    rules = {name: rule for name, rule in (field.rules or {}).items() if name not in WORKED_OUT}
    told = {name: getattr(field, name) for name in DETAILS}
    lists = {"words": field.words or {}, "read_roles": field.read_roles or [], "write_roles": field.write_roles or []}
    return {"name": field.name, **told, **lists, "rules": rules}


def written(noun: str) -> str:
    """The file."""
    return json.dumps(definitions_of(noun), ensure_ascii=False, indent=2) + "\n"


def read(content: bytes) -> dict[str, Any]:
    """The definitions in a file; raises `Refused` for what is none."""
    if len(content) > LARGEST:
        raise Refused(fields={"file": _("The file is too large.")})
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as unreadable:
        raise Refused(fields={"file": _("This is not a file of fields: it can't be read as JSON.")}) from unreadable
    if not isinstance(found, dict) or found.get("format") != FORMAT or not has_shape(found):
        raise Refused(fields={"file": _("This is not a file of fields.")})
    if found.get("version") != VERSION:
        raise Refused(fields={"file": _("The file was written by another version of Medley.")})
    return found


def has_shape(found: Mapping[str, Any]) -> bool:
    """Whether each part of the file is of the sort it must be; what it says is judged by the acts."""
    arrangement = found.get("arrangement")
    return (
        found.keys() <= PARTS
        and isinstance(found.get("noun"), str)
        and isinstance(found.get("fields"), list)
        and all(is_a_field(one) for one in found["fields"])
        and (arrangement is None or is_an_arrangement(arrangement))
    )


def is_a_field(told: Any) -> bool:
    """Whether a part of the file may be a field."""
    if not isinstance(told, dict) or not told.keys() <= {"name", *DETAILS}:
        return False
    texts = all(isinstance(told.get(name, ""), str) for name in ("name", "title", "kind", "help"))
    flags = all(isinstance(told.get(name, False), bool) for name in DETAILS if name.startswith("is_"))
    lists = all(are_texts(told.get(name, [])) for name in ("read_roles", "write_roles"))
    rules = told.get("rules", {})
    return texts and flags and lists and are_languages(told.get("words", {})) and isinstance(rules, dict) and fit(rules)


def fit(rules: Mapping[str, Any]) -> bool:
    """Whether rules are made of texts and figures, and choices of what choices are made of."""
    choices = rules.get("choices", [])
    plain = all(isinstance(one, (str, int, bool, type(None))) for name, one in rules.items() if name != "choices")
    return plain and isinstance(choices, list) and all(is_a_choice(one) for one in choices)


def is_a_choice(told: Any) -> bool:
    """Whether a part of the file may be a choice of a field."""
    if not isinstance(told, dict) or not told.keys() <= {"code", "title", "words", "retired"}:
        return False
    return all(isinstance(told.get(name), str) for name in ("code", "title")) and are_languages(told.get("words") or {})


def is_an_arrangement(told: Any) -> bool:
    """Whether a part of the file may be an arrangement."""
    if not isinstance(told, dict) or told.keys() != {"sections", "hidden", "needed"}:
        return False
    sections = told["sections"]
    return (
        isinstance(sections, list) and all(is_a_section(one) for one in sections)
        and are_texts(told["hidden"]) and are_texts(told["needed"])
    )  # fmt: skip


def is_a_section(told: Any) -> bool:
    """Whether a part of the file may be a section."""
    if not isinstance(told, dict) or not {"key", "facts"} <= told.keys() <= SECTION:
        return False
    texts = isinstance(told["key"], str) and isinstance(told.get("title", ""), str)
    return texts and are_texts(told["facts"]) and are_languages(told.get("words") or {})


def are_texts(told: Any) -> bool:
    """Whether this is a list of texts."""
    return isinstance(told, list) and all(isinstance(one, str) for one in told)


def are_languages(told: Any) -> bool:
    """Whether these are texts by language."""
    return isinstance(told, dict) and all(
        isinstance(texts, dict) and all(isinstance(text, str) for text in texts.values()) for texts in told.values()
    )


@act("core.copy_fields", permission=MANAGE_FIELDS)
def bring_in(noun: str, found: Mapping[str, Any], by: Actor) -> int:
    """Make the fields and the arrangement of a file those of this hospital, all or none. How many fields it holds.

    Raises `Refused`, naming the field, for what does not hold together here: a kind that can't change any more, a
    noun or a role that is not there.
    """
    if found["noun"] != noun:
        raise Refused(fields={"file": _("The file is about %(noun)s.", noun=str(found["noun"])[:100])})
    present = {one.name: one for one in fields_of(noun)}
    for told in found["fields"]:
        name = str(told.get("name", ""))
        try:
            bring_in_field(noun, name, told, present.get(name), by)
        except Refused as refusal:
            raise Refused(fields={"file": about(name, refusal)}) from refusal
    if found.get("arrangement") is not None:
        try:
            arrange(noun, **found["arrangement"], by=by)
        except Refused as refusal:
            raise Refused(fields={"file": about(str(_("Arrangement")), refusal)}) from refusal
    return len(found["fields"])


def bring_in_field(noun: str, name: str, told: Mapping[str, Any], held: CustomField | None, by: Actor) -> None:
    """Add one field, or change the one that has its name."""
    details = FieldDetails(**{"title": "", "kind": "", **{one: told[one] for one in DETAILS if one in told}})
    known = {one.name for one in rights_book().roles.values()}
    strange = sorted({*details.read_roles, *details.write_roles} - known)
    if strange:
        raise Refused(fields={"read_roles": _("There is no role %(name)s here.", name=strange[0][:60])})
    if held is None:
        add_field(noun, name, details, by=by)
        return
    if held.is_retired:
        restore_field(held, by=by)
    edit_field(held, details, by=by)


def about(name: str, refusal: Refused) -> Words:
    """A refusal with the field it is about."""
    words = [str(one) for one in refusal.fields.values()] if refusal.fields else [str(refusal.message)]
    return f"{name[:60]}: {' '.join(words)}"
