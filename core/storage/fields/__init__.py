"""The kinds of columns Medley stores, each alike on SQLite, PostgreSQL and MariaDB."""

from core.storage.fields.amounts import (
    CurrencyField,
    MinorUnits,
    MoneyField,
    QuantityField,
    RateField,
)
from core.storage.fields.engine import engine_of
from core.storage.fields.json import JSONField
from core.storage.fields.numbers import BigIntegerField, BooleanField, IntegerField, SmallIntegerField
from core.storage.fields.relations import ForeignKeyField
from core.storage.fields.sealed import EncryptedField, Sealed, SearchHashField, sealed_fields
from core.storage.fields.text import TextField
from core.storage.fields.time import DateField, UTCDateTimeField
from core.storage.fields.uids import UidField, is_uid, new_uid

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
    "MoneyField",
    "QuantityField",
    "RateField",
    "Sealed",
    "SearchHashField",
    "SmallIntegerField",
    "TextField",
    "UTCDateTimeField",
    "UidField",
    "engine_of",
    "is_uid",
    "new_uid",
    "sealed_fields",
]
