"""Files of FHIR resources: which there are in a folder, and what is in one."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from core.errors import Refused
from core.texts import _

ENDINGS = (".json", ".json.gz")
LARGEST = 512 * 1024 * 1024


class Resource(NamedTuple):
    """One resource of a file: its place there, its own address when it has one, and what it says."""

    position: int
    address: str
    content: dict[str, Any]

    @property
    def type(self) -> str:
        """Its resource type, "" when it does not say."""
        found = self.content.get("resourceType")
        return found[:64] if isinstance(found, str) else ""

    @property
    def name(self) -> str:
        """What an error calls it: `Patient/123`."""
        return f"{self.type or '?'}/{self.content.get('id', '?')}"[:200]


class Opened(NamedTuple):
    """A file that was read: the digest of its bytes, and its resources. `is_bundle`: they came in a bundle."""

    digest: str
    resources: list[Resource]
    is_bundle: bool


def files_in(path: Path) -> list[Path]:
    """The files under a path in the order of their names, so that an import broken off goes on in the same order."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise Refused(_("There is no such file or folder: %(path)s", path=path))
    return sorted(one for one in path.rglob("*") if one.name.lower().endswith(ENDINGS) and one.is_file())


def opened(path: Path) -> Opened:
    """Read a file; raises `Refused` when it is no JSON, too large, or holds no resource."""
    content = content_of(path)
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as unreadable:
        raise Refused(_("It is not JSON: %(why)s", why=str(unreadable)[:200])) from unreadable
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        raise Refused(_("It holds no FHIR resource."))
    is_bundle = document["resourceType"] == "Bundle"
    resources = list(entries(document)) if is_bundle else [Resource(0, "", document)]
    return Opened(hashlib.sha256(content).hexdigest(), resources, is_bundle)


def content_of(path: Path) -> bytes:
    """The bytes of a file, unpacked when it is packed."""
    try:
        if path.name.lower().endswith(".gz"):
            with gzip.open(path) as packed:
                content = packed.read(LARGEST + 1)
        else:
            with path.open("rb") as plain:
                content = plain.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as unreadable:
        raise Refused(_("It can't be read: %(why)s", why=type(unreadable).__name__)) from unreadable
    if len(content) > LARGEST:
        raise Refused(_("It is larger than this import reads: %(most)s MB.", most=LARGEST // 2**20))
    return content


def entries(bundle: dict[str, Any]) -> Iterator[Resource]:
    """The resources of a bundle of any kind; an entry that only asks for a change elsewhere has none."""
    listed = bundle.get("entry")
    for position, entry in enumerate(listed if isinstance(listed, list) else ()):
        content = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(content, dict):
            address = entry.get("fullUrl")
            yield Resource(position, address if isinstance(address, str) else "", content)
