"""The journal, references, idempotency keys, plugins and settings of a new site."""

import secrets

from core.storage import fields
from core.storage.migrations import Frozen, FrozenRecord, Steps

OLDEST_CODE = "0.1"


class JournalRow(Frozen):
    """One thing that happened."""

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
    change_kind = fields.TextField(max_length=12)
    digest = fields.TextField(max_length=64)
    position = fields.BigIntegerField(null=True, unique=True)
    leaf = fields.TextField(max_length=64, null=True)

    class Meta:
        table_name = "core_journal"
        indexes = (
            (("record_uid", "id"), False),
            (("root_uid", "id"), False),
            (("subject_uid", "id"), False),
            (("actor_uid", "id"), False),
            (("act", "id"), False),
        )


class JournalContent(Frozen):
    """What changed."""

    entry_uid = fields.TextField(max_length=36, unique=True)
    subject_uid = fields.TextField(max_length=36, index=True)
    salt = fields.TextField(max_length=32)
    content = fields.TextField()

    class Meta:
        table_name = "core_journal_content"


class JournalHead(Frozen):
    """The last position given."""

    position = fields.BigIntegerField()

    class Meta:
        table_name = "core_journal_head"


class ReadRow(Frozen):
    """One disclosure."""

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
        indexes = ((("subject_uid", "id"), False), (("actor_uid", "id"), False))


class Reference(Frozen):
    """A pointer by uid."""

    source_table = fields.TextField(max_length=64)
    source_column = fields.TextField(max_length=64)
    source_uid = fields.TextField(max_length=36, index=True)
    plugin = fields.TextField(max_length=60)
    noun = fields.TextField(max_length=60)
    target_uid = fields.TextField(max_length=36, index=True)

    class Meta:
        table_name = "core_reference"


class IdempotencyKey(Frozen):
    """A call already carried out."""

    actor_uid = fields.TextField(max_length=60)
    act = fields.TextField(max_length=80)
    request_key = fields.TextField(max_length=100)
    digest = fields.TextField(max_length=64)
    result = fields.TextField(max_length=140)
    at = fields.UTCDateTimeField(index=True)

    class Meta:
        table_name = "core_idempotency_key"
        indexes = ((("actor_uid", "act", "request_key"), True),)


class SiteState(Frozen):
    """The revision."""

    revision = fields.TextField(max_length=40)

    class Meta:
        table_name = "core_site_state"


class Plugin(FrozenRecord):
    """A plugin known at the site."""

    name = fields.TextField(max_length=40, unique=True)
    state = fields.TextField(max_length=12)
    code_version = fields.TextField(max_length=40)
    schema = fields.TextField(max_length=100)
    switched_at = fields.UTCDateTimeField(null=True)
    switched_by = fields.TextField(max_length=60)
    faults = fields.IntegerField()
    last_fault_at = fields.UTCDateTimeField(null=True)
    last_fault = fields.TextField(max_length=300)
    quarantined_at = fields.UTCDateTimeField(null=True)

    class Meta:
        table_name = "core_plugin"


class Setting(FrozenRecord):
    """A setting the site has written."""

    plugin = fields.TextField(max_length=40)
    name = fields.TextField(max_length=60)
    value = fields.JSONField()

    class Meta:
        table_name = "core_setting"
        indexes = ((("plugin", "name"), True),)


# What the journal says may be given its position once, and never change otherwise.
FIXED = (
    "uid", "at", "request_id", "actor_kind", "actor_uid", "on_behalf", "role", "door", "source", "act", "outcome",
    "reason", "subject_uid", "plugin", "noun", "record_uid", "root_uid", "change_kind", "digest",
)  # fmt: skip


def up(migrator, db):
    """Make the tables, their first rows, and the triggers that keep the journal append-only."""
    steps = Steps(migrator, db)
    steps.create_tables(
        JournalRow, JournalContent, JournalHead, ReadRow, Reference, IdempotencyKey, SiteState, Plugin, Setting
    )
    steps.data("first rows", first_rows)
    keep_append_only(steps, "core_journal", allow_sealing=True)
    keep_append_only(steps, "core_read", allow_sealing=False)


def first_rows():
    """One head and one revision."""
    if not SiteState.select().exists():
        SiteState.insert(id=1, revision=secrets.token_hex(12)).execute()
    if not JournalHead.select().exists():
        JournalHead.insert(id=1, position=0).execute()


def keep_append_only(steps, table, allow_sealing):
    """Refuse deletions, and changes other than giving a position to a row that has none."""
    quote = "`" if steps.engine == "mariadb" else '"'
    changed = " OR ".join(f"OLD.{quote}{name}{quote} <> NEW.{quote}{name}{quote}" for name in FIXED)
    refused = f"OLD.position IS NOT NULL OR {changed}" if allow_sealing else "1 = 1"
    for verb, condition in (("UPDATE", refused), ("DELETE", "1 = 1")):
        name = f"{table}_no_{verb.lower()}"
        steps.sql(
            sqlite=f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table} WHEN {condition}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        )
        steps.sql(
            postgresql=f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        )
        steps.sql(
            postgresql=f"CREATE OR REPLACE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW"
            f" WHEN ({condition}) EXECUTE FUNCTION {name}()",
        )
        steps.sql(
            mariadb=f"CREATE OR REPLACE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW"
            f" IF {condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{table} is append-only'; END IF",
        )
