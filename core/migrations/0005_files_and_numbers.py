"""The files of records, and the counters numbers are given from."""

from core.storage import fields
from core.storage.migrations import Frozen, FrozenRecord, Steps

OLDEST_CODE = "0.1"


class StoredFile(FrozenRecord):
    """A file attached to a record."""

    name = fields.TextField(max_length=200)
    media_type = fields.TextField(max_length=120)
    size = fields.BigIntegerField()
    sha256 = fields.TextField(max_length=64, index=True)
    record = fields.TextField(max_length=140, index=True)
    about_uid = fields.TextField(max_length=36, index=True)

    class Meta:
        table_name = "core_file"


class NumberSeries(Frozen):
    """The next number of a series."""

    series = fields.TextField(max_length=80)
    kind = fields.TextField(max_length=40)
    place = fields.TextField(max_length=36)
    year = fields.IntegerField()
    next = fields.BigIntegerField()

    class Meta:
        table_name = "core_number_series"
        indexes = ((("series", "kind", "place", "year"), True),)


def up(migrator, db):
    """Make both tables."""
    Steps(migrator, db).create_tables(StoredFile, NumberSeries)
