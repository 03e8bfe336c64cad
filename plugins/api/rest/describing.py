"""The door described for programs: OpenAPI 3.1 out of the nouns of the site, so far as the reader may use them."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.actors import Actor
from core.resources import Fact, Lines, Resource, actions_here, readable, writable
from core.resources.declaring import settled
from core.resources.narrowing import LONGEST_WORDS, is_facet, readable_orders
from core.resources.writing import line_facts
from core.sites import current_site
from core.texts import _
from plugins.api.rest.listing import FEWEST, MOST, USUAL
from plugins.api.rest.nouns import RESTORE, RETIRE, address_of, open_nouns
from plugins.api.rest.records import LONGEST_REASON
from plugins.api.rest.schemas import (
    PROBLEM,
    given,
    named,
    object_of,
    ref,
    taken,
)
from plugins.api.services.confirming import LONGEST

Schema = dict[str, Any]
JSON = "application/json"
PROBLEM_MEDIA = "application/problem+json"
VERSION = "1.0.0"


def description(by: Actor) -> Schema:
    """The whole document."""
    paths: Schema = {}
    schemas: Schema = {"Problem": PROBLEM}
    for resource in open_nouns(by):
        paths |= paths_of(resource, by)
        schemas |= schemas_of(resource, by)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{current_site().title} · Medley",
            "version": VERSION,
            "description": str(
                _("Every noun of the hospital, by the same acts and rights as its pages. A list is read with cursors.")
            ),
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "tags": [{"name": one.name, "description": str(one.about or one.title)} for one in open_nouns(by)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": str(_("A token of this hospital.")),
                },
                "session": {"type": "apiKey", "in": "cookie", "name": "medley_session"},
            },
        },
    }


def paths_of(resource: Resource, by: Actor) -> Schema:
    """The addresses of one noun."""
    acts = resource.acts
    one, many = address_of(resource, "{uid}"), address_of(resource)
    listed: Schema = {"get": operation(resource, "list", resource.title, page_of(resource), asked_of(resource, by))}
    if may(by, acts.permission_to("create")):
        listed["post"] = operation(
            resource,
            "create",
            _("Enter one"),
            shown(resource),
            [KEY, *([CONFIRMATION] if acts.confirms else [])],
            sends(ref(resource, "New")),
            201,
        )
    single: Schema = {"get": operation(resource, "read", resource.one, shown(resource), [UID, fields_of(resource, by)])}
    if may(by, acts.permission_to("edit")):
        single["patch"] = operation(
            resource, "change", _("Change the facts that are sent"), shown(resource), [UID, VERSION_SEEN, KEY],
            sends(ref(resource, "Change")),
        )  # fmt: skip
    if may(by, acts.permission_to("retire")):
        single["delete"] = operation(
            resource, "retire", _("Take out of use"), shown(resource), [UID, VERSION_SEEN, KEY], sends(REASON)
        )
    found: Schema = {many: listed, one: single, f"{many}/search": {"post": search_of(resource, by)}}
    for name, act in actions_of(resource, by).items():
        found[f"{one}/actions/{name}"] = {"post": act}
    return found


def actions_of(resource: Resource, by: Actor) -> Schema:
    """What else can be done with a record."""
    found: Schema = {}
    acts, answer = resource.acts, shown(resource)
    if may(by, acts.permission_to("retire")):
        asked = [UID, VERSION_SEEN, KEY]
        found[RETIRE] = operation(resource, f"do_{RETIRE}", _("Take out of use"), answer, asked, sends(REASON))
    if may(by, acts.permission_to("restore")):
        found[RESTORE] = operation(resource, RESTORE, _("Bring back into use"), answer, [UID, KEY])
    for one in actions_here(resource):
        if not may(by, one.asks_for):
            continue
        facts = {fact.name: settled(fact, resource.model) for fact in one.facts}
        needed = [name for name, fact in facts.items() if fact.required and fact.default is None]
        body = sends(object_of({name: taken(fact) for name, fact in facts.items()}, needed), bool(needed))
        found[one.name] = operation(resource, f"do_{one.name}", one.label, answer, [UID, KEY], body)
    return found


def may(by: Actor, permission: str) -> bool:
    """Whether something is there and open."""
    return bool(permission) and by.may(permission)


def search_of(resource: Resource, by: Actor) -> Schema:
    """The list by words."""
    facets = {name: {"type": "string"} for name in facets_of(resource, by)}
    parts: Schema = {
        "words": {"type": "string", "maxLength": LONGEST_WORDS},
        "filter": object_of(facets),
        "sort": {"type": "string", "enum": orders_of(resource, by)},
        "fields": {"type": "array", "items": {"type": "string", "enum": [*readable(resource, by)]}, "minItems": 1},
        "limit": {"type": "integer", "minimum": FEWEST, "maximum": MOST},
        "cursor": {"type": "string"},
        "count": {"type": "boolean"},
        "retired": {"type": "boolean"},
    }
    words = _("Find by words; the body keeps them out of addresses and logs")
    return operation(resource, "search", words, page_of(resource), [], sends(object_of(parts), False))


# Parts of an operation.


def operation(
    resource: Resource,
    verb: str,
    summary: Any,
    answer: Schema,
    parameters: Sequence[Schema],
    body: Schema | None = None,
    status: int = 200,
) -> Schema:
    """One thing that can be asked."""
    headers: Schema = {} if verb in ("list", "search") else {"ETag": {"schema": {"type": "string"}}}
    if status == 201:
        headers["Location"] = {"schema": {"type": "string"}}
    found: Schema = {
        "operationId": f"{verb}_{resource.name.replace('.', '_')}",
        "summary": str(summary),
        "tags": [resource.name],
        "parameters": list(parameters),
        "responses": {
            str(status): {"description": str(resource.one), "headers": headers, "content": {JSON: {"schema": answer}}},
            "default": {
                "description": str(_("What did not go, and why")),
                "content": {PROBLEM_MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if verb not in ("list", "read", "search", "create"):
        found["responses"]["204"] = {"description": str(_("Done; the record is open to you no more"))}
    if body is not None:
        found["requestBody"] = body
    return found


def sends(schema: Schema, is_needed: bool = True) -> Schema:
    """A body."""
    return {"required": is_needed, "content": {JSON: {"schema": schema}}}


def parameter(name: str, where: str, schema: Schema, words: Any = "", is_needed: bool = False) -> Schema:
    """Something an address or a header says."""
    found: Schema = {"name": name, "in": where, "required": is_needed, "schema": schema}
    return {**found, "description": str(words)} if words else found


UID = parameter("uid", "path", {"type": "string", "format": "uuid"}, is_needed=True)
KEY = parameter("Idempotency-Key", "header", {"type": "string", "pattern": "^[!-~]{1,200}$"})
CONFIRMATION = parameter(
    "Confirmation",
    "header",
    {"type": "string", "maxLength": LONGEST},
    _("`confirmation` of the 409 that asked, to say yes to its question: good for the same body, for 15 minutes"),
)
VERSION_SEEN = parameter("If-Match", "header", {"type": "string", "pattern": '^"[0-9]{1,12}"$'}, is_needed=True)
REASON = object_of({"reason": {"type": "string", "minLength": 1, "maxLength": LONGEST_REASON}}, ["reason"])


def asked_of(resource: Resource, by: Actor) -> list[Schema]:
    """What the address of a list may say."""
    found = [
        parameter(name, "query", {"type": "string"}, _("Narrows: a,b or from..until or - for none"))
        for name in facets_of(resource, by)
    ]
    yes = {"type": "string", "enum": ["true", "false"]}
    return [
        *found,
        parameter("sort", "query", {"type": "string", "enum": orders_of(resource, by)}, _("- is largest first")),
        fields_of(resource, by),
        parameter("limit", "query", {"type": "integer", "minimum": FEWEST, "maximum": MOST, "default": USUAL}),
        parameter("cursor", "query", {"type": "string"}, _("`next` or `previous` of a page")),
        parameter("count", "query", yes, _("Count the rows too, exactly up to a thousand")),
        parameter("retired", "query", yes, _("With those out of use")),
    ]


def fields_of(resource: Resource, by: Actor) -> Schema:
    """Which facts are wanted."""
    names = {"type": "array", "items": {"type": "string", "enum": [*readable(resource, by)]}, "minItems": 1}
    return {**parameter("fields", "query", names, _("Only these facts")), "style": "form", "explode": False}


def facets_of(resource: Resource, by: Actor) -> list[str]:
    """What a list can be narrowed by."""
    return [name for name in readable(resource, by) if is_facet(resource, name)]


def orders_of(resource: Resource, by: Actor) -> list[str]:
    """The sorts, both ways."""
    return [f"{sign}{name}" for name in readable_orders(resource, by) for sign in ("", "-")]


def shown(resource: Resource) -> Schema:
    """A record."""
    return ref(resource)


def page_of(resource: Resource) -> Schema:
    """A page of records."""
    place = {"type": ["string", "null"]}
    parts: Schema = {
        "items": {"type": "array", "items": ref(resource)}, "next": place, "previous": place,
        "count": {"type": "integer"}, "count_is_exact": {"type": "boolean"},
    }  # fmt: skip
    return object_of(parts, ["items", "next", "previous"])


# Schemas of a noun.


def schemas_of(resource: Resource, by: Actor) -> Schema:
    """What a record looks like, what a new one takes, and what a change takes."""
    moment = {"type": ["string", "null"], "format": "date-time"}
    known: Schema = {"uid": {"type": "string", "format": "uuid"}, "version": {"type": "integer"}, "retired_at": moment}
    known |= {name: described(fact, given(fact)) for name, fact in readable(resource, by).items()}
    known |= {one.name: list_of(one, line_given(one, by)) for one in resource.lines}
    found = {named(resource): object_of(known, ["uid", "version"])}
    if may(by, resource.acts.permission_to("create")):
        facts = writable(resource, by, "create")
        needed = [name for name, fact in facts.items() if fact.required and fact.default is None and fact.when is None]
        found[named(resource, "New")] = object_of(asked_in(resource, facts, by, is_new=True), needed)
    if may(by, resource.acts.permission_to("edit")):
        found[named(resource, "Change")] = object_of(asked_in(resource, writable(resource, by), by))
    return found


def asked_in(resource: Resource, facts: Mapping[str, Fact], by: Actor, is_new: bool = False) -> Schema:
    """What may be sent of a record."""
    found: Schema = {name: described(fact, taken(fact)) for name, fact in facts.items()}
    for one in resource.lines:
        parts = {name: described(fact, taken(fact)) for name, fact in line_facts(one, by, is_written=True).items()}
        own = {} if is_new else {"uid": {"type": "string", "format": "uuid"}}
        found[one.name] = {**list_of(one, object_of(own | parts)), "maxItems": one.most}
    return found


def line_given(lines: Lines, by: Actor) -> Schema:
    """A line as it is shown."""
    facts = {name: described(fact, given(fact)) for name, fact in line_facts(lines, by).items()}
    return object_of({"uid": {"type": "string", "format": "uuid"}, **facts}, ["uid"])


def list_of(lines: Lines, schema: Schema) -> Schema:
    """The lines of a record."""
    return {"type": "array", "items": schema, "title": str(lines.title)}


def described(fact: Fact, schema: Schema) -> Schema:
    """A fact by what it is called."""
    found = {**schema, "title": str(fact.label)}
    return {**found, "description": str(fact.help)} if fact.help else found


__all__ = ["description"]
