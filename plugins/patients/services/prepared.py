"""Questions that are asked at every registration: put into SQL once for each engine and shape, not each time."""

from collections.abc import Callable, Sequence
from typing import Any

from core.sites import current_site

_statements: dict[tuple[object, ...], str] = {}


def rows_of(query: Any) -> list[tuple[Any, ...]]:
    """The rows of a query as plain tuples."""
    return list(query.tuples())


def answered(shape: tuple[object, ...], query: Callable[[], Any], values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a query with these values, in the order of its placeholders.

    `shape` names everything the statement itself hangs on: its name and how many values each list has. `query`
    builds it with values of the same shape; what the values are makes no difference.
    """
    site = current_site()
    known = (site.engine, *shape)
    statement = _statements.get(known)
    if statement is None:
        statement = _statements[known] = query().sql()[0]
    return list(site.database.execute_sql(statement, values).fetchall())
