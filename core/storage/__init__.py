"""Where a hospital's records are kept: models, transactions, files, numbers, search tokens and the journal."""

from core.storage.fields import (
    BigIntegerField,
    BooleanField,
    CurrencyField,
    DateField,
    EncryptedField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    MoneyField,
    QuantityField,
    RateField,
    SmallIntegerField,
    TextField,
    UTCDateTimeField,
    is_uid,
    new_uid,
)
from core.storage.model import Model, Table, all_models, all_tables, model_of, record_of
from core.storage.references import RecordRef, RecordRefField, references_to
from core.storage.transactions import after_commit, atomic, savepoint

__all__ = [
    "BigIntegerField",
    "BooleanField",
    "CurrencyField",
    "DateField",
    "EncryptedField",
    "ForeignKeyField",
    "IntegerField",
    "JSONField",
    "Model",
    "MoneyField",
    "QuantityField",
    "RateField",
    "RecordRef",
    "RecordRefField",
    "SmallIntegerField",
    "Table",
    "TextField",
    "UTCDateTimeField",
    "after_commit",
    "all_models",
    "all_tables",
    "atomic",
    "is_uid",
    "model_of",
    "new_uid",
    "record_of",
    "references_to",
    "savepoint",
]
