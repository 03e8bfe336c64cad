"""Tokens and kept answers, as release 0.1 keeps them."""

from core.storage.fields import BigIntegerField, ForeignKeyField, IntegerField, TextField, UidField
from core.storage.migrations import Frozen, Steps


class User(Frozen):
    class Meta:
        table_name = "core_user"


class Token(Frozen):
    uid = UidField(unique=True)
    key_hash = TextField(max_length=64, unique=True)
    hint = TextField(max_length=20)
    name = TextField(max_length=80)
    owner = ForeignKeyField(User)
    scopes = TextField()
    sources = TextField(max_length=2000)
    made_by = TextField(max_length=60)
    made_at = BigIntegerField()
    seen_at = BigIntegerField(null=True)
    expires_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)

    class Meta:
        table_name = "api_token"
        indexes = ((("owner", "id"), False),)


class Answer(Frozen):
    actor_uid = TextField(max_length=60)
    request_key = TextField(max_length=64)
    digest = TextField(max_length=64)
    status = IntegerField()
    sealed = TextField()
    at = BigIntegerField(index=True)

    class Meta:
        table_name = "api_answer"
        indexes = ((("actor_uid", "request_key"), True),)


def up(migrator, db):
    """Make the tables."""
    Steps(migrator, db).create_tables(Token, Answer)
