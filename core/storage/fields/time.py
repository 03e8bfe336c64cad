"""Days and moments. A moment is stored in UTC with its microseconds and never loses its zone on the way."""

from datetime import UTC, date, datetime
from typing import Any

import peewee

from core.errors import Misuse
from core.storage.fields.engine import MARIADB, POSTGRESQL, engine_of
from core.storage.fields.text import refusal
from core.texts import _


class DateField(peewee.DateField):
    """A day of the calendar, without time or zone."""

    def db_value(self, value: Any) -> Any:
        """Write the day as ISO text, which all three engines read as a date."""
        if value is None or isinstance(value, peewee.Node):
            return value
        if isinstance(value, datetime) or not isinstance(value, date):
            raise refusal(self.name, _("This must be a date."))
        return value.isoformat()

    def python_value(self, value: Any) -> Any:
        """Read the day: SQLite gives its text, the others a date."""
        return date.fromisoformat(value) if isinstance(value, str) else value


class UTCDateTimeField(peewee.DateTimeField):
    """A moment: aware when given, aware in UTC when read, exact to the microsecond.

    SQLite stores `YYYY-MM-DD HH:MM:SS.ffffff`, always 26 characters, so that the order of the text
    is the order of time; PostgreSQL TIMESTAMP and MariaDB DATETIME(6) hold the same UTC value.
    """

    def ddl_datatype(self, ctx: peewee.Context) -> peewee.SQL:
        """Choose the column type that keeps microseconds."""
        kinds = {POSTGRESQL: "TIMESTAMP", MARIADB: "DATETIME(6)"}
        return peewee.SQL(kinds.get(engine_of(ctx), "TEXT"))

    def db_value(self, value: Any) -> Any:
        """Write the moment in UTC. A moment without zone is a programming mistake: `Misuse`."""
        if value is None or isinstance(value, peewee.Node):
            return value
        if not isinstance(value, datetime):
            raise refusal(self.name, _("This must be a date and time."))
        if value.tzinfo is None:
            raise Misuse(f"{self.name}: a moment without a time zone cannot be stored.")
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")

    def python_value(self, value: Any) -> Any:
        """Read the moment, aware and in UTC."""
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC)
        return value
