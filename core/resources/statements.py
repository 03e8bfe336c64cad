"""How a list is asked of the database: a statement for a stretch of rows, made once for each shape of the question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import peewee

from core.actors import Actor
from core.resources.catalogue import facts_here
from core.resources.custom.comparing import compared, condition, is_rare, picked_keys
from core.resources.custom.here import CustomFact, here
from core.resources.custom.indexing import NOTHING
from core.resources.custom.models import CustomIndex
from core.resources.custom.values import values_in
from core.resources.declaring import Fact, Resource, Sort, column_of
from core.resources.kinds import Choice, MoneyAmount, Relation, YesNo
from core.resources.narrowing import Narrowing
from core.resources.words import words_condition
from core.roles.visibility import ALL_ROWS, sight_of
from core.sites import current_site
from core.storage import Model
from core.storage.money import Money
from core.storage.prepared import prepared

MOST_STATEMENTS = 500
END = -1  # stands for the id of a row after the last
OWN = ("id", "uid", "version", "retired_at")
_statements: dict[tuple[Any, ...], Callable[..., list[Any]]] = {}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: after (or, going back, before) the row with this value and id.

    `passed` rows lie before it; None where nobody has counted them.
    """

    value: Any
    id: int
    passed: int | None = 0
    is_back: bool = False


@dataclass(slots=True)
class Row:
    """One record of a list, with the facts that were asked for."""

    id: int
    uid: str
    version: int
    retired_at: Any
    values: dict[str, Any]
    ordered_by: Any = None

    @property
    def is_retired(self) -> bool:
        """Whether it was taken out of use."""
        return self.retired_at is not None


@dataclass(frozen=True, slots=True)
class Query:
    """A list as the database is asked: the reader's sight, the narrowing, the order.

    `is_few`: it is known to have at most a thousand rows, so that sorting them costs less than meeting them in order.
    """

    resource: Resource
    narrowing: Narrowing
    sight: Any
    by: Actor
    is_few: bool = False
    # The custom facets few records fit.
    rare: frozenset[str] = frozenset()

    @property
    def order(self) -> CustomFact | None:
        """The custom field the list goes by, if it is one."""
        return here(self.resource).custom.get(self.narrowing.sort)

    @property
    def sort(self) -> Sort:
        """The order."""
        return self.narrowing.order_of(self.resource)[0]

    @property
    def is_walked(self) -> bool:
        """Whether facts with few values only filter what is met otherwise: in the list's order, or by the sight."""
        if current_site().engine != "sqlite":
            return False
        return self.sight is not ALL_ROWS or (not self.is_few and (self.sort.by or self.sort.name) != "id")

    @property
    def is_open(self) -> bool:
        """Whether the statement hangs on nothing but the shape of the narrowing."""
        return self.sight is ALL_ROWS and not self.narrowing.words


def query_of(resource: Resource, narrowing: Narrowing, by: Actor) -> Query:
    """The query of a list for a reader."""
    custom = here(resource).custom
    rare = frozenset(
        name for name, picked in narrowing.picked.items() if name in custom and is_rare(custom[name], picked)
    )
    return Query(resource, narrowing, sight_of(resource.model, by, resource.may_view).condition, by, rare=rare)


def fetch(query: Query, names: Sequence[str], cursor: Cursor | None, limit: int) -> list[Row]:
    """The rows after a place (or before it, nearest first), their facts filled in."""
    is_back = cursor is not None and cursor.is_back
    begin = cursor if cursor is not None and cursor.id != END else None
    segments = segments_of(query, is_back)
    if begin is not None:
        held = "empty" if begin.value is None and "empty" in segments else "given"
        segments = segments[segments.index(held) :]
    found: list[tuple[Any, ...]] = []
    for segment in segments:
        found += select(query, names, segment, begin, is_back, limit - len(found))
        begin = None
        if len(found) >= limit:
            break
    return filled(query, names, found)


