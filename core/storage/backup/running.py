"""Making, checking and restoring a backup of one hospital."""

import hashlib
import os
import platform
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

import core
from core import clock
from core.errors import Refused
from core.sites import Site, touch_revision
from core.storage import files, keys
from core.storage.backup import archive, engines
from core.storage.backup.archive import BackupDamaged
from core.storage.backup.manifest import Manifest
from core.storage.journal.reads import read_store
from core.storage.keys import Keyring
from core.storage.migrations.locking import migration_lock
from core.storage.migrations.running import AppliedScript, has_history
from core.storage.transactions import atomic
from core.texts import _

CHUNK = 1024 * 1024
MANIFEST = "manifest.json"
READS = "reads.sqlite.gz"
DATABASES = {"sqlite": "database.sqlite.gz", "postgresql": "database.pgdump", "mariadb": "database.sql.gz"}
MEMBER = re.compile(r"files/([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})")
Progress = Callable[[str, int], None]


def backup(
    site: Site, target: Path, keyring: Keyring | None = None, encrypt: bool = True, progress: Progress | None = None
) -> Manifest:
    """Back up a hospital while it works: everything committed before the start is in it.

    With a keyring (the installed one unless given) the archive is encrypted, unless `encrypt=False`.
    Migrations wait meanwhile. `progress(member, bytes)` is told.
    """
    keyring = keyring or (keys.installed_keyring() if keys.is_installed() else None)
    sealing = keyring.for_site(site.name) if encrypt and keyring is not None else None
    with site.activate(door="cli"), migration_lock(site), _workplace(site, sweep=True) as folder:
        manifest = _described(site, keyring)
        manifest.is_encrypted = sealing is not None
        with archive.writing(target, sealing) as outlet, tarfile.open(fileobj=outlet, mode="w|") as tar:
            packer = _Packer(tar, manifest, progress)
            dump = getattr(engines, f"dump_{site.engine}")(site, folder)
            manifest.tables = dump.tables
            packer.add(DATABASES[site.engine], dump.path)
            if site.engine == "sqlite":
                packer.add(READS, engines.copy_sqlite(_reads_path(site), folder / READS).path)
            store = files.LocalFiles(site.folder / "files")
            for address in store.all():
                packer.add_content(address, store)
            manifest.finished_at = clock.now().isoformat()
            packer.add_bytes(MANIFEST, manifest.written())
    return manifest


def verify(source: Path, keyring: Keyring | None = None) -> Manifest:
    """Read an archive from first to last byte; raises `BackupDamaged` unless all of it is as it was written."""
    keyring = keyring or (keys.installed_keyring() if keys.is_installed() else None)
    found: dict[str, dict[str, object]] = {}
    manifest: Manifest | None = None
    for name, stream in _members(source, keyring):
        if name == MANIFEST:
            manifest = Manifest.read(stream.read())
        else:
            found[name] = _measured(stream)
    if manifest is None or manifest.members != found:
        raise BackupDamaged(_("This backup does not hold what its list of contents says."))
    return manifest


def restore(
    source: Path,
    site: Site,
    keyring: Keyring | None = None,
    replace: bool = False,
    verify_first: bool = True,
    after_restore: Callable[[Site, Manifest], None] | None = None,
) -> Manifest:
    """Restore a hospital from an archive, which is verified first.

    Refused when the site has tables already, unless `replace=True`; when its engine is another; and
    when the keyring lacks a key its encrypted columns need. Row counts are compared with those of the
    backup, the site gets a new revision, and `after_restore` is called last. Stop the servers first:
    on MariaDB a restore is not one transaction.
    """
    keyring = keyring or (keys.installed_keyring() if keys.is_installed() else None)
    manifest = verify(source, keyring) if verify_first else _manifest_of(source, keyring)
    _refuse_unfit(manifest, site, keyring)
    with site.activate(door="cli"), _workplace(site) as folder:
        if site.database.get_tables() and not replace:
            raise Refused(_("This site has data already. Restoring over it needs to be asked for."))
        with migration_lock(site):
            if site.engine != "sqlite":
                _empty(site)
        _unpack(source, keyring, site, folder)
        site.database.close()
        site.database.budget.close_idle(site.database)
        _load(site, folder, manifest)
        _renew_revision(site)
        if manifest.site != site.name and keyring is not None:
            keyring.alias(site.name, manifest.site)
        if after_restore is not None:
            after_restore(site, manifest)
    return manifest


class _Packer:
    """Puts members into the tar and their digests into the manifest."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest, progress: Progress | None) -> None:
        self.tar = tar
        self.manifest = manifest
        self.progress = progress

    def add(self, name: str, path: Path) -> None:
        """A file we made, gone afterwards."""
        with path.open("rb") as stream:
            self._add(name, stream, path.stat().st_size)
        path.unlink()

    def add_content(self, address: str, store: files.LocalFiles) -> None:
        """A stored file; one that is damaged on disk is refused now, not found out at the restore."""
        name = f"files/{address[:2]}/{address[2:4]}/{address}"
        with store.open(address) as stream:
            self._add(name, stream, os.fstat(stream.fileno()).st_size)
        if self.manifest.members[name]["sha256"] != address:
            raise BackupDamaged(_("The stored file %(name)s is damaged.", name=address))

    def add_bytes(self, name: str, content: bytes) -> None:
        """The manifest itself, which is not in its own list."""
        with tempfile.SpooledTemporaryFile(max_size=CHUNK) as stream:
            stream.write(content)
            stream.seek(0)
            self.tar.addfile(_facts(name, len(content)), stream)

    def _add(self, name: str, stream: BinaryIO, size: int) -> None:
        measured = _Measuring(stream)
        self.tar.addfile(_facts(name, size), measured)
        self.manifest.members[name] = {"size": size, "sha256": measured.digest.hexdigest()}
        if self.progress is not None:
            self.progress(name, size)


class _Measuring:
    """Digests what is read through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        part = self.stream.read(size)
        self.digest.update(part)
        return part


