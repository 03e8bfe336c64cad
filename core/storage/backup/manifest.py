"""What an archive says of itself."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from core.storage.backup.archive import READ_ERRORS, BackupDamaged
from core.texts import _

FORMAT = 1


@dataclass(slots=True)
class Manifest:
    """The contents of an archive: which hospital, when, by what, and how much of everything.

    `tables` counts the rows the database had at the moment of the backup, `members` gives size and SHA-256
    of each part, `keys` names the keys that encrypted columns may be under.
    """

    site: str
    title: str
    engine: str
    medley: str
    server: str
    started_at: str
    finished_at: str = ""
    is_encrypted: bool = False
    keys: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    tables: dict[str, int] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: int = FORMAT

    def written(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False).encode()

    @classmethod
    def read(cls, content: bytes) -> "Manifest":
        """From JSON; raises `BackupDamaged` when it is none, or of a later format."""
        try:
            manifest = cls(**json.loads(content))
        except READ_ERRORS as damaged:
            raise BackupDamaged(_("The list of contents of this backup can't be read.")) from damaged
        if manifest.format != FORMAT:
            raise BackupDamaged(_("This backup was written by a later release of Medley."))
        return manifest