def segments_of(query: Query, is_back: bool) -> list[str]:
    """Rows with a value of the order, then those without; the other way round going back."""
    column = order_column(query)
    both = ["given", "empty"] if getattr(column, "null", False) or query.order is not None else ["given"]
    return both[::-1] if is_back else both


def order_column(query: Query) -> Any:
    """The column the list goes by."""
    if query.order is not None:
        return CustomIndex.value
    return query.resource.model._meta.fields[query.sort.by or query.sort.name]


def select(
    query: Query, names: Sequence[str], segment: str, begin: Cursor | None, is_back: bool, limit: int
) -> list[tuple[Any, ...]]:
    """One stretch of rows as tuples: own columns, columns of the facts, the column of the order."""
    model = query.resource.model
    column, key = order_column(query), model._meta.fields["id"] if query.order is None else CustomIndex.owner_id
    rises = query.narrowing.falls == is_back
    wanted = columns_of(query, names)
    by_id = column is key or segment == "empty"

    def build(*values: Any) -> Any:
        given = list(values)
        rows = model.select(*wanted)
        if query.order is not None:
            is_field = CustomIndex.field_id == given.pop()
            rows = rows.join(CustomIndex, on=is_field & (CustomIndex.owner_id == model._meta.fields["id"]))
        place = [given.pop() for _one in range(1 if by_id else 3)][::-1] if begin is not None else []
        parts = conditions(query, given)
        if query.order is not None:
            parts.append(column == NOTHING if segment == "empty" else column > NOTHING)
        elif segment == "empty":
            parts.append(column.is_null())
        elif getattr(column, "null", False):
            parts.append(column.is_null(False))
        if begin is not None:
            parts.append(beyond(column, key, place, rises, by_id))
        order = [key] if by_id else [aside(column) if query.is_few and query.order is None else column, key]
        return rows.where(*parts).order_by(*(one.asc() if rises else one.desc() for one in order)).limit(limit)

    shape = ("rows", tuple(names), query.narrowing.sort, segment, begin is None, rises, limit, query.is_few)
    place = [] if begin is None else [begin.id] if by_id else [begin.value, begin.value, begin.id]
    place += [query.order.field_id] if query.order is not None else []
    return run(query, shape, build, place)


def beyond(column: Any, key: Any, place: Sequence[Any], rises: bool, by_id: bool) -> Any:
    """The rows after a place, in the direction the list is read."""
    if by_id:
        return key > place[0] if rises else key < place[0]
    first, second, own = place
    if rises:
        return (column >= first) & ((column > second) | (key > own))
    return (column <= first) & ((column < second) | (key < own))


def run(query: Query, shape: tuple[Any, ...], build: Callable[..., Any], place: list[Any]) -> list[tuple[Any, ...]]:
    """Run a statement; one that hangs on nothing but its shape is made once."""
    values = [*flat(query), *place]
    if not query.is_open:
        return list(build(*values).tuples())
    picked = tuple((name, *found.shape) for name, found in query.narrowing.picked.items())
    key = (query.resource, *shape, picked, query.rare, query.narrowing.with_retired)
    statement = _statements.get(key)
    if statement is None:
        if len(_statements) >= MOST_STATEMENTS:
            _statements.clear()
        statement = _statements[key] = prepared(lambda *slots: build(*slots).tuples())
    return statement(*values)


def flat(query: Query) -> list[Any]:
    """The values of the narrowing, one after another; several of one facet are a list."""
    values: list[Any] = []
    custom = here(query.resource).custom
    for name, found in query.narrowing.picked.items():
        if name in custom:
            values += picked_keys(custom[name], found)
            continue
        values += [list(found.values)] if found.how == "in" and len(found.values) > 1 else list(found.values)
    return values


