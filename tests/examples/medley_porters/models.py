"""Errands for the porters."""

from core.places.models import Place
from core.storage import BooleanField, DateField, ForeignKeyField, IntegerField, Model, TextField


class Errand(Model):
    """Something to be taken somewhere. The last three columns are written by the workflow alone."""

    what = TextField(max_length=120)
    place = ForeignKeyField(Place, null=True)
    weight = IntegerField(default=0)
    is_urgent = BooleanField(default=False)
    wanted_on = DateField(null=True)
    carried_by = TextField(max_length=60, default="")
    note = TextField(max_length=300, default="")
    times_moved = IntegerField(default=0)
    state = TextField(max_length=40, default="")
    state_kind = TextField(max_length=40, default="")
    workflow_version = IntegerField(default=0)

    class Meta:
        place = "place"
        label = "Errand"
        indexes = ((("state", "id"), False), (("state_kind", "id"), False))
