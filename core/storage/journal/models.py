"""The journal's tables as models, for reading; rows are written by `writer` alone."""

from core.storage import fields
from core.storage.model import Table


class JournalRow(Table):
    """One thing that happened: who, what, whose, when, through which door, and how it ended."""

    uid = fields.TextField(max_length=36, unique=True)
    at = fields.UTCDateTimeField()
    request_id = fields.TextField(max_length=40)
    actor_kind = fields.TextField(max_length=12)
    actor_uid = fields.TextField(max_length=60)
    on_behalf = fields.TextField(max_length=60)
    role = fields.TextField(max_length=60)
    door = fields.TextField(max_length=20)
    source = fields.TextField(max_length=60)
    act = fields.TextField(max_length=80)
    outcome = fields.TextField(max_length=12)
    reason = fields.TextField(max_length=300)
    subject_uid = fields.TextField(max_length=36)
    plugin = fields.TextField(max_length=60)
    noun = fields.TextField(max_length=60)
    record_uid = fields.TextField(max_length=36)
    root_uid = fields.TextField(max_length=36)
    record_version = fields.IntegerField(null=True)
    change = fields.TextField(max_length=12, column_name="change_kind")
    digest = fields.TextField(max_length=64)
    position = fields.BigIntegerField(null=True, unique=True)
    leaf = fields.TextField(max_length=64, null=True)

    class Meta:
        table_name = "core_journal"
        why = "it is the journal"
        indexes = (
            (("record_uid", "id"), False),
            (("root_uid", "id"), False),
            (("subject_uid", "id"), False),
            (("actor_uid", "id"), False),
            (("act", "id"), False),
        )


class JournalContent(Table):
    """What changed, apart from the row so that it can be erased; the row keeps its salted digest."""

    entry_uid = fields.TextField(max_length=36, unique=True)
    subject_uid = fields.TextField(max_length=36, index=True)
    salt = fields.TextField(max_length=32)
    content = fields.TextField()

    class Meta:
        table_name = "core_journal_content"
        why = "it is the journal"


class JournalHead(Table):
    """The last position given; one row, locked by whoever gives the next."""

    position = fields.BigIntegerField(default=0)

    class Meta:
        table_name = "core_journal_head"
        why = "it is the journal"


class ReadRow(Table):
    """One disclosure. On an SQLite site the rows are in `reads.db` and this table stays empty."""

    at = fields.UTCDateTimeField()
    request_id = fields.TextField(max_length=40)
    actor_kind = fields.TextField(max_length=12)
    actor_uid = fields.TextField(max_length=60)
    on_behalf = fields.TextField(max_length=60)
    role = fields.TextField(max_length=60)
    door = fields.TextField(max_length=20)
    source = fields.TextField(max_length=60)
    kind = fields.TextField(max_length=12)
    subject_uid = fields.TextField(max_length=36)
    shown = fields.TextField(max_length=500)
    uids = fields.TextField()

    class Meta:
        table_name = "core_read"
        why = "it is the journal of reading"
        indexes = ((("subject_uid", "id"), False), (("actor_uid", "id"), False))


class Reference(Table):
    """A pointer by uid from one record to another; kept by `core.storage.references`."""

    source_table = fields.TextField(max_length=64)
    source_column = fields.TextField(max_length=64)
    source_uid = fields.TextField(max_length=36, index=True)
    plugin = fields.TextField(max_length=60)
    noun = fields.TextField(max_length=60)
    target_uid = fields.TextField(max_length=36, index=True)

    class Meta:
        table_name = "core_reference"
        why = "it repeats what journaled records say, to be found by target"


class IdempotencyKey(Table):
    """A form or call that was already carried out, and what it made."""

    actor_uid = fields.TextField(max_length=60)
    act = fields.TextField(max_length=80)
    request_key = fields.TextField(max_length=100)
    digest = fields.TextField(max_length=64)
    result = fields.TextField(max_length=140)
    at = fields.UTCDateTimeField(index=True)

    class Meta:
        table_name = "core_idempotency_key"
        why = "it only says that an act, itself journaled, was already done"
        indexes = ((("actor_uid", "act", "request_key"), True),)


class SiteStateRow(Table):
    """The revision everything remembered hangs on; one row."""

    revision = fields.TextField(max_length=40)

    class Meta:
        table_name = "core_site_state"
        why = "each change of it belongs to a journaled act"


__all__ = [
    "IdempotencyKey",
    "JournalContent",
    "JournalHead",
    "JournalRow",
    "ReadRow",
    "Reference",
    "SiteStateRow",
]
