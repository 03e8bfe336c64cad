"""Imports, the columns they were mapped to, what is wrong with their rows, and what each row became."""

from core.storage import (
    BigIntegerField,
    BooleanField,
    IntegerField,
    JSONField,
    Table,
    TextField,
    UidField,
    UTCDateTimeField,
    new_uid,
)

SENT, TESTING, TESTED, IMPORTING, DONE, STOPPED, UNDOING, UNDONE, FAILED = (
    "sent", "testing", "tested", "importing", "done", "stopped", "undoing", "undone", "failed",
)  # fmt: skip
# What is said to a question about a row: it comes in all the same, or nothing is done with it.
YES, SKIP = ANSWERS = ("yes", "skip")
AT_WORK = (TESTING, IMPORTING, UNDOING)


class Import(Table):
    """One file on its way in. `mapping` leads from heads of columns to facts; `counts` say how far it is."""

    uid = UidField(default=new_uid, unique=True)
    noun = TextField(max_length=100)
    owner_uid = TextField(max_length=60)
    file_name = TextField(max_length=200)
    file_uid = TextField(max_length=36)
    heads = JSONField()
    remarks = JSONField()
    mapping = JSONField()
    mode = TextField(max_length=12, default="add")
    clears_empty = BooleanField(default=False)
    state = TextField(max_length=12, default=SENT)
    is_stopping = BooleanField(default=False)
    job_uid = TextField(max_length=36, default="")
    counts = JSONField()
    error = TextField(max_length=300, default="")
    created_at = UTCDateTimeField()
    ended_at = UTCDateTimeField(null=True)
    until_at = UTCDateTimeField(index=True)

    class Meta:
        why = "each record an import writes is journaled, and so are its steps"
        indexes = ((("noun", "owner_uid"), False),)


class ColumnMap(Table):
    """Which fact each column of a file with these heads was, the last time."""

    noun = TextField(max_length=100)
    digest = TextField(max_length=64)
    mapping = JSONField()
    mode = TextField(max_length=12)
    clears_empty = BooleanField(default=False)

    class Meta:
        why = "it is a convenience: names of columns, and nothing out of them"
        indexes = ((("noun", "digest"), True),)


class ImportProblem(Table):
    """Something wrong with one cell of an import, or with a whole row; `answer` is what it is put right as.

    Where an act asked something about a row, `asks` is the word that means yes, and the answer is one of `ANSWERS`.
    """

    import_id = BigIntegerField()
    line_number = IntegerField()
    head = TextField(max_length=200, default="")
    content = TextField(max_length=500, default="")
    words = TextField(max_length=300)
    fix = TextField(max_length=300, default="")
    answer = TextField(max_length=500, null=True)
    asks = TextField(max_length=40, default="")

    class Meta:
        why = "it belongs to a file that is gone in some days"
        indexes = ((("import_id", "line_number"), False),)


class ImportedRow(Table):
    """What became of a row: the record it made or changed, and its version then. A row counts once."""

    import_id = BigIntegerField()
    line_number = IntegerField()
    outcome = TextField(max_length=12)
    record_uid = TextField(max_length=36)
    record_version = IntegerField()
    words = TextField(max_length=300, default="")

    class Meta:
        why = "the records it names are journaled themselves"
        indexes = ((("import_id", "line_number"), True), (("record_uid",), False))
