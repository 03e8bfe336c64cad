"""Which scripts a site still lacks, and running them."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import peewee
from playhouse.migrations import Runner

from core import clock
from core.errors import MedleyError, Misuse, Unavailable
from core.sites import Site, current, is_active
from core.storage import fields
from core.storage.migrations.locking import migration_lock, patient_session, retried
from core.storage.migrations.steps import MigrationStep
from core.storage.model import Table
from core.texts import _

Kind = Literal["before", "after"]
Rooms = Sequence[tuple[str, Path]]
# A script says of itself what must be known before it is run.
CONSTANT = re.compile(r'^(KIND|OLDEST_CODE)\s*=\s*"([^"]*)"', re.MULTILINE)
Progress = Callable[["Script", str], None]


class MigrationChanged(MedleyError):
    """A script that was applied is not the one lying there now, or scripts are out of order."""


class AppliedScript(Table):
    """The checksum of every script applied here, and the oldest code that may serve its result."""

    room = fields.TextField(max_length=60)
    name = fields.TextField(max_length=120)
    checksum = fields.TextField(max_length=64)
    oldest_code = fields.TextField(max_length=40, default="")
    applied_at = fields.UTCDateTimeField()

    class Meta:
        table_name = "core_migration_checksum"
        indexes = ((("room", "name"), True),)
        why = "the history of the schema itself"


@dataclass(frozen=True, slots=True)
class Script:
    """One numbered script of a room."""

    room: str
    name: str
    path: Path
    kind: Kind
    oldest_code: str

    @property
    def checksum(self) -> str:
        """SHA-256 of its text, whatever the line ends of the checkout."""
        return hashlib.sha256(self.path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def pending(site: Site, rooms: Rooms) -> list[Script]:
    """The scripts this site still lacks, in the order they will run.

    `rooms` are the core and the plugins with their migration folders, each after those it requires.
    Raises `MigrationChanged` when a script already applied was changed since.
    """
    with _at(site):
        known = _checksums(site)
        found = []
        for room, folder in rooms:
            applied = SiteRunner(site, room, folder).applied()
            for script in scripts_of(room, folder):
                if script.name not in applied:
                    found.append(script)
                elif known.get((room, script.name), script.checksum) != script.checksum:
                    text = _("%(room)s/%(name)s was changed after it was applied here.", room=room, name=script.name)
                    raise MigrationChanged(text)
        return found


def apply(
    site: Site, rooms: Rooms, kind: Kind = "before", dry_run: bool = False, progress: Progress | None = None
) -> list[Script]:
    """Run what is pending and return it; with `dry_run`, only return it.

    `kind="before"` runs what old and new code can both live with; a room that has nothing yet is
    created whole, for no old code uses it. `kind="after"` runs everything. One process at a time does
    it, the others wait and find nothing left. A script that fails leaves nothing on SQLite and
    PostgreSQL; on MariaDB the next run completes it. `progress(script, "begins" or "done")` is told.
    """
    with _at(site):
        if dry_run:
            return _plan(site, rooms, kind)
        with migration_lock(site):
            _prepare(site)
            plan = _plan(site, rooms, kind)
            with patient_session(site):
                for script in plan:
                    if progress is not None:
                        progress(script, "begins")
                    _run(site, script, rooms)
                    if progress is not None:
                        progress(script, "done")
            return plan


def scripts_of(room: str, folder: Path) -> list[Script]:
    """The scripts of a folder in their order, read without running them."""
    return [_described(room, path) for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.py"))]


def oldest_code(site: Site) -> str:
    """The oldest release whose code may serve this site's tables; "" when any may."""
    with _at(site):
        if not has_history(site):
            return ""
        rows: Any = AppliedScript.select(AppliedScript.oldest_code).distinct().tuples()
        return max((row[0] for row in rows), key=version_key, default="")


def refuse_older_code(site: Site, version: str) -> None:
    """Raise `Unavailable` when this code is too old for the site's tables."""
    oldest = oldest_code(site)
    if version_key(version) < version_key(oldest):
        text = _("The hospital's tables need Medley %(oldest)s or newer; this is %(version)s.",
                 oldest=oldest, version=version)  # fmt: skip
        raise Unavailable(text)


def has_history(site: Site) -> bool:
    """Whether any migration was ever begun at this site."""
    return AppliedScript._meta.table_name in site.database.get_tables()


