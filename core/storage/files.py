"""The files of a record: scans, letters, pictures, studies.

The content lies under its own SHA-256 outside the database, the facts about it in `core_file`. A
name a person gave is never part of a path, and a type is believed only when the first bytes agree.
"""

import contextlib
import hashlib
import os
import re
import secrets
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from core import clock
from core.errors import Misuse, NotFound, Refused
from core.sites import current_site
from core.storage import fields
from core.storage.model import Model, Table
from core.storage.references import RecordRef, RecordRefField
from core.storage.transactions import atomic
from core.texts import _

CHUNK = 256 * 1024
DEFAULT_LIMIT = 25 * 1024 * 1024
ADDRESS = re.compile(r"[0-9a-f]{64}")

OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# How each type begins. Text has no mark of its own: it is what decodes as UTF-8 and holds no control characters.
SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (128, b"DICM", "application/dicom"),
    (0, b"PK\x03\x04", "application/zip"),
)
ENDINGS = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg", "jpe"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "application/pdf": ("pdf",),
    "application/dicom": ("dcm", "dicom", ""),
    "application/zip": ("zip",),
    OFFICE["word/"]: ("docx",),
    OFFICE["xl/"]: ("xlsx",),
    "text/plain": ("txt", "text", "log", "md", ""),
    "text/csv": ("csv",),
}
KNOWN_TYPES = frozenset(ENDINGS)
_TEXT_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}


class FileStore(Protocol):
    """Where contents are kept. Five verbs, so that an object store can stand in for the local folder."""

    def put(self, source: BinaryIO, limit: int) -> "Content":
        """Take in a stream of at most `limit` bytes; raises `Refused` beyond it and keeps nothing."""

    def open(self, sha256: str) -> BinaryIO:
        """Open a content for reading; raises `NotFound`."""

    def has(self, sha256: str) -> bool:
        """Whether the content is there."""

    def all(self) -> Iterator[str]:
        """The addresses of everything kept."""

    def remove(self, sha256: str) -> None:
        """Forget a content no record refers to any more."""


@dataclass(frozen=True, slots=True)
class Content:
    """What was taken in: its address, size, first bytes, and the type they show."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file received and found sound, not yet with any record."""

    name: str
    media_type: str
    size: int
    sha256: str


