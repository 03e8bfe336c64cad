"""Records as JSON and JSON as values, by the table of kinds; how a list is written is worked out once for it."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.actors import Actor
from core.errors import Words
from core.resources import Day, Fact, Kind, Lines, Moment, Resource, Unreadable, facts_here, writable
from core.resources.disclosing import disclose_named
from core.resources.finding import Row
from core.resources.writing import NEEDED, NO_SUCH_FACT, NOT_BY_YOU, is_empty, line_facts, line_values, lines_of
from core.storage import is_uid
from core.texts import _
from plugins.api.errors import Unfit

Writer = Callable[[Any], Any]
# What orjson writes as the kinds would: text, numbers, days, moments in UTC.
AS_IT_IS = frozenset({Kind.as_json, Day.as_json, Moment.as_json})
IN_A_LINE = re.compile(r"(.+)-([0-9]+)-(.+)")


# Records out.


def writers_for(facts: Mapping[str, Fact], names: Sequence[str]) -> list[tuple[str, Writer]]:
    """How the facts are written that are not JSON as they are."""
    found = []
    for name in names:
        kind: Any = facts[name].kind
        if type(kind).as_json not in AS_IT_IS:
            found.append((name, kind.as_json))
    return found


def row_json(row: Row, writers: list[tuple[str, Writer]]) -> dict[str, Any]:
    """One row of a list. The row's own values are written over: nobody else has them."""
    values = row.values
    for name, write in writers:
        value = values[name]
        if value is not None:
            values[name] = write(value)
    return {"uid": row.uid, "version": row.version, "retired_at": row.retired_at, **values}


def lines_json(lines: Lines, record: Row, by: Actor, condition: str) -> list[dict[str, Any]]:
    """The lines of a record, with what related records are called: each asked once for all lines."""
    held = lines_of(lines, record)
    found = [{"uid": line.uid} for line in held]
    for name, fact in line_facts(lines, by).items():
        kind: Any = fact.kind
        values = line_values(fact, held)
        disclose_named("api", fact, values, condition)
        for written, value in zip(found, values, strict=True):
            written[name] = None if value is None else kind.as_json(value)
    return found


# Values in.


def values_in(resource: Resource, body: Mapping[str, Any], by: Actor, verb: str) -> dict[str, Any]:
    """What an act is given, out of a body; raises `Unfit` naming all that does not fit, strange names included."""
    facts = writable(resource, by, verb)
    parts = {one.name: one for one in resource.lines}
    wrong: dict[str, Words] = {}
    values: dict[str, Any] = {}
    for name, given in body.items():
        if name in parts:
            values[name] = lines_in(parts[name], given, by, wrong, verb)
        elif name in facts:
            read(facts[name], given, f"/{escaped(name)}", name, values, wrong)
        else:
            wrong[f"/{escaped(name)}"] = NOT_BY_YOU if name in facts_here(resource) else NO_SUCH_FACT
    if wrong:
        raise Unfit(wrong)
    return values


def answers_in(facts: Sequence[Fact], body: Mapping[str, Any]) -> dict[str, Any]:
    """What an action asks for, out of a body; raises `Unfit`."""
    known = {fact.name: fact for fact in facts}
    wrong: dict[str, Words] = {}
    values: dict[str, Any] = {}
    for name, given in body.items():
        if name in known:
            read(known[name], given, f"/{escaped(name)}", name, values, wrong)
        else:
            wrong[f"/{escaped(name)}"] = NO_SUCH_FACT
    for name, fact in known.items():
        if name not in body and fact.default is not None:
            values[name] = fact.default() if callable(fact.default) else fact.default
        if fact.required and f"/{escaped(name)}" not in wrong and is_empty(values.get(name)):
            wrong[f"/{escaped(name)}"] = NEEDED
    if wrong:
        raise Unfit(wrong)
    return values


def lines_in(lines: Lines, given: Any, by: Actor, wrong: dict[str, Words], verb: str) -> list[dict[str, Any]]:
    """The lines of a record out of a list of objects."""
    at = f"/{escaped(lines.name)}"
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        wrong[at] = _("This must be a list of objects.")
        return []
    if len(given) > lines.most:
        wrong[at] = _("At most %(n)s of them.", n=lines.most)
        return []
    facts = line_facts(lines, by, is_written=True)
    return [line_in(line, facts, f"{at}/{number}", wrong, verb) for number, line in enumerate(given)]


def line_in(
    line: dict[str, Any], facts: Mapping[str, Fact], at: str, wrong: dict[str, Words], verb: str
) -> dict[str, Any]:
    """One line. A uid names a line that is there, so a new record has none."""
    values: dict[str, Any] = {}
    for name, given in line.items():
        pointer = f"{at}/{escaped(name)}"
        if name in facts:
            read(facts[name], given, pointer, name, values, wrong)
        elif name != "uid":
            wrong[pointer] = NO_SUCH_FACT
        elif not is_uid(given) or verb == "create":
            wrong[pointer] = _("This must be the uid of a line that is part of this record.")
        else:
            values["uid"] = given
    return values


def read(fact: Fact, given: Any, pointer: str, name: str, values: dict[str, Any], wrong: dict[str, Words]) -> None:
    """One value, or why it does not fit."""
    kind: Any = fact.kind
    try:
        values[name] = kind.from_json(given)
    except Unreadable as unfit:
        wrong[pointer] = unfit.words


def pointers_of(resource: Resource, fields: Mapping[str, Words]) -> dict[str, Words]:
    """Where in the body the fields lie that an act refused."""
    parts = {one.name for one in resource.lines}
    found: dict[str, Words] = {}
    for name, words in fields.items():
        inside = IN_A_LINE.fullmatch(name)
        if inside is not None and inside[1] in parts:
            found[f"/{escaped(inside[1])}/{inside[2]}/{escaped(inside[3])}"] = words
        else:
            found[f"/{escaped(name)}"] = words
    return found


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901), no longer than anybody reads."""
    return name[:100].replace("~", "~0").replace("/", "~1")


__all__ = [
    "answers_in",
    "escaped",
    "lines_json",
    "pointers_of",
    "row_json",
    "values_in",
    "writers_for",
]
