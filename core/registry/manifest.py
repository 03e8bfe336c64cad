"""What a plugin says of itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from core.errors import Misuse
from core.texts import Text

NAME = re.compile(r"[a-z][a-z0-9]{1,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One plugin's name, version and needs.

    `platform` and the values of `requires` and `uses` are PEP 440 ranges. `requires` lets the plugin import
    the other's `api` and point foreign keys at its models; `uses` is soft: hooks only, and it may be absent.
    `asks` says in a sentence what it reads, writes and contacts.
    """

    name: str
    title: str | Text
    version: str
    platform: str = ">=0.1,<1"
    requires: Mapping[str, str] = field(default_factory=dict)
    uses: Mapping[str, str] = field(default_factory=dict)
    summary: str | Text = ""
    asks: str | Text = ""
    vendor: str = ""
    icon: str = "puzzle"

    def __post_init__(self) -> None:
        """Refuse what can't be read, naming it."""
        if not NAME.fullmatch(self.name) or self.name in {"core", "plugins", "static"}:
            raise Misuse(
                f"plugin name {self.name!r}: small letters and digits, starting with a letter, not a house word"
            )
        try:
            Version(self.version)
            for needed in (self.platform, *self.requires.values(), *self.uses.values()):
                SpecifierSet(needed)
        except (InvalidVersion, InvalidSpecifier) as unreadable:
            raise Misuse(f"plugin {self.name}: {unreadable}") from unreadable


def fits(version: str, wanted: str) -> bool:
    """Whether a version lies in a PEP 440 range; a pre-release of our own counts."""
    return SpecifierSet(wanted).contains(Version(version), prereleases=True)
