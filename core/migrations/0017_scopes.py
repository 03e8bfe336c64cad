"""A job that a key asked for opens no more than the key did."""

from core.storage import JSONField
from core.storage.migrations import Steps


def up(migrator, db):
    """Keep what that was."""
    Steps(migrator, db).add_column("core_job", "scopes", JSONField(null=True))
