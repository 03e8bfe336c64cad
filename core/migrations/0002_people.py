"""Places, people with their credentials and sessions, and who may do what where."""

from core.storage import fields
from core.storage.migrations import Frozen, FrozenRecord, Steps

OLDEST_CODE = "0.1"


class Place(FrozenRecord):
    """An organisation, one of its facilities, a department there, or a location."""

    parent = fields.ForeignKeyField("self", null=True)
    kind = fields.TextField(max_length=20)
    name = fields.TextField(max_length=120)
    code = fields.TextField(max_length=40, null=True, unique=True)
    zone = fields.TextField(max_length=60)
    path = fields.TextField(max_length=400, index=True)

    class Meta:
        table_name = "core_place"


class User(FrozenRecord):
    """Somebody who may sign in, or a service that may call."""

    sign_in = fields.TextField(max_length=150)
    sign_in_key = fields.TextField(max_length=150, unique=True)
    name = fields.TextField(max_length=200)
    email = fields.TextField(max_length=254)
    kind = fields.TextField(max_length=20)
    is_active = fields.BooleanField()
    locale = fields.TextField(max_length=20)
    theme = fields.TextField(max_length=20)
    density = fields.TextField(max_length=20)
    default_place = fields.ForeignKeyField(Place, null=True)

    class Meta:
        table_name = "core_user"


class Totp(FrozenRecord):
    """The seed of a user's authenticator app."""

    user = fields.ForeignKeyField(User, unique=True)
    seed = fields.EncryptedField()
    confirmed_at = fields.UTCDateTimeField(null=True)

    class Meta:
        table_name = "core_totp"


class TotpUse(Frozen):
    """The last time step a user's code was used for, so that no code is taken twice."""

    user = fields.ForeignKeyField(User, unique=True)
    last_step = fields.BigIntegerField()

    class Meta:
        table_name = "core_totp_use"


class Credential(Frozen):
    """The Argon2id hash of a user's password."""

    user = fields.ForeignKeyField(User, unique=True)
    password_hash = fields.TextField(max_length=300)
    changed_at = fields.BigIntegerField()
    must_change = fields.BooleanField()

    class Meta:
        table_name = "core_credential"


class RecoveryCode(Frozen):
    """A hashed code that replaces the authenticator app once."""

    user = fields.ForeignKeyField(User)
    code_hash = fields.TextField(max_length=64)
    used_at = fields.BigIntegerField(null=True)

    class Meta:
        table_name = "core_recovery_code"
        indexes = [(("user", "code_hash"), True)]


class Session(Frozen):
    """One signed-in browser."""

    token_hash = fields.TextField(max_length=64, unique=True)
    user = fields.ForeignKeyField(User)
    stage = fields.TextField(max_length=20)
    created_at = fields.BigIntegerField()
    last_seen_at = fields.BigIntegerField()
    idle_seconds = fields.IntegerField()
    expires_at = fields.BigIntegerField(index=True)
    ended_at = fields.BigIntegerField(null=True)
    ended_because = fields.TextField(max_length=40)
    place = fields.ForeignKeyField(Place, null=True)
    source = fields.TextField(max_length=64)
    device = fields.TextField(max_length=200)
    second_factor_at = fields.BigIntegerField(null=True)
    elevated_until = fields.BigIntegerField(null=True)

    class Meta:
        table_name = "core_session"


class RememberedDevice(Frozen):
    """A browser that needs no second factor for a while, and that strangers' guessing can't lock out."""

    token_hash = fields.TextField(max_length=64, unique=True)
    user = fields.ForeignKeyField(User)
    device = fields.TextField(max_length=200)
    source = fields.TextField(max_length=64)
    created_at = fields.BigIntegerField()
    last_seen_at = fields.BigIntegerField()
    expires_at = fields.BigIntegerField(index=True)

    class Meta:
        table_name = "core_remembered_device"


class Throttle(Frozen):
    """How many guesses were made lately under one key."""

    key = fields.TextField(max_length=64, unique=True)
    user = fields.ForeignKeyField(User, null=True)
    tries = fields.IntegerField()
    opened_at = fields.BigIntegerField()
    day_tries = fields.IntegerField()
    day_opened_at = fields.BigIntegerField()
    next_at = fields.BigIntegerField()
    expires_at = fields.BigIntegerField(index=True)

    class Meta:
        table_name = "core_throttle"


class KnownSource(Frozen):
    """A network a user has signed in from lately."""

    user = fields.ForeignKeyField(User)
    source_hash = fields.TextField(max_length=64)
    last_seen_at = fields.BigIntegerField()

    class Meta:
        table_name = "core_known_source"
        indexes = [(("user", "source_hash"), True)]


class OneTimeSecret(Frozen):
    """A secret handed to one person for one purpose."""

    purpose = fields.TextField(max_length=20)
    secret_hash = fields.TextField(max_length=64, unique=True)
    user = fields.ForeignKeyField(User, null=True)
    made_at = fields.BigIntegerField()
    expires_at = fields.BigIntegerField(index=True)
    used_at = fields.BigIntegerField(null=True)

    class Meta:
        table_name = "core_one_time_secret"


class Role(FrozenRecord):
    """A set of permissions under a name people use."""

    name = fields.TextField(max_length=60, unique=True)
    label = fields.TextField(max_length=120)
    is_shipped = fields.BooleanField()
    needs_second_factor = fields.BooleanField()
    idle_minutes = fields.IntegerField(null=True)

    class Meta:
        table_name = "core_role"


class RolePermission(FrozenRecord):
    """The site's own word on one permission of one role, over what the plugins ship."""

    role = fields.ForeignKeyField(Role)
    permission = fields.TextField(max_length=120)
    is_held = fields.BooleanField()

    class Meta:
        table_name = "core_role_permission"
        indexes = [(("role", "permission"), True)]


class Grant(FrozenRecord):
    """A role, or a single permission, given to or withheld from a user."""

    user = fields.ForeignKeyField(User)
    role = fields.ForeignKeyField(Role, null=True)
    permission = fields.TextField(max_length=120, null=True)
    effect = fields.TextField(max_length=10)
    place = fields.ForeignKeyField(Place, null=True)
    from_at = fields.UTCDateTimeField(null=True)
    until_at = fields.UTCDateTimeField(null=True)
    granted_by = fields.TextField(max_length=100)
    reason = fields.TextField(max_length=500)

    class Meta:
        table_name = "core_grant"


class BreakGlass(FrozenRecord):
    """An emergency."""

    user = fields.ForeignKeyField(User)
    subject_model = fields.TextField(max_length=120)
    subject_uid = fields.TextField(max_length=36, index=True)
    reason = fields.TextField(max_length=1000)
    from_at = fields.UTCDateTimeField()
    until_at = fields.UTCDateTimeField(index=True)
    reviewed_by = fields.TextField(max_length=100)
    reviewed_at = fields.UTCDateTimeField(null=True)
    review_note = fields.TextField(max_length=1000)

    class Meta:
        table_name = "core_break_glass"


def up(migrator, db):
    """Make the tables."""
    steps = Steps(migrator, db)
    steps.create_tables(
        Place,
        User,
        Totp,
        TotpUse,
        Credential,
        RecoveryCode,
        Session,
        RememberedDevice,
        Throttle,
        KnownSource,
        OneTimeSecret,
        Role,
        RolePermission,
        Grant,
        BreakGlass,
    )
