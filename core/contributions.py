"""What plugins hand to the house: frozen records, never HTML. Each is sorted by `order`, then plugin, then `key`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.texts import Text

Words = str | Text

# The groups of the navigation, by the work people do. Plugins name a group, never a new one.
GROUPS = ("today", "patients", "care", "money", "supplies", "insight", "setup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What all contributions share."""

    order: int = 50
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem(Contribution):
    """A line of the navigation. It shows to whom the permission is given; `group` is one of `GROUPS`."""

    label: Words
    endpoint: str
    icon: str
    group: str
    permission: str
    on_phone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel(Contribution):
    """A box on a page of another plugin: a template of the giver's own, with its facts."""

    template: str
    title: Words
    context: Mapping[str, Any] = field(default_factory=dict)
    permission: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission(Contribution):
    """Something a role may do. `roles` are those that hold it until the site decides otherwise."""

    name: str
    label: Words
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaletteItem(Contribution):
    """One answer in the palette; `marks` are the (start, end) stretches of the label that matched."""

    label: str
    url: str
    detail: str = ""
    icon: str = "arrow-right"
    marks: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaletteSource(Contribution):
    """Where the palette looks: `search(words, by, limit)` gives items of one group, best first.

    `recent(by, limit)` gives what its reader had open last, for a palette nothing was typed into yet.
    """

    title: Words
    permission: str
    search: Callable[[str, Any, int], list[PaletteItem]]
    recent: Callable[[Any, int], list[PaletteItem]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoData(Contribution):
    """A part of the demo hospital: `load(by)` fills it through acts, and tells what it made in a line."""

    title: Words
    load: Callable[[Any], str]


CONTRIBUTIONS: tuple[type[Contribution], ...] = (NavItem, Panel, Permission, PaletteItem, PaletteSource, DemoData)
