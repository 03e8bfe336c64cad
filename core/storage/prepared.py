"""Queries whose statement is made once.

On a page asked a hundred times a minute, Peewee's own work costs more than the database's.

    @prepared
    def flags_in_force(patient, today):
        return Flag.select().where(Flag.patient == patient, Flag.until_on >= today)

    flags_in_force(patient.id, clock.today(zone))
"""

import functools
from collections.abc import Callable
from typing import Any

import peewee

from core.sites import current_site

MOST_SHAPES = 300


class _Slot(peewee.Node):
    """Stands in a query where an argument will be; it remembers how the field beside it stores a value."""

    def __init__(self, position: int) -> None:
        self.position = position

    def __sql__(self, ctx: Any) -> Any:
        ctx._values.append((self.position, ctx.state.converter))
        return ctx.literal(ctx.state.param or "?")


def prepared(build: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Make a query of a function of values; called with them, it gives the rows the query selects.

    The function is asked once for each engine and shape: which values are None, and how long lists are. It gets
    placeholders, so it may ask `if year is not None` and `len(words)`, and nothing else of them. A list is made
    longer by repeating its last value, so that lists of like length share a statement: use it with `in_` only.
    Conditions that differ between readers (`visible`) don't belong in it.
    """
    statements: dict[tuple[Any, ...], tuple[Any, str, list[Any]]] = {}

    @functools.wraps(build)
    def rows(*values: Any) -> list[Any]:
        database = current_site().database
        sizes = tuple(map(shape_of, values))
        shape = (database.engine, *sizes)
        if shape not in statements:
            if len(statements) >= MOST_SHAPES:
                statements.clear()
            statements[shape] = made(build, sizes)
        query, sql, places = statements[shape]
        given = flat(values, sizes)
        cursor = database.execute_sql(sql, [place(given) for place in places])
        return list(query._get_cursor_wrapper(cursor))

    return rows


def shape_of(value: Any) -> int | None:
    """What of a value the statement hangs on: None, 0 for a single one, or the length a list is brought to."""
    if value is None:
        return None
    return 1 << (len(value) - 1).bit_length() if isinstance(value, (list, tuple)) else 0


def made(build: Callable[..., Any], shape: tuple[int | None, ...]) -> tuple[Any, str, list[Any]]:
    """The query, its statement, and how each parameter comes out of the values."""
    arguments: list[Any] = []
    position = 0
    for size in shape:
        if size is None:
            arguments.append(None)
            continue
        slots = [_Slot(position + offset) for offset in range(size or 1)]
        position += len(slots)
        arguments.append(slots if size else slots[0])
    query = build(*arguments)
    context: Any = current_site().database.get_sql_context()
    sql, places = context.parse(query)
    return query, sql, [stored_by(place) for place in places]


def flat(values: tuple[Any, ...], shape: tuple[int | None, ...]) -> list[Any]:
    """The values one after another, lists brought to their length."""
    given: list[Any] = []
    for value, size in zip(values, shape, strict=True):
        if size:
            given += value
            given += [value[-1]] * (size - len(value))
        elif size is not None:
            given.append(value)
    return given


def stored_by(place: Any) -> Callable[[list[Any]], Any]:
    """How one parameter comes out of the values: a slot's by its field, any other is always the same."""
    if not isinstance(place, tuple):
        return lambda _given: place
    position, convert = place
    if convert is None:
        return lambda given: given[position]
    return lambda given: convert(given[position])