def version_key(version: str) -> tuple[int, ...]:
    """Compare releases by their numbers: 0.10 comes after 0.9."""
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in version.split(".")) if version else ()


class SiteRunner(Runner):
    """Peewee's runner for one room of one site."""

    def __init__(self, site: Site, room: str, folder: Path) -> None:
        super().__init__(site.database, str(folder), table_name=f"{room}_migration")
        self.site = site
        self.room = room

    def run_script(self, script: Script) -> None:
        """Run one script with its checksum and history row, as one transaction where the engine can."""
        self.History.create_table()
        found = [migration for migration in self.migrations() if migration.name == script.name]
        module = found[0].load()
        if getattr(module, "up", None) is None:
            raise Misuse(f"{script.room}/{script.name} does not define up()")
        self.migrator.script = f"{script.room}/{script.name}"
        self.migrator.rewrites_rows = False
        with self.migrator.migration_context(getattr(module, "atomic", True)):
            module.up(self.migrator, self.database)
            self._refuse_orphans()
            self._record(script)

    def _record(self, script: Script) -> None:
        with self.database.atomic():
            is_same = (AppliedScript.room == script.room) & (AppliedScript.name == script.name)
            AppliedScript.delete().where(is_same).execute()
            AppliedScript.create(
                room=script.room,
                name=script.name,
                checksum=script.checksum,
                oldest_code=script.oldest_code,
                applied_at=clock.now(),
            )
            self.History.create(name=script.name)

    def _refuse_orphans(self) -> None:
        """SQLite runs scripts with foreign keys off, since it rebuilds tables: look that all still hold."""
        if self.site.engine == "sqlite" and self.migrator.rewrites_rows:
            orphan = self.database.execute_sql("PRAGMA foreign_key_check").fetchone()
            if orphan is not None:
                raise peewee.IntegrityError(f"{self.migrator.script} leaves rows of {orphan[0]} without {orphan[2]}")


def _run(site: Site, script: Script, rooms: Rooms) -> None:
    runner = SiteRunner(site, script.room, dict(rooms)[script.room])
    retried(lambda: runner.run_script(script), site)


def _prepare(site: Site) -> None:
    """Create the two tables migrations themselves need; safe to repeat at any point of it."""
    models: tuple[Any, ...] = (AppliedScript, MigrationStep)
    for model in models:
        if not model.table_exists():
            retried(peewee.SchemaManager(model, site.database).create_table, site)
        _index(site, model)


def _index(site: Site, model: Any) -> None:
    database: Any = site.database
    present = {index.name for index in site.database.get_indexes(model._meta.table_name)}
    manager: Any = peewee.SchemaManager(model, database)
    for index in model._meta.fields_to_index():
        if index._name not in present:
            retried(partial(database.execute, manager._create_index(index, safe=False)), site)


def _plan(site: Site, rooms: Rooms, kind: Kind) -> list[Script]:
    plan: list[Script] = []
    held: dict[str, Script] = {}
    lacking = pending(site, rooms)
    fresh = {room for room, folder in rooms if not SiteRunner(site, room, folder).applied()}
    for script in lacking:
        if kind == "after" or script.room in fresh:
            plan.append(script)
        elif script.kind == "after":
            held.setdefault(script.room, script)
        elif script.room in held:
            names = {"room": script.room, "name": script.name, "first": held[script.room].name}
            text = _("%(room)s/%(name)s waits for %(first)s: run the migrations of kind “after” first.", **names)
            raise MigrationChanged(text)
        else:
            plan.append(script)
    return plan


def _checksums(site: Site) -> dict[tuple[str, str], str]:
    if not has_history(site):
        return {}
    rows: Any = AppliedScript.select(AppliedScript.room, AppliedScript.name, AppliedScript.checksum).tuples()
    return {(room, name): checksum for room, name, checksum in rows}


def _described(room: str, path: Path) -> Script:
    constants = {"KIND": "before", "OLDEST_CODE": "", **dict(CONSTANT.findall(path.read_text("utf-8")))}
    if constants["KIND"] not in ("before", "after"):
        raise Misuse(f'{room}/{path.stem}: KIND is "before" or "after"')
    return Script(room, path.stem, path, constants["KIND"], constants["OLDEST_CODE"])


@contextmanager
def _at(site: Site) -> Iterator[None]:
    if is_active() and current().site is site:
        if current().transaction is not None:
            raise Misuse("migrations are no part of an act")
        yield
        return
    with site.activate(door="cli"):
        yield
