"""What lists and forms remember: views people saved, drafts of forms, words that records are found by, comments."""

import peewee

from core.storage import (
    BigIntegerField,
    BooleanField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    RecordRefField,
    Table,
    TextField,
    UidField,
    UTCDateTimeField,
    new_uid,
    record_of,
)
from core.users.models import User


class SavedView(Model):
    """A list as somebody wants to find it again: facets, words, order and columns. Shared, it is everybody's."""

    noun = TextField(max_length=100)
    owner = ForeignKeyField(User)
    title = TextField(max_length=80)
    narrowing = JSONField()
    is_shared = BooleanField(default=False)

    class Meta:
        label = "Saved view"
        indexes = ((("noun", "owner"), False),)


class Draft(Table):
    """A form somebody has not sent yet, sealed; kept through signing out, gone when the form is saved."""

    owner_uid = TextField(max_length=60)
    form = TextField(max_length=160)
    content = TextField()
    saved_at = UTCDateTimeField()

    class Meta:
        why = "it is what somebody is still writing, and nobody else's yet"
        indexes = ((("owner_uid", "form"), True), (("saved_at",), False))


class SearchToken(Table):
    """One thing a record is found by (`core.storage.search`); `owner_id` is the record's id."""

    id = None  # type: ignore[assignment]  # the key is the row
    noun = TextField(max_length=100)
    token = TextField(max_length=24)
    owner_id = IntegerField()

    class Meta:
        table_name = "core_search_token"
        primary_key = peewee.CompositeKey("noun", "token", "owner_id")
        why = "it repeats what journaled records say, to be found by"
        indexes = ((("noun", "owner_id"), False),)


class Comment(Model):
    """What somebody has to say about a record, beside what the record says itself."""

    about = RecordRefField()
    text = TextField(max_length=4000)

    class Meta:
        label = "Comment"
        indexes = ((("about", "id"), False),)

    @property
    def subject_uid(self) -> str:
        """The person the record it is about is about."""
        record = record_of(self.about)
        return record.subject_uid if record is not None else ""


class Count(Table):
    """A list somebody wants counted: how it is narrowed, and how many rows there were at `counted_at`."""

    uid = UidField(default=new_uid, unique=True)
    noun = TextField(max_length=100)
    owner_uid = TextField(max_length=60)
    narrowing = JSONField()
    job_uid = TextField(max_length=36, default="")
    row_count = BigIntegerField(null=True)
    counted_at = UTCDateTimeField(null=True)
    until_at = UTCDateTimeField(index=True)

    class Meta:
        why = "it is a number that is forgotten after a day; whom it counts is shown to nobody"
