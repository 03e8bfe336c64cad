"""Staff, their hours, licences and leave."""

from core.storage.fields import (
    BooleanField,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
    UTCDateTimeField,
)
from core.storage.migrations import Frozen, FrozenRecord, Steps


class Place(Frozen):
    class Meta:
        table_name = "core_place"


class User(Frozen):
    class Meta:
        table_name = "core_user"


class Member(FrozenRecord):
    name = TextField(max_length=200)
    key = TextField(max_length=240)
    number = TextField(max_length=40, null=True, unique=True)
    profession = TextField(max_length=20)
    title = TextField(max_length=120)
    specialities = JSONField(null=True)
    languages = JSONField(null=True)
    place = ForeignKeyField(Place, null=True)
    user = ForeignKeyField(User, null=True, unique=True)
    email = TextField(max_length=254)
    phone = TextField(max_length=40)
    from_on = DateField(null=True)
    until_on = DateField(null=True)

    class Meta:
        table_name = "staff_member"
        indexes = ((("key", "id"), False), (("profession", "id"), False))


class Post(FrozenRecord):
    member = ForeignKeyField(Member)
    place = ForeignKeyField(Place)
    role = TextField(max_length=120)
    from_on = DateField(null=True)
    until_on = DateField(null=True)

    class Meta:
        table_name = "staff_post"


class Pattern(FrozenRecord):
    member = ForeignKeyField(Member)
    weekday = TextField(max_length=1)
    begins = IntegerField()
    ends = IntegerField()
    place = ForeignKeyField(Place, null=True)
    from_on = DateField()
    until_on = DateField(null=True)

    class Meta:
        table_name = "staff_pattern"


class Licence(FrozenRecord):
    member = ForeignKeyField(Member)
    kind = TextField(max_length=20)
    name = TextField(max_length=160)
    number = TextField(max_length=80)
    issuer = TextField(max_length=160)
    issued_on = DateField(null=True)
    expires_on = DateField(null=True)
    is_needed = BooleanField()
    told_days = IntegerField(null=True)
    told_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "staff_licence"
        indexes = ((("expires_on", "id"), False), (("kind", "id"), False))


class Leave(FrozenRecord):
    member = ForeignKeyField(Member)
    kind = TextField(max_length=20)
    from_on = DateField()
    until_on = DateField()
    begins = IntegerField(null=True)
    ends = IntegerField(null=True)
    reason = TextField(max_length=300)
    decision_note = TextField(max_length=300)
    state = TextField(max_length=40)
    state_kind = TextField(max_length=40)
    workflow_version = IntegerField()

    class Meta:
        table_name = "staff_leave"
        indexes = (
            (("state", "id"), False),
            (("from_on", "id"), False),
            (("kind", "id"), False),
            (("member", "until_on"), False),
        )


def up(migrator, db):
    """Make the tables."""
    Steps(migrator, db).create_tables(Member, Post, Pattern, Licence, Leave)
