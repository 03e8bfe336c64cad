"""What this door remembers of files it has read, so that the same file twice makes nothing twice."""

from core.storage import Table, TextField, UTCDateTimeField


class Entry(Table):
    """A resource that was read: where it came from, what it held, and the record it became.

    `source_key` is a digest of source, type and id; `digest` one of the content.
    """

    source_key = TextField(max_length=64, unique=True)
    resource_type = TextField(max_length=64)
    digest = TextField(max_length=64)
    record_uid = TextField(max_length=36)
    read_at = UTCDateTimeField()

    class Meta:
        table_name = "fhir_entry"
        why = "it tells which resource became which record; the records themselves are journaled"


class File(Table):
    """A file that was read to its end, by the digest of its content and of what could be read then."""

    digest = TextField(max_length=64, unique=True)
    counts = TextField(max_length=4000)
    read_at = UTCDateTimeField()

    class Meta:
        table_name = "fhir_file"
        why = "progress of imports; the records themselves are journaled"
