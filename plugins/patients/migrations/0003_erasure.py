"""Erasures that were asked for and carried out."""

from core.storage.fields import JSONField, TextField, UTCDateTimeField
from core.storage.migrations import FrozenRecord, Steps


class Erasure(FrozenRecord):
    about_uid = TextField(max_length=36, index=True)
    state = TextField(max_length=10)
    reason = TextField(max_length=300)
    certificate = JSONField(null=True)
    done_by = TextField(max_length=60)
    done_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "patients_erasure"


def up(migrator, db):
    Steps(migrator, db).create_tables(Erasure)
