"""Ctrl+K: people, pages and acts from anywhere, by one's own rights."""

from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from core.contributions import PaletteItem, PaletteSource
from core.hooks import collect, report
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
    groups = found(words) if words else []
    if request.headers.get("X-CSRF-Token"):
        return jsonify(groups=groups, more=False)
    return render("core/palette.html", words=words, groups=groups)


def found(words: str) -> list[dict[str, Any]]:
    """One group for each source that found something, then the pages."""
    by = current_actor()
    sources: list[PaletteSource] = current().state.keep("palette_sources", collect.palette_sources)
    groups = []
    for source in sources:
        if not by.may(source.permission):
            continue
        try:
            items = source.search(words, by, MOST_ITEMS)
        except Exception as failure:  # noqa: BLE001  one source that fails must not silence the others
            report(source.search.__module__.split(".")[1], "palette_sources", failure)
            continue
        if items:
            groups.append({"title": str(source.title), "items": [as_json(item) for item in items[:MOST_ITEMS]]})
    pages = matching_pages(words)
    if pages:
        groups.append({"title": str(_("Pages")), "items": pages})
    return groups


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
