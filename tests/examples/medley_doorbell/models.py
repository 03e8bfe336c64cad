"""What rang."""

from core.storage import ForeignKeyField, Model, TextField
from plugins.patients.api import Patient


class Ring(Model):
    """Something to look at."""

    reason = TextField(max_length=300)
    patient = ForeignKeyField(Patient, null=True)

    class Meta:
        plugin = "doorbell"
        table_name = "doorbell_ring"
        subject = "patient"
        removal = "never"
