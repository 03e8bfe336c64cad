"""Taking a database out as one moment saw it, and putting it back: each engine by its own tools.

The tools are started without a shell, and passwords reach them by environment or a private file,
never on the command line, where every user of the machine could read them.
"""

import gzip
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from core.errors import MedleyError, Unavailable
from core.sites import Site
from core.storage.backup.archive import BackupDamaged
from core.storage.locks import write_lock_of
from core.texts import _

CHUNK = 1024 * 1024
DEFINER = re.compile(rb"/\*!\d+ DEFINER=`[^`]*`@`[^`]*`\s*\*/")
INSERT = re.compile(rb"INSERT INTO `([^`]+)` VALUES\s*(\(?)")


class ToolFailed(MedleyError):
    """A tool of the database server failed or is not installed; the message says what it said."""


@dataclass(frozen=True, slots=True)
class Dump:
    """A database taken out: its file, and the rows of each table at that moment (-1: not known)."""

    path: Path
    tables: dict[str, int]


# SQLite


def dump_sqlite(site: Site, folder: Path) -> Dump:
    """Copy the database through SQLite's online backup; writers go on meanwhile."""
    return copy_sqlite(Path(site.database.database), folder / "database.sqlite.gz")


def copy_sqlite(source: Path, target: Path) -> Dump:
    """Copy one SQLite file as a single reader sees it, check the copy, and pack it."""
    copy = target.with_suffix(".copy")
    with closing(sqlite3.connect(source, timeout=30)) as original, closing(sqlite3.connect(copy)) as taken:
        original.backup(taken)
        taken.execute("PRAGMA journal_mode = DELETE")
        tables = _sound_sqlite(taken)
    with copy.open("rb") as plain, gzip.open(target, "wb", compresslevel=1) as packed:
        shutil.copyfileobj(plain, packed, CHUNK)
    copy.unlink()
    return Dump(target, tables)


def load_sqlite(target: Path, packed: Path, expected: dict[str, int] | None) -> None:
    """Put a copy in the place of a database, inside one write transaction that its other users see at once."""
    copy = packed.with_suffix(".copy")
    with gzip.open(packed, "rb") as source, copy.open("wb") as plain:
        shutil.copyfileobj(source, plain, CHUNK)
    target.parent.mkdir(parents=True, exist_ok=True)
    lock = write_lock_of(str(target))
    with closing(sqlite3.connect(copy)) as taken:
        _agree(_sound_sqlite(taken), expected)
        lock.acquire()
        try:
            with closing(sqlite3.connect(target, timeout=30)) as place:
                taken.backup(place)
                place.execute("PRAGMA journal_mode = WAL")
                place.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            lock.release()
    copy.unlink()


def _sound_sqlite(database: sqlite3.Connection) -> dict[str, int]:
    try:
        verdict = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        names = [name for name in names if not name.startswith("sqlite_")]
        if verdict == "ok":
            return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    except sqlite3.DatabaseError as damaged:
        verdict = str(damaged)
    raise BackupDamaged(_("The database itself is damaged: %(verdict)s", verdict=verdict))


# PostgreSQL


def dump_postgresql(site: Site, folder: Path) -> Dump:
    """Run pg_dump on the snapshot our own transaction holds, in which the rows are counted."""
    target = folder / "database.pgdump"
    database = site.database
    with _own_session(site) as ask:
        ask("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        ask("SET LOCAL idle_in_transaction_session_timeout = 0")
        snapshot = str(ask("SELECT pg_export_snapshot()").fetchone()[0])
        command = ["pg_dump", "--format=custom", "--compress=1", "--no-owner", "--no-privileges",
                   f"--snapshot={snapshot}", f"--file={target}", str(database.database)]  # fmt: skip
        _run(command, postgresql_environment(site))
        tables = {name: ask(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in database.get_tables()}  # noqa: S608
        ask("ROLLBACK")
    return Dump(target, tables)


def load_postgresql(site: Site, dump: Path) -> None:
    """Run pg_restore, all of it in one transaction."""
    command = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
               "--clean", "--if-exists", f"--dbname={site.database.database}", str(dump)]  # fmt: skip
    _run(command, postgresql_environment(site))


def postgresql_environment(site: Site) -> dict[str, str]:
    """Where and as whom, for libpq."""
    parts = urlsplit(site.database_url)
    told = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": unquote(parts.username) if parts.username else None,
        "PGPASSWORD": unquote(parts.password) if parts.password else None,
        "PGCONNECT_TIMEOUT": "10",
        "PGOPTIONS": "-c statement_timeout=0 -c lock_timeout=30s",
    }
    return {name: value for name, value in told.items() if value}


# MariaDB


