"""Everything a hospital's database holds about a person, whoever's tables it lies in.

It is read off the catalogue of the database: columns that point at the person, columns that hold the person's uid,
and rows that belong to rows found so. The tables of plugins that are off or absent are met like any others.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from core.sites import Site, current_site
from core.storage.fields import EncryptedField
from core.storage.model import all_tables, quoted
from core.storage.moving import Person
from core.storage.pointing import REFERENCE, columns_of, foreign_keys, pointers_at, primary_keys

AT_ONCE = 200
DEEPEST = 4


class Held(NamedTuple):
    """Some rows of one table, each by the names of its columns."""

    table: str
    rows: list[dict[str, Any]]


def held_about(table: str, persons: Sequence[Person]) -> Iterator[Held]:
    """Every row about these people, table by table; the people's own rows come first."""
    site = current_site()
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    add(found, table, rows_where(site, table, "id", [one.id for one in persons]))
    for pointer in pointers_at(table, persons[0].plugin, persons[0].noun):
        if pointer.kind != REFERENCE:
            values = [one.value_for(pointer) for one in persons]
            add(found, pointer.table, rows_where(site, pointer.table, pointer.column, values))
    uids = [one.uid for one in persons]
    for name, columns in sorted(columns_of(site, site.database.get_tables()).items()):
        for column in sorted(columns):
            if column.endswith("uid") and (name != table or column != "uid"):
                add(found, name, rows_where(site, name, column, uids))
    follow_references(site, found, uids)
    follow_keys(site, found)
    yield from (Held(name, list(rows.values())) for name, rows in found.items() if rows)


def follow_references(site: Site, found: dict[str, dict[Any, dict[str, Any]]], uids: list[str]) -> None:
    """Add the rows that refer to what was found by uid, and those that refer to these."""
    asked: set[str] = set()
    for _depth in range(DEEPEST):
        known = {str(row["uid"]) for rows in list(found.values()) for row in rows.values() if row.get("uid")}
        fresh = sorted((known | set(uids)) - asked)
        if not fresh:
            return
        asked |= set(fresh)
        for row in rows_where(site, "core_reference", "target_uid", fresh):
            add(found, row["source_table"], rows_where(site, row["source_table"], "uid", [row["source_uid"]]))


def follow_keys(site: Site, found: dict[str, dict[Any, dict[str, Any]]]) -> None:
    """Add the rows that belong to what was found: lines of its bills, pages of its papers."""
    keys, done = primary_keys(site), set()
    for _depth in range(DEEPEST):
        due = [
            name for name in found if name not in done and "id" in keys.get(name, ()) and not name.startswith("core_")
        ]
        for name in due:
            done.add(name)
            ids = [row["id"] for row in found[name].values()]
            for other, column, target in foreign_keys(site, name):
                if target == "id" and other != name:
                    add(found, other, rows_where(site, other, column, ids))


def add(found: dict[str, dict[Any, dict[str, Any]]], table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Keep each row once."""
    kept = found.setdefault(table, {})
    for row in rows:
        kept[row.get("id", tuple(map(str, row.values())))] = row


def rows_where(site: Site, table: str, column: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows of a table with one of these values, sealed columns of known tables opened."""
    if table not in site.database.get_tables():
        return []
    found: list[dict[str, Any]] = []
    known: Any = all_tables().get(table)
    fields = known._meta.columns if known is not None else {}
    for start in range(0, len(values), AT_ONCE):
        some = values[start : start + AT_ONCE]
        marks = ", ".join(site.database.param for _value in some)
        sql = f"SELECT * FROM {quoted(table, site)} WHERE {quoted(column, site)} IN ({marks})"  # noqa: S608  catalogue's names
        cursor = site.database.execute_sql(sql, list(some))
        names = [one[0] for one in cursor.description]
        for row in cursor.fetchall():
            found.append({name: opened(fields.get(name), value) for name, value in zip(names, row, strict=True)})
    return found


def opened(field: Any, value: Any) -> Any:
    """A stored value as the person it is about may read it."""
    return field.python_value(value) if isinstance(field, EncryptedField) else value


def erase_rows(table: str, column: str, values: Sequence[Any]) -> int:
    """Delete rows for good, inside an act that has said why; no journal tells what they held."""
    site = current_site()
    gone = 0
    for start in range(0, len(values), AT_ONCE):
        some = values[start : start + AT_ONCE]
        marks = ", ".join(site.database.param for _value in some)
        sql = f"DELETE FROM {quoted(table, site)} WHERE {quoted(column, site)} IN ({marks})"  # noqa: S608  own names
        gone += site.database.execute_sql(sql, list(some)).rowcount
    return gone


def overwrite_row(table: str, row_id: int, values: dict[str, Any]) -> None:
    """Put other values in the place of a row's, inside an act that has said why; no journal tells what was there."""
    site = current_site()
    mark = site.database.param
    pairs = ", ".join(f"{quoted(name, site)} = {mark}" for name in values)
    sql = f"UPDATE {quoted(table, site)} SET {pairs} WHERE id = {mark}"  # noqa: S608  own names
    site.database.execute_sql(sql, [*values.values(), row_id])


def texts_with(words: Sequence[str]) -> dict[str, int]:
    """In how many rows of each table one of these texts still stands; every column of every table is read."""
    site = current_site()
    found: dict[str, int] = {}
    cast = {"sqlite": "TEXT", "postgresql": "TEXT", "mariadb": "CHAR"}[site.engine]
    for name, columns in sorted(columns_of(site, site.database.get_tables()).items()):
        some = [quoted(column, site) for column in sorted(columns)]
        if not some or not words:
            continue
        one = f"CAST({{}} AS {cast}) LIKE {site.database.param}"
        where = " OR ".join(one.format(column) for column in some for _word in words)
        sql = f"SELECT COUNT(*) FROM {quoted(name, site)} WHERE {where}"  # noqa: S608  catalogue's names
        params = [f"%{word}%" for _column in some for word in words]
        count = site.database.execute_sql(sql, params).fetchone()[0]
        if count:
            found[name] = int(count)
    return found


__all__ = ["Held", "erase_rows", "held_about", "overwrite_row", "texts_with"]
