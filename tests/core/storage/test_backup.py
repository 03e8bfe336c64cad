"""A backup restores, and one that would not is refused beforehand."""

import io
import os
import random
import shutil
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest

import core
from core.actors import system_actor
from core.acts import act
from core.errors import MedleyError, Refused
from core.sites import Site
from core.storage import fields, files, keys
from core.storage.backup import BackupDamaged, ToolFailed, archive, backup, restore, verify
from core.storage.journal.reads import disclosed, flush_reads
from core.storage.keys import Keyring
from core.storage.migrations import apply
from core.storage.model import Model, Table
from tests.core.storage.sites import site_at
from tests.hospital import SOAK, rounds
from tests.servers import Servers

pytestmark = SOAK

TESTER = system_actor("test")


class Chart(Model):
    title = fields.TextField(max_length=80, default="")
    body = fields.TextField(null=True)
    secret = fields.EncryptedField(null=True)

    class Meta:
        plugin = "lot"


class Ledger(Table):
    left = fields.BigIntegerField()
    right = fields.BigIntegerField()

    class Meta:
        plugin = "lot"
        why = "a test"


@act("lot.open_chart")
def open_chart(title: str, by: object, body: str = "", upload: files.Upload | None = None) -> Chart:
    chart = Chart.create(title=title, body=body, secret="HIV+")
    if upload is not None:
        files.attach(chart, upload)
    number = Ledger.select().count()
    Ledger.create(left=number, right=-number)
    return chart


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[Keyring]:
    made = Keyring.create(tmp_path / "keys.toml")
    keys.install(made)
    yield made
    keys.install(None)


@pytest.fixture
def site(database_url: str, tmp_path: Path, keyring: Keyring) -> Iterator[Site]:
    made = site_at(database_url, tmp_path / "ward")
    apply(made, [("core", Path(core.__file__).parent / "migrations")])
    with made.activate():
        for model in (Chart, Ledger):
            peewee.SchemaManager(model, made.database).create_all()
        upload = files.receive("note.txt", io.BytesIO("Fièvre\n".encode() * 1000))
        open_chart("it's \\ the\n(1,2),\n(3)", by=TESTER, body="DEFINER=`a`@`b` 🙂 ünï\n" * 5, upload=upload)
        open_chart("second", by=TESTER)
        disclosed("record", ["x"], subject_uid="")
        flush_reads()
    yield made
    made.database.budget.close_idle()


@pytest.fixture
def empty(engine: str, servers: Servers, tmp_path: Path) -> Iterator[Site]:
    url = servers.url(engine)
    made = site_at(url, tmp_path / "other")
    yield made
    made.database.budget.close_idle()
    servers.drop(url)


def rows_of(site: Site) -> dict[str, list[tuple[str, ...]]]:
    mark = site.database.quote[0]
    found = {}
    with site.activate():
        for table in set(site.database.get_tables()) - {"core_site_state"}:
            rows = site.database.execute_sql(f"SELECT * FROM {mark}{table}{mark}").fetchall()
            found[table] = sorted(tuple(map(str, row)) for row in rows)
    return found


def revision_of(site: Site) -> str:
    with site.activate():
        return str(site.database.execute_sql("SELECT revision FROM core_site_state").fetchone()[0])


@pytest.mark.parametrize("encrypt", [True, False], ids=["encrypted", "plain"])
def test_everything_comes_back(site: Site, empty: Site, tmp_path: Path, encrypt: bool) -> None:
    target = tmp_path / "out" / "ward.medley"
    made = backup(site, target, encrypt=encrypt)
    assert target.stat().st_mode & 0o077 == 0
    assert made.is_encrypted is encrypt
    assert made.tables["lot_chart"] == 2
    assert (b"Chart" in target.read_bytes() or b"manifest" in target.read_bytes()) is not encrypt
    assert verify(target) == made
    told: list[str] = []
    restore(target, empty, after_restore=lambda at, manifest: told.append(manifest.site + at.name))
    assert told == ["wardward"]
    assert rows_of(empty) == rows_of(site)
    assert revision_of(empty) != revision_of(site)
    with empty.activate():
        assert files.verify() == []
        assert [chart.secret for chart in Chart.select()] == ["HIV+", "HIV+"]
        assert open_chart("third", by=TESTER).id == 3
        with pytest.raises(peewee.PeeweeException):
            empty.database.execute_sql("DELETE FROM core_journal")
    if site.engine == "sqlite":
        reads = peewee.SqliteDatabase(empty.database.database.removesuffix(".db") + "-reads.db")
        assert reads.execute_sql("SELECT count(*) FROM core_read").fetchone() == (1,)
        reads.close()
    assert not list((site.folder / "backup-work").iterdir())


