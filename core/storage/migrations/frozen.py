"""Copies of tables as they were when a migration was written."""

from typing import Any

import peewee

from core.errors import Misuse
from core.sites import current_site, is_active
from core.storage import fields


class FrozenMetadata(peewee.Metadata):
    """A frozen table's facts: a written name, and the database of the site being migrated."""

    def __init__(self, model: Any, table_name: str = "", **options: Any) -> None:
        is_root = model.__module__ == __name__
        if not table_name and not is_root:
            raise Misuse(f"{model.__name__}: a frozen table states its table_name")
        super().__init__(model, table_name=table_name or "frozen", **options)

    @property
    def database(self) -> Any:
        """The database of the site being migrated."""
        return current_site().database if is_active() else None

    @database.setter
    def database(self, value: Any) -> None:
        """Peewee passes the parent's on; there is nothing to keep."""


class Frozen(peewee.Model):
    """A table as a migration knows it: an id and what the script writes down. Never a live model."""

    id = peewee.BigAutoField()

    class Meta:
        model_metadata_class = FrozenMetadata


class FrozenRecord(Frozen):
    """The columns every record has, as release 0.1 made them.

    This class is frozen too: when `Model` changes, the scripts that change the tables write the
    difference, and new scripts use a class of their own beside this one.
    """

    uid = fields.UidField(unique=True)
    version = fields.IntegerField()
    created_at = fields.UTCDateTimeField(null=True)
    created_by = fields.TextField(max_length=60)
    updated_at = fields.UTCDateTimeField(null=True)
    updated_by = fields.TextField(max_length=60)
    custom = fields.JSONField(null=True)
    retired_at = fields.UTCDateTimeField(null=True)
    retired_by = fields.TextField(max_length=60, null=True)
    retired_reason = fields.TextField(max_length=300, null=True)
