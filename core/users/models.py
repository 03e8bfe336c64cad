"""Accounts, and the secrets that prove whose they are.

Moments in the infrastructure tables are whole seconds since 1970 (UTC): the door compares them at each
request on three engines, and nobody reads them but this room.
"""

from core.places.models import Place
from core.storage import Model, Table
from core.storage.fields import (
    BigIntegerField,
    BooleanField,
    EncryptedField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UTCDateTimeField,
)

KINDS = ("person", "service", "patient", "proxy")
THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")


class User(Model):
    """Somebody who may sign in, or a service that may call. `sign_in_key` is the name as compared."""

    sign_in = TextField(max_length=150)
    sign_in_key = TextField(max_length=150, unique=True)
    name = TextField(max_length=200)
    email = TextField(max_length=254, default="")
    kind = TextField(max_length=20, default="person")
    is_active = BooleanField(default=True)
    locale = TextField(max_length=20, default="")
    theme = TextField(max_length=20, default="system")
    density = TextField(max_length=20, default="comfortable")
    default_place_id: int | None
    default_place = ForeignKeyField(Place, null=True)

    class Meta:
        subject = "self"
        removal = "retire"
        view = "core.view_users"
        label = "User"
        unseen = ("sign_in_key",)
        indexes = ((("is_active", "id"), False), (("kind", "id"), False))


class Totp(Model):
    """The seed of a user's authenticator app; it counts once a first code has confirmed it."""

    user = ForeignKeyField(User, unique=True)
    seed = EncryptedField()
    confirmed_at = UTCDateTimeField(null=True)

    class Meta:
        subject = "user"
        root = "user"
        removal = "delete"
        view = "core.manage_users"
        label = "Authenticator app"


class TotpUse(Table):
    """The last time step a user's code was used for, so that no code is taken twice."""

    user = ForeignKeyField(User, unique=True)
    last_step = BigIntegerField(default=0)

    class Meta:
        why = "changes at every sign-in, which is a row of the journal itself"


class Credential(Table):
    """The Argon2id hash of a user's password."""

    user = ForeignKeyField(User, unique=True)
    password_hash = TextField(max_length=300)
    changed_at = BigIntegerField()
    must_change = BooleanField(default=False)

    class Meta:
        why = "no old hash may be kept; each change is a row of the journal itself"


class Pin(Table):
    """The Argon2id hash of the number that opens a user's locked sessions."""

    user = ForeignKeyField(User, unique=True)
    pin_hash = TextField(max_length=300)
    chosen_at = BigIntegerField()

    class Meta:
        why = "no old hash may be kept; each change is a row of the journal itself"


class RecoveryCode(Table):
    """A hashed code that replaces the authenticator app once."""

    user = ForeignKeyField(User)
    code_hash = TextField(max_length=64)
    used_at = BigIntegerField(null=True)

    class Meta:
        why = "no hash may be kept once it is used; making and using codes are rows of the journal itself"
        indexes = ((("user", "code_hash"), True),)


class Session(Table):
    """One signed-in browser. Only the SHA-256 of its token is known here."""

    token_hash = TextField(max_length=64, unique=True)
    user = ForeignKeyField(User)
    stage = TextField(max_length=20, default="open")
    created_at = BigIntegerField()
    last_seen_at = BigIntegerField()
    idle_seconds = IntegerField()
    expires_at = BigIntegerField(index=True)
    ended_at = BigIntegerField(null=True)
    ended_because = TextField(max_length=40, default="")
    place = ForeignKeyField(Place, null=True)
    source = TextField(max_length=64, default="")
    device = TextField(max_length=200, default="")
    second_factor_at = BigIntegerField(null=True)
    elevated_until = BigIntegerField(null=True)
    desk_hash = TextField(max_length=64, default="", index=True)
    resume_at = TextField(max_length=300, default="")

    class Meta:
        why = "changes while people merely read; signing in and out are rows of the journal itself"


class RememberedDevice(Table):
    """A browser that needs no second factor for a while, and that strangers' guessing can't lock out."""

    token_hash = TextField(max_length=64, unique=True)
    user = ForeignKeyField(User)
    device = TextField(max_length=200, default="")
    source = TextField(max_length=64, default="")
    created_at = BigIntegerField()
    last_seen_at = BigIntegerField()
    expires_at = BigIntegerField(index=True)

    class Meta:
        why = "a token's hash that comes and goes; remembering and forgetting are rows of the journal itself"


class Throttle(Table):
    """How many guesses were made lately under one key: a name from a source, a source, a name.

    `key` is a keyed hash, so the table tells nobody which names were tried. Unknown names share a fixed
    number of keys, so that a flood of them can't make the table grow.
    """

    key = TextField(max_length=64, unique=True)
    user = ForeignKeyField(User, null=True)
    tries = IntegerField(default=0)
    opened_at = BigIntegerField()
    day_tries = IntegerField(default=0)
    day_opened_at = BigIntegerField()
    next_at = BigIntegerField(default=0)
    expires_at = BigIntegerField(index=True)

    class Meta:
        why = "counters of guesses, worthless after a day; the refusals themselves are rows of the journal"


class KnownSource(Table):
    """A network a user has signed in from lately; strangers elsewhere can't lock them out of it."""

    user = ForeignKeyField(User)
    source_hash = TextField(max_length=64)
    last_seen_at = BigIntegerField()

    class Meta:
        why = "says only from where somebody signed in, which is a row of the journal itself"
        indexes = ((("user", "source_hash"), True),)


class OneTimeSecret(Table):
    """A secret handed to one person for one purpose: the first administrator, or a new password."""

    purpose = TextField(max_length=20)
    secret_hash = TextField(max_length=64, unique=True)
    user = ForeignKeyField(User, null=True)
    made_at = BigIntegerField()
    expires_at = BigIntegerField(index=True)
    used_at = BigIntegerField(null=True)

    class Meta:
        why = "no secret may be kept once it is used; making and using one are rows of the journal itself"
