"""Exports that are being written or wait to be fetched, and the columns people chose before."""

from core.storage import (
    BigIntegerField,
    BooleanField,
    ForeignKeyField,
    JSONField,
    Model,
    Table,
    TextField,
    UidField,
    UTCDateTimeField,
    new_uid,
)
from core.users.models import User


class ExportPreset(Model):
    """Columns in an order somebody wants again. Shared, it is everybody's."""

    noun = TextField(max_length=100)
    owner = ForeignKeyField(User)
    title = TextField(max_length=80)
    columns = JSONField()
    is_shared = BooleanField(default=False)

    class Meta:
        label = "Export preset"
        indexes = ((("noun", "owner"), False),)


class Export(Table):
    """One export that is too large to wait for: what was asked for, and the file once it is written."""

    uid = UidField(default=new_uid, unique=True)
    noun = TextField(max_length=100)
    owner_uid = TextField(max_length=60)
    file_format = TextField(max_length=12)
    columns = JSONField()
    narrowing = JSONField()
    job_uid = TextField(max_length=36, default="")
    file_uid = TextField(max_length=36, default="")
    row_count = BigIntegerField(default=0)
    created_at = UTCDateTimeField()
    until_at = UTCDateTimeField(index=True)

    class Meta:
        why = "it only leads to a file for some days; what was exported is journaled"