class LocalFiles:
    """Contents in a folder: `aa/bb/<sha256>`, written beside and moved into place when safely on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, source: BinaryIO, limit: int = DEFAULT_LIMIT) -> Content:
        """Write a stream; the same content twice is kept once, and a damaged one is mended by it."""
        incoming = self.folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        draft = incoming / secrets.token_hex(16)
        try:
            digest, size = _written(source, draft, limit)
            media_type = detected(draft)
            place = self._path(digest)
            _make_folders(place.parent, self.folder)
            draft.replace(place)
            _sync(place.parent)
            return Content(digest, size, media_type)
        finally:
            draft.unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        """Open for reading."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError as missing:
            raise NotFound from missing

    def has(self, sha256: str) -> bool:
        """Whether it is there."""
        return self._path(sha256).is_file()

    def all(self) -> Iterator[str]:
        """Every address in the folder."""
        for path in sorted(self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
            if ADDRESS.fullmatch(path.name):
                yield path.name

    def remove(self, sha256: str) -> None:
        """Delete it, if it is there."""
        self._path(sha256).unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        if not ADDRESS.fullmatch(sha256):
            raise NotFound
        return self.folder / sha256[:2] / sha256[2:4] / sha256


class StoredFile(Model):
    """A file somebody attached to a record. Its content never changes: a new version is a new file."""

    name = fields.TextField(max_length=200)
    media_type = fields.TextField(max_length=120)
    size = fields.BigIntegerField()
    sha256 = fields.TextField(max_length=64, index=True)
    record = RecordRefField(index=True)
    about_uid = fields.TextField(max_length=36, default="", index=True)

    class Meta:
        table_name = "core_file"
        removal = "retire"
        label = "file"

    @property
    def subject_uid(self) -> str:
        """The person the record with this file is about."""
        return str(self.about_uid)

    def open(self) -> BinaryIO:
        """Open the content for reading."""
        return store_of_site().open(self.sha256)


class PassingFile(Table):
    """A file that is kept for some days only: sent to be read in, or written to be fetched by whoever asked for it."""

    uid = fields.UidField(default=fields.new_uid, unique=True)
    name = fields.TextField(max_length=200)
    media_type = fields.TextField(max_length=120)
    size = fields.BigIntegerField()
    sha256 = fields.TextField(max_length=64, index=True)
    owner_uid = fields.TextField(max_length=60)
    until_at = fields.UTCDateTimeField(index=True)

    class Meta:
        why = "it is gone in some days; the acts that read it in or wrote it are journaled"

    def open(self) -> BinaryIO:
        """Open the content for reading."""
        return store_of_site().open(self.sha256)


def store_of_site() -> FileStore:
    """The files of the hospital being served."""
    return LocalFiles(current_site().folder / "files")


def receive(name: str, stream: BinaryIO, allowed: frozenset[str] = KNOWN_TYPES, limit: int = DEFAULT_LIMIT) -> Upload:
    """Take in what a person sends, before the act that attaches it: an act may run twice, a stream can't.

    Raises `Refused` for a size or type that is not allowed. What no act attaches is removed by `tidy`.
    """
    kept = store_of_site().put(stream, limit)
    media_type = agreed_type(name, kept.media_type)
    if media_type not in allowed:
        raise Refused(_("Files of this type can't be kept here."), fields={"file": _("This type is not allowed.")})
    return Upload(safe_name(name), media_type, kept.size, kept.sha256)


def attach(record: Model, upload: Upload) -> StoredFile:
    """Keep a received file with a record, inside an act."""
    return StoredFile.create(
        name=upload.name,
        media_type=upload.media_type,
        size=upload.size,
        sha256=upload.sha256,
        record=RecordRef.of(record),
        about_uid=record.subject_uid,
    )


def files_of(record: Model) -> list[StoredFile]:
    """The files of a record that are in use, oldest first."""
    wanted = (StoredFile.record == str(RecordRef.of(record))) & StoredFile.retired_at.is_null()
    return list(StoredFile.select().where(wanted).order_by(StoredFile.id))


def keep_for_now(name: str, media_type: str, content: Content, owner_uid: str, until: datetime) -> PassingFile:
    """Keep a content until then, for one person."""
    with atomic():
        made: PassingFile = PassingFile.create(
            name=safe_name(name), media_type=media_type, size=content.size, sha256=content.sha256,
            owner_uid=owner_uid, until_at=until,
        )  # fmt: skip
    return made


def passing_file(uid: str, owner_uid: str) -> PassingFile:
    """A file kept for this person; raises `NotFound` when it is another's or its time is over."""
    mine = (PassingFile.uid == uid) & (PassingFile.owner_uid == owner_uid) & (PassingFile.until_at > clock.now())
    found: PassingFile | None = PassingFile.get_or_none(mine) if fields.is_uid(uid) else None
    if found is None:
        raise NotFound
    return found


def forget_passed(most: int = 200) -> int:
    """Remove files whose time is over, and the contents nothing else refers to. Returns how many."""
    with atomic():
        due = list(PassingFile.select().where(PassingFile.until_at <= clock.now()).limit(most))
        PassingFile.delete().where(PassingFile.id.in_([one.id for one in due])).execute()
    still = set(_addresses())
    for address in {one.sha256 for one in due} - still:
        store_of_site().remove(address)
    return len(due)


def verify() -> list[str]:
    """The addresses of contents that are missing or were changed on disk; empty when all is well."""
    store = store_of_site()
    broken = []
    for address in _addresses():
        if not store.has(address) or digest_of(store, address) != address:
            broken.append(address)
    return broken


def tidy(dry_run: bool = False) -> list[str]:
    """Remove contents no row refers to, left by acts that failed. Run it when nobody is uploading."""
    store = store_of_site()
    known = set(_addresses())
    left_over = [address for address in store.all() if address not in known]
    if not dry_run:
        for address in left_over:
            store.remove(address)
    return left_over


def _addresses() -> list[str]:
    found: set[str] = set()
    for table in (StoredFile, PassingFile):
        rows: Any = table.select(table.sha256).distinct().tuples()
        found |= {row[0] for row in rows}
    return sorted(found)


def digest_of(store: FileStore, address: str) -> str:
    """The SHA-256 of a content as it lies there now."""
    digest = hashlib.sha256()
    with contextlib.closing(store.open(address)) as stream:
        while part := stream.read(CHUNK):
            digest.update(part)
    return digest.hexdigest()


def safe_name(name: str) -> str:
    """The name a person gave, without folders, control characters and what turns text around."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(sign for sign in plain if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    plain = plain.strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > 120 and dot and len(ending) <= 10:
        plain = stem[: 119 - len(ending)] + dot + ending
    return plain[:120] or "file"


def agreed_type(name: str, shown: str) -> str:
    """The type both the content and the ending of the name show; raises `Refused` when they disagree."""
    ending = safe_name(name).lower().rpartition(".")[2] if "." in safe_name(name) else ""
    if shown == "text/plain" and ending == "csv":
        return "text/csv"
    if shown and ending in ENDINGS[shown]:
        return shown
    message = _("The file is not what its name says.") if shown else _("Files of this type can't be kept here.")
    raise Refused(message, fields={"file": message})


def detected(path: Path) -> str:
    """The type a file's content shows, or "" when it is none of those known."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    for offset, mark, media_type in SIGNATURES:
        if head[offset : offset + len(mark)] == mark and (offset != 8 or head[:4] == b"RIFF"):
            return _kind_of_zip(path) if media_type == "application/zip" else media_type
    return "text/plain" if _is_text(path) else ""


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    if "[Content_Types].xml" in names:
        for folder, media_type in OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return media_type if not any(name.endswith("vbaProject.bin") for name in names) else ""
    return "application/zip"


def _is_text(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            while part := stream.read(CHUNK):
                if any(ord(sign) in _TEXT_CONTROLS for sign in set(part)):
                    return False
    except UnicodeDecodeError:
        return False
    return True


def _written(source: BinaryIO, draft: Path, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        while part := source.read(CHUNK):
            if not isinstance(part, bytes):
                raise Misuse("files are read as bytes")
            size += len(part)
            if size > limit:
                text = _("The file is larger than %(limit)s MB.", limit=max(1, limit // 1024**2))
                raise Refused(text, fields={"file": text})
            digest.update(part)
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    if not size:
        raise Refused(_("The file is empty."), fields={"file": _("The file is empty.")})
    return digest.hexdigest(), size


def _make_folders(folder: Path, root: Path) -> None:
    missing = [part for part in (folder.parent, folder) if not part.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for part in missing:
        _sync(part.parent if part.parent != root.parent else root)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
