"""A row of an import may raise a question, which is answered with a word and not with a value."""

from core.storage import TextField
from core.storage.migrations import Steps


def up(migrator, db):
    """Keep which."""
    Steps(migrator, db).add_column("core_import_problem", "asks", TextField(max_length=40, default=""))
