"""Everything in a database that points at a record, read off the catalogue of the database itself.

A merge, an export and an erasure must meet the tables of plugins that are off or absent too, and of vendors
nobody here has heard of. So foreign keys, keys and unique indexes are asked of the engine, never of models.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from core.sites import Site, current_site
from core.storage.fields import UTCDateTimeField
from core.storage.model import quoted

KEY, UID, REFERENCE = "key", "uid", "reference"
Key = tuple[Any, ...]
_moment = UTCDateTimeField()
# Columns of the core that hold the uid of the person a record is about, where it can be a record of any plugin.
ABOUT = (("core_file", "about_uid"),)
UNIQUE_SQLITE = """
SELECT m.name, i.name, i.partial, c.seqno, c.name, s.sql FROM sqlite_master m JOIN pragma_index_list(m.name) i
JOIN pragma_index_info(i.name) c LEFT JOIN sqlite_master s ON s.type = 'index' AND s.name = i.name
WHERE m.type = 'table' AND i."unique" = 1 ORDER BY m.name, i.name, c.seqno
"""
UNIQUE_POSTGRESQL = """
SELECT t.relname, x.relname, pg_get_expr(i.indpred, i.indrelid), n, pg_get_indexdef(i.indexrelid, n, true)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) AS n
WHERE i.indisunique AND t.relnamespace = current_schema()::regnamespace ORDER BY t.relname, x.relname, n
"""
UNIQUE_MARIADB = """
SELECT TABLE_NAME, INDEX_NAME, NULL, SEQ_IN_INDEX, COLUMN_NAME FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
"""
KEYS_SQLITE = """
SELECT m.name, f."from", f."to", f."table", f.id, f.seq FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq
"""
KEYS_POSTGRESQL = """
SELECT t.relname, a.attname, fa.attname, ft.relname FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class ft ON ft.oid = c.confrelid
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute fa ON fa.attrelid = c.confrelid AND fa.attnum = c.confkey[1]
WHERE c.contype = 'f' AND c.conparentid = 0 AND cardinality(c.conkey) = 1
AND t.relnamespace = current_schema()::regnamespace ORDER BY t.relname, a.attnum
"""
KEYS_MARIADB = """
SELECT TABLE_NAME, COLUMN_NAME, REFERENCED_COLUMN_NAME, REFERENCED_TABLE_NAME
FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_SCHEMA = DATABASE()
ORDER BY TABLE_NAME, COLUMN_NAME
"""
PRIMARY_POSTGRESQL = """
SELECT t.relname, a.attname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, n)
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
WHERE i.indisprimary AND t.relnamespace = current_schema()::regnamespace ORDER BY t.relname, k.n
"""
PRIMARY_MARIADB = """
SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = DATABASE() AND INDEX_NAME = 'PRIMARY' ORDER BY TABLE_NAME, SEQ_IN_INDEX
"""
PRIMARY_SQLITE = """
SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
WHERE m.type = 'table' AND c.pk > 0 ORDER BY m.name, c.pk
"""
COLUMNS_SQLITE = """
SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
"""
COLUMNS_POSTGRESQL = """
SELECT t.relname, a.attname FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
WHERE a.attnum > 0 AND NOT a.attisdropped AND t.relkind IN ('r', 'p')
AND t.relnamespace = current_schema()::regnamespace
"""
COLUMNS_MARIADB = "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"


class Unique(NamedTuple):
    """A unique index: its columns as the engine writes them, and the condition of a partial one."""

    columns: tuple[str, ...]
    condition: str = ""


class Pointer(NamedTuple):
    """One column of one table that points at records of another.

    `kind`: a foreign "key"; a "uid" of the person it is about; a "reference" kept in `core_reference`. `target` is the
    column pointed at. `key` is the table's primary key, () when it has none; `uniques` are those this column is in.
    """

    table: str
    column: str
    kind: str = KEY
    target: str = "id"
    key: tuple[str, ...] = ("id",)
    columns: frozenset[str] = frozenset()
    uniques: tuple[Unique, ...] = ()

    @property
    def is_record(self) -> bool:
        """Whether its rows are records with uid and version, whoever's."""
        return {"uid", "version", "updated_at", "updated_by"} <= self.columns

    @property
    def own_facts(self) -> tuple[str, str]:
        """Its rows' uid and version, as they are asked for."""
        return ("uid", "version") if self.is_record else ("''", "0")

    @property
    def row_key(self) -> tuple[str, ...]:
        """What tells its rows apart that point at the same record."""
        return tuple(name for name in self.key if name != self.column)


