"""Roles, what they hold on this site, and who holds them where and until when."""

from core.places.models import Place
from core.storage import Model
from core.storage.fields import BooleanField, ForeignKeyField, IntegerField, TextField, UTCDateTimeField
from core.users.models import User

ALLOW = "allow"
DENY = "deny"


class Role(Model):
    """A set of permissions under a name people use: doctor, cashier. Shipped roles can be edited, not removed."""

    name = TextField(max_length=60, unique=True)
    label = TextField(max_length=120)
    is_shipped = BooleanField(default=False)
    needs_second_factor = BooleanField(default=False)
    idle_minutes = IntegerField(null=True)

    class Meta:
        removal = "retire"
        view = "core.view_users"
        label = "Role"


class RolePermission(Model):
    """The site's own word on one permission of one role, over what the plugins ship."""

    role_id: int
    role = ForeignKeyField(Role)
    permission = TextField(max_length=120)
    is_held = BooleanField()

    class Meta:
        root = "role"
        removal = "delete"
        view = "core.view_users"
        label = "Permission of a role"
        indexes = ((("role", "permission"), True),)


class Grant(Model):
    """A role, or a single permission, given to or withheld from a user; `place` empty means everywhere."""

    user = ForeignKeyField(User)
    role_id: int | None
    role = ForeignKeyField(Role, null=True)
    permission = TextField(max_length=120, null=True)
    effect = TextField(max_length=10, default=ALLOW)
    place_id: int | None
    place = ForeignKeyField(Place, null=True)
    from_at = UTCDateTimeField(null=True)
    until_at = UTCDateTimeField(null=True)
    granted_by = TextField(max_length=100, default="")
    reason = TextField(max_length=500, default="")

    class Meta:
        subject = "user"
        root = "user"
        removal = "retire"
        view = "core.view_users"
        label = "Grant"


class BreakGlass(Model):
    """An emergency: somebody looked past the usual limits at one person's record, and said why."""

    user = ForeignKeyField(User)
    subject_model = TextField(max_length=120)
    subject_uid = TextField(max_length=36, index=True)
    reason = TextField(max_length=1000)
    from_at = UTCDateTimeField()
    until_at = UTCDateTimeField(index=True)
    reviewed_by = TextField(max_length=100, default="")
    reviewed_at = UTCDateTimeField(null=True)
    review_note = TextField(max_length=1000, default="")

    class Meta:
        removal = "never"
        view = "core.review_break_glass"
        label = "Emergency access"
