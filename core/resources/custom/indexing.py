"""The index lists go by: kept with each record in the same transaction, filled for records that were there before."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from core.resources.custom.here import COLUMN, CustomFact, fact_of, ready_fields, site_fields
from core.resources.custom.models import CustomIndex
from core.resources.custom.values import kept_in
from core.resources.kinds import Relation
from core.sites import current
from core.storage import Model
from core.storage.model import after_writing, before_writing

LOOKED_UP = 200
NOTHING = ""


def kept_facts(model: type[Model]) -> list[CustomFact]:
    """The facts of a noun that something is kept in step with; worked out once for each revision."""
    found: dict[str, list[CustomFact]] = current().state.keep("custom index", all_kept)
    return found.get(f"{model._meta.plugin}.{model._meta.noun}", [])


def indexed_facts(model: type[Model]) -> list[CustomFact]:
    """Those whose values are in the index."""
    return [fact for fact in kept_facts(model) if fact.keeps_index]


def searched_facts(model: type[Model]) -> list[CustomFact]:
    """Those the search finds records by."""
    return [fact for fact in kept_facts(model) if fact.is_searched]


def all_kept() -> dict[str, list[CustomFact]]:
    """The facts of all nouns that have any."""
    ready = ready_fields()
    facts = {noun: [fact_of(field, field.id in ready) for field in fields] for noun, fields in site_fields().items()}
    kept = {noun: [fact for fact in found if fact.keeps_index or fact.is_searched] for noun, found in facts.items()}
    return {noun: found for noun, found in kept.items() if found}


def know_first(record: Any) -> None:
    """Look the fields up before anything is written: what is loaded amid writes is not remembered."""
    kept_facts(type(record))


def keep_index(records: list[Any], columns: frozenset[str]) -> None:
    """Bring the index in step with records just written."""
    facts = indexed_facts(type(records[0])) if records else []
    if not facts:
        return
    if not columns:
        forget(facts, [record.id for record in records])
    elif COLUMN in columns or records[0].version == 1:
        bring_in_step(facts, type(records[0]), records)


def forget(facts: Iterable[CustomFact], ids: list[int]) -> None:
    """The records are gone."""
    of_these = CustomIndex.owner_id.in_(ids) & CustomIndex.field_id.in_([fact.field_id for fact in facts])
    CustomIndex.delete().where(of_these).execute()


def bring_in_step(facts: list[CustomFact], model: type[Model], records: Iterable[Any]) -> int:
    """Write what is missing and take away what is no more; counts the records. They may be rows of a query too."""
    held = list(records)
    unknown = [record.uid for record in held if record.id is None]
    asked: Any = model.select(model.uid, model.id).where(model.uid.in_(unknown)).tuples() if unknown else ()
    ids = {record.uid: record.id for record in held if record.id is not None} | dict(asked)
    wanted = {
        (fact.field_id, value, ids[record.uid]): only_one(fact, model, record)
        for record in held
        for fact in facts
        for value in values_of(fact, model, record)
    }
    of_these = CustomIndex.owner_id.in_(list(ids.values())) & CustomIndex.field_id.in_(
        [fact.field_id for fact in facts]
    )
    rows: Any = CustomIndex.select(
        CustomIndex.field_id, CustomIndex.value, CustomIndex.owner_id, CustomIndex.only_one
    ).where(of_these)
    present = {(field, value, owner): single for field, value, owner, single in rows.tuples()}
    for field_id, value, owner_id in [key for key, single in present.items() if wanted.get(key, key) != single]:
        CustomIndex.delete().where(
            CustomIndex.field_id == field_id, CustomIndex.value == value, CustomIndex.owner_id == owner_id
        ).execute()
    fresh = [(*key, single) for key, single in wanted.items() if key not in present or present[key] != single]
    for start in range(0, len(fresh), LOOKED_UP):
        CustomIndex.insert_many(
            fresh[start : start + LOOKED_UP],
            fields=[CustomIndex.field_id, CustomIndex.value, CustomIndex.owner_id, CustomIndex.only_one],
        ).execute()
    return len(held)


def values_of(fact: CustomFact, model: type[Model], record: Any) -> tuple[str, ...]:
    """The values of a record as the index has them; one without any has the empty text."""
    kept = kept_in(fact, model, record.uid, record.custom)
    kind: Any = fact.kind
    if isinstance(kind, Relation):
        return (str(kept),) if kept else (NOTHING,)
    return kind.keys(kind.unstored(kept)) or (NOTHING,)


def only_one(fact: CustomFact, model: type[Model], record: Any) -> str | None:
    """What no other record may have, for a field that says so."""
    kept = kept_in(fact, model, record.uid, record.custom) if fact.is_unique else None
    return None if kept is None else digest_of(kept)


def digest_of(kept: Any) -> str:
    """A value whatever its capitals, for comparing."""
    return hashlib.sha256(json.dumps(kept, sort_keys=True).casefold().encode()).hexdigest()


before_writing.append(know_first)
after_writing.append(keep_index)