def pointers_at(table: str, plugin: str, noun: str) -> list[Pointer]:
    """Every column that can point at a record of this table, sorted by table and column, references last."""
    site = current_site()
    keys, uniques = primary_keys(site), unique_indexes(site)
    found = [(name, column, KEY, target) for name, column, target in foreign_keys(site, table)]
    found += [(name, column, UID, "uid") for name, column in ABOUT if name in keys]
    columns = columns_of(site, {name for name, *_rest in found} | set(tables_with_references(plugin, noun)))
    pointers = [
        Pointer(
            name, column, kind, target, keys.get(name, ()), columns[name],
            tuple(one for one in uniques.get(name, ()) if column in one.columns),
        )
        for name, column, kind, target in sorted(found)
    ]  # fmt: skip
    for name, column in references_at(plugin, noun):
        if column in columns.get(name, ()):
            pointers.append(Pointer(name, column, REFERENCE, "uid", ("uid",), columns[name]))
    return pointers


def foreign_keys(site: Site, table: str) -> list[tuple[str, str, str]]:
    """(table, column, column pointed at) of every foreign key of one column at a table."""
    if site.engine != "sqlite":
        statement = KEYS_POSTGRESQL if site.engine == "postgresql" else KEYS_MARIADB
        rows = site.database.execute_sql(statement).fetchall()
        found = [(str(name), str(column), str(target)) for name, column, target, at in rows if at == table]
        return list(dict.fromkeys(found))
    rows = site.database.execute_sql(KEYS_SQLITE).fetchall()
    wide = {(name, number) for name, _column, _target, _at, number, position in rows if position}
    return [
        (name, column, target or "id")
        for name, column, target, at, number, _position in rows
        if at.lower() == table and (name, number) not in wide
    ]


def primary_keys(site: Site) -> dict[str, tuple[str, ...]]:
    """The columns of every table's primary key; () for a table without one."""
    found: dict[str, list[str]] = {name: [] for name in site.database.get_tables()}
    statement = {"sqlite": PRIMARY_SQLITE, "postgresql": PRIMARY_POSTGRESQL, "mariadb": PRIMARY_MARIADB}[site.engine]
    for name, column in site.database.execute_sql(statement).fetchall():
        found.setdefault(name, []).append(column)
    return {name: tuple(columns) for name, columns in found.items()}


def unique_indexes(site: Site) -> dict[str, list[Unique]]:
    """The unique indexes of every table, primary keys included."""
    statement = {"sqlite": UNIQUE_SQLITE, "postgresql": UNIQUE_POSTGRESQL, "mariadb": UNIQUE_MARIADB}[site.engine]
    parts: dict[tuple[str, str], list[str]] = {}
    conditions: dict[tuple[str, str], str] = {}
    for name, index, condition, _position, column, *rest in site.database.execute_sql(statement).fetchall():
        if column is None:  # an expression on SQLite, which its catalogue does not spell: the others decide
            continue
        parts.setdefault((name, index), []).append(column.strip('"'))
        if condition:
            conditions[name, index] = str(rest[0]).partition(" WHERE ")[2] if rest else str(condition)
    if site.engine == "sqlite":  # a key that is the rowid has no index of its own
        for name, key in primary_keys(site).items():
            if key and not any(table == name and tuple(some) == key for (table, _index), some in parts.items()):
                parts[name, ""] = list(key)
    found: dict[str, list[Unique]] = {}
    for (name, index), columns in parts.items():
        found.setdefault(name, []).append(Unique(tuple(columns), conditions.get((name, index), "")))
    return found


def columns_of(site: Site, tables: Iterable[str]) -> dict[str, frozenset[str]]:
    """The columns of some tables; a table that is not there has none."""
    statement = {"sqlite": COLUMNS_SQLITE, "postgresql": COLUMNS_POSTGRESQL, "mariadb": COLUMNS_MARIADB}[site.engine]
    found: dict[str, set[str]] = {name: set() for name in tables}
    for name, column in site.database.execute_sql(statement).fetchall():
        if name in found:
            found[name].add(column)
    return {name: frozenset(columns) for name, columns in found.items()}


def references_at(plugin: str, noun: str) -> list[tuple[str, str]]:
    """(table, column) of every reference by uid at records of this kind."""
    database = current_site().database
    mark = database.param
    sql = (
        "SELECT DISTINCT source_table, source_column FROM core_reference"  # noqa: S608  markers
        f" WHERE plugin = {mark} AND noun = {mark} ORDER BY source_table, source_column"
    )
    return [(name, column) for name, column in database.execute_sql(sql, (plugin, noun)).fetchall()]


def tables_with_references(plugin: str, noun: str) -> list[str]:
    """The tables such references lie in."""
    return [name for name, _column in references_at(plugin, noun)]


