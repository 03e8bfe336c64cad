"""A list as it is written on a page: its columns decided once for each reader's rights, then only filled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.actors import Actor
from core.errors import Words
from core.resources.catalogue import readable
from core.resources.declaring import Fact, Resource
from core.resources.finding import Page, Row
from core.resources.kinds import Choice, Phone
from core.resources.narrowing import Narrowing, readable_orders
from core.sites import current
from core.texts import reader_locale
from core.web.addresses import Addresses

# Where a column stands on a phone's card: beside the name, then one after another; further ones are in the record.
ON_A_CARD = ("m-pend", "m-p2", "m-p3", "m-p4")
TONES = {
    "draft": "neutral", "planned": "neutral", "waiting": "wait", "active": "active", "hold": "wait", "done": "good",
    "ended": "neutral", "missed": "stop",
}  # fmt: skip
_addresses = Addresses()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, its look, and how a value of it is written."""

    name: str
    label: Words
    look: str
    words: Callable[[Any], Words]
    phases: Mapping[str, str]
    is_lead: bool
    is_end: bool
    is_ltr: bool
    sort: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its address, its name, and a (look, phase, tone, words) for each further column."""

    uid: str
    url: str
    name: str
    is_retired: bool
    cells: list[tuple[str, str, str, Words]]


def columns_of(resource: Resource, narrowing: Narrowing, by: Actor) -> tuple[Column, ...]:
    """The columns a narrowing shows to this reader; decided once for each revision."""
    kept: dict[Any, tuple[Column, ...]] = current().state.keep("core.resources.columns", dict)
    key = (resource.name, narrowing.columns, by.permissions, by.denied, reader_locale())
    found = kept.get(key)
    if found is None:
        if len(kept) > 500:
            kept.clear()
        found = kept[key] = decided(resource, narrowing.columns, by)
    return found


def decided(resource: Resource, names: Sequence[str], by: Actor) -> tuple[Column, ...]:
    """Columns of these facts, the one that names the record first."""
    known = readable(resource, by)
    own = [resource.named_by, *(name for name in names if name != resource.named_by)]
    sorts = {sort.by or sort.name: name for name, sort in readable_orders(resource, by).items()}
    columns, place = [], 0
    for name in own:
        fact = known.get(name)
        if fact is None:
            continue
        is_lead = name == resource.named_by
        columns.append(column(fact, is_lead, place, sort_of(resource, fact, sorts)))
        place += not is_lead
    return tuple(columns)


def sort_of(resource: Resource, fact: Fact, sorts: Mapping[str, str]) -> str:
    """The sort a click on the head of this column asks for: that of its own column, or the one of its name."""
    return sorts.get(fact.column, fact.name if fact.name in sorts.values() else "")


def column(fact: Fact, is_lead: bool, place: int, sort: str) -> Column:
    """One column."""
    kind: Any = fact.kind
    look = [] if is_lead else [ON_A_CARD[place] if place < len(ON_A_CARD) else "m-hide"]
    if kind.is_figure:
        look.append("m-end")
    elif kind.narrows == "range" or isinstance(kind, Phone):
        look.append("m-num m-nowrap")
    if place >= 6:
        look.append("m-low")
    phases = kind.phases if isinstance(kind, Choice) else {}
    is_ltr = isinstance(kind, Phone)
    return Column(fact.name, fact.label, " ".join(look), kind.words, phases, is_lead, kind.is_figure, is_ltr, sort)


def lines_of(resource: Resource, page: Page, columns: Sequence[Column]) -> list[Line]:
    """The rows of a page, written."""
    show = resource.endpoint("show")
    lead, rest = columns[0], columns[1:]
    return [line(row, _addresses.to(show, uid=row.uid), lead, rest) for row in page.rows]


def line(row: Row, url: str, lead: Column, rest: Sequence[Column]) -> Line:
    """One row, written."""
    cells = []
    values = row.values
    for one in rest:
        value = values.get(one.name)
        phase = one.phases.get(str(value), "") if one.phases else ""
        cells.append((one.look, phase, TONES.get(phase, "neutral") if phase else "", one.words(value)))
    return Line(row.uid, url, str(lead.words(values.get(lead.name))), row.is_retired, cells)
