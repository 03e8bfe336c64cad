"""People who may be the same: what the last search through the register found, and who was told apart."""

from core.storage import BigIntegerField, ForeignKeyField, Model, SmallIntegerField, Table, TextField
from plugins.patients.models.register import Patient


class ToldApart(Model):
    """Somebody looked at these two and said that they are two people; they are not offered again."""

    one = ForeignKeyField(Patient)
    other = ForeignKeyField(Patient)
    reason = TextField(max_length=300, default="")

    class Meta:
        table_name = "patients_told_apart"
        subject = "one"
        label = "Told apart"
        indexes = ((("one", "other"), True),)


class Likeness(Table):
    """Two patients who are alike, the older record first, and how much of 100.

    Like search tokens they hold ids without a foreign key: the next search makes them anew, and no merge moves them.
    """

    one_id = BigIntegerField()
    other_id = BigIntegerField()
    score = SmallIntegerField()
    run = TextField(max_length=36)

    class Meta:
        table_name = "patients_likeness"
        why = "it is worked out from journaled records"
        indexes = ((("one_id", "other_id"), True), (("score", "id"), False))
