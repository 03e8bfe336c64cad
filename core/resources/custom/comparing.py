"""Narrowing a list by a custom field, and putting it in the order of one: both go by the index of values.

A value few records have drives the statement; one that many have is looked up beside each row of the list's own
order. Which of the two it is, a count that stops early tells.
"""

from collections.abc import Sequence
from typing import Any

import peewee

from core.resources.custom.here import CustomFact
from core.resources.custom.indexing import NOTHING
from core.resources.custom.models import CustomIndex
from core.resources.kinds import Picked
from core.storage import Model
from core.storage.prepared import prepared

# With so many records of a value, looking beside each row of the order is the cheaper way.
MANY = 2000


def picked_keys(fact: CustomFact, picked: Picked) -> list[Any]:
    """What is compared, as the index has it: the field, then the values; several of one facet are a list."""
    kind: Any = fact.kind
    if picked.how == "empty":
        return [fact.field_id]
    found = [key for value in picked.values for key in key_of(kind, value)[:1]]
    if picked.how == "in":
        return [fact.field_id, found if len(found) > 1 else found[0]]
    return [fact.field_id, *found]


def key_of(kind: Any, value: Any) -> tuple[str, ...]:
    """One value that was picked, as the index has it; a single choice of several is a list of one."""
    found: tuple[str, ...] = kind.keys([value]) if kind.name == "choices" else kind.keys(value)
    return found or (NOTHING,)


def compared(index: Any, how: str, field: Any, values: Sequence[Any]) -> list[Any]:
    """The conditions on a row of the index."""
    same = [index.field_id == field]
    match how:
        case "empty":
            return [*same, index.value == NOTHING]
        case "in":
            one = values[0]
            return [*same, index.value.in_(one) if isinstance(one, list) else index.value == one]
        case "from":
            return [*same, index.value >= values[0]]
        case "until":
            return [*same, index.value <= values[0], index.value > NOTHING]
    return [*same, index.value >= values[0], index.value <= values[1]]


def condition(model: type[Model], how: str, given: Sequence[Any], is_rare: bool) -> Any:
    """The condition that a record has what was picked. `given` is what `picked_keys` says, or placeholders for it."""
    index = CustomIndex.alias()
    conditions = compared(index, how, given[0], given[1:])
    key = model._meta.fields["id"]
    if is_rare:
        return key.in_(index.select(index.owner_id).where(*conditions))
    return peewee.fn.EXISTS(index.select(peewee.SQL("1")).where(index.owner_id == key, *conditions))


def is_rare(fact: CustomFact, picked: Picked) -> bool:
    """Whether few records have what was picked."""
    keys = picked_keys(fact, picked)
    found = few(picked.how, len(keys))(*keys)
    return bool(found[0][0] <= MANY)


_counts: dict[tuple[str, int], Any] = {}


def few(how: str, size: int) -> Any:
    """The count that stops early, made once for each way of comparing."""
    if (how, size) not in _counts:

        def build(field: Any, *values: Any) -> Any:
            inner = CustomIndex.select(peewee.SQL("1").alias("found")).where(*compared(CustomIndex, how, field, values))
            return CustomIndex.select(peewee.fn.COUNT(peewee.SQL("1"))).from_(inner.limit(MANY + 1)).tuples()

        _counts[(how, size)] = prepared(build)
    return _counts[(how, size)]
