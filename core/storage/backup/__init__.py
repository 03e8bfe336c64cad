"""Backups that are known to restore.

An archive is a tar of the database as one moment saw it, the store of reads, the files, and a manifest
with the rows of every table and the digest of every member. With a keyring it is encrypted; the keys
themselves are never in it. One changed or missing bit, and it is refused as a whole.
"""

from core.storage.backup.archive import BackupDamaged
from core.storage.backup.engines import ToolFailed
from core.storage.backup.manifest import Manifest
from core.storage.backup.running import backup, restore, verify

__all__ = ["BackupDamaged", "Manifest", "ToolFailed", "backup", "restore", "verify"]