def test_a_backup_under_load_holds_everything_committed_before_it_began(
    site: Site, empty: Site, tmp_path: Path
) -> None:
    stop = threading.Event()
    done: list[int] = []

    def write() -> None:
        while not stop.is_set():
            with site.activate():
                open_chart("load", by=TESTER)
            done.append(1)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    while len(done) < 20:
        stop.wait(0.01)
    before = len(done)
    target = tmp_path / "load.medley"
    manifest = backup(site, target)
    during = len(done) - before
    stop.set()
    for thread in threads:
        thread.join()
    assert during > 0
    restore(target, empty)
    with empty.activate():
        charts, ledger = Chart.select().count(), Ledger.select().count()
        assert charts == ledger == manifest.tables["lot_chart"] >= before + 2
        assert Ledger.select(peewee.fn.SUM(Ledger.left + Ledger.right)).scalar() == 0
        journaled = empty.database.execute_sql("SELECT count(*) FROM core_journal WHERE noun = 'chart'").fetchone()[0]
        assert journaled == charts


@pytest.mark.parametrize("encrypt", [True, False], ids=["encrypted", "plain"])
def test_every_changed_bit_and_every_cut_is_refused(site: Site, tmp_path: Path, encrypt: bool) -> None:
    target = tmp_path / "ward.medley"
    backup(site, target, encrypt=encrypt)
    whole = target.read_bytes()
    chance = random.Random(23)
    # What an archive holds differs between the engines, how it is sealed does not: every day one is tried closely.
    every, anywhere, cuts = (1, 100, 20) if site.engine == "sqlite" else (rounds(8, 1), rounds(25, 100), rounds(4, 20))
    ends = [*range(40), *range(len(whole) - 90, len(whole))][::every]
    places = [*ends, *(chance.randrange(len(whole)) for _ in range(rounds(anywhere, 200)))]
    damaged = tmp_path / "damaged.medley"
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        damaged.write_bytes(flipped)
        with pytest.raises(BackupDamaged):
            verify(damaged)
    for length in (
        0,
        1,
        16,
        100,
        1000,
        len(whole) - 1,
        len(whole) - 80,
        *(chance.randrange(len(whole)) for _ in range(cuts)),
    ):
        damaged.write_bytes(whole[:length])
        with pytest.raises(BackupDamaged):
            verify(damaged)
    damaged.write_bytes(whole + b"x")
    with pytest.raises(BackupDamaged):
        verify(damaged)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_another_installations_key_opens_nothing(site: Site, empty: Site, tmp_path: Path) -> None:
    target = tmp_path / "ward.medley"
    backup(site, target)
    stranger = Keyring.create(tmp_path / "stranger.toml")
    stranger.keys = dict.fromkeys(stranger.keys, b"x" * 32)
    with pytest.raises(BackupDamaged):
        verify(target, stranger)
    keys.install(None)
    with pytest.raises(BackupDamaged, match="keyring"):
        restore(target, empty)
    plain = tmp_path / "plain.medley"
    backup(site, plain, keyring=Keyring.load(tmp_path / "keys.toml"), encrypt=False)
    with pytest.raises(Refused, match="lacks"):
        restore(plain, empty)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_tar_with_foreign_members_is_refused(tmp_path: Path, engine: str) -> None:
    for name in ("../../etc/cron.d/x", "/etc/passwd", "files/aa/bb/short", "files/aa/bb/" + "a" * 64, "other"):
        target = tmp_path / "odd.medley"
        with archive.writing(target, None) as outlet, tarfile.open(fileobj=outlet, mode="w|") as tar:
            facts = tarfile.TarInfo(name)
            facts.size = 1
            tar.addfile(facts, io.BytesIO(b"x"))
        with pytest.raises(BackupDamaged):
            verify(target)


def test_a_site_with_data_is_replaced_only_when_asked(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "ward.medley"
    backup(site, target)
    before = rows_of(site)
    with site.activate():
        open_chart("after the backup", by=TESTER)
        site.database.execute_sql("CREATE TABLE lot_later (id INTEGER)")
    with pytest.raises(Refused):
        restore(target, site)
    restore(target, site, replace=True)
    assert rows_of(site) == before


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_hospital_restored_under_another_name_opens_its_secrets(site: Site, tmp_path: Path, servers: Servers) -> None:
    target = tmp_path / "ward.medley"
    backup(site, target)
    clone = site_at(servers.url("sqlite"), tmp_path / "clone", name="clone")
    restore(target, clone)
    with clone.activate():
        assert Chart.get().secret == "HIV+"


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"], indirect=True)
def test_no_secret_is_on_a_command_line(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    name = "pg_dump" if engine == "postgresql" else "mariadb-dump"
    real = shutil.which(name)
    spy = tmp_path / "bin" / name
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$0 $@" >> {tmp_path}/seen\nexec {real} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    told = site.database_url.replace("medley@", "medley:hidden!@") if engine == "postgresql" else site.database_url
    site.database_url = told
    backup(site, tmp_path / "ward.medley")
    seen = (tmp_path / "seen").read_text()
    assert "hidden!" not in seen and "-p" not in seen.split() and "password" not in seen
    assert spy.name in seen


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"], indirect=True)
def test_a_tool_that_fails_is_named_and_nothing_is_left(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    target = tmp_path / "out" / "ward.medley"
    with pytest.raises(ToolFailed, match="not installed"):
        backup(site, target)
    assert list(target.parent.iterdir()) == []


def test_a_missing_archive_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(MedleyError, match="no backup"):
        verify(tmp_path / "none.medley")
