"""One person, one record: merging, duplicates, family, documents, and words looked for with a slip in them."""

import peewee

from core.storage.fields import (
    BigIntegerField,
    BooleanField,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    SmallIntegerField,
    TextField,
    UTCDateTimeField,
)
from core.storage.migrations import Frozen, FrozenRecord, Steps


class Patient(FrozenRecord):
    merged_into = ForeignKeyField("self", null=True)

    class Meta:
        table_name = "patients_patient"


class ContactPerson(FrozenRecord):
    class Meta:
        table_name = "patients_contact_person"


class Merge(FrozenRecord):
    survivor_uid = TextField(max_length=36, index=True)
    merged_uid = TextField(max_length=36, index=True)
    state = TextField(max_length=12)
    reason = TextField(max_length=300)
    settled = JSONField()
    kept = JSONField()
    left = JSONField()
    moved = IntegerField()
    total = IntegerField()
    ended_at = UTCDateTimeField(null=True)
    undone_at = UTCDateTimeField(null=True)
    why_undone = TextField(max_length=300)

    class Meta:
        table_name = "patients_merge"


class MergeMove(Frozen):
    merge = ForeignKeyField(Merge)
    table = TextField(max_length=64, column_name="in_table")
    column = TextField(max_length=64, column_name="in_column")
    kind = TextField(max_length=12)
    target = TextField(max_length=64)
    row_key = JSONField()
    other_key = JSONField(null=True)

    class Meta:
        table_name = "patients_merge_move"


class ToldApart(FrozenRecord):
    one = ForeignKeyField(Patient)
    other = ForeignKeyField(Patient)
    reason = TextField(max_length=300)

    class Meta:
        table_name = "patients_told_apart"
        indexes = ((("one", "other"), True),)


class Likeness(Frozen):
    one_id = BigIntegerField()
    other_id = BigIntegerField()
    score = SmallIntegerField()
    run = TextField(max_length=36)

    class Meta:
        table_name = "patients_likeness"
        indexes = ((("one_id", "other_id"), True), (("score", "id"), False))


class Relation(FrozenRecord):
    patient = ForeignKeyField(Patient)
    kind = TextField(max_length=20)
    other = ForeignKeyField(Patient, null=True)
    contact = ForeignKeyField(ContactPerson, null=True)
    from_on = DateField(null=True)
    until_on = DateField(null=True)
    may_decide = BooleanField()
    may_see = BooleanField()
    may_collect = BooleanField()
    note = TextField(max_length=300)

    class Meta:
        table_name = "patients_relation"


class Document(FrozenRecord):
    patient = ForeignKeyField(Patient)
    kind = TextField(max_length=20)
    title = TextField(max_length=200)
    dated_on = DateField(null=True)

    class Meta:
        table_name = "patients_document"


class ReasonGiven(Frozen):
    user_uid = TextField(max_length=60)
    about_uid = TextField(max_length=36)
    until_at = UTCDateTimeField()

    class Meta:
        table_name = "patients_reason_given"
        indexes = ((("user_uid", "about_uid"), False),)


class Count(Frozen):
    taken_at = UTCDateTimeField()
    facts = JSONField()

    class Meta:
        table_name = "patients_count"


class IndexState(Frozen):
    edition = IntegerField()

    class Meta:
        table_name = "patients_index_state"


class SpellingWord(Frozen):
    id = None
    token = IntegerField()
    word = TextField(max_length=40)

    class Meta:
        table_name = "patients_spelling"
        primary_key = peewee.CompositeKey("token", "word")


def up(migrator, db):
    steps = Steps(migrator, db)
    steps.add_column("patients_patient", "preferred_way", TextField(max_length=10, default=""))
    steps.add_column("patients_patient", "is_unidentified", BooleanField(default=False))
    steps.add_column("patients_patient", "is_sensitive", BooleanField(default=False, index=True))
    steps.add_column("patients_patient", "photo_uid", TextField(max_length=36, default=""))
    steps.add_column("patients_patient", "merged_into_id", Patient.merged_into)
    steps.add_column("patients_patient", "is_merging", BooleanField(default=False))
    steps.create_tables(Merge, MergeMove, ToldApart, Likeness, Relation, Document, ReasonGiven, Count, IndexState)
    # The key is the whole row: on SQLite, as on InnoDB, the table is its index and nothing else.
    steps.sql(
        sqlite="CREATE TABLE IF NOT EXISTS patients_spelling (token INTEGER NOT NULL, word VARCHAR(40) NOT NULL,"
        " PRIMARY KEY (token, word)) WITHOUT ROWID"
    )
    if steps.engine != "sqlite":
        steps.create_tables(SpellingWord)
