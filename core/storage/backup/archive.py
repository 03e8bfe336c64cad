"""The outside of an archive: how damage is noticed before anything in it is believed.

Encrypted: a header line, then chunks under AES-256-GCM. Each nonce holds the chunk's number and whether
it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so chunks can't
be changed, left out, swapped or cut off. Plain: a tar any tool reads, followed by a line with its SHA-256.
"""

import base64
import binascii
import hashlib
import io
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import MedleyError
from core.storage.keys import Keyring, SealBroken, SiteKeys
from core.texts import _

MAGIC = b"MEDLEY-BACKUP 1 "
CHUNK = 1024 * 1024
TAG = 16
LONGEST_HEADER = 4096
TRAILER = re.compile(rb"\nMEDLEY-SHA256 ([0-9a-f]{64})\n\Z")
TRAILER_LENGTH = 80
READ_ERRORS = (ValueError, KeyError, TypeError, UnicodeDecodeError, binascii.Error)


class BackupDamaged(MedleyError):
    """The archive is not what was written, or is under another key: nothing of it may be used."""


@contextmanager
def writing(target: Path, keys: SiteKeys | None) -> Iterator[Any]:
    """Write an archive beside its place and move it there when it is whole and on disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            outlet = _Sealing(stream, keys) if keys is not None else _Signing(stream)
            yield outlet
            outlet.finish()
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(target)
        _sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def reading(source: Path, keyring: Keyring | None) -> Iterator[Any]:
    """Read an archive's tar; raises `BackupDamaged` at the first thing that is not as it was written.

    A plain archive is digested before its first byte is handed out. An encrypted one is checked chunk
    by chunk, and its end when the block is left without an error.
    """
    with source.open("rb") as stream:
        if stream.read(len(MAGIC)) == MAGIC:
            opening: Any = _Opening(stream, keyring)
            yield io.BufferedReader(opening, CHUNK)
            opening.finish()
        else:
            yield _checked_plain(stream)


def is_encrypted(source: Path) -> bool:
    """Whether an archive is encrypted."""
    with source.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


class _Sealing(io.RawIOBase):
    """Encrypts what is written, a chunk at a time."""

    def __init__(self, stream: IO[bytes], keys: SiteKeys) -> None:
        self.stream = stream
        self.prefix = secrets.token_bytes(7)
        self.number = 0
        self.waiting = bytearray()
        facts = {"site": keys.site, "key": keys.current, "nonce": base64.b64encode(self.prefix).decode()}
        self.header = MAGIC + json.dumps(facts).encode() + b"\n"
        self.cipher = AESGCM(keys.derive("backup"))
        stream.write(self.header)

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Take bytes in; whole chunks go out, save the last, which must be known to be it."""
        self.waiting += data
        while len(self.waiting) > CHUNK:
            self._send(bytes(self.waiting[:CHUNK]), is_last=False)
            del self.waiting[:CHUNK]
        return len(data)

    def finish(self) -> None:
        """Send the last chunk."""
        self._send(bytes(self.waiting), is_last=True)

    def _send(self, plain: bytes, is_last: bool) -> None:
        self.stream.write(self.cipher.encrypt(_nonce(self.prefix, self.number, is_last), plain, self.header))
        self.number += 1


class _Opening(io.RawIOBase):
    """Decrypts what is read."""

    def __init__(self, stream: IO[bytes], keyring: Keyring | None) -> None:
        self.stream = stream
        line = stream.readline(LONGEST_HEADER)
        self.header = MAGIC + line
        try:
            facts = json.loads(line)
            self.prefix = base64.b64decode(facts["nonce"], validate=True)
            site, key_id = str(facts["site"]), str(facts["key"])
        except READ_ERRORS as damaged:
            raise BackupDamaged(_("The head of this backup is damaged.")) from damaged
        self.cipher = AESGCM(_key(keyring, site, key_id))
        self.number = 0
        self.ready = b""
        self.ahead = stream.read(CHUNK + TAG)

    def readable(self) -> bool:
        """It is read from."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill the buffer with decrypted bytes."""
        while not self.ready and self.ahead:
            self._next()
        taken = self.ready[: len(buffer)]
        self.ready = self.ready[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def finish(self) -> None:
        """Read on to the end, so that a cut-off or altered tail is noticed."""
        while self.ahead:
            self._next()

    def _next(self) -> None:
        chunk, self.ahead = self.ahead, self.stream.read(CHUNK + TAG)
        nonce = _nonce(self.prefix, self.number, is_last=not self.ahead)
        self.number += 1
        try:
            self.ready = self.cipher.decrypt(nonce, chunk, self.header)
        except (InvalidTag, ValueError) as damaged:
            raise BackupDamaged(_("This backup is damaged, cut off, or under another key.")) from damaged


class _Signing(io.RawIOBase):
    """Passes bytes on and puts their digest at the end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Pass bytes on."""
        self.digest.update(data)
        return self.stream.write(data)

    def finish(self) -> None:
        """Write the digest."""
        self.stream.write(f"\nMEDLEY-SHA256 {self.digest.hexdigest()}\n".encode())


def _checked_plain(stream: IO[bytes]) -> IO[bytes]:
    size = stream.seek(0, os.SEEK_END) - TRAILER_LENGTH
    if size <= 0:
        raise BackupDamaged(_("This is no backup, or its end is missing."))
    stream.seek(size)
    found = TRAILER.fullmatch(stream.read())
    if found is None:
        raise BackupDamaged(_("This is no backup, or its end is missing."))
    stream.seek(0)
    digest = hashlib.sha256()
    left = size
    while left:
        part = stream.read(min(CHUNK, left))
        digest.update(part)
        left -= len(part)
    if digest.hexdigest() != found.group(1).decode():
        raise BackupDamaged(_("This backup is damaged."))
    stream.seek(0)
    return stream


def _key(keyring: Keyring | None, site: str, key_id: str) -> bytes:
    if keyring is None:
        raise BackupDamaged(_("This backup is encrypted; restoring it needs the keyring of its installation."))
    try:
        return keyring.for_site(site).derive("backup", key_id)
    except SealBroken as missing:
        text = _("This backup is under the key %(key)s, which is not in the keyring.", key=key_id[:40])
        raise BackupDamaged(text) from missing


def _nonce(prefix: bytes, number: int, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
