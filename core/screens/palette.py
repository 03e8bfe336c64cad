"""Ctrl+K: people, pages and acts from anywhere, by one's own rights."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import current_app, jsonify, request, url_for
from werkzeug.wrappers import Response

from core.actors import Actor
from core.contributions import PaletteItem, PaletteSource
from core.errors import Words
from core.hooks import collect, report
from core.resources import resources_here
from core.screens.pages import blueprint
from core.sites import current
from core.texts import _
from core.web import SIGNED_IN, current_actor, render
from core.web.shell import navigation

MOST_LETTERS = 200
MOST_ITEMS = 8


@blueprint.get("/find", permission=SIGNED_IN)
def palette() -> str:
    """The same search as a page, for browsers without scripts."""
    return render("core/palette.html", words="", groups=[])


@blueprint.post("/find", permission=SIGNED_IN, endpoint="palette_search")
def palette_search() -> str | Response:
    """Answers for the palette; what is looked for never stands in an address."""
    words = request.form.get("q", "")[:MOST_LETTERS].strip()
    groups = found(words) if words else recent()
    if request.headers.get("X-CSRF-Token"):
        return jsonify(groups=groups, more=False)
    return render("core/palette.html", words=words, groups=groups)


def found(words: str) -> list[dict[str, Any]]:
    """One group for each source that found something, then what can be done, then the pages."""
    by = current_actor()
    groups = [group(source.title, source, partial(source.search, words, by, MOST_ITEMS)) for source in sources(by)]
    acts = [as_json(item) for item in matching_acts(words, by)]
    pages = matching_pages(words)
    groups += [{"title": str(_("Actions")), "items": acts}, {"title": str(_("Pages")), "items": pages}]
    return [one for one in groups if one["items"]]


def recent() -> list[dict[str, Any]]:
    """What the reader had open last, for a palette nothing was typed into yet."""
    by = current_actor()
    groups = [
        group(_("%(what)s seen last", what=source.title), source, partial(source.recent, by, MOST_ITEMS))
        for source in sources(by)
        if source.recent is not None
    ]
    return [one for one in groups if one["items"]]


def sources(by: Actor) -> list[PaletteSource]:
    """Where this reader may look."""
    known: list[PaletteSource] = current().state.keep("palette_sources", collect.palette_sources)
    return [source for source in known if by.may(source.permission)]


def group(title: Words, source: PaletteSource, look: Callable[[], list[PaletteItem]]) -> dict[str, Any]:
    """The items of one source; one that fails must not silence the others."""
    try:
        items = look()
    except Exception as failure:  # noqa: BLE001  a plugin's source may raise anything
        report(source.search.__module__.split(".")[1], "palette_sources", failure)
        items = []
    return {"title": str(title), "items": [as_json(item) for item in items[:MOST_ITEMS]]}


def matching_acts(words: str, by: Actor) -> list[PaletteItem]:
    """What the reader may enter, by the name of the noun: “New: Device”."""
    typed = words.casefold()
    offered = []
    for resource in resources_here().values():
        permission, endpoint = resource.acts.permission_to("create"), resource.endpoint("new")
        if not permission or not by.may(permission) or endpoint not in current_app.view_functions:
            continue
        label = str(_("New: %(noun)s", noun=resource.one))
        if any(word.startswith(typed) for word in (label.casefold(), *label.casefold().split())):
            offered.append(PaletteItem(label=label, url=url_for(endpoint), icon="plus-lg"))
    return offered[:MOST_ITEMS]


def as_json(item: PaletteItem) -> dict[str, Any]:
    """An item as the page's script reads it."""
    return {"label": item.label, "detail": item.detail, "url": item.url, "icon": item.icon, "marks": list(item.marks)}


def matching_pages(words: str) -> list[dict[str, Any]]:
    """Pages of the navigation with a word that begins as typed."""
    typed = words.casefold()
    lines = [line for group in navigation(current(), request.endpoint)[0] for line in group["items"]]
    return [
        {"label": line["label"], "detail": "", "url": line["url"], "icon": line["icon"], "marks": []}
        for line in lines
        if any(word.startswith(typed) for word in (line["label"].casefold(), *line["label"].casefold().split()))
    ][:MOST_ITEMS]
