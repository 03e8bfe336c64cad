"""The board of a noun: a column for each state, and cards that are moved by a menu, by keyboard or with the mouse."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import request, url_for

from core.actors import Actor
from core.resources.catalogue import readable
from core.resources.declaring import Resource
from core.resources.finding import Page, page_of, query_of
from core.resources.kinds import Picked
from core.resources.kinds.states import Phases, titles
from core.resources.narrowing import SIZES, Narrowing
from core.resources.pages.addresses import list_url
from core.resources.pages.listing import asked_for, chips_of, count_words, doors_of
from core.resources.pages.moving import BOARD, steps_of
from core.web import MedleyBlueprint, current_actor, render
from core.workflow import Workflow, in_force, ways_of

ON_A_CARD = 2


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """The board, where records have states."""
    if resource.workflow is None or not {"list", "board", "show"} <= resource.doors:
        return
    path = f"/{resource.path}/board" if resource.path else "/board"
    facts = {"permission": resource.may_view, "endpoint": resource.page(BOARD)}
    blueprint.get(path, **facts)(partial(shown, resource, resource.workflow))


def shown(resource: Resource, workflow: Workflow) -> str:
    """Every state with its records, the newest first."""
    by = current_actor()
    narrowing, _view = asked_for(resource, by)
    narrowing = replace(narrowing, sort="newest", falls=True, size=SIZES[0])
    columns = columns_of(resource, workflow, narrowing, by)
    names = [one["name"] for one in columns]
    at = request.args.get("at", "")
    fullest = next((one["name"] for one in columns if one["cards"]), names[0] if names else "")
    here = at if at in names else fullest
    for one in columns:
        one["url"] = list_url(resource, narrowing, by, BOARD, at=one["name"])
        one["is_current"] = one["name"] == here
    return render(
        "core/resource_board.html",
        resource=resource,
        columns=columns,
        narrowing=narrowing,
        chips=chips_of(resource, narrowing, by),
        doors=doors_of(resource, by),
        list_url=list_url(resource, narrowing, by),
    )


def columns_of(resource: Resource, workflow: Workflow, narrowing: Narrowing, by: Actor) -> list[dict[str, Any]]:
    """The columns in their order; states only older versions know are there while records are in them."""
    known, phases, now = titles(workflow), Phases(workflow), in_force(workflow).states
    picked = narrowing.picked.get("state")
    wanted = [name for name in known if picked is None or name in picked.values]
    names = card_facts(resource, by)
    pages = {name: page_of(query_of(resource, in_state(narrowing, name), by), "", names, BOARD) for name in wanted}
    records = records_of(resource, pages)
    found = ways_of(list(records.values()), by) if records else {}
    columns = []
    for name, page in pages.items():
        if name not in now and not page.rows:
            continue
        columns.append({
            "name": name, "title": known[name], "phase": phases.get(name, "hold"), "count": count_words(page),
            "more_url": list_url(resource, in_state(narrowing, name), by) if page.next else "",
            "cards": [card(resource, row, records[row.id], found, names, by) for row in page.rows if row.id in records],
        })  # fmt: skip
    return columns


def in_state(narrowing: Narrowing, name: str) -> Narrowing:
    """The same list, only what is in one state."""
    return replace(
        narrowing,
        facets={**narrowing.facets, "state": name},
        picked={**narrowing.picked, "state": Picked("in", (name,))},
    )


def card_facts(resource: Resource, by: Actor) -> tuple[str, ...]:
    """What a card says: the name of the record, and the first facts of the list."""
    known = readable(resource, by)
    beside = (resource.named_by, "state", "state_kind")
    rest = [name for name in resource.shown_first if name in known and name not in beside]
    return (*(name for name in (resource.named_by,) if name in known), *rest[:ON_A_CARD])


def records_of(resource: Resource, pages: dict[str, Page]) -> dict[int, Any]:
    """The records of the cards, for asking what may be done with each."""
    ids = [row.id for page in pages.values() for row in page.rows]
    model = resource.model
    return {one.id: one for one in model.select().where(model.id.in_(ids))} if ids else {}


def card(
    resource: Resource, row: Any, record: Any, found: dict[int, Any], names: tuple[str, ...], by: Actor
) -> dict[str, Any]:
    """One card: its name, a line of facts, and the steps it may take."""
    known = readable(resource, by)
    words = {name: str(known[name].kind.words(row.values.get(name))) for name in names}  # type: ignore[union-attr]
    return {
        "uid": row.uid, "url": url_for(resource.endpoint("show"), uid=row.uid),
        "name": words.pop(resource.named_by, "") or "–", "facts": [one for one in words.values() if one],
        "steps": steps_of(resource, record, found[row.id], **{"from": BOARD}),
    }  # fmt: skip
