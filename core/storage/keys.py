"""The keys of encrypted columns and backups: in a file of their own, outside database, files and backups.

Every site has its own keys, derived by HKDF from the installation's master keys, so that a row
copied from one hospital's database to another's cannot be opened there.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import stat
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tomli_w
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core import clock
from core.errors import MedleyError, Misuse
from core.sites import current_site

KEY_BYTES = 32
NONCE_BYTES = 12
SEAL_VERSION = "v1"


class KeyringUnfit(MedleyError):
    """The file of keys is missing, readable by others, or damaged: nothing starts without it."""


class SealBroken(MedleyError):
    """An encrypted value cannot be opened: it was changed, moved from its row, or its key is gone."""


@dataclass(frozen=True)
class SiteKeys:
    """One hospital's keys: `current` seals, the older ones still open."""

    site: str
    current: str
    masters: Mapping[str, bytes] = field(repr=False)
    _derived: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False, compare=False)

    def derive(self, purpose: str, key_id: str = "") -> bytes:
        """A key of 32 bytes for one purpose, from the current master key or the one named."""
        wanted = (purpose, key_id or self.current)
        if wanted not in self._derived:
            if wanted[1] not in self.masters:
                raise SealBroken(f"The key {wanted[1]} is not in the keyring.")
            info = json.dumps(["medley", 1, self.site, purpose]).encode()
            hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info)
            self._derived[wanted] = hkdf.derive(self.masters[wanted[1]])
        return self._derived[wanted]

    def seal(self, plain: bytes, bound_to: bytes) -> str:
        """Encrypt with AES-256-GCM; `bound_to` must be the same again when it is opened."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self.derive("seal")).encrypt(nonce, plain, bound_to)
        return f"{SEAL_VERSION}:{self.current}:{base64.b64encode(nonce + cipher).decode()}"

    def open(self, sealed: str, bound_to: bytes) -> bytes:
        """Decrypt what `seal` made; raises `SealBroken` when a single bit, or its place, differs."""
        version, _, rest = sealed.partition(":")
        key_id, _, encoded = rest.partition(":")
        if version != SEAL_VERSION:
            raise SealBroken("This is not an encrypted value.")
        try:
            content = base64.b64decode(encoded, validate=True)
            return AESGCM(self.derive("seal", key_id)).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], bound_to)
        except (InvalidTag, binascii.Error, ValueError) as damaged:
            raise SealBroken("An encrypted value was changed or moved from its row.") from damaged

    def is_current(self, sealed: str) -> bool:
        """Whether a sealed value was made with the current key."""
        return sealed.startswith(f"{SEAL_VERSION}:{self.current}:")

    def keyed_hash(self, purpose: str, text: str, key_id: str = "") -> str:
        """HMAC-SHA256 in hex: equal texts give equal hashes, and nobody without the key can try texts."""
        return hmac.new(self.derive(f"search:{purpose}", key_id), text.encode(), hashlib.sha256).hexdigest()

    def keyed_hashes(self, purpose: str, text: str) -> list[str]:
        """The hash under every key there is, for finding rows a rotation has not reached yet."""
        return [self.keyed_hash(purpose, text, key_id) for key_id in self.masters]


@dataclass
class Keyring:
    """The master keys of an installation, as they stand in their file."""

    path: Path
    current: str
    keys: dict[str, bytes] = field(repr=False)
    aliases: dict[str, str] = field(default_factory=dict)
    _sites: dict[str, SiteKeys] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def create(cls, path: Path) -> "Keyring":
        """Make a new keyring file with one key; never writes over one that is there."""
        first = _new_key_id(())
        keyring = cls(path, first, {first: secrets.token_bytes(KEY_BYTES)})
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            _write(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), keyring)
            path.hardlink_to(draft)
            _sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)
        return keyring

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Read the keyring; raises `KeyringUnfit` when it is missing, readable by others, or damaged."""
        try:
            facts = path.stat()
            content = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError as missing:
            raise KeyringUnfit(f"The keyring {path} is missing. Nothing encrypted can be read without it.") from missing
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as damaged:
            raise KeyringUnfit(f"The keyring {path} cannot be read: {damaged}") from damaged
        if os.name != "nt" and facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyringUnfit(f"The keyring {path} is open to other users of this machine: chmod 600 it.")
        return cls._from_content(path, content)

    @classmethod
    def ensure(cls, path: Path, is_first_start: bool = True) -> "Keyring":
        """Load the keyring, or create it at the very first start; several processes may do so at once.

        Pass `is_first_start=False` when there are hospitals already: a lost keyring must be found
        again, and never be covered up by a new one.
        """
        if is_first_start and not path.exists():
            try:
                return cls.create(path)
            except FileExistsError:
                return cls.load(path)
        return cls.load(path)

    @classmethod
    def _from_content(cls, path: Path, content: Mapping[str, object]) -> "Keyring":
        written, aliases, current = content.get("keys"), content.get("aliases", {}), content.get("current")
        if not isinstance(written, dict) or not isinstance(aliases, dict) or current not in written:
            raise KeyringUnfit(f"The keyring {path} names no current key.")
        try:
            keys = {str(name): base64.b64decode(str(key), validate=True) for name, key in written.items()}
        except binascii.Error as damaged:
            raise KeyringUnfit(f"The keyring {path} holds a damaged key.") from damaged
        if any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyringUnfit(f"The keyring {path} holds a key of the wrong length.")
        return cls(path, str(current), keys, {str(new): str(old) for new, old in aliases.items()})

    def rotate(self) -> str:
        """Add a new key and seal with it from now on; the older keys stay, for reading. Returns the new key's id."""
        key_id = _new_key_id(self.keys)
        self.keys[key_id] = secrets.token_bytes(KEY_BYTES)
        self.current = key_id
        self._save()
        return key_id

    def retire(self, key_id: str) -> None:
        """Take an old key away, when nothing is sealed with it any more. What still is, is lost."""
        if key_id == self.current or key_id not in self.keys:
            raise Misuse(f"{key_id} is the current key, or no key of this keyring.")
        del self.keys[key_id]
        self._save()

    def alias(self, site: str, original: str) -> None:
        """Let a site open what was sealed under another name: a hospital restored under a new one."""
        self.aliases[site] = self.aliases.get(original, original)
        self._save()

    def for_site(self, name: str) -> SiteKeys:
        """The keys of one hospital."""
        if name not in self._sites:
            self._sites[name] = SiteKeys(self.aliases.get(name, name), self.current, dict(self.keys))
        return self._sites[name]

    def _save(self) -> None:
        draft = self.path.with_name(self.path.name + ".new")
        draft.unlink(missing_ok=True)
        _write(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), self)
        draft.replace(self.path)
        _sync_folder(self.path.parent)
        self._sites.clear()


