"""The people who work here, what they may do, when they work and when they are away."""

from core.places.models import Place
from core.storage import (
    BooleanField,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
    UTCDateTimeField,
)
from core.users.models import User


class Member(Model):
    """Somebody who works here. `key` is the name as lists are ordered by it; `user` the account they sign in with."""

    name = TextField(max_length=200)
    key = TextField(max_length=240)
    number = TextField(max_length=40, null=True, unique=True)
    profession = TextField(max_length=20)
    title = TextField(max_length=120, default="")
    specialities = JSONField(null=True)
    languages = JSONField(null=True)
    place_id: int | None
    place = ForeignKeyField(Place, null=True)
    user = ForeignKeyField(User, null=True, unique=True)
    email = TextField(max_length=254, default="")
    phone = TextField(max_length=40, default="")
    from_on = DateField(null=True)
    until_on = DateField(null=True)

    class Meta:
        subject = "self"
        place = "place"
        view = "staff.view"
        label = "Member of staff"
        unseen = ("key",)
        indexes = ((("key", "id"), False), (("profession", "id"), False))


class Post(Model):
    """Where else somebody works, as what, and between which days."""

    member_id: int
    member = ForeignKeyField(Member)
    place = ForeignKeyField(Place)
    role = TextField(max_length=120, default="")
    from_on = DateField(null=True)
    until_on = DateField(null=True)

    class Meta:
        subject = "member"
        root = "member"
        label = "Post"


class Pattern(Model):
    """Hours somebody works every week on one day of it, in the time of the place, as minutes since
    midnight; the end may lie on the next day."""

    member_id: int
    member = ForeignKeyField(Member)
    weekday = TextField(max_length=1)
    begins = IntegerField()
    ends = IntegerField()
    place = ForeignKeyField(Place, null=True)
    from_on = DateField()
    until_on = DateField(null=True)

    class Meta:
        subject = "member"
        root = "member"
        label = "Working hours"


class Licence(Model):
    """A qualification or a licence. Where it `is_needed`, nobody is rostered after it has expired.

    `told_days` is the last warning that was given: so many days before it expires.
    """

    member_id: int
    member = ForeignKeyField(Member)
    kind = TextField(max_length=20)
    name = TextField(max_length=160)
    number = TextField(max_length=80, default="")
    issuer = TextField(max_length=160, default="")
    issued_on = DateField(null=True)
    expires_on = DateField(null=True)
    is_needed = BooleanField(default=True)
    told_days = IntegerField(null=True)
    told_at = UTCDateTimeField(null=True)

    class Meta:
        subject = "member"
        root = "member"
        view = "staff.view"
        label = "Licence"
        indexes = ((("expires_on", "id"), False), (("kind", "id"), False))


class Leave(Model):
    """Days, or hours of days, on which somebody does not work though the pattern says so, or works though it does not.

    `begins` and `ends` are minutes since midnight on the first and on the last day; without them whole days are meant.
    """

    member_id: int
    member = ForeignKeyField(Member)
    kind = TextField(max_length=20)
    from_on = DateField()
    until_on = DateField()
    begins = IntegerField(null=True)
    ends = IntegerField(null=True)
    reason = TextField(max_length=300, default="")
    decision_note = TextField(max_length=300, default="")
    state = TextField(max_length=40, default="")
    state_kind = TextField(max_length=40, default="")
    workflow_version = IntegerField(default=0)

    class Meta:
        subject = "member"
        removal = "never"
        view = "staff.see_leave"
        label = "Leave"
        indexes = (
            (("state", "id"), False),
            (("from_on", "id"), False),
            (("kind", "id"), False),
            (("member", "until_on"), False),
        )