def _facts(name: str, size: int) -> tarfile.TarInfo:
    facts = tarfile.TarInfo(name)
    facts.size = size
    facts.mode = 0o600
    facts.mtime = int(clock.now().timestamp())
    return facts


def _described(site: Site, keyring: Keyring | None) -> Manifest:
    database = site.database
    version = "SELECT sqlite_version()" if site.engine == "sqlite" else "SELECT version()"
    scripts = AppliedScript.select().order_by(AppliedScript.id) if has_history(site) else ()
    return Manifest(
        site=site.name,
        title=site.title,
        engine=site.engine,
        medley=f"{core.__version__} on Python {platform.python_version()}",
        server=str(database.execute_sql(version).fetchone()[0]),
        started_at=clock.now().isoformat(),
        keys=sorted(keyring.keys) if keyring is not None else [],
        scripts=[f"{script.room}/{script.name}" for script in scripts],
    )


def _members(source: Path, keyring: Keyring | None) -> Iterator[tuple[str, Any]]:
    """The members of an archive; a name that is not one of ours is damage, and no name is ever used as a path."""
    try:
        with archive.reading(source, keyring) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                known = member.name in {MANIFEST, READS, *DATABASES.values()} or MEMBER.fullmatch(member.name)
                content = tar.extractfile(member) if known and member.isreg() else None
                if content is None:
                    raise BackupDamaged(_("This backup holds something that does not belong there."))
                yield member.name, content
    except FileNotFoundError as missing:
        raise Refused(_("There is no backup %(path)s.", path=str(source))) from missing
    except (tarfile.TarError, EOFError, OSError) as damaged:
        raise BackupDamaged(_("This backup is damaged.")) from damaged


def _manifest_of(source: Path, keyring: Keyring | None) -> Manifest:
    for name, stream in _members(source, keyring):
        if name == MANIFEST:
            return Manifest.read(stream.read())
    raise BackupDamaged(_("This backup has no list of contents."))


def _measured(stream: IO[bytes]) -> dict[str, object]:
    digest, size = hashlib.sha256(), 0
    while part := stream.read(CHUNK):
        digest.update(part)
        size += len(part)
    return {"size": size, "sha256": digest.hexdigest()}


def _refuse_unfit(manifest: Manifest, site: Site, keyring: Keyring | None) -> None:
    if manifest.engine != site.engine:
        text = _("This backup is of %(theirs)s, and the site is on %(ours)s.", theirs=manifest.engine, ours=site.engine)
        raise Refused(text)
    missing = sorted(set(manifest.keys) - set(keyring.keys if keyring is not None else ()))
    if missing:
        text = _("The keyring lacks %(keys)s, which this backup's data is encrypted with.", keys=", ".join(missing))
        raise Refused(text)


def _unpack(source: Path, keyring: Keyring | None, site: Site, folder: Path) -> None:
    store = files.LocalFiles(site.folder / "files")
    for name, stream in _members(source, keyring):
        if name in (READS, *DATABASES.values()):
            with (folder / name).open("wb") as target:
                shutil.copyfileobj(stream, target, CHUNK)
        elif name != MANIFEST:
            kept = store.put(stream, limit=1 << 62)
            if kept.sha256 != name.rpartition("/")[2]:
                raise BackupDamaged(_("The stored file %(name)s is damaged.", name=name))


def _load(site: Site, folder: Path, manifest: Manifest) -> None:
    path = folder / DATABASES[site.engine]
    if site.engine == "sqlite":
        engines.load_sqlite(Path(site.database.database), path, manifest.tables)
        if (folder / READS).exists():
            engines.load_sqlite(_reads_path(site), folder / READS, None)
        return
    getattr(engines, f"load_{site.engine}")(site, path)
    engines.agree(site, manifest.tables)


def _empty(site: Site) -> None:
    """Take away what is there: what the backup does not know must not be mixed with it."""
    database = site.database
    if site.engine == "mariadb":
        database.execute_sql("SET SESSION foreign_key_checks = 0")
    try:
        for table in database.get_tables():
            cascade = " CASCADE" if site.engine == "postgresql" else ""
            mark = database.quote[0]
            database.execute_sql(f"DROP TABLE {mark}{table}{mark}{cascade}")
    finally:
        if site.engine == "mariadb":
            database.execute_sql("SET SESSION foreign_key_checks = DEFAULT")


def _renew_revision(site: Site) -> None:
    """Every worker reads everything anew: what it remembers is of another past."""
    if "core_site_state" in site.database.get_tables():
        with atomic():
            touch_revision()


def _reads_path(site: Site) -> Path:
    return Path(read_store(site).database.database)


@contextmanager
def _workplace(site: Site, sweep: bool = False) -> Iterator[Path]:
    """A private folder beside the site's data, as well guarded as the database itself."""
    place = site.folder / "backup-work"
    if sweep:
        shutil.rmtree(place, ignore_errors=True)
    if site.engine == "sqlite":
        Path(site.database.database).parent.mkdir(parents=True, exist_ok=True)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=place) as folder:
            yield Path(folder)
    except OSError as failed:
        raise engines.ToolFailed(_("The disk refused: %(why)s", why=str(failed))) from failed
