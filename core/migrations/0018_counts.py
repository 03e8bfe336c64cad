"""Long lists that are counted to their end."""

from core.storage.fields import BigIntegerField, JSONField, TextField, UidField, UTCDateTimeField
from core.storage.migrations import Frozen, Steps


class Count(Frozen):
    """A list somebody wants counted."""

    uid = UidField(unique=True)
    noun = TextField(max_length=100)
    owner_uid = TextField(max_length=60)
    narrowing = JSONField()
    job_uid = TextField(max_length=36)
    row_count = BigIntegerField(null=True)
    counted_at = UTCDateTimeField(null=True)
    until_at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "core_count"


def up(migrator, db):
    """Make the table."""
    Steps(migrator, db).create_tables(Count)
