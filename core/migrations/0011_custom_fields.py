"""Fields a site adds to its nouns, the arrangement of their forms, and the index lists go by."""

import peewee

from core.storage.fields import (
    BigIntegerField,
    BooleanField,
    IntegerField,
    JSONField,
    TextField,
    UTCDateTimeField,
)
from core.storage.migrations import Frozen, FrozenRecord, Steps


class CustomField(FrozenRecord):
    """A field of the site's own."""

    noun = TextField(max_length=100)
    name = TextField(max_length=40)
    kind = TextField(max_length=20)
    title = TextField(max_length=120)
    help = TextField(max_length=300)
    words = JSONField(null=True)
    rules = JSONField(null=True)
    is_required = BooleanField()
    is_sensitive = BooleanField()
    is_restricted = BooleanField()
    is_filterable = BooleanField()
    is_unique = BooleanField()
    is_searched = BooleanField()
    read_roles = JSONField(null=True)
    write_roles = JSONField(null=True)

    class Meta:
        table_name = "core_custom_field"
        indexes = ((("noun", "name"), True),)


class Arrangement(FrozenRecord):
    """How a site arranges one noun."""

    noun = TextField(max_length=100, unique=True)
    sections = JSONField()
    hidden = JSONField()
    needed = JSONField()

    class Meta:
        table_name = "core_arrangement"


class CustomIndex(Frozen):
    """One value of one filterable field of one record."""

    id = None
    field_id = IntegerField()
    value = TextField(max_length=120)
    owner_id = BigIntegerField()
    only_one = TextField(max_length=64, null=True)

    class Meta:
        table_name = "core_custom_index"
        primary_key = peewee.CompositeKey("field_id", "value", "owner_id")
        indexes = ((("owner_id", "field_id"), False), (("field_id", "only_one"), True))


class PreparedField(Frozen):
    """A field whose index is complete."""

    id = None
    field_id = IntegerField(primary_key=True)
    at = UTCDateTimeField()

    class Meta:
        table_name = "core_prepared_field"


def up(migrator, db):
    """Make the tables."""
    Steps(migrator, db).create_tables(CustomField, Arrangement, CustomIndex, PreparedField)
