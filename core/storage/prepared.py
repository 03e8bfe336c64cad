"""Queries whose statement is made once: on a page asked a hundred times a minute, Peewee's own work costs more than the database's.

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


class _Slot(peewee.Node):
    """Stands in a query where an argument will be; it remembers how the field beside it stores a value."""

    def __init__(self, position: int) -> None:
        self.position = position

    def __sql__(self, ctx: peewee.Context) -> peewee.Context:
        ctx._values.append((self.position, ctx.state.converter))
        return ctx.literal(ctx.state.param or "?")


def prepared(build: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Make a query of a function of values; called with them, it gives the rows the query selects.

    The function runs once for each engine, with a placeholder for each argument, so the query's shape must not
    depend on them: no `if`, no lists. Conditions that differ between readers (`visible`) don't belong in it.
    """
    statements: dict[str, tuple[Any, str, list[Any]]] = {}

    @functools.wraps(build)
    def rows(*values: Any) -> list[Any]:
        site = current_site()
        if site.engine not in statements:
            query = build(*map(_Slot, range(len(values))))
            sql, places = site.database.get_sql_context().parse(query)
            statements[site.engine] = (query, sql, [stored_by(place) for place in places])
        query, sql, places = statements[site.engine]
        cursor = site.database.execute_sql(sql, [place(values) for place in places])
        return list(query._get_cursor_wrapper(cursor))

    return rows


def stored_by(place: Any) -> Callable[[tuple[Any, ...]], Any]:
    """How one parameter comes out of the arguments: a slot's by its field, any other is always the same."""
    if not isinstance(place, tuple):
        return lambda _values: place
    position, convert = place
    if convert is None:
        return lambda values: values[position]
    return lambda values: convert(values[position])
