"""Errands."""

from core.storage.fields import BooleanField, DateField, ForeignKeyField, IntegerField, TextField
from core.storage.migrations import Frozen, FrozenRecord, Steps


class Place(Frozen):
    class Meta:
        table_name = "core_place"


class Errand(FrozenRecord):
    what = TextField(max_length=120)
    place = ForeignKeyField(Place, null=True)
    weight = IntegerField()
    is_urgent = BooleanField()
    wanted_on = DateField(null=True)
    carried_by = TextField(max_length=60)
    note = TextField(max_length=300)
    times_moved = IntegerField()
    state = TextField(max_length=40)
    state_kind = TextField(max_length=40)
    workflow_version = IntegerField()

    class Meta:
        table_name = "porters_errand"
        indexes = ((("state", "id"), False), (("state_kind", "id"), False))


def up(migrator, db):
    """Make the table."""
    Steps(migrator, db).create_tables(Errand)
