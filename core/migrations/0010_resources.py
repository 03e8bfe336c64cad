"""What lists and forms remember: saved views, drafts, words that records are found by, comments."""

import peewee

from core.storage.fields import BooleanField, ForeignKeyField, IntegerField, JSONField, TextField, UTCDateTimeField
from core.storage.migrations import Frozen, FrozenRecord, Steps


class User(Frozen):
    """An account, as far as views point at it."""

    class Meta:
        table_name = "core_user"


class SavedView(FrozenRecord):
    """A list as somebody wants to find it again."""

    noun = TextField(max_length=100)
    owner = ForeignKeyField(User)
    title = TextField(max_length=80)
    narrowing = JSONField()
    is_shared = BooleanField()

    class Meta:
        table_name = "core_saved_view"
        indexes = ((("noun", "owner"), False),)


class Draft(Frozen):
    """A form somebody has not sent yet."""

    owner_uid = TextField(max_length=60)
    form = TextField(max_length=160)
    content = TextField()
    saved_at = UTCDateTimeField()

    class Meta:
        table_name = "core_draft"
        indexes = ((("owner_uid", "form"), True), (("saved_at",), False))


class SearchToken(Frozen):
    """One thing a record is found by."""

    id = None
    noun = TextField(max_length=100)
    token = TextField(max_length=24)
    owner_id = IntegerField()

    class Meta:
        table_name = "core_search_token"
        primary_key = peewee.CompositeKey("noun", "token", "owner_id")
        indexes = ((("noun", "owner_id"), False),)


class Comment(FrozenRecord):
    """What somebody has to say about a record."""

    about = TextField(max_length=140)
    text = TextField(max_length=4000)

    class Meta:
        table_name = "core_comment"
        indexes = ((("about", "id"), False),)


def up(migrator, db):
    """Make the tables."""
    Steps(migrator, db).create_tables(SavedView, Draft, SearchToken, Comment)
