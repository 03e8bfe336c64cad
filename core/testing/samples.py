"""A row of any model, made up from its fields: for contracts that must meet tables they have never seen."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

import peewee

from core.actors import Actor
from core.acts import act
from core.storage import Model, RecordRef, fields
from core.storage.references import RecordRefField

_numbers = itertools.count(1)


def sample_values(model: type[peewee.Model], by: Actor) -> dict[str, Any]:
    """Values for the fields that need one."""
    values: dict[str, Any] = {}
    for field in model._meta.sorted_fields:
        if field.primary_key or field.null or field.default is not None or field.name in {"uid", "version"}:
            continue
        values[field.name] = sample_value(field, by)
    return values


def sample_value(field: Any, by: Actor) -> Any:
    """A value that fits one field."""
    number = next(_numbers)
    if isinstance(field, peewee.ForeignKeyField):
        return sample_record(field.rel_model, by=by)
    if isinstance(field, RecordRefField):
        return RecordRef("sample", "record", fields.new_uid())
    if isinstance(field, fields.CurrencyField):
        return "USD"
    if isinstance(field, fields.UidField):
        return fields.new_uid()
    if isinstance(field, fields.TextField):
        return f"sample {number}"[-(getattr(field, "max_length", None) or 40) :]
    kinds: tuple[tuple[type, Any], ...] = (
        (fields.BooleanField, True),
        (fields.UTCDateTimeField, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (fields.DateField, date(2026, 1, 2)),
        (fields.JSONField, {"sample": number}),
        (peewee.IntegerField, number % 1000 + 1),
        (peewee.BlobField, b"sample"),
    )
    for kind, value in kinds:
        if isinstance(field, kind):
            return value
    return str(number)


@act("core.make_sample", permission="core.manage_plugins")
def sample_record(model: type[Any], by: Actor) -> Any:
    """Store one row of a model, with the rows it points at."""
    record = model(**sample_values(model, by))
    if isinstance(record, Model):
        record.save()
    else:
        record.save(force_insert=True)
    return record
