"""Bringing encrypted columns under the current key after a rotation, while the hospital works."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import peewee

from core.sites import current_site
from core.storage import keys
from core.storage.fields.json import written
from core.storage.fields.sealed import SEALED, EncryptedField, sealed_fields
from core.storage.transactions import atomic

CHUNK = 200
Progress = Callable[[str, int], None]


def reseal(models: Iterable[type[peewee.Model]], progress: Progress | None = None, chunk: int = CHUNK) -> int:
    """Encrypt anew whatever is not under the current key; returns how many values that were.

    Each chunk is a transaction of its own. It can be stopped and started at any time: what is done is
    told by its key id. A value somebody changes meanwhile is under the current key already and stays.
    Versions don't change, for nothing a person wrote does. `progress(table, last id)` is told.
    """
    known = list(models)
    in_columns = sum(_Table(model).reseal(progress, chunk) for model in known if sealed_fields(model))
    return in_columns + sum(_Custom(model).reseal(progress, chunk) for model in known if has_custom(model))


def left_to_reseal(models: Iterable[type[peewee.Model]]) -> int:
    """How many rows still hold a value under an older key: none, and the old key may be retired."""
    known = list(models)
    in_columns = sum(_Table(model).count() for model in known if sealed_fields(model))
    return in_columns + sum(_Custom(model).count() for model in known if has_custom(model))


def has_custom(model: type[peewee.Model]) -> bool:
    """Whether records of this model may have fields of the site's own."""
    return "custom" in model._meta.fields


class _Table:
    """One table with encrypted columns, as plain SQL: a rotation must not pass through `save()`."""

    def __init__(self, model: type[peewee.Model]) -> None:
        self.site = current_site()
        self.database: Any = self.site.database
        self.fields = sealed_fields(model)
        self.hashes = {field.name: model._meta.fields[field.hash_name] for field in self.fields if field.searchable}
        self.name = model._meta.table_name
        self.prefix = f"{keys.SEAL_VERSION}:{keys.site_keys().current}:%"

    def reseal(self, progress: Progress | None, chunk: int) -> int:
        """Go through the table by id."""
        after = done = 0
        while True:
            with atomic():
                rows = self._rows(after, chunk)
                for row in rows:
                    done += self._reseal_row(row[0], row[1], row[2:])
            if not rows:
                return done
            after = rows[-1][0]
            if progress is not None:
                progress(self.name, after)

    def count(self) -> int:
        """How many rows are left."""
        sql = f"SELECT count(*) FROM {self._quoted(self.name)} WHERE {self._older()}"  # noqa: S608  own names
        return int(self.database.execute_sql(sql, [self.prefix] * len(self.fields)).fetchone()[0])

    def _rows(self, after: int, chunk: int) -> list[tuple[Any, ...]]:
        columns = ", ".join(["id", "uid", *(self._quoted(field.column_name) for field in self.fields)])
        lock = "" if self.site.engine == "sqlite" else " FOR UPDATE"
        mark = self.database.param
        table = self._quoted(self.name)
        sql = f"SELECT {columns} FROM {table} WHERE id > {mark} AND ({self._older()}) ORDER BY id LIMIT {chunk}{lock}"  # noqa: S608
        return list(self.database.execute_sql(sql, [after, *[self.prefix] * len(self.fields)]).fetchall())

    def _older(self) -> str:
        mark = self.database.param
        return " OR ".join(f"{self._quoted(field.column_name)} NOT LIKE {mark}" for field in self.fields)

    def _reseal_row(self, row_id: int, uid: str, stored: tuple[str | None, ...]) -> int:
        site_keys = keys.site_keys()
        values: dict[str, str] = {}
        count = 0
        for field, old in zip(self.fields, stored, strict=True):
            if old is None or site_keys.is_current(old):
                continue
            plain = site_keys.open(old, field.bound_to_uid(uid)).decode()
            values[field.column_name] = site_keys.seal(plain.encode(), field.bound_to_uid(uid))
            values.update(self._hash(field, plain))
            count += 1
        mark = self.database.param
        pairs = ", ".join(f"{self._quoted(name)} = {mark}" for name in values)
        sql = f"UPDATE {self._quoted(self.name)} SET {pairs} WHERE id = {mark}"  # noqa: S608  own names
        self.database.execute_sql(sql, [*values.values(), row_id])
        return count

    def _hash(self, field: EncryptedField, plain: str) -> dict[str, str]:
        return {self.hashes[field.name].column_name: field.hash_of(plain)} if field.searchable else {}

    def _quoted(self, name: str) -> str:
        mark = self.database.quote[0]
        return f"{mark}{name}{mark}"


class _Custom:
    """The custom column of one table: what is sealed in it lies under the uid of its field."""

    def __init__(self, model: type[peewee.Model]) -> None:
        self.site = current_site()
        self.database: Any = self.site.database
        self.name = model._meta.table_name
        self.quoted = "{0}{1}{0}".format(self.database.quote[0], self.name)

    def reseal(self, progress: Progress | None, chunk: int) -> int:
        """Go through the table by id."""
        after = done = 0
        while True:
            with atomic():
                rows = self._rows(after, chunk, for_update=True)
                done += sum(self._reseal_row(row_id, uid, custom) for row_id, uid, custom in rows)
            if not rows:
                return done
            after = rows[-1][0]
            if progress is not None:
                progress(self.name, after)

    def count(self) -> int:
        """How many rows are left."""
        after = left = 0
        while rows := self._rows(after, CHUNK):
            left += sum(1 for _id, _uid, custom in rows if older_in(custom))
            after = rows[-1][0]
        return left

    def _rows(self, after: int, chunk: int, for_update: bool = False) -> list[tuple[int, str, dict[str, Any]]]:
        lock = " FOR UPDATE" if for_update and self.site.engine != "sqlite" else ""
        mark = self.database.param
        text = "CAST(custom AS TEXT)" if self.site.engine == "postgresql" else "custom"
        sql = (
            f"SELECT id, uid, custom FROM {self.quoted}"  # noqa: S608  own names
            f" WHERE id > {mark} AND {text} LIKE {mark} ORDER BY id LIMIT {chunk}{lock}"
        )
        found = self.database.execute_sql(sql, [after, f'%"{SEALED}"%']).fetchall()
        return [
            (row[0], str(row[1]), json.loads(row[2]) if isinstance(row[2], str | bytes) else row[2]) for row in found
        ]

    def _reseal_row(self, row_id: int, uid: str, custom: dict[str, Any]) -> int:
        site_keys = keys.site_keys()
        older = older_in(custom)
        for field_uid in older:
            bound_to = f"{self.name}.custom.{field_uid}|{uid}".encode()
            custom[field_uid] = {SEALED: site_keys.seal(site_keys.open(custom[field_uid][SEALED], bound_to), bound_to)}
        if older:
            mark = self.database.param
            sql = f"UPDATE {self.quoted} SET custom = {mark} WHERE id = {mark}"  # noqa: S608  own names
            self.database.execute_sql(sql, [written(custom), row_id])
        return len(older)


def older_in(custom: dict[str, Any]) -> list[str]:
    """The fields whose value is sealed with an older key."""
    site_keys = keys.site_keys()
    sealed = {name: kept[SEALED] for name, kept in custom.items() if isinstance(kept, dict) and SEALED in kept}
    return [name for name, kept in sealed.items() if not site_keys.is_current(kept)]
