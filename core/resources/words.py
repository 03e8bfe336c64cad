"""Free text in a list: a noun's own search, or the tokens the platform keeps of the facts it is found by."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import peewee

from core.resources.custom.here import COLUMN
from core.resources.custom.indexing import searched_facts
from core.resources.custom.values import value_in
from core.resources.declaring import Resource
from core.resources.models import SearchToken
from core.sites import current_site
from core.storage import Model
from core.storage.journal.writer import insert_rows
from core.storage.model import after_writing
from core.storage.search import asked, tokens
from core.storage.transactions import open_transaction

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
    return first_tokens(found)


def first_tokens(found: set[str]) -> set[str]:
    """No more of them than are kept of one record."""
    return found if len(found) <= MOST_TOKENS else set(sorted(found)[:MOST_TOKENS])


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
    own = {resource.by_name[name].column for name in resource.searched}
    if searched_facts(type(records[0])):
        own.add(COLUMN)
    if columns and columns.isdisjoint(own):
        return
    if not columns:
        for record in records:
            open_transaction().gather(Found(resource.name, record.id, set(), False), store_words)
        return
    keep_words(type(records[0]), records, may_be_new=True)


def keep_words(model: type[Model], records: list[Any], may_be_new: bool = False) -> None:
    """Store the words of these records, those of the site's own fields too."""
    resource = _found_by_words.get(model)
    if resource is None:
        return
    own = [resource.by_name[name].column for name in resource.searched]
    added = searched_facts(model)
    ids = ids_of(model, records)
    transaction = open_transaction()
    for record in records:
        found = tokens_of(record, own)
        for fact in added:
            found |= tokens(str(value_in(fact, model, record.uid, record.custom) or ""))
        wanted = first_tokens(found)
        is_new = may_be_new and record.version == 1
        transaction.gather(Found(resource.name, ids[record.uid], wanted, is_new), store_words)


class Found(NamedTuple):
    """What one record is found by from now on; a new one was not found by anything before."""

    noun: str
    owner_id: int
    wanted: set[str]
    is_new: bool


def ids_of(model: type[Model], records: list[Any]) -> dict[str, int]:
    """The ids of records; those written in bulk don't know their own."""
    unknown = [record.uid for record in records if record.id is None]
    rows: Any = model.select(model.uid, model.id).where(model.uid.in_(unknown)).tuples() if unknown else ()
    return {record.uid: record.id for record in records if record.id is not None} | dict(rows)


def store_words(items: list[Found]) -> None:
    """Store the words of records written in one transaction, and forget those they have no more."""
    latest = {(one.noun, one.owner_id): one for one in items}
    fresh: list[tuple[str, str, int]] = []
    for one in latest.values():
        present = set() if one.is_new else present_words(one)
        gone = sorted(present - one.wanted)
        if gone:
            own = (SearchToken.noun == one.noun) & (SearchToken.owner_id == one.owner_id)
            SearchToken.delete().where(own, SearchToken.token.in_(gone)).execute()
        fresh += [(one.noun, token, one.owner_id) for token in one.wanted - present]
    if fresh:
        fresh.sort()  # as the index has them: neighbours are written together
        insert_rows(current_site().database, "core_search_token", ("noun", "token", "owner_id"), fresh)


def present_words(one: Found) -> set[str]:
    """What a record was found by until now."""
    own = (SearchToken.noun == one.noun) & (SearchToken.owner_id == one.owner_id)
    rows: Any = SearchToken.select(SearchToken.token).where(own).tuples()
    return {token for (token,) in rows}


after_writing.append(keep_tokens)
