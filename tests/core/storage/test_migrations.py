"""A migration is done or not begun, whatever fails, on all three engines."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peewee
import pytest

import core
from core.errors import Busy, Misuse, Unavailable
from core.sites import Site
from core.storage.fields import BooleanField, IntegerField, JSONField, TextField, UTCDateTimeField, new_uid
from core.storage.files import StoredFile
from core.storage.migrations import (
    AppliedScript,
    MigrationChanged,
    MigrationStep,
    apply,
    drift,
    oldest_code,
    pending,
    refuse_older_code,
)
from core.storage.migrations.locking import migration_lock
from core.storage.model import Table
from core.storage.numbering import NumberSeries
from tests.core.storage.sites import site_at

FIRST = """
import peewee
from core.storage.fields import TextField
from core.storage.migrations import FrozenRecord, Frozen, Steps


class Ward(FrozenRecord):
    name = TextField(max_length=80, unique=True)
    floor = TextField(max_length=10, null=True, index=True)

    class Meta:
        table_name = "lot_ward"


class Bed(Frozen):
    ward = peewee.ForeignKeyField(Ward)
    label = TextField(max_length=20)

    class Meta:
        table_name = "lot_bed"
        indexes = ((("ward", "label"), True),)


def up(migrator, db):
    Steps(migrator, db).create_tables(Bed, Ward)
"""

SECOND = """
import peewee
from core.storage.fields import BooleanField, IntegerField, JSONField, TextField, UTCDateTimeField, new_uid
from core.storage.migrations import Frozen, Steps

OLDEST_CODE = "0.2"


class Bed(Frozen):
    ward_id = IntegerField()
    label = TextField(max_length=20)
    code = TextField(max_length=36, null=True)

    class Meta:
        table_name = "lot_bed"


def give_codes(after):
    beds = list(Bed.select().where(Bed.id > after).order_by(Bed.id).limit(2))
    for bed in beds:
        Bed.update(code=f"{bed.label}-{bed.id}").where(Bed.id == bed.id).execute()
    return beds[-1].id if beds else None


def up(migrator, db):
    steps = Steps(migrator, db)
    steps.add_column("lot_bed", "is_free", BooleanField(default=True))
    steps.add_column("lot_bed", "note", TextField(max_length=40, default="it's \\\\ new"))
    steps.add_column("lot_bed", "facts", JSONField(null=True))
    steps.add_column("lot_bed", "code", TextField(max_length=36, null=True))
    steps.chunks("codes", give_codes)
    steps.set_not_null("lot_bed", "code")
    steps.add_index("lot_bed", ("code",), unique=True)
    steps.add_column("lot_bed", "moved_at", UTCDateTimeField(null=True, index=True))
"""

THIRD = """
import peewee
from core.storage.fields import TextField
from core.storage.migrations import Steps

KIND = "after"


def up(migrator, db):
    steps = Steps(migrator, db)
    steps.drop_column("lot_ward", "floor")
    steps.rename_column("lot_bed", "label", "name")
    steps.alter_type("lot_bed", "note", TextField(max_length=60, default=""))
