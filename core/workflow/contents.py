"""A definition as it is kept, taken out and brought in: plain JSON, and the states and transitions it stands for.

    {"states": [{"name": "requested", "title": "Requested", "kind": "asked", "fhir": "", "phase": ""}, …],
     "transitions": [{"name": "approve", "title": "Approve", "start": ["requested"], "to": "approved",
                      "permission": "staff.decide_leave", "needs": [], "asks": ["note"], "condition": "not is_own",
                      "words": "…", "effects": [], "is_danger": false, "icon": ""}, …]}

A record begins in the first state. Titles the plugin shipped are translated; a site's own are shown as written.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from core.errors import Refused, Words
from core.texts import Text, _
from core.workflow.declaring import State, Transition, Workflow

LONGEST_TITLE = 60
LONGEST_WORDS = 200
MOST = 100
SHAPES: dict[str, dict[str, type]] = {
    "states": {"name": str, "title": str, "kind": str, "fhir": str, "phase": str},
    "transitions": {
        "name": str, "title": str, "start": list, "to": str, "permission": str, "needs": list, "asks": list,
        "condition": str, "words": str, "effects": list, "is_danger": bool, "icon": str,
    },
}  # fmt: skip
NEEDED = {"states": ("name", "title", "kind"), "transitions": ("name", "title", "start", "to", "permission")}
EMPTY: dict[type, Any] = {str: "", list: [], bool: False}
LONGEST = {"title": LONGEST_TITLE, "condition": 500, "name": 40, "kind": 40, "to": 40}


def shipped_content(workflow: Workflow) -> dict[str, Any]:
    """What the plugin ships."""
    return content_of(workflow.states, workflow.transitions)


def content_of(states: tuple[State, ...], transitions: tuple[Transition, ...]) -> dict[str, Any]:
    """States and transitions as JSON."""
    return {
        "states": [shaped("states", asdict(one)) for one in states],
        "transitions": [shaped("transitions", asdict(one)) for one in transitions],
    }


def shaped(part: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """One state or transition as JSON keeps it: every fact there, texts as they are written."""
    found = {}
    for name, kind in SHAPES[part].items():
        value = facts.get(name, EMPTY[kind])
        found[name] = list(value) if kind is list else value.message if isinstance(value, Text) else value
    return found


def digest_of(content: Mapping[str, Any]) -> str:
    """What tells two definitions apart."""
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def read_content(given: Any) -> dict[str, Any]:
    """A definition out of anything that may stand in a file; raises `Refused`, naming the place that does not fit."""
    if not isinstance(given, Mapping) or set(given) - set(SHAPES):
        raise Refused(_("A workflow has states and transitions, and nothing else."))
    wrong: list[Words] = []
    found: dict[str, Any] = {}
    for part in SHAPES:
        entries = given.get(part)
        if not isinstance(entries, list) or not entries or len(entries) > MOST:
            raise Refused(_("%(part)s: a list of 1 to %(n)s.", part=part, n=MOST))
        for position, entry in enumerate(entries, 1):
            wrong += wrong_in(part, position, entry)
        found[part] = [shaped(part, entry) if isinstance(entry, Mapping) else {} for entry in entries]
    if wrong:
        raise Refused(" ".join(str(one) for one in wrong))
    return found


def wrong_in(part: str, position: int, entry: Any) -> Iterator[Words]:
    """What can't be read of one state or transition."""
    place = {"part": part, "n": position}
    if not isinstance(entry, Mapping):
        yield _("%(part)s %(n)s: this must be an object.", **place)
        return
    for name in entry:
        if name not in SHAPES[part]:
            yield _("%(part)s %(n)s: there is no “%(name)s”.", name=str(name)[:40], **place)
    for name, kind in SHAPES[part].items():
        value = entry.get(name, EMPTY[kind])
        fits = isinstance(value, kind) and (not isinstance(value, list) or all(isinstance(one, str) for one in value))
        if not fits:
            yield _("%(part)s %(n)s: “%(name)s” is of the wrong sort.", name=name, **place)
        elif name in NEEDED[part] and not value:
            yield _("%(part)s %(n)s: “%(name)s” is missing.", name=name, **place)
        elif isinstance(value, str) and len(value) > LONGEST.get(name, LONGEST_WORDS):
            yield _("%(part)s %(n)s: “%(name)s” is too long.", name=name, **place)


def parts_of(workflow: Workflow, content: Mapping[str, Any]) -> tuple[dict[str, State], dict[str, Transition]]:
    """The states and transitions of a definition that was read, with the plugin's words where they are unchanged."""
    shipped_states = {one.name: one for one in workflow.states}
    shipped_ways = {one.name: one for one in workflow.transitions}
    states = {
        one["name"]: State(**{**one, "title": own(one["title"], shipped_states.get(one["name"]), "title")})
        for one in content["states"]
    }
    transitions = {}
    for one in content["transitions"]:
        shipped = shipped_ways.get(one["name"])
        facts: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in one.items()
        }
        facts |= {name: own(one[name], shipped, name) for name in ("title", "words")}
        transitions[one["name"]] = Transition(**facts, is_required=shipped is not None and shipped.is_required)
    return states, transitions


def own(written: str, shipped: Any, name: str) -> Words:
    """A text as it is written, or the plugin's translatable one where it is the same."""
    theirs = getattr(shipped, name, "")
    return theirs if isinstance(theirs, Text) and theirs.message == written else written
