"""Files that pass through, exports, imports, and acts for many records at once."""

from core.storage.fields import (
    BigIntegerField,
    BooleanField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
    UidField,
    UTCDateTimeField,
)
from core.storage.migrations import Frozen, FrozenRecord, Steps


class User(Frozen):
    """An account, as far as presets point at it."""

    class Meta:
        table_name = "core_user"


class PassingFile(Frozen):
    """A file that is kept for some days only."""

    uid = UidField(unique=True)
    name = TextField(max_length=200)
    media_type = TextField(max_length=120)
    size = BigIntegerField()
    sha256 = TextField(max_length=64, index=True)
    owner_uid = TextField(max_length=60)
    until_at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "core_passing_file"


class ExportPreset(FrozenRecord):
    """Columns somebody wants again."""

    noun = TextField(max_length=100)
    owner = ForeignKeyField(User)
    title = TextField(max_length=80)
    columns = JSONField()
    is_shared = BooleanField()

    class Meta:
        table_name = "core_export_preset"
        indexes = ((("noun", "owner"), False),)


class Export(Frozen):
    """One export that is too large to wait for."""

    uid = UidField(unique=True)
    noun = TextField(max_length=100)
    owner_uid = TextField(max_length=60)
    file_format = TextField(max_length=12)
    columns = JSONField()
    narrowing = JSONField()
    job_uid = TextField(max_length=36)
    file_uid = TextField(max_length=36)
    row_count = BigIntegerField()
    created_at = UTCDateTimeField()
    until_at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "core_export"


class Import(Frozen):
    """One file on its way in."""

    uid = UidField(unique=True)
    noun = TextField(max_length=100)
    owner_uid = TextField(max_length=60)
    file_name = TextField(max_length=200)
    file_uid = TextField(max_length=36)
    heads = JSONField()
    remarks = JSONField()
    mapping = JSONField()
    mode = TextField(max_length=12)
    clears_empty = BooleanField()
    state = TextField(max_length=12)
    is_stopping = BooleanField()
    job_uid = TextField(max_length=36)
    counts = JSONField()
    error = TextField(max_length=300)
    created_at = UTCDateTimeField()
    ended_at = UTCDateTimeField(null=True)
    until_at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "core_import"
        indexes = ((("noun", "owner_uid"), False),)


class ColumnMap(Frozen):
    """Which fact each column of a file with these heads was."""

    noun = TextField(max_length=100)
    digest = TextField(max_length=64)
    mapping = JSONField()
    mode = TextField(max_length=12)
    clears_empty = BooleanField()

    class Meta:
        table_name = "core_column_map"
        indexes = ((("noun", "digest"), True),)


class ImportProblem(Frozen):
    """Something wrong with one cell of an import."""

    import_id = BigIntegerField()
    line_number = IntegerField()
    head = TextField(max_length=200)
    content = TextField(max_length=500)
    words = TextField(max_length=300)
    fix = TextField(max_length=300)
    answer = TextField(max_length=500, null=True)

    class Meta:
        table_name = "core_import_problem"
        indexes = ((("import_id", "line_number"), False),)


class ImportedRow(Frozen):
    """What became of a row."""

    import_id = BigIntegerField()
    line_number = IntegerField()
    outcome = TextField(max_length=12)
    record_uid = TextField(max_length=36)
    record_version = IntegerField()
    words = TextField(max_length=300)

    class Meta:
        table_name = "core_imported_row"
        indexes = ((("import_id", "line_number"), True), (("record_uid",), False))


class BulkRun(Frozen):
    """One act for many records."""

    uid = UidField(unique=True)
    noun = TextField(max_length=100)
    owner_uid = TextField(max_length=60)
    verb = TextField(max_length=80)
    given = JSONField()
    uids = JSONField(null=True)
    narrowing = JSONField(null=True)
    state = TextField(max_length=12)
    is_stopping = BooleanField()
    job_uid = TextField(max_length=36)
    counts = JSONField()
    created_at = UTCDateTimeField()
    until_at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "core_bulk_run"


class BulkOutcome(Frozen):
    """How it ended for one record."""

    run_id = BigIntegerField()
    record_uid = TextField(max_length=36)
    is_done = BooleanField()
    words = TextField(max_length=300)

    class Meta:
        table_name = "core_bulk_outcome"
        indexes = ((("run_id", "id"), False), (("run_id", "record_uid"), True))


def up(migrator, db):
    """Make the tables."""
    Steps(migrator, db).create_tables(
        PassingFile, ExportPreset, Export, Import, ColumnMap, ImportProblem, ImportedRow, BulkRun, BulkOutcome
    )
