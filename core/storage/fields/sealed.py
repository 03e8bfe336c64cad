"""Columns nobody reads without the key: national numbers, sensitive flags, secrets of other systems."""

from typing import Any

import peewee

from core.errors import Misuse
from core.storage import keys
from core.storage.fields.text import TextField, checked_text

HASH_LENGTH = 64
# A sealed value inside a JSON column is an object of this one key; it is bound to table, column, key and record.
SEALED = "sealed"


class Sealed(str):
    """A value as it stands in its column: encrypted, `v1:<key id>:<base64 of nonce and ciphertext>`."""

    __slots__ = ()


class SealedAccessor(peewee.FieldAccessor):
    """Encrypts when a value is set and decrypts when it is first read; what is saved is always ciphertext."""

    def __get__(self, instance: Any, instance_type: Any = None) -> Any:
        if instance is None:
            return self.field
        stored = instance.__data__.get(self.name)
        if not isinstance(stored, Sealed):
            return stored
        opened = instance.__dict__.setdefault("_opened", {})
        if opened.get(self.name, (None,))[0] is not stored:
            opened[self.name] = (stored, self.field.open(stored, instance))
        return opened[self.name][1]

    def __set__(self, instance: Any, value: Any) -> None:
        field: EncryptedField = self.field
        if value is None or isinstance(value, Sealed | peewee.Node):
            super().__set__(instance, value)
            if value is None and field.searchable:
                setattr(instance, field.hash_name, None)
            return
        if self._holds(instance, value):
            return
        text = checked_text(value, field.name, field.longest)
        super().__set__(instance, field.seal(text, instance))
        instance.__dict__.setdefault("_opened", {})[self.name] = (instance.__data__[self.name], text)
        if field.searchable:
            setattr(instance, field.hash_name, field.hash_of(text))

    def _holds(self, instance: Any, value: Any) -> bool:
        """Whether the value is there already; one that can't be read any more may be written anew."""
        try:
            return bool(value == self.__get__(instance))
        except keys.SealBroken:
            return False


class EncryptedField(TextField):
    """Text under AES-256-GCM, bound to its table, record and column: swapped ciphertexts don't open.

    `searchable=True` adds a column `<name>_hash` with a keyed hash; `matches(value)` is the condition
    for equality. Comparing the column itself is `Misuse`, for equal texts have unequal ciphertexts.
    `sealed_as` keeps the first "table.column" when either is renamed later.
    """

    accessor_class = SealedAccessor

    def __init__(
        self, searchable: bool = False, longest: int | None = 10_000, sealed_as: str = "", **options: Any
    ) -> None:
        if options.get("default") is not None or options.get("index") or options.get("unique"):
            raise Misuse("An EncryptedField has neither default nor index; searchable=True makes it findable.")
        options.pop("max_length", None)
        self.searchable = searchable
        self.longest = longest
        self.sealed_as = sealed_as
        super().__init__(**options)

    def bind(self, model: type[peewee.Model], name: str, set_attribute: bool = True) -> None:
        """Join the model, with the column of hashes beside it when it is searchable."""
        super().bind(model, name, set_attribute)
        if self.searchable and set_attribute and not hasattr(model, self.hash_name):
            model._meta.add_field(self.hash_name, SearchHashField(null=True, index=True))

    @property
    def hash_name(self) -> str:
        """The name of the column of keyed hashes."""
        return f"{self.name}_hash"

    @property
    def place(self) -> str:
        """The table and column a value is bound to."""
        return self.sealed_as or f"{self.model._meta.table_name}.{self.column_name}"

    def db_value(self, value: Any) -> Any:
        """Let only ciphertext through, so that no plain text reaches a query by mistake."""
        if value is None or isinstance(value, peewee.Node | Sealed):
            return value
        raise Misuse(f"{self.name} is encrypted: set it on a record, or search with matches().")

    def python_value(self, value: Any) -> Any:
        """Read ciphertext; the record's accessor opens it."""
        return None if value is None else Sealed(value)

    def seal(self, text: str, record: Any) -> Sealed:
        """Encrypt a text for one record."""
        return Sealed(keys.site_keys().seal(text.encode(), self.bound_to(record)))

    def open(self, stored: str, record: Any) -> str:
        """Decrypt a record's value; raises `keys.SealBroken` when it was changed or moved."""
        bound_to = self.bound_to(record)
        try:
            return keys.site_keys().open(stored, bound_to).decode()
        except keys.SealBroken:
            keys.look_again()
            return keys.site_keys().open(stored, bound_to).decode()

    def bound_to(self, record: Any) -> bytes:
        """What a ciphertext is tied to: the place and the record's uid."""
        uid = record.__data__.get("uid")
        if not uid:
            raise Misuse(f"{type(record).__name__}.{self.name} is encrypted for a record: select its uid too.")
        return self.bound_to_uid(uid)

    def bound_to_uid(self, uid: str) -> bytes:
        """The same, for a record known by its uid alone."""
        return f"{self.place}|{uid}".encode()

    def hash_of(self, value: str) -> str:
        """The keyed hash a value is found by."""
        return keys.site_keys().keyed_hash(self.place, _for_search(value, self.name, self.longest))

    def matches(self, value: str) -> peewee.Expression:
        """The condition that the column holds exactly this value, whichever key it was hashed with."""
        if not self.searchable:
            raise Misuse(f"{self.name} is not searchable.")
        text = _for_search(value, self.name, self.longest)
        column: Any = self.model._meta.fields[self.hash_name]
        condition: peewee.Expression = column.in_(keys.site_keys().keyed_hashes(self.place, text))
        return condition


class SearchHashField(TextField):
    """The keyed hash beside a searchable encrypted column; set with it, never by hand."""

    def __init__(self, **options: Any) -> None:
        options.pop("max_length", None)
        super().__init__(max_length=HASH_LENGTH, **options)


def sealed_fields(model: type[peewee.Model]) -> list[EncryptedField]:
    """The encrypted columns of a model."""
    return [field for field in model._meta.sorted_fields if isinstance(field, EncryptedField)]


def _for_search(value: str, name: str, longest: int | None) -> str:
    return checked_text(value, name, longest).strip()
