"""Bringing a hospital's tables from one release to the next, done or not begun.

Peewee's runner does the work, one folder of numbered scripts and one history table for each room.
Around it lie a lock, checksums, an order across plugins, a dry run, and steps that can be run again.

A script is plain and frozen: it never imports live models.

    from core.storage.fields import TextField
    from core.storage.migrations import FrozenRecord, Steps

    KIND = "before"        # additive: old and new code both run on it (the default); "after" contracts
    OLDEST_CODE = "0.1"    # older code refuses to serve this schema; leave it out when all may

    class Ward(FrozenRecord):
        name = TextField(max_length=80)

        class Meta:
            table_name = "places_ward"

    def up(migrator, db):
        steps = Steps(migrator, db)
        steps.create_tables(Ward)
        steps.add_column("places_bed", "label", TextField(max_length=40, default=""))
"""

from core.storage.migrations.drift import drift
from core.storage.migrations.frozen import Frozen, FrozenRecord
from core.storage.migrations.running import (
    AppliedScript,
    MigrationChanged,
    Script,
    apply,
    oldest_code,
    pending,
    refuse_older_code,
)
from core.storage.migrations.steps import MigrationStep, Steps

__all__ = [
    "AppliedScript",
    "Frozen",
    "FrozenRecord",
    "MigrationChanged",
    "MigrationStep",
    "Script",
    "Steps",
    "apply",
    "drift",
    "oldest_code",
    "pending",
    "refuse_older_code",
]
