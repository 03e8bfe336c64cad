"""Text that compares exactly and alike on SQLite, PostgreSQL and MariaDB."""

import unicodedata
from typing import Any

import peewee

from core.errors import Misuse, Refused
from core.storage.fields.engine import MARIADB, POSTGRESQL, engine_of
from core.texts import _

LONGEST_INDEXED = 700
"""InnoDB indexes 3072 bytes, which is 768 characters of utf8mb4; the rest is left for a second column."""

LONGEST_TEXT = 4_000_000
"""Characters in a text without a length of its own: four bytes each still fit MariaDB's MEDIUMTEXT."""

COLLATIONS = {
    POSTGRESQL: ' COLLATE "C"',
    MARIADB: " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
}


class TextField(peewee.TextField):
    """Text stored as NFC and compared by code point: `Ann`, `ann`, `Ånn` and `Ann ` are four values.

    Raises `Refused`, naming the field, for anything that is not text, for NUL characters, lone
    surrogates and values longer than `max_length` characters. Nothing is ever cut.
    """

    def __init__(self, max_length: int | None = None, **options: Any) -> None:
        self.max_length = max_length
        indexed = options.get("index") or options.get("unique") or options.get("primary_key")
        if indexed and (max_length is None or max_length > LONGEST_INDEXED):
            raise Misuse(f"An indexed TextField needs max_length of at most {LONGEST_INDEXED}.")
        super().__init__(**options)

    def ddl_datatype(self, ctx: peewee.Context) -> peewee.SQL:
        """VARCHAR(n) or the engine's long text, with the collation that compares code points."""
        engine = engine_of(ctx)
        if self.max_length is not None:
            kind = f"VARCHAR({self.max_length})"
        else:
            kind = "MEDIUMTEXT" if engine == MARIADB else "TEXT"
        return peewee.SQL(kind + COLLATIONS.get(engine, ""))

    def adapt(self, value: Any) -> Any:
        """Read a value from the database as it is."""
        return value

    def db_value(self, value: Any) -> Any:
        """Check a text and bring it into its one stored form."""
        if value is None or isinstance(value, peewee.Node):
            return value
        return checked_text(value, self.name, self.max_length)


def checked_text(value: Any, name: str, max_length: int | None) -> str:
    """Return the text in NFC, or refuse it in the name of the field."""
    if not isinstance(value, str):
        raise refusal(name, _("This must be text."))
    text = value if value.isascii() else unicodedata.normalize("NFC", value)
    if "\x00" in text:
        raise refusal(name, _("This text holds a character that cannot be stored."))
    if not text.isascii() and not _is_encodable(text):
        raise refusal(name, _("This text holds a character that cannot be stored."))
    limit = LONGEST_TEXT if max_length is None else max_length
    if len(text) > limit:
        raise refusal(name, _("This is too long: at most %(limit)s characters fit.", limit=limit))
    return text


def refusal(name: str, message: Any) -> Refused:
    """Build the refusal that brings a person back to the field."""
    return Refused(message, fields={name: message})


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
