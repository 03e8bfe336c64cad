"""Acts for many records at once, and how each of them ended."""

from core.storage import (
    BigIntegerField,
    BooleanField,
    JSONField,
    Table,
    TextField,
    UidField,
    UTCDateTimeField,
    new_uid,
)

ASKED, RUNNING, DONE, STOPPED = "asked", "running", "done", "stopped"


class BulkRun(Table):
    """One act for many: for the records in `uids`, or for all that `narrowing` leaves."""

    uid = UidField(default=new_uid, unique=True)
    noun = TextField(max_length=100)
    owner_uid = TextField(max_length=60)
    verb = TextField(max_length=80)
    given = JSONField()
    uids = JSONField(null=True)
    narrowing = JSONField(null=True)
    state = TextField(max_length=12, default=ASKED)
    is_stopping = BooleanField(default=False)
    job_uid = TextField(max_length=36, default="")
    counts = JSONField()
    created_at = UTCDateTimeField()
    until_at = UTCDateTimeField(index=True)

    class Meta:
        why = "each record it changes is journaled, and so is its beginning"


class BulkOutcome(Table):
    """How it ended for one record."""

    run_id = BigIntegerField()
    record_uid = TextField(max_length=36)
    is_done = BooleanField()
    words = TextField(max_length=300, default="")

    class Meta:
        why = "the records it names are journaled themselves"
        indexes = ((("run_id", "id"), False), (("run_id", "record_uid"), True))