def dump_mariadb(site: Site, folder: Path) -> Dump:
    """Run mariadb-dump in one transaction, and count the rows as they pass by."""
    target = folder / "database.sql.gz"
    tables: dict[str, int] = dict.fromkeys(site.database.get_tables(), 0)
    with mariadb_options(site, folder) as options:
        command = [tool("mariadb-dump", "mysqldump"), f"--defaults-extra-file={options}", "--single-transaction",
                   "--quick", "--hex-blob", "--triggers", "--no-tablespaces", "--skip-comments",
                   "--default-character-set=utf8mb4", "--add-drop-table", str(site.database.database)]  # fmt: skip
        with tempfile.TemporaryFile() as said, gzip.open(target, "wb", compresslevel=1) as packed:
            with subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=_environment({})
            ) as process:
                _count_rows(process.stdout or iter(()), packed.write, tables)
            _refuse_failure(command[0], process.returncode, said)
    return Dump(target, tables)


def load_mariadb(site: Site, dump: Path) -> None:
    """Run the dump through the mariadb client; MariaDB commits as it goes, so a failure is completed by a repeat."""
    with mariadb_options(site, dump.parent) as options:
        command = [tool("mariadb", "mysql"), f"--defaults-extra-file={options}", "--batch",
                   "--default-character-set=utf8mb4", str(site.database.database)]  # fmt: skip
        with tempfile.TemporaryFile() as said, gzip.open(dump, "rb") as packed:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=_environment({})
            )
            try:
                with process.stdin or open(os.devnull, "wb") as inlet:  # noqa: PTH123
                    for line in packed:
                        inlet.write(DEFINER.sub(b"", line) if line.startswith(b"/*!50003 CREATE*/") else line)
            except BrokenPipeError:
                process.wait()
            finally:
                process.wait()
            _refuse_failure(command[0], process.returncode, said)


@contextmanager
def mariadb_options(site: Site, folder: Path) -> Iterator[Path]:
    """A private file with where and as whom, gone afterwards."""
    parts = urlsplit(site.database_url)
    told = {
        "host": parts.hostname,
        "port": parts.port,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
    }
    path = folder / "client.cnf"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write("[client]\n")
            for name, value in told.items():
                if value is not None:
                    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
                    stream.write(f'{name}="{escaped}"\n')
        yield path
    finally:
        path.unlink(missing_ok=True)


def _count_rows(lines: Any, write: Callable[[bytes], Any], tables: dict[str, int]) -> None:
    """Pass a dump on. A row begins with a bracket at the start of its line; texts hold no line ends of their own."""
    table = ""
    for line in lines:
        write(line)
        found = INSERT.match(line) if line.startswith(b"INSERT INTO ") else None
        if found is not None:
            table = found.group(1).decode()
            if found.group(2):
                tables[table] = -1
        elif table and line.startswith(b"(") and tables[table] >= 0:
            tables[table] += 1
        if table and line.endswith(b";\n"):
            table = ""


# Common


def agree(site: Site, expected: dict[str, int]) -> None:
    """Raise `BackupDamaged` unless the restored tables have the rows they had."""
    database = site.database
    mark = database.quote[0]
    names = database.get_tables()
    counted = {name: database.execute_sql(f"SELECT count(*) FROM {mark}{name}{mark}").fetchone()[0] for name in names}  # noqa: S608
    _agree(counted, expected)


def tool(*names: str) -> str:
    """The path of the first of these programs that is installed."""
    for name in names:
        found = shutil.which(name, path=os.environ.get("PATH", "/usr/bin:/bin"))
        if found is not None:
            return found
    raise ToolFailed(_("%(name)s is not installed on this machine; backups need it.", name=names[0]))


def _agree(counted: dict[str, int], expected: dict[str, int] | None) -> None:
    for name, rows in (expected or {}).items():
        if rows >= 0 and counted.get(name) != rows:
            raise BackupDamaged(_("The table %(name)s does not have the rows the backup counted.", name=name))


@contextmanager
def _own_session(site: Site) -> Iterator[Any]:
    """A connection beside the current one."""
    database = site.database
    connection = database._connect()
    try:
        with closing(connection.cursor()) as cursor:
            yield lambda sql: (cursor.execute(sql), cursor)[1]
    finally:
        database._close(connection)


def _run(command: list[str], told: dict[str, str]) -> None:
    path = tool(command[0])
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [path, *command[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
            env=_environment(told), check=False,
        )  # fmt: skip
        _refuse_failure(command[0], done.returncode, said)


def _environment(told: dict[str, str]) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", **told}


def _refuse_failure(name: str, code: int | None, said: IO[bytes]) -> None:
    if code == 0:
        return
    said.seek(0)
    words = said.read(2000).decode("utf-8", "replace").strip()
    if code is None:
        raise Unavailable
    raise ToolFailed(_("%(name)s failed: %(words)s", name=Path(name).name, words=words))
