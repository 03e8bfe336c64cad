"""A list as it is written on a page: its columns decided once for each reader's rights, then only filled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from markupsafe import Markup, escape

from core.actors import Actor
from core.errors import Words
from core.resources.catalogue import readable
from core.resources.declaring import Fact, Resource
from core.resources.finding import Page, Row
from core.resources.kinds import Choice, Phone
from core.resources.narrowing import Narrowing, readable_orders
from core.sites import current
from core.texts import reader_locale

# Where a column stands on a phone's card: beside the name, then one after another; further ones are in the record.
ON_A_CARD = ("m-pend", "m-p2", "m-p3", "m-p4")
TONES = {
    "draft": "neutral", "planned": "neutral", "waiting": "wait", "active": "active", "hold": "wait", "done": "good",
    "ended": "neutral", "missed": "stop",
}  # fmt: skip
OFF, LTR = ' class="is-off"', ' dir="ltr"'
SEPARATOR, UID, NAME = "\x1f", "\x1euid", "\x1ename"
BOX = (
    f'<input class="form-check-input" type="checkbox" name="uid" value="{UID}" form="m-bulk" data-m-pick'
    f' aria-label="%s {NAME}">'
)


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


def body_of(resource: Resource, page: Page, columns: Sequence[Column], mark: Words = "") -> Markup:
    """The rows of a page as they stand in its table, a box to mark each where there is a word for it.

    A list shows hundreds of values. They are escaped all at once and put between texts that were decided with the
    columns: a template would escape and hand on each by itself, which takes longer than asking the database.
    """
    if not page.rows:
        return Markup()
    first = page.rows[0].uid
    before, _uid, after = url_for(resource.endpoint("show"), uid=first).partition(first)
    texts: list[str] = []
    for row in page.rows:
        texts += [f"{before}{row.uid}{after}", row.uid]
        texts += [str(one.words(row.values.get(one.name))) for one in columns]
    safe = escaped(texts)
    width = len(columns) + 2
    box = f'<td class="m-hide m-pickcol">{BOX % escape(mark)}</td>' if mark else ""
    sprite = escape(status_sprite())
    parts = [
        written_row(row, columns, safe[at * width : (at + 1) * width], box, sprite) for at, row in enumerate(page.rows)
    ]
    return Markup("".join(parts))  # nosec B704  # every value was escaped above


def escaped(texts: list[str]) -> list[str]:
    """These texts, each safe to stand in a page, for the price of escaping one."""
    together = SEPARATOR.join(texts)
    if together.count(SEPARATOR) != len(texts) - 1:  # one of them holds the sign that keeps them apart
        together = SEPARATOR.join(one.replace(SEPARATOR, "") for one in texts)
    return str(escape(together)).split(SEPARATOR)


def written_row(row: Row, columns: Sequence[Column], safe: list[str], box: str, sprite: str) -> str:
    """One row of the table out of texts that are safe already."""
    url, uid, name, *rest = safe
    cells = [f"<tr{OFF if row.is_retired else ''}>", box.replace(UID, uid).replace(NAME, name) if box else ""]
    cells.append(f'<th scope="row" class="m-lead"><a href="{url}"><bdi>{name or "–"}</bdi></a></th>')
    for one, words in zip(columns[1:], rest, strict=True):
        phase = one.phases.get(str(row.values.get(one.name)), "") if one.phases else ""
        if phase:
            sign = f'<svg aria-hidden="true"><use href="{sprite}#{phase}"></use></svg>'
            words = f'<span class="m-st s-{TONES.get(phase, "neutral")}">{sign}{words}</span>'
        cells.append(f'<td class="{one.look}"><bdi{LTR if one.is_ltr else ""}>{words}</bdi></td>')
    return "".join(cells) + "</tr>\n"


def status_sprite() -> str:
    """Where the signs of states are drawn."""
    asset: Callable[[str], str] = current_app.jinja_env.globals["asset"]  # type: ignore[assignment]
    return asset("status.svg")