"""


class Ward(Table):
    uid = TextField(max_length=36, unique=True, default=new_uid)
    version = IntegerField(default=1)
    created_at = UTCDateTimeField(null=True)
    created_by = TextField(max_length=60, default="")
    updated_at = UTCDateTimeField(null=True)
    updated_by = TextField(max_length=60, default="")
    custom = JSONField(null=True)
    retired_at = UTCDateTimeField(null=True)
    retired_by = TextField(max_length=60, null=True)
    retired_reason = TextField(max_length=300, null=True)
    name = TextField(max_length=80, unique=True)

    class Meta:
        plugin = "lot"
        why = "a test"


class OldWard(Ward):
    floor = TextField(max_length=10, null=True, index=True)

    class Meta:
        table_name = "lot_ward"
        why = "a test"


class OldBed(Table):
    ward = peewee.ForeignKeyField(OldWard)
    label = TextField(max_length=20)

    class Meta:
        table_name = "lot_bed"
        why = "a test"
        indexes = ((("ward", "label"), True),)


class Bed(Table):
    ward = peewee.ForeignKeyField(Ward)
    label = TextField(max_length=20)
    is_free = BooleanField(default=True)
    note = TextField(max_length=40, default="")
    facts = JSONField(null=True)
    code = TextField(max_length=36, unique=True)
    moved_at = UTCDateTimeField(null=True, index=True)

    class Meta:
        table_name = "lot_bed"
        why = "a test"
        indexes = ((("ward", "label"), True),)


class Fault(Exception):
    pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "migrations"
    made.mkdir()
    return made


@pytest.fixture
def rooms(folder: Path) -> list[tuple[str, Path]]:
    return [("lot", folder)]


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    made = site_at(database_url, tmp_path)
    with made.activate():
        yield made
    made.database.budget.close_idle()


def with_three_wards(folder: Path, site: Site, rooms: list[tuple[str, Path]]) -> None:
    (folder / "0001_wards.py").write_text(FIRST)
    apply(site, rooms)
    for number in range(3):
        ward = OldWard.create(name=f"Ward {number}", floor="1")
        OldBed.create(ward=ward, label="A")
        OldBed.create(ward=ward, label="B")


def test_scripts_run_once_in_order_and_leave_what_the_models_say(
    site: Site, folder: Path, rooms: list[tuple[str, Path]]
) -> None:
    with_three_wards(folder, site, rooms)
    assert drift([OldWard, OldBed]) == []
    (folder / "0002_codes.py").write_text(SECOND)
    assert [script.name for script in pending(site, rooms)] == ["0002_codes"]
    told: list[tuple[str, str]] = []
    apply(site, rooms, progress=lambda script, how: told.append((script.name, how)))
    assert told == [("0002_codes", "begins"), ("0002_codes", "done")]
    assert apply(site, rooms) == pending(site, rooms) == []
    assert drift([OldWard, Bed]) == []
    beds = list(Bed.select().order_by(Bed.id))
    assert [(bed.code, bed.note, bed.is_free) for bed in beds[:2]] == [
        ("A-1", "it's \\ new", True),
        ("B-2", "it's \\ new", True),
    ]


def test_what_contracts_waits_for_its_own_run(site: Site, folder: Path, rooms: list[tuple[str, Path]]) -> None:
    with_three_wards(folder, site, rooms)
    (folder / "0002_codes.py").write_text(SECOND)
    (folder / "0003_floors.py").write_text(THIRD)
    assert [script.name for script in apply(site, rooms)] == ["0002_codes"]
    (folder / "0004_more.py").write_text("def up(migrator, db):\n    pass\n")
    with pytest.raises(MigrationChanged, match="0004_more waits for 0003_floors"):
        apply(site, rooms)
    assert [script.name for script in apply(site, rooms, kind="after")] == ["0003_floors", "0004_more"]
    assert drift([Ward]) == []
    assert {column.name for column in site.database.get_columns("lot_bed")} >= {"name", "note"}
    assert site.database.execute_sql("SELECT count(*) FROM lot_bed").fetchone()[0] == 6


def test_a_new_room_is_created_whole(site: Site, folder: Path, rooms: list[tuple[str, Path]]) -> None:
    for name, text in (("0001_wards", FIRST), ("0002_codes", SECOND), ("0003_floors", THIRD)):
        (folder / f"{name}.py").write_text(text)
    assert [script.name for script in apply(site, rooms, dry_run=True)] == ["0001_wards", "0002_codes", "0003_floors"]
    assert site.database.get_tables() == []
    assert len(apply(site, rooms)) == 3


def test_a_script_changed_after_it_ran_is_refused_by_name(
    site: Site, folder: Path, rooms: list[tuple[str, Path]]
) -> None:
    with_three_wards(folder, site, rooms)
    script = folder / "0001_wards.py"
    script.write_bytes(FIRST.replace("\n", "\r\n").encode())
    assert pending(site, rooms) == []
    script.write_text(FIRST.replace("80", "90"))
    with pytest.raises(MigrationChanged, match="lot/0001_wards"):
        apply(site, rooms)


def test_older_code_refuses_newer_tables(site: Site, folder: Path, rooms: list[tuple[str, Path]]) -> None:
    with_three_wards(folder, site, rooms)
    refuse_older_code(site, "0.1")
    (folder / "0002_codes.py").write_text(SECOND)
    apply(site, rooms)
    assert oldest_code(site) == "0.2"
    refuse_older_code(site, "0.10")
    with pytest.raises(Unavailable, match=r"0\.2"):
        refuse_older_code(site, "0.1")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_failure_at_any_statement_is_completed_by_the_next_run(
    site: Site, folder: Path, rooms: list[tuple[str, Path]], when: str
) -> None:
    with_three_wards(folder, site, rooms)
    (folder / "0002_codes.py").write_text(SECOND)
    faults = 0
    while not run_with_fault(site, rooms, faults + 1, when):
        faults += 1
        if site.engine != "mariadb":
            assert drift([OldWard, OldBed]) == [] or drift([OldWard, Bed]) == []
    assert faults > 15
    assert drift([OldWard, Bed]) == []
    assert [bed.code for bed in Bed.select().order_by(Bed.id)] == ["A-1", "B-2", "A-3", "B-4", "A-5", "B-6"]
    assert AppliedScript.select().count() == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_first_installation_that_failed_anywhere_is_completed(
    site: Site, folder: Path, rooms: list[tuple[str, Path]], when: str
) -> None:
    (folder / "0001_wards.py").write_text(FIRST)
    faults = 0
    while not run_with_fault(site, rooms, faults + 1, when):
        faults += 1
    assert faults > 10
    assert drift([OldWard, OldBed]) == []


def run_with_fault(site: Site, rooms: Any, at: int, when: str) -> bool:
    """Run with an error at one statement; True when the run was over before it came."""
    real, count = site.database.execute_sql, 0

    def faulty(sql: str, params: Any = None) -> Any:
        nonlocal count
        count += 1
        if count == at and when == "before":
            raise Fault
        result = real(sql, params)
        if count == at:
            raise Fault
        return result

    site.database.execute_sql = faulty  # type: ignore[method-assign]
    try:
        apply(site, rooms)
    except (Fault, peewee.PeeweeException):
        return False
    finally:
        del site.database.execute_sql
        site.database.drop_connection()
    return True


def test_of_two_that_migrate_at_once_one_does_it_and_one_waits(
    site: Site, folder: Path, rooms: list[tuple[str, Path]]
) -> None:
    (folder / "0001_wards.py").write_text(FIRST)
    results: list[int] = []
    together = threading.Barrier(4)

    def migrate() -> None:
        other = site_at(site.database_url, site.folder)
        together.wait()
        results.append(len(apply(other, rooms)))
        other.database.budget.close_idle()

    threads = [threading.Thread(target=migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 0, 0, 1]


def test_waiting_for_another_migration_ends(site: Site, folder: Path, rooms: list[tuple[str, Path]]) -> None:
    other = site_at(site.database_url, site.folder)
    with other.activate(), migration_lock(other):
        failures: list[type[BaseException]] = []

        def wait() -> None:
            with site.activate():
                try:
                    with migration_lock(site, wait=0.5):
                        pass
                except Busy as busy:
                    failures.append(type(busy))

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
        assert failures == [Busy]
    other.database.budget.close_idle()


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"], indirect=True)
def test_a_table_in_use_is_waited_for_in_short_turns(
    site: Site, folder: Path, rooms: list[tuple[str, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.storage.migrations.locking.DDL_LOCK_SECONDS", 1)
    with_three_wards(folder, site, rooms)
    (folder / "0002_codes.py").write_text(SECOND)
    reader = site_at(site.database_url, site.folder)
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with reader.activate(), reader.database.atomic():
            reader.database.execute_sql("SELECT * FROM lot_bed").fetchall()
            reading.set()
            done.wait(20)

    thread = threading.Thread(target=read)
    thread.start()
    reading.wait()
    threading.Timer(1.5, done.set).start()
    started = time.monotonic()
    apply(site, rooms)
    assert time.monotonic() - started > 1.0
    thread.join()
    assert drift([OldWard, Bed]) == []
    reader.database.budget.close_idle()


def test_drift_names_what_differs(site: Site, folder: Path, rooms: list[tuple[str, Path]]) -> None:
    with_three_wards(folder, site, rooms)
    site.database.execute_sql("DROP TABLE lot_bed")
    site.database.execute_sql("CREATE TABLE lot_bed (id BIGINT, ward_id INTEGER, label VARCHAR(30), x INT)")
    found = " / ".join(drift([OldWard, OldBed]))
    assert "drop column lot_bed.x" in found
    assert "lot_bed.label allows nulls" in found
    assert "lot_bed.label is" in found
    assert "add index lot_bed" in found


def test_a_step_without_a_default_is_refused_before_anything_happens(
    site: Site, folder: Path, rooms: list[tuple[str, Path]]
) -> None:
    with_three_wards(folder, site, rooms)
    text = SECOND.replace("BooleanField(default=True)", "TextField(max_length=36, default=new_uid)")
    (folder / "0002_codes.py").write_text(text)
    with pytest.raises(Misuse, match="set_not_null"):
        apply(site, rooms)
    assert drift([OldWard, OldBed]) == []


def test_the_cores_own_scripts_make_what_its_models_say(site: Site) -> None:
    apply(site, [("core", Path(core.__file__).parent / "migrations")])
    assert drift([AppliedScript, MigrationStep, StoredFile, NumberSeries]) == []
