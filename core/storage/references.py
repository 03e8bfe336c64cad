"""References by uid, for records of plugins that may be off or absent.

Each `RecordRefField` is also kept as a row of `core_reference`, so that a merge, an export, an erasure
or an orphan check finds every pointer at a record without the code of the plugin that wrote it.
"""

from functools import cache
from typing import Any, NamedTuple

from core.errors import Refused
from core.sites import SiteDatabase
from core.storage import fields
from core.storage.transactions import Transaction
from core.texts import _


class RecordRef(NamedTuple):
    """A record by plugin, kind and uid; written as `patients.patient:0190…`."""

    plugin: str
    noun: str
    uid: str

    def __str__(self) -> str:
        return f"{self.plugin}.{self.noun}:{self.uid}"

    @classmethod
    def parse(cls, text: str) -> "RecordRef":
        """Read the written form; `Refused` when it is not one."""
        kind, colon, uid = text.partition(":")
        plugin, dot, noun = kind.partition(".")
        if not (colon and dot and plugin and noun and uid):
            raise Refused(_("%(text)s is not a reference to a record.", text=text[:80]))
        return cls(plugin, noun, uid)

    @classmethod
    def of(cls, record: Any) -> "RecordRef":
        """The reference to a record at hand."""
        return cls(record._meta.plugin, record._meta.noun, record.uid)


class RecordRefField(fields.TextField):
    """A column that points at a record of any plugin, present or not."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=140, **options)

    def db_value(self, value: Any) -> str | None:
        """A record, a reference or its written form."""
        if value is None or isinstance(value, str):
            return value
        return str(value if isinstance(value, RecordRef) else RecordRef.of(value))

    def python_value(self, value: Any) -> RecordRef | None:
        """The reference; the record itself comes from `record_of`."""
        return None if value is None else value if isinstance(value, RecordRef) else RecordRef.parse(value)


def keep_references(record: Any, transaction: Transaction, gone: bool = False) -> None:
    """Bring `core_reference` in step with a record just written."""
    model: Any = type(record)
    pointing = pointing_fields(model)
    if not pointing:
        return
    database = transaction.site.database
    mark = database.param
    database.execute_sql(f"DELETE FROM core_reference WHERE source_uid = {mark}", (record.uid,))  # noqa: S608  marker
    if gone:
        return
    for field in pointing:
        ref = field.python_value(field.db_value(getattr(record, field.name)))
        if ref is None:
            continue
        marks = ", ".join([mark] * 6)
        columns = "source_table, source_column, source_uid, plugin, noun, target_uid"
        database.execute_sql(
            f"INSERT INTO core_reference ({columns}) VALUES ({marks})",  # noqa: S608  markers
            (record._meta.table_name, field.column_name, record.uid, ref.plugin, ref.noun, ref.uid),
        )


@cache
def pointing_fields(model: Any) -> tuple[Any, ...]:
    """The columns of a model that point at records by uid."""
    fields_of_it: Any = model._meta.sorted_fields
    return tuple(field for field in fields_of_it if isinstance(field, RecordRefField))


def references_to(uid: str, database: SiteDatabase) -> list[tuple[str, str, str]]:
    """Every (table, column, uid of the pointing record) that refers to this record by uid."""
    mark = database.param
    sql = f"SELECT source_table, source_column, source_uid FROM core_reference WHERE target_uid = {mark} ORDER BY id"  # noqa: S608
    return [tuple(row) for row in database.execute_sql(sql, (uid,)).fetchall()]
