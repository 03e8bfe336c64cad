"""The index lists go by: kept with each record in the same transaction, filled for records that were there before."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import peewee

from core import clock
from core.actors import Actor
from core.acts import act
from core.jobs import Run, daily, job
from core.resources.custom.here import COLUMN, CustomFact, fact_of, ready_fields, site_fields
from core.resources.custom.models import CustomField, CustomIndex, PreparedField
from core.resources.custom.values import kept_in
from core.resources.kinds import Relation
from core.roles.permissions import MANAGE_FIELDS
from core.sites import current, touch_revision
from core.storage import Model, model_of
from core.storage.model import after_writing, before_writing

AT_ONCE = 500
LOOKED_UP = 200
NOTHING = ""


def indexed_facts(model: type[Model]) -> list[CustomFact]:
    """The facts of a noun whose values are kept in the index; worked out once for each revision."""
    found: dict[str, list[CustomFact]] = current().state.keep("custom index", all_indexed)
    return found.get(f"{model._meta.plugin}.{model._meta.noun}", [])


def all_indexed() -> dict[str, list[CustomFact]]:
    """The same for all nouns that have any."""
    ready = ready_fields()
    facts = {noun: [fact_of(field, field.id in ready) for field in fields] for noun, fields in site_fields().items()}
    kept = {noun: [fact for fact in found if fact.keeps_index] for noun, found in facts.items()}
    return {noun: found for noun, found in kept.items() if found}


def know_first(record: Any) -> None:
    """Look the fields up before anything is written: what is loaded amid writes is not remembered."""
    indexed_facts(type(record))


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


# Records that were there before the field.


@job("core.index_field", permission=MANAGE_FIELDS, heavy=True)
def index_field(run: Run, uid: str) -> None:
    """Prepare a custom field for lists: go through the records that were there before it."""
    field = CustomField.get_or_none(CustomField.uid == uid, CustomField.retired_at.is_null())
    fact = fact_of(field) if field is not None else None
    model = model_of(*field.noun.split(".")) if field is not None else None
    if fact is None or model is None or not fact.keeps_index:
        return
    total = model.select().count()
    state: Mapping[str, int] = run.cursor or {"after": 0, "done": 0}
    while state["after"] >= 0:
        state = fill_some(run, fact, model, state, total)
    fill_gaps(run, fact, model)
    finish_index(field, by=run.actor)


def fill_some(run: Run, fact: CustomFact, model: type[Model], state: Mapping[str, int], total: int) -> dict[str, int]:
    """Some hundreds of records in one step; the next state, which is -1 at the end."""
    with run.step():
        rows = some_records(model, model.id > state["after"])
        bring_in_step([fact], model, rows)
        done = state["done"] + len(rows)
        after = rows[-1].id if len(rows) == AT_ONCE else -1
        run.cursor = {"after": after, "done": done}
        run.progress(min(done, total), total)
    return {"after": after, "done": done}


def fill_gaps(run: Run, fact: CustomFact, model: type[Model]) -> None:
    """Records that were entered while nobody knew the field yet."""
    having = CustomIndex.select(CustomIndex.owner_id).where(
        CustomIndex.owner_id == model.id, CustomIndex.field_id == fact.field_id
    )
    while True:
        with run.step():
            rows = some_records(model, ~peewee.fn.EXISTS(having))
            if not rows:
                return
            bring_in_step([fact], model, rows)


def some_records(model: type[Model], condition: Any) -> list[Any]:
    """Some hundreds of records as the index needs them, kept from changing meanwhile where the engine can."""
    query = model.select(model.id, model.uid, model.custom).where(condition).order_by(model.id).limit(AT_ONCE)
    return list(query if current().site.engine == "sqlite" else query.for_update())


@act("core.finish_index", permission=MANAGE_FIELDS)
def finish_index(field: CustomField, by: Actor) -> None:
    """Let lists go by a field from now on."""
    PreparedField.delete().where(PreparedField.field_id == field.id).execute()
    PreparedField.insert(field_id=field.id, at=clock.now()).execute()
    touch_revision()


def not_ready(field: CustomField) -> None:
    """The index of a field is no longer what the field says; lists don't go by it until it is prepared again."""
    PreparedField.delete().where(PreparedField.field_id == field.id).execute()


@job("core.check_custom_index", system="housekeeping", schedule=daily("03:50"))
def check_custom_index(run: Run) -> None:
    """Find records that were entered by work that began before a field was there."""
    for noun, facts in all_indexed().items():
        model = model_of(*noun.split("."))
        for fact in facts if model is not None else ():
            if fact.is_indexed and model is not None:
                fill_gaps(run, fact, model)


before_writing.append(know_first)
after_writing.append(keep_index)
