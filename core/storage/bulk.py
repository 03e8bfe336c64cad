"""Many records in few statements, each with its row in the journal all the same."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from core import clock
from core.errors import Misuse
from core.sites import Site
from core.storage.final import refuse_final
from core.storage.journal.writer import Change, insert_rows, note_change
from core.storage.model import OWN_COLUMNS, Model, quoted, tell_written
from core.storage.references import RecordRefField, keep_references
from core.storage.transactions import Transaction, open_transaction

M = TypeVar("M", bound=Model)
AT_ONCE = 200
# What rooms above say before many records are written at once: the model, and the columns (None for new records).
before_bulk: "list[Callable[[type[Model], frozenset[str] | None], None]]" = []


def insert_records(records: Iterable[M]) -> list[M]:
    """Store new records of one model, inside an act. They get no `id`; read them again by uid where it is needed."""
    transaction = writing()
    stored: list[M] = []
    for some in chunks(records):
        model = type(some[0])
        if any(type(record) is not model for record in some):
            raise Misuse("bulk stores records of one model at a time")
        for call in before_bulk:
            call(model, None)
        columns = model._columns()
        rows = [stored_values(record, columns, transaction) for record in some]
        table = quoted(model._meta.table_name, transaction.site)
        names = tuple(quoted(column.column_name, transaction.site) for column in columns)
        insert_rows(transaction.site.database, table, names, rows)
        for record, row in zip(some, rows, strict=True):
            note_created(record, columns, row, transaction)
        tell_written(some, frozenset(column.name for column in columns))
        stored += some
    return stored


def change_where(model: type[Model], condition: Any, values: Mapping[str, Any]) -> int:
    """Set the same values in every record that fits, inside an act; versions rise. Returns how many changed."""
    transaction = writing()
    if set(values) & OWN_COLUMNS:
        raise Misuse("a record's own columns are not set by hand")
    for call in before_bulk:
        call(model, frozenset(values))
    fields = {name: model._meta.fields[name] for name in values}
    sent = {name: field.db_value(values[name]) for name, field in fields.items()}
    changed = 0
    for records in matching(model, condition, transaction.site):
        due = [record for record in records if any(was(record, fields[name]) != sent[name] for name in sent)]
        for record in due:
            refuse_final(model, record.__data__, sent)
        if due:
            update_rows(model, due, sent, transaction)
        for record in due:
            note_changed(record, fields, sent, transaction)
        if due:
            tell_written(due, frozenset(sent))
        changed += len(due)
    return changed


def writing() -> Transaction:
    """The transaction of the act going on."""
    transaction = open_transaction()
    if not transaction.act:
        raise Misuse("records are written inside an act only")
    return transaction


def chunks(records: Iterable[M]) -> Iterator[list[M]]:
    """A few hundred at a time."""
    waiting = iter(records)
    while some := list(islice(waiting, AT_ONCE)):
        yield some


def stored_values(record: Model, columns: list[Any], transaction: Transaction) -> tuple[Any, ...]:
    """The row of a new record."""
    record.created_at = record.updated_at = clock.now()
    record.created_by = record.updated_by = transaction.activation.actor.uid
    record.version = 1
    record._site = transaction.site
    return tuple(column.db_value(record.__data__.get(column.name)) for column in columns)


def note_created(record: Model, columns: list[Any], row: tuple[Any, ...], transaction: Transaction) -> None:
    """The journal row of a new record, and its references."""
    written = {
        column.name: [None, value]
        for column, value in zip(columns, row, strict=True)
        if value is not None and column.name not in OWN_COLUMNS
    }
    keep_references(record, transaction)
    note_change(transaction, Change("created", record, written))
    record._dirty.clear()


def matching(model: type[Model], condition: Any, site: Site) -> Iterator[list[Any]]:
    """The records that fit, locked where the engine can, a few hundred at a time."""
    last = 0
    while True:
        query = model.select().where(condition, model.id > last).order_by(model.id).limit(AT_ONCE)
        found = list(query if site.engine == "sqlite" else query.for_update())
        if not found:
            return
        last = found[-1].id
        yield found


def was(record: Model, field: Any) -> Any:
    """The stored value of a column."""
    return field.db_value(record.__data__.get(field.name))


def update_rows(model: type[Model], records: list[Any], sent: dict[str, Any], transaction: Transaction) -> None:
    """One statement for all of them."""
    if any(isinstance(model._meta.fields[name], RecordRefField) for name in sent):
        raise Misuse("references are set one record at a time")
    site = transaction.site
    mark = site.database.param
    at = model._meta.fields["updated_at"].db_value(clock.now())
    pairs = [f"{quoted(model._meta.fields[name].column_name, site)} = {mark}" for name in sent]
    pairs += [f"updated_at = {mark}", f"updated_by = {mark}", "version = version + 1"]
    ids = ", ".join(mark for _record in records)
    sql = f"UPDATE {quoted(model._meta.table_name, site)} SET {', '.join(pairs)} WHERE id IN ({ids})"  # noqa: S608  own names
    by = transaction.activation.actor.uid
    site.database.execute_sql(sql, [*sent.values(), at, by, *(record.id for record in records)])


def note_changed(record: Any, fields: dict[str, Any], sent: dict[str, Any], transaction: Transaction) -> None:
    """The journal row of a changed record."""
    written = {
        name: [was(record, field), sent[name]] for name, field in fields.items() if was(record, field) != sent[name]
    }
    record.version += 1
    note_change(transaction, Change("changed", record, written))
