"""Structured facts in one column, written alike on three engines."""

import json
from typing import Any

import peewee

from core.storage.fields.text import refusal
from core.texts import _

_peewee: Any = peewee  # its stubs know less than it offers


class JSONField(peewee.JSONField):
    """An object or a list, stored compactly with sorted keys; path queries (`field["a"][0] == 2`) work.

    The engine's JSON functions are looked up from the site's database at each use: unlike Peewee's
    own field it keeps nothing from class creation, when no hospital is being served. A top level
    that is neither object nor list is refused, for drivers disagree about reading it back; so are
    NaN, infinity, NUL characters and lone surrogates, which PostgreSQL can't hold.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(dumps=written, loads=json.loads, **options)

    def bind(self, model: type[peewee.Model], name: str, set_attribute: bool = True) -> None:
        """Join the model without asking for its database."""
        peewee.Field.bind(self, model, name, set_attribute)

    @property
    def _helper(self) -> Any:
        database = self.model._meta.database
        if database is None:
            return None
        methods = database.json_methods(database)
        if type(methods).compare_value is _peewee.BaseJSONMethods.compare_value:
            methods.compare_value = _compared
        return methods

    @_helper.setter
    def _helper(self, value: Any) -> None:
        """Peewee's constructor clears it; there is nothing to clear here."""

    def db_value(self, value: Any) -> Any:
        """Write the value as text, which every engine takes for its JSON type."""
        if value is None or isinstance(value, peewee.Node):
            return value
        if not isinstance(value, dict | list | tuple):
            raise refusal(self.name, _("This must be a list or a set of named facts."))
        try:
            return written(value)
        except (TypeError, ValueError) as unfit:
            raise refusal(self.name, _("This holds something that cannot be stored.")) from unfit

    def to_value(self, value: Any) -> Any:
        """Bind the text as one parameter."""
        if value is None or isinstance(value, peewee.Node):
            return value
        return peewee.Value(value, self.db_value, unpack=False)

    def python_value(self, value: Any) -> Any:
        """Read what the driver gives: PostgreSQL's is read already, the others give the text."""
        return json.loads(value) if isinstance(value, str | bytes) else value


def written(value: Any) -> str:
    """Write JSON in its one stored form; raises `ValueError` or `TypeError` for what has none."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    text.encode("utf-8")
    if "\\u0000" in text.replace("\\\\", ""):
        raise ValueError("NUL in text")
    return text


def _compared(field: JSONField, value: Any) -> Any:
    """The other side of a comparison with what lies at a path, which may be a single number or text."""
    return value if value is None or isinstance(value, peewee.Node) else written(value)
