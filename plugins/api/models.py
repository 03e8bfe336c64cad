"""Tokens programs show, and answers kept for those who did not hear them the first time."""

from core.storage import BigIntegerField, ForeignKeyField, IntegerField, Table, TextField, UidField, new_uid
from core.users.keys import KeyTable
from core.users.models import User

TOKENS = KeyTable("api_token", "mdl_")


class Token(Table):
    """A key one program shows. Only a digest of it is known here; `hint` is its beginning, to recognise it by.

    `scopes` are the permissions it is limited to, `sources` the networks it is good from; both are JSON lists.
    """

    uid = UidField(default=new_uid, unique=True)
    key_hash = TextField(max_length=64, unique=True)
    hint = TextField(max_length=20)
    name = TextField(max_length=80)
    owner = ForeignKeyField(User)
    scopes = TextField(default="[]")
    sources = TextField(max_length=2000, default="[]")
    made_by = TextField(max_length=60, default="")
    made_at = BigIntegerField()
    seen_at = BigIntegerField(null=True)
    expires_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)

    class Meta:
        table_name = "api_token"
        why = "no hash may be kept once it is used no more; making and revoking one are rows of the journal itself"
        indexes = ((("owner", "id"), False),)


class Answer(Table):
    """The answer to a request that carried an idempotency key, sealed, for a day.

    `request_key` is a digest of the key, `digest` one of what was asked.
    """

    actor_uid = TextField(max_length=60)
    request_key = TextField(max_length=64)
    digest = TextField(max_length=64)
    status = IntegerField()
    sealed = TextField()
    at = BigIntegerField(index=True)

    class Meta:
        table_name = "api_answer"
        why = "it repeats for a day what was answered once; what was done is journaled"
        indexes = ((("actor_uid", "request_key"), True),)
