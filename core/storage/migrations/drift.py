"""Whether the tables are what the models say: missing or spare columns and indexes, types, nulls, collations."""

import re
from collections.abc import Iterable
from typing import Any

import peewee
from playhouse.schema_diff import diff_models

from core.sites import current_site
from core.storage.fields import TextField

COLLATIONS = {"postgresql": "C", "mariadb": "utf8mb4_nopad_bin"}
# How each engine calls a type in its catalogue, after the words of DDL.
CATALOGUE_NAMES = {
    "postgresql": {
        "varchar": "character varying",
        "timestamp": "timestamp without time zone",
        "int": "integer",
        "bigserial": "bigint",
        "serial": "integer",
        "bool": "boolean",
    },
    "mariadb": {
        "bool": "tinyint(1)",
        "json": "longtext",
        "integer": "int",
        "bigint auto_increment": "bigint",
        "integer auto_increment": "int",
    },
    "sqlite": {},
}


def drift(models: Iterable[type[peewee.Model]]) -> list[str]:
    """Say, one sentence each, where the site's tables differ from these models; empty when they agree."""
    site = current_site()
    database = site.database
    wanted = list(models)
    difference = diff_models(database, wanted)
    found = str(difference).splitlines() if difference else []
    missing = {model._meta.table_name for model in difference.create_tables}
    for model in wanted:
        if model._meta.table_name not in missing:
            found.extend(_column_drift(model, database, site.engine))
    return found


def _column_drift(model: type[peewee.Model], database: Any, engine: str) -> list[str]:
    table = model._meta.table_name
    present = {column.name: column for column in database.get_columns(table)}
    collations = _collations(table, database, engine)
    found = []
    for field in model._meta.sorted_fields:
        column = present.get(field.column_name)
        if column is None:
            continue
        where = f"{table}.{field.column_name}"
        wanted, actual = _wanted_type(field, database, engine), _actual_type(column, engine)
        if wanted != actual:
            found.append(f"{where} is {actual}, not {wanted}")
        if column.null != field.null and not field.primary_key:
            found.append(f"{where} {'allows' if column.null else 'forbids'} nulls")
        if isinstance(field, TextField) and engine in COLLATIONS:
            if collations.get(field.column_name) != COLLATIONS[engine]:
                found.append(f"{where} has collation {collations.get(field.column_name)}")
    return found


def _wanted_type(field: Any, database: Any, engine: str) -> str:
    sql, _ = database.get_sql_context().sql(field.ddl_datatype(database.get_sql_context())).query()
    return _normalised(re.split(r" (?:COLLATE|CHARACTER SET) ", sql)[0], engine)


def _actual_type(column: Any, engine: str) -> str:
    return _normalised(column[6] or column.data_type if engine != "sqlite" else column.data_type, engine)


def _normalised(kind: str, engine: str) -> str:
    kind = kind.lower().strip()
    if engine == "mariadb" and kind != "tinyint(1)":
        kind = re.sub(r"^(bigint|int|smallint)\(\d+\)", r"\1", kind)
    names = CATALOGUE_NAMES[engine]
    base, bracket, rest = kind.partition("(")
    return names.get(kind) or (names[base] + bracket + rest if base in names else kind)


def _collations(table: str, database: Any, engine: str) -> dict[str, str]:
    if engine not in COLLATIONS:
        return {}
    here = "current_schema()" if engine == "postgresql" else "DATABASE()"
    sql = "SELECT column_name, collation_name FROM information_schema.columns WHERE table_name = %s AND table_schema = "
    return dict(database.execute_sql(sql + here, (table,)).fetchall())
