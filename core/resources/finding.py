"""The rows of a list: what the reader may see of it, narrowed, in order, a page at a time.

A page costs the same at the first and at the millionth row: it begins where the one before ended
(`a >= x and (a > x or id > y)`), never by counting rows off. Rows without a value in the column of the order come
last, in the order they were entered. Whom an answer shows is written down here, so that no door can forget it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import peewee

from core.resources.custom.here import here
from core.resources.custom.models import CustomIndex
from core.resources.disclosing import disclose
from core.resources.narrowing import seal, unseal
from core.resources.statements import (
    END,
    Cursor,
    Query,
    Row,
    columns_of,
    conditions,
    fetch,
    filled,
    flat,
    order_column,
    query_of,
    run,
)
from core.roles.visibility import ALL_ROWS, NO_ROWS
from core.storage import is_uid

EXACT_UNTIL = 1000
AT_ONCE = 500


@dataclass(slots=True)
class Page:
    """A page of a list. `count` is exact up to a thousand; `is_more` says that there are more than it says.

    `passed` rows lie before the page; None where nobody has counted them, near the end of a long list.
    """

    rows: list[Row] = field(default_factory=list)
    passed: int | None = 0
    count: int = 0
    is_more: bool = False
    previous: str = ""
    next: str = ""
    last: str = ""


# Pages, streams and counts.


def page_of(
    query: Query, place: str = "", names: Sequence[str] | None = None, kind: str = "list", counts: bool = True
) -> Page:
    """A page of a list with these facts (the narrowing's columns when none are named). `place` is a token or "last".

    `kind` is what the record of reads calls it. Whoever does not show the count need not ask for it.
    """
    names = tuple(names if names is not None else query.narrowing.columns)
    if query.sight is NO_ROWS:
        return Page()
    size = query.narrowing.size
    count, is_more = counted(query) if counts else (0, False)
    cursor = cursor_of(query, place, count, is_more)
    is_few = counts and not is_more
    found = fetch(replace(query, is_few=is_few), names, cursor, size + 1)
    further = len(found) > size
    found = found[:size]
    going_back = cursor is not None and cursor.is_back
    if going_back:
        found.reverse()
    passed = passed_before(cursor, len(found))
    page = Page(found, passed, count, is_more)
    if found:
        has_next = further if not going_back else place != "last"
        has_previous = further if going_back else passed != 0
        after = passed + len(found) if passed is not None else None
        page.next = token(query, found[-1], after) if has_next else ""
        page.previous = token(query, found[0], passed, is_back=True) if has_previous else ""
        page.last = "last" if has_next and count > size else ""
    disclose(query, found, names, kind)
    return page


def row_of(query: Query, uid: str, names: Sequence[str], kind: str = "record") -> Row | None:
    """One record by its uid as the list would show it; None for what is not there, not visible or not even a uid."""
    if query.sight is NO_ROWS or not is_uid(uid):
        return None
    model = query.resource.model
    wanted = columns_of(query, names)

    def build(*values: Any) -> Any:
        return model.select(*wanted).where(*conditions(query, values[:-1]), model._meta.fields["uid"] == values[-1])

    found = filled(query, names, run(query, ("one", tuple(names)), build, [uid]))
    disclose(query, found, names, kind)
    return found[0] if found else None


def walk(
    query: Query, names: Sequence[str], at_once: int = AT_ONCE, after: Cursor | None = None
) -> Iterator[list[Row]]:
    """Every row of a list, some hundreds at a time; memory holds no more than those."""
    cursor = after
    while query.sight is not NO_ROWS:
        found = fetch(query, names, cursor, at_once)
        if not found:
            return
        yield found
        if len(found) < at_once:
            return
        cursor = Cursor(found[-1].ordered_by, found[-1].id)


def counted(query: Query) -> tuple[int, bool]:
    """How many rows there are, exactly up to a thousand, and whether there are more than that."""
    model = query.resource.model

    led_by = leading_facet(query)

    def build(*values: Any) -> Any:
        inner = model.select(peewee.SQL("1").alias("found"))
        if led_by:
            inner = inner.join(CustomIndex, on=CustomIndex.owner_id == model._meta.fields["id"])
        inner = inner.where(*conditions(query, values, led_by)).limit(EXACT_UNTIL + 1)
        return model.select(peewee.fn.COUNT(peewee.SQL("1")).alias("n")).from_(inner)

    found = run(query, ("count",), build, []) if query.sight is not NO_ROWS else [(0,)]
    count = int(found[0][0])
    return min(count, EXACT_UNTIL), count > EXACT_UNTIL


def leading_facet(query: Query) -> str:
    """The custom facet a count begins with: one that many records fit, each in one row of the index."""
    custom = here(query.resource).custom
    for name, picked in query.narrowing.picked.items():
        if name in custom and name not in query.rare and (custom[name].sort_of != "several" or len(picked.values) == 1):
            return name
    return ""


def count_all(query: Query) -> int:
    """How many rows there are, counted to the end: for jobs, never for a page."""
    if query.sight is NO_ROWS:
        return 0
    model = query.resource.model
    return int(model.select(peewee.fn.COUNT(model.id)).where(*conditions(query, flat(query))).scalar() or 0)


def condition_of(query: Query) -> Any:
    """The whole condition as one expression, for those who select for themselves."""
    found = ALL_ROWS
    for one in conditions(query, flat(query)):
        found = one if found is ALL_ROWS else found & one
    return found


# Places in a list.


def token(query: Query, row: Row, passed: int | None, is_back: bool = False) -> str:
    """A place in a list, for an address."""
    value = order_column(query).db_value(row.ordered_by) if row.ordered_by is not None else None
    kept = value if isinstance(value, (int, str)) or value is None else str(value)
    facts = {"s": query.narrowing.sort, "f": query.narrowing.falls, "v": kept, "i": row.id, "n": passed, "b": is_back}
    return seal(facts, query.resource, query.by)


def cursor_of(query: Query, place: str, count: int, is_more: bool = False) -> Cursor | None:
    """The place a token names; None for the beginning, which is also where a token of another order leads."""
    if place == "last":
        size = query.narrowing.size
        return Cursor(None, END, None if is_more else count, is_back=True) if count > size else None
    facts = unseal(place, query.resource, query.by)
    if facts is None or facts.get("s") != query.narrowing.sort or facts.get("f") != query.narrowing.falls:
        return None
    value = order_column(query).python_value(facts["v"]) if facts["v"] is not None else None
    passed = int(facts["n"]) if facts["n"] is not None else None
    return Cursor(value, int(facts["i"]), passed, bool(facts["b"]))


def passed_before(cursor: Cursor | None, shown: int) -> int | None:
    """How many rows lie before the first one shown; None where nobody has counted."""
    if cursor is None:
        return 0
    if cursor.passed is None:
        return None
    return max(0, cursor.passed - shown) if cursor.is_back else cursor.passed


def narrowed_to(query: Query, ids: Sequence[int]) -> Query:
    """The same list with only these rows of it, for marked ones."""
    inside = query.resource.model.id.in_(list(ids))
    return replace(query, sight=inside if query.sight is ALL_ROWS else query.sight & inside)


__all__ = [
    "EXACT_UNTIL",
    "Cursor",
    "Page",
    "Query",
    "Row",
    "condition_of",
    "conditions",
    "count_all",
    "counted",
    "fetch",
    "flat",
    "narrowed_to",
    "page_of",
    "query_of",
    "row_of",
    "walk",
]
