"""Preparing a field for lists and the search: the records that were there before it, in steps, while people work."""

from collections.abc import Mapping
from typing import Any

import peewee

from core import clock
from core.actors import Actor
from core.acts import act
from core.jobs import Run, daily, job
from core.resources.custom.here import CustomFact, fact_of
from core.resources.custom.indexing import all_kept, bring_in_step
from core.resources.custom.models import CustomField, CustomIndex, PreparedField
from core.resources.words import keep_words
from core.roles.permissions import MANAGE_FIELDS
from core.sites import current, touch_revision
from core.storage import Model, model_of

AT_ONCE = 500


@job("core.index_field", permission=MANAGE_FIELDS, heavy=True)
def index_field(run: Run, uid: str) -> None:
    """Prepare a custom field for lists: go through the records that were there before it."""
    field = CustomField.get_or_none(CustomField.uid == uid, CustomField.retired_at.is_null())
    fact = fact_of(field) if field is not None else None
    model = model_of(*field.noun.split(".")) if field is not None else None
    if fact is None or model is None or not (fact.keeps_index or fact.is_searched):
        return
    total = model.select().count()
    state: Mapping[str, int] = run.cursor or {"after": 0, "done": 0}
    while state["after"] >= 0:
        state = fill_some(run, fact, model, state, total)
    if fact.keeps_index:
        fill_gaps(run, fact, model)
    finish_index(field, by=run.actor)


def fill_some(run: Run, fact: CustomFact, model: type[Model], state: Mapping[str, int], total: int) -> dict[str, int]:
    """Some hundreds of records in one step; the next state, which is -1 at the end."""
    with run.step():
        rows = some_records(model, model.id > state["after"])
        bring_in_step([fact] if fact.keeps_index else [], model, rows)
        if fact.is_searched:
            keep_words(model, rows)
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
    """Some hundreds of records, kept from changing meanwhile where the engine can."""
    query = model.select().where(condition).order_by(model.id).limit(AT_ONCE)
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
    for noun, facts in all_kept().items():
        model = model_of(*noun.split("."))
        for fact in facts if model is not None else ():
            if fact.keeps_index and fact.is_indexed and model is not None:
                fill_gaps(run, fact, model)
