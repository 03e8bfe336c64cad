"""Announcements kept for listeners that catch up, and how far each of them has come."""

from core.storage.fields import BigIntegerField, JSONField, TextField, UTCDateTimeField
from core.storage.migrations import Frozen, Steps


class Announcement(Frozen):
    """Something announced."""

    hook = TextField(max_length=100)
    facts = JSONField()
    at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "core_announcement"
        indexes = ((("hook", "id"), False),)


class Heard(Frozen):
    """Who heard it."""

    announcement_id = BigIntegerField()
    plugin = TextField(max_length=40)

    class Meta:
        table_name = "core_announcement_heard"
        indexes = ((("announcement_id", "plugin"), True),)


class CatchUp(Frozen):
    """How far a plugin has come with a hook."""

    plugin = TextField(max_length=40)
    hook = TextField(max_length=100)
    since_id = BigIntegerField()

    class Meta:
        table_name = "core_catch_up"
        indexes = ((("plugin", "hook"), True),)


def up(migrator, db):
    """Make the tables."""
    Steps(migrator, db).create_tables(Announcement, Heard, CatchUp)
