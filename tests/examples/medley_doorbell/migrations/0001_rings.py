"""The table of rings."""

from core.storage.fields import ForeignKeyField, TextField
from core.storage.migrations import Frozen, FrozenRecord, Steps


class Patient(Frozen):
    """What a ring may point at."""

    class Meta:
        table_name = "patients_patient"


class Ring(FrozenRecord):
    """Something to look at."""

    reason = TextField(max_length=300)
    patient = ForeignKeyField(Patient, null=True)

    class Meta:
        table_name = "doorbell_ring"


def up(migrator, db):
    """Make the table."""
    Steps(migrator, db).create_tables(Ring)
