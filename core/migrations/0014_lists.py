"""Indexes for what the lists of accounts are narrowed by."""

from core.storage.migrations import Steps


def up(migrator, db):
    """Add them."""
    steps = Steps(migrator, db)
    steps.add_index("core_user", ("is_active", "id"))
    steps.add_index("core_user", ("kind", "id"))
