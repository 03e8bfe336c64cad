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
    MinorUnits,
    MoneyField,
    QuantityField,
    RateField,
    SmallIntegerField,
    TextField,
    UidField,
    UTCDateTimeField,
    is_uid,
    new_uid,
)
from core.storage.files import StoredFile, Upload, attach, files_of, receive
from core.storage.model import Model, Table, all_models, all_tables, model_of, record_of
from core.storage.money import Money, to_amount
from core.storage.numbering import NumberPromise, continue_from, define_series, next_number
from core.storage.prepared import rows
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
    "MinorUnits",
    "Model",
    "Money",
    "MoneyField",
    "NumberPromise",
    "QuantityField",
    "RateField",
    "RecordRef",
    "RecordRefField",
    "SmallIntegerField",
    "StoredFile",
    "Table",
    "TextField",
    "UTCDateTimeField",
    "UidField",
    "Upload",
    "after_commit",
    "all_models",
    "all_tables",
    "atomic",
    "attach",
    "continue_from",
    "define_series",
    "files_of",
    "is_uid",
    "model_of",
    "new_uid",
    "next_number",
    "receive",
    "record_of",
    "references_to",
    "rows",
    "savepoint",
    "to_amount",
]