class _Installed:
    """The keyring this process runs with, re-read when its file changes (a rotation by another process)."""

    def __init__(self) -> None:
        self.keyring: Keyring | None = None
        self.stamp: tuple[int, int] = (0, 0)
        self.looked_at = 0.0
        self.lock = threading.Lock()

    def put(self, keyring: Keyring | None) -> None:
        with self.lock:
            self.keyring = keyring
            self.stamp = _stamp(keyring.path) if keyring is not None else (0, 0)
            self.looked_at = clock.monotonic()

    def get(self) -> Keyring:
        keyring = self.keyring
        if keyring is None:
            raise Misuse("No keyring is installed: call core.storage.keys.install at start-up.")
        if clock.monotonic() - self.looked_at > LOOK_AGAIN_SECONDS:
            self.look_again(keyring)
        return self.keyring or keyring

    def look_again(self, keyring: Keyring) -> None:
        with self.lock:
            self.looked_at = clock.monotonic()
            stamp = _stamp(keyring.path)
            if stamp not in (self.stamp, (0, 0)):
                self.keyring, self.stamp = Keyring.load(keyring.path), stamp


LOOK_AGAIN_SECONDS = 5.0
_installed = _Installed()


def install(keyring: Keyring | None) -> None:
    """Run this process with a keyring (None takes it away again)."""
    _installed.put(keyring)


def is_installed() -> bool:
    """Whether this process runs with a keyring."""
    return _installed.keyring is not None


def installed_keyring() -> Keyring:
    """The keyring of this process; a rotation in another process is seen within five seconds."""
    return _installed.get()


def look_again() -> None:
    """Read the keyring's file now if it changed: an unknown key id may just have been made elsewhere."""
    if _installed.keyring is not None:
        _installed.look_again(_installed.keyring)


def site_keys() -> SiteKeys:
    """The keys of the hospital being served."""
    return installed_keyring().for_site(current_site().name)


def _new_key_id(taken: Mapping[str, bytes] | tuple[()]) -> str:
    day = clock.now().strftime("%Y%m%d")
    number = 1
    while f"{day}-{number}" in taken:
        number += 1
    return f"{day}-{number}"


def _stamp(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (facts.st_mtime_ns, facts.st_ino)


def _write(handle: int, keyring: Keyring) -> None:
    content: dict[str, object] = {
        "current": keyring.current,
        "keys": {name: base64.b64encode(key).decode() for name, key in keyring.keys.items()},
    }
    if keyring.aliases:
        content["aliases"] = keyring.aliases
    with os.fdopen(handle, "wb") as stream:
        tomli_w.dump(content, stream)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
