"""Records of a noun to choose from, while somebody types."""

from typing import Any

from core.actors import Actor
from core.resources.catalogue import readable
from core.resources.declaring import Resource
from core.resources.disclosing import disclose
from core.resources.finding import Query, Row, fetch, query_of
from core.resources.narrowing import narrowed
from core.roles.visibility import NO_ROWS

MOST = 12
DETAILS = 3


def options_for(resource: Resource, words: str, by: Actor) -> list[dict[str, Any]]:
    """At most a dozen records that fit the words, with what tells twins apart."""
    query = query_of(resource, narrowed(resource, {"words": words}, by), by)
    return [option(query, row) for row in rows_for(query, by)]


def rows_for(query: Query, by: Actor) -> list[Row]:
    """The rows, and the note of whom they show."""
    if query.sight is NO_ROWS:
        return []
    names = names_of(query.resource, by)
    found = fetch(query, names, None, MOST)
    disclose(query, found, names, "search")
    return found


def names_of(resource: Resource, by: Actor) -> list[str]:
    """The fact that names a record, then the first that a list shows."""
    known = readable(resource, by)
    wanted = [resource.named_by, *(name for name in resource.shown_first if name != resource.named_by)]
    return [name for name in wanted if name in known][: DETAILS + 1]


def option(query: Query, row: Row) -> dict[str, Any]:
    """One record as the field shows it."""
    facts = query.resource.by_name
    label, *details = [str(facts[name].kind.words(value)) for name, value in row.values.items()]  # type: ignore[union-attr]
    return {"uid": row.uid, "label": label, "detail": " · ".join(one for one in details if one)}
