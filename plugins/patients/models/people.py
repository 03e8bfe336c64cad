"""Whom a patient belongs to, what lies in the record on paper, and who had to say why they opened it."""

from core.storage import (
    BooleanField,
    DateField,
    ForeignKeyField,
    JSONField,
    Model,
    Table,
    TextField,
    UTCDateTimeField,
)
from plugins.patients.models.register import ContactPerson, Patient


class Relation(Model):
    """Somebody a patient belongs to: another patient, or a person to call. `kind` is what they are to the patient.

    The rights hold from a day until a day: to decide for the patient, to see the record, to collect what is theirs.
    """

    patient_id: int
    other_id: int | None
    patient = ForeignKeyField(Patient, backref="relations")
    kind = TextField(max_length=20)
    other = ForeignKeyField(Patient, null=True)
    contact = ForeignKeyField(ContactPerson, null=True)
    from_on = DateField(null=True)
    until_on = DateField(null=True)
    may_decide = BooleanField(default=False)
    may_see = BooleanField(default=False)
    may_collect = BooleanField(default=False)
    note = TextField(max_length=300, default="")

    class Meta:
        subject = root = "patient"
        label = "Relation"


class Document(Model):
    """A paper of the patient's: its pages are files kept with it."""

    patient_id: int
    patient = ForeignKeyField(Patient, backref="documents")
    kind = TextField(max_length=20)
    title = TextField(max_length=200)
    dated_on = DateField(null=True)

    class Meta:
        subject = root = "patient"
        label = "Document"


class ReasonGiven(Table):
    """Somebody said why they open a sensitive record, and need not say it again for some hours."""

    user_uid = TextField(max_length=60)
    about_uid = TextField(max_length=36)
    until_at = UTCDateTimeField()

    class Meta:
        table_name = "patients_reason_given"
        why = "the reason itself is in the journal"
        indexes = ((("user_uid", "about_uid"), False),)


class Count(Table):
    """What the register held when it was counted last."""

    taken_at = UTCDateTimeField()
    facts = JSONField()

    class Meta:
        table_name = "patients_count"
        why = "it is worked out from journaled records"
