"""What a hospital adds to its nouns: fields of its own, the arrangement of forms, and the index lists go by."""

import peewee

from core.storage import (
    BigIntegerField,
    BooleanField,
    IntegerField,
    JSONField,
    Model,
    Table,
    TextField,
    UTCDateTimeField,
)

LONGEST_KEY = 120


class CustomField(Model):
    """A field of the site's own on the records of one noun.

    `name` is its name at every door, `x_` and a short word. `words` are title and help in other languages,
    `rules` what its kind needs to know: bounds, unit, choices. Retired, it is gone from every door and its values
    stay where they are.
    """

    noun = TextField(max_length=100)
    name = TextField(max_length=40)
    kind = TextField(max_length=20)
    title = TextField(max_length=120)
    help = TextField(max_length=300, default="")
    words = JSONField(null=True)
    rules = JSONField(null=True)
    is_required = BooleanField(default=False)
    is_sensitive = BooleanField(default=False)
    is_restricted = BooleanField(default=False)
    is_filterable = BooleanField(default=False)
    is_unique = BooleanField(default=False)
    is_searched = BooleanField(default=False)
    read_roles = JSONField(null=True)
    write_roles = JSONField(null=True)

    class Meta:
        view = "core.manage_fields"
        label = "Custom field"
        indexes = ((("noun", "name"), True),)


class Arrangement(Model):
    """How a site arranges one noun: its sections in order, what a form leaves out, what it insists on.

    `sections` is a list of `{"key", "title", "words", "facts"}`; a section the plugin declared has no title here.
    """

    noun = TextField(max_length=100, unique=True)
    sections = JSONField()
    hidden = JSONField()
    needed = JSONField()

    class Meta:
        view = "core.manage_fields"
        label = "Arrangement"


class CustomIndex(Table):
    """One value of one filterable field of one record, as text in the order of the values.

    Each record of the noun has a row for each such field; one without a value has the empty text. `only_one` is
    the value's digest where no two records may have the same.
    """

    id = None  # type: ignore[assignment]  # the key is the row
    field_id = IntegerField()
    value = TextField(max_length=LONGEST_KEY)
    owner_id = BigIntegerField()
    only_one = TextField(max_length=64, null=True)

    class Meta:
        table_name = "core_custom_index"
        primary_key = peewee.CompositeKey("field_id", "value", "owner_id")
        why = "it repeats what journaled records say, for lists to go by"
        indexes = ((("owner_id", "field_id"), False), (("field_id", "only_one"), True))


class PreparedField(Table):
    """A field whose index is complete, so that lists can go by it."""

    id = None  # type: ignore[assignment]  # the key is the field
    field_id = IntegerField(primary_key=True)
    at = UTCDateTimeField()

    class Meta:
        table_name = "core_prepared_field"
        why = "it says how far the house is with an index, which is nobody's decision"
