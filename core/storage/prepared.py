"""Queries whose statement is made once.

On a page asked a hundred times a minute, Peewee's own work costs more than the database's.

    @prepared
    def flags_in_force(patient, today):
        return Flag.select().where(Flag.patient == patient, Flag.until_on >= today)

    flags_in_force(patient.id, clock.today(zone))
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import peewee

from core.sites import current_site
from core.storage.model import Model

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
    statements: dict[tuple[Any, ...], _Statement] = {}

    @functools.wraps(build)
    def rows(*values: Any) -> list[Any]:
        database = current_site().database
        sizes = tuple(map(shape_of, values))
        shape = (database.engine, *sizes)
        statement = statements.get(shape)
        if statement is None:
            if len(statements) >= MOST_SHAPES:
                statements.clear()
            statement = statements[shape] = made(build, sizes)
        given = flat(values, sizes)
        cursor = database.execute_sql(statement.sql, [place(given) for place in statement.places])
        found = cursor.fetchall()
        if not found:
            return []
        if statement.read is None:
            statement.read = reader_of(statement.query, cursor)
        return statement.read(found)

    return rows


@dataclass(slots=True)
class _Statement:
    """A query in SQL, how its parameters come out of the values, and how rows become what it selects."""

    query: Any
    sql: str
    places: list[Callable[[list[Any]], Any]]
    read: Callable[[list[Any]], list[Any]] | None = None


def reader_of(query: Any, cursor: Any) -> Callable[[list[Any]], list[Any]]:
    """What Peewee would make of each row, worked out once: it looks at every column again for every answer."""
    wrapper = query._get_cursor_wrapper(cursor)
    wrapper.initialize()
    if type(wrapper) is peewee.ModelTupleCursorWrapper:
        return tuples_by([converter if changes(converter) else None for converter in wrapper.converters])
    if type(wrapper) is peewee.ModelObjectCursorWrapper and issubclass(wrapper.constructor, Model):
        names = [field.name if field is not None else "" for field in wrapper.fields]
        if all(names) and names == list(wrapper.unique_columns):
            return records_by(wrapper.constructor, names, wrapper.converters)
    process = wrapper.process_row
    return lambda found: [process(row) for row in found]


def changes(converter: Any) -> bool:
    """Whether reading does anything to a value; a text and a number come as they are."""
    field: Any = getattr(converter, "__self__", None)
    is_plain = isinstance(field, (peewee.TextField, peewee.IntegerField, peewee.AutoField))
    return converter is not None and not (is_plain and type(field).python_value is peewee.Field.python_value)


def tuples_by(converters: list[Any]) -> Callable[[list[Any]], list[Any]]:
    """Read rows as tuples."""
    if not any(converters):
        return lambda found: list(map(tuple, found))
    places = [(position, convert) for position, convert in enumerate(converters) if convert is not None]

    def read(found: list[Any]) -> list[Any]:
        answer = []
        for row in found:
            values = list(row)
            for position, convert in places:
                if values[position] is not None:
                    values[position] = convert(values[position])
            answer.append(tuple(values))
        return answer

    return read


def records_by(model: type[Model], names: list[str], converters: list[Any]) -> Callable[[list[Any]], list[Any]]:
    """Read rows as records of one model, each with nothing to be saved."""
    places = [
        (name, convert)
        for name, convert in zip(names, converters, strict=True)
        if convert is not None and changes(convert)
    ]

    def read(found: list[Any]) -> list[Any]:
        answer = []
        for row in found:
            values = dict(zip(names, row, strict=True))
            for name, convert in places:
                if values[name] is not None:
                    values[name] = convert(values[name])
            answer.append(stored(model, values))
        return answer

    return read


def stored(model: type[Model], values: dict[str, Any]) -> Model:
    """A record as it lies in the database, out of the values of all its fields, with nothing to be saved."""
    record = model.__new__(model)
    record._site = current_site()
    record.__data__ = values
    record.__rel__ = {}
    record._dirty = set()
    return record


def shape_of(value: Any) -> int | None:
    """What of a value the statement hangs on: None, 0 for a single one, or the length a list is brought to."""
    if value is None:
        return None
    return 1 << (len(value) - 1).bit_length() if isinstance(value, (list, tuple)) else 0


def made(build: Callable[..., Any], shape: tuple[int | None, ...]) -> _Statement:
    """The query and its statement."""
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
    return _Statement(query, sql, [stored_by(place) for place in places])


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
    if isinstance(getattr(convert, "__self__", None), peewee.ForeignKeyField):
        return lambda given: given[position] if type(given[position]) is int else convert(given[position])
    return lambda given: convert(given[position])


def rows(query: Any) -> list[tuple[Any, ...]]:
    """The rows of a query as tuples: no record is made where only columns are wanted."""
    return list(query.tuples())
