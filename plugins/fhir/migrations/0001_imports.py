"""What imports remember, as release 0.1 keeps it."""

from core.storage.fields import TextField, UTCDateTimeField
from core.storage.migrations import Frozen, Steps


class Entry(Frozen):
    source_key = TextField(max_length=64, unique=True)
    resource_type = TextField(max_length=64)
    digest = TextField(max_length=64)
    record_uid = TextField(max_length=36)
    read_at = UTCDateTimeField()

    class Meta:
        table_name = "fhir_entry"


class File(Frozen):
    digest = TextField(max_length=64, unique=True)
    counts = TextField(max_length=4000)
    read_at = UTCDateTimeField()

    class Meta:
        table_name = "fhir_file"


def up(migrator, db):
    Steps(migrator, db).create_tables(Entry, File)
