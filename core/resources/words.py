"""Free text in a list: a noun's own search, or the tokens the platform keeps of the facts it is found by."""

from collections.abc import Iterable
from typing import Any

import peewee

from core.resources.declaring import Resource
from core.resources.models import SearchToken
from core.storage import Model
from core.storage.model import after_writing
from core.storage.search import asked, tokens

MOST_TOKENS = 200


def words_condition(resource: Resource, words: str) -> Any:
    """The condition that a record has every word that was typed."""
    if resource.search is not None:
        return resource.search(words)
    wanted = asked(words)
    if not wanted:
        return peewee.SQL("1 = 0")
    found: Any = None
    for one in wanted:
        having = SearchToken.select(SearchToken.owner_id).where(
            SearchToken.noun == resource.name, SearchToken.token.in_(list(one.tokens))
        )
        inside = resource.model.id.in_(having)
        found = inside if found is None else found & inside
    return found


def tokens_of(record: Model, facts: Iterable[str]) -> set[str]:
    """Everything a record is found by."""
    found: set[str] = set()
    for name in facts:
        found |= tokens(str(record.__data__.get(name) or ""))
    return set(sorted(found)[:MOST_TOKENS])


# The nouns of this process that are found by words, by model; `serve` puts them here.
_found_by_words: dict[type[Model], Resource] = {}


def find_by_words(resource: Resource) -> None:
    """Keep the words of a noun's records from now on."""
    if resource.searched:
        _found_by_words[resource.model] = resource


def keep_tokens(records: list[Any], columns: frozenset[str]) -> None:
    """Bring the words of records just written in step with them."""
    resource = _found_by_words.get(type(records[0])) if records else None
    if resource is None:
        return
    own = [resource.by_name[name].column for name in resource.searched]
    if columns and columns.isdisjoint(own):
        return
    ids = ids_of(type(records[0]), records)
    for record in records:
        write_tokens(resource, ids[record.uid], tokens_of(record, own) if columns else set())


def ids_of(model: type[Model], records: list[Any]) -> dict[str, int]:
    """The ids of records; those written in bulk don't know their own."""
    unknown = [record.uid for record in records if record.id is None]
    rows: Any = model.select(model.uid, model.id).where(model.uid.in_(unknown)).tuples() if unknown else ()
    return {record.uid: record.id for record in records if record.id is not None} | dict(rows)


def write_tokens(resource: Resource, owner_id: int, wanted: set[str]) -> None:
    """Store the words of one record, and forget those it has no more."""
    own = (SearchToken.noun == resource.name) & (SearchToken.owner_id == owner_id)
    rows: Any = SearchToken.select(SearchToken.token).where(own).tuples()
    present = {token for (token,) in rows}
    gone = sorted(present - wanted)
    if gone:
        SearchToken.delete().where(own, SearchToken.token.in_(gone)).execute()
    fresh = [{"noun": resource.name, "token": token, "owner_id": owner_id} for token in sorted(wanted - present)]
    if fresh:
        SearchToken.insert_many(fresh).execute()


after_writing.append(keep_tokens)