def conditions(query: Query, values: Sequence[Any], led_by: str = "") -> list[Any]:
    """What a row must fulfil. `values` are those of `flat`, or placeholders for them. `led_by` is the custom facet
    whose index is joined."""
    resource, narrowing = query.resource, query.narrowing
    facts = facts_here(resource)
    found: list[Any] = []
    given = iter(values)
    for name, picked in narrowing.picked.items():
        fact = facts[name]
        if isinstance(fact, CustomFact):
            own = [next(given) for _one in picked_keys(fact, picked)]
            if name == led_by:
                found += compared(CustomIndex, picked.how, own[0], own[1:])
            else:
                found.append(condition(resource.model, picked.how, own, name in query.rare))
            continue
        if picked.how == "in" and len(picked.values) > 1:
            own = next(given)
        else:
            own = [next(given) for _one in picked.values]
        found.append(fact_condition(query, fact, picked.how, own))
    if not narrowing.with_retired:
        found.append(resource.model._meta.fields["retired_at"].is_null())
    if query.sight is not ALL_ROWS:
        found.append(query.sight)
    if narrowing.words:
        found.append(words_condition(resource, narrowing.words))
    return found or [peewee.SQL("1 = 1")]


def fact_condition(query: Query, fact: Fact, how: str, values: Sequence[Any]) -> Any:
    """The condition of one facet.

    SQLite knows nothing of how many rows a limit leaves unread: of a fact with few values it would fetch and sort
    half the table. There such a fact only filters the rows met in the list's own order.
    """
    column = column_of(query.resource, fact)
    if isinstance(fact.kind, (Choice, YesNo)) and not fact.within and query.is_walked:
        column = aside(column)
    return fact.kind.condition(column, how, values)  # type: ignore[union-attr]  # settled facts have a kind


def aside(column: Any) -> Any:
    """A column SQLite looks for no index of; other engines count for themselves."""
    return peewee.NodeList((peewee.SQL("+"), column)) if current_site().engine == "sqlite" else column


def columns_of(query: Query, names: Sequence[str]) -> list[Any]:
    """The columns to select, in the order `filled` takes them apart."""
    resource = query.resource
    fields: dict[str, Any] = resource.model._meta.fields
    wanted, facts = [fields[name] for name in OWN], facts_here(resource)
    for name in names:
        fact = facts[name]
        column = column_of(resource, fact)
        if column is None:
            continue
        wanted.append(column)
        if isinstance(fact.kind, MoneyAmount):
            wanted.append(fields[column.currency_field])
    return [*wanted, order_column(query)]


def filled(query: Query, names: Sequence[str], found: list[tuple[Any, ...]]) -> list[Row]:
    """Rows out of tuples, with what is worked out and what related records are called: each asked once for all."""
    resource = query.resource
    rows = [Row(one[0], one[1], one[2], one[3], {}, one[-1]) for one in found]
    if query.order is not None:
        for row in rows:
            row.ordered_by = row.ordered_by or None
    at, facts = len(OWN), facts_here(resource)
    for name in names:
        fact = facts[name]
        if fact.load is not None:
            loaded = fact.load([row.id for row in rows]) if rows else {}
            for row in rows:
                row.values[name] = loaded.get(row.id)
            continue
        at += put(resource.model, rows, found, at, fact)
    return rows


def put(model: type[Model], rows: list[Row], found: list[tuple[Any, ...]], at: int, fact: Fact) -> int:
    """Put the values of one fact into the rows; how many columns it took."""
    if fact.within:
        for row, value in zip(rows, values_in(fact, model, rows, [values[at] for values in found]), strict=True):
            row.values[fact.name] = value
        return 1
    if isinstance(fact.kind, MoneyAmount):
        for row, values in zip(rows, found, strict=True):
            minor = values[at]
            row.values[fact.name] = None if minor is None else Money.of_minor(int(minor), values[at + 1])
        return 2
    related = fact.kind.load([values[at] for values in found]) if isinstance(fact.kind, Relation) else None
    for row, values in zip(rows, found, strict=True):
        row.values[fact.name] = values[at] if related is None else related.get(values[at])
    return 1