def count_pointing(pointer: Pointer, value: Any, most: int = 100_000) -> int:
    """How many rows of a pointer point at this value, at most so many are counted."""
    site = current_site()
    mark = site.database.param
    if pointer.kind == REFERENCE:
        sql = (
            "SELECT COUNT(*) FROM core_reference"  # noqa: S608  markers
            f" WHERE target_uid = {mark} AND source_table = {mark} AND source_column = {mark}"
        )
        return int(site.database.execute_sql(sql, (value, pointer.table, pointer.column)).fetchone()[0])
    table, column = quoted(pointer.table, site), quoted(pointer.column, site)
    sql = f"SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE {column} = {mark} LIMIT {int(most)}) AS m"  # noqa: S608  own names
    return int(site.database.execute_sql(sql, (value,)).fetchone()[0])


def count_since(pointer: Pointer, value: Any, moment: datetime) -> int:
    """How many rows that point at this value were entered after a moment; 0 where a table does not say when."""
    if "created_at" not in pointer.columns or pointer.kind == REFERENCE:
        return 0
    site = current_site()
    mark = site.database.param
    table, column = quoted(pointer.table, site), quoted(pointer.column, site)
    sql = f"SELECT COUNT(*) FROM {table} WHERE {column} = {mark} AND created_at > {mark}"  # noqa: S608  own names
    return int(site.database.execute_sql(sql, (value, _moment.db_value(moment))).fetchone()[0])


def rows_pointing(pointer: Pointer, value: Any, limit: int, after: Sequence[Any] = ()) -> list[Key]:
    """The keys of rows that point at this value, in their order after one of them; in a transaction they are locked."""
    site = current_site()
    mark = site.database.param
    if pointer.kind == REFERENCE:
        past = f" AND source_uid > {mark}" if after else ""
        sql = (
            f"SELECT source_uid FROM core_reference WHERE target_uid = {mark} AND source_table = {mark}"  # noqa: S608
            f" AND source_column = {mark}{past} ORDER BY source_uid LIMIT {int(limit)}"
        )
        params = (value, pointer.table, pointer.column, *after)
        return [tuple(row) for row in site.database.execute_sql(sql, params).fetchall()]
    names = [quoted(name, site) for name in pointer.row_key] or ["1"]
    marks = ", ".join(mark for _name in names)
    past = f" AND ({', '.join(names)}) > ({marks})" if after else ""
    lock = " FOR UPDATE" if site.engine != "sqlite" and site.database.watcher() is not None else ""
    table, column = quoted(pointer.table, site), quoted(pointer.column, site)
    sql = (
        f"SELECT {', '.join(names)} FROM {table} WHERE {column} = {mark}{past}"  # noqa: S608  names from the catalogue
        f" ORDER BY {', '.join(names)} LIMIT {int(limit)}{lock}"
    )
    found = site.database.execute_sql(sql, (value, *after)).fetchall()
    return [tuple(row) if pointer.row_key else () for row in found]


def clashing_rows(pointer: Pointer, one: Any, other: Any) -> list[tuple[Key, Key]]:
    """Pairs of rows, of this value and of the other, that could not both point at the same one."""
    site = current_site()
    mark = site.database.param
    table, column = quoted(pointer.table, site), quoted(pointer.column, site)
    keys = [quoted(name, site) for name in pointer.row_key]
    pairs: dict[tuple[Key, Key], None] = {}
    for unique in pointer.uniques:
        rest = [spelt(name, site) for name in unique.columns if name != pointer.column]
        shown = ", ".join(
            [*(f"{key} AS k{place}" for place, key in enumerate(keys)), *(f"{n} AS u{i}" for i, n in enumerate(rest))]
        )
        condition = unique.condition if site.engine == "sqlite" else unique.condition.replace("%", "%%")
        part = f" AND ({condition})" if condition else ""
        some = f"SELECT {shown or '1 AS u'} FROM {table} WHERE {column} = {mark}{part}"  # noqa: S608  catalogue's names
        same = " AND ".join(f"a.u{place} = b.u{place}" for place in range(len(rest))) or "1 = 1"
        both = ", ".join([f"{side}.k{place}" for side in "ab" for place in range(len(keys))]) or "1"
        sql = f"SELECT {both} FROM ({some}) AS a JOIN ({some}) AS b ON {same}"  # noqa: S608  catalogue's names
        for row in site.database.execute_sql(sql, (one, other)).fetchall():
            found = tuple(row) if keys else ()
            pairs[found[: len(keys)], found[len(keys) :]] = None
    return list(pairs)


def spelt(name: str, site: Site) -> str:
    """A column of an index as the catalogue spells it: a name is quoted, an expression stands as it is."""
    return quoted(name, site) if name.replace("_", "").isalnum() else f"({name})"
