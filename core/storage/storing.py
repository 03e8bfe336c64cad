"""How the columns of a record become what the database stores, worked out once for each model."""

from collections.abc import Callable
from functools import cache
from typing import Any

Storing = tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def storing_of(model: Any) -> Storing:
    """Each column but the id, with what makes its stored form."""
    return tuple((field.name, field.db_value) for field in model._meta.sorted_fields if field.name != "id")


def stored_form(record: Any) -> dict[str, Any]:
    """What a new record is stored as, column by column."""
    held, model = record.__data__, record.__class__
    return {name: None if (value := held.get(name)) is None else store(value) for name, store in storing_of(model)}
