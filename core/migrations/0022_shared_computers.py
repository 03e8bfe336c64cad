"""Sessions that are locked on a shared computer, and the PINs that open them."""

from core.storage.fields import BigIntegerField, ForeignKeyField, TextField
from core.storage.migrations import Frozen, Steps


class User(Frozen):
    """Whose PIN it is."""

    class Meta:
        table_name = "core_user"


class Pin(Frozen):
    """A PIN's hash."""

    user = ForeignKeyField(User, unique=True)
    pin_hash = TextField(max_length=300)
    chosen_at = BigIntegerField()

    class Meta:
        table_name = "core_pin"


def up(migrator, db):
    """Make the table; say where a session was left."""
    steps = Steps(migrator, db)
    steps.create_tables(Pin)
    steps.add_column("core_session", "desk_hash", TextField(max_length=64, default="", index=True))
    steps.add_column("core_session", "resume_at", TextField(max_length=300, default=""))
