"""The frame round every page: navigation by what the reader may open, who they are, what was just done."""

from typing import Any

from flask import request, url_for

from core.actors import Actor
from core.contributions import GROUPS, NavItem
from core.hooks import collect
from core.places.tree import place_tree
from core.sites import current
from core.texts import _, reader_locale
from core.users.door import DoorAnswer
from core.web.filters import initials

TITLES = {
    "today": _("Today"),
    "patients": _("Patients"),
    "care": _("Care"),
    "money": _("Money"),
    "supplies": _("Supplies"),
    "insight": _("Insight"),
    "setup": _("Set-up"),
}


def navigation(by: Actor) -> list[dict[str, Any]]:
    """The groups and lines this person may open. Built once for each revision, set of rights and language."""
    kept = current().state.keep("navigation", dict)
    key = (by.permissions, reader_locale())
    if key not in kept:
        if len(kept) > 200:
            kept.clear()
        kept[key] = build(by)
    here = (request.endpoint or "").partition(".")
    return [{"title": group["title"], "items": [mark(item, here) for item in group["items"]]} for group in kept[key]]


def build(by: Actor) -> list[dict[str, Any]]:
    """The lines of all plugins, in their groups, without what is not for this person."""
    items: list[NavItem] = current().state.keep("navigation_items", collect.navigation)
    groups = []
    for group in GROUPS:
        lines = [
            {
                "label": str(item.label), "url": url_for(item.endpoint), "icon": item.icon,
                "endpoint": item.endpoint, "on_phone": item.on_phone,
            }
            for item in items
            if item.group == group and by.may(item.permission)
        ]  # fmt: skip
        if lines:
            groups.append({"title": str(TITLES[group]), "items": lines})
    return groups


def mark(item: dict[str, Any], here: tuple[str, str, str]) -> dict[str, Any]:
    """A line, marked when the reader is there: its own page, or for a plugin any page of it."""
    endpoint = item["endpoint"]
    plugin = endpoint.partition(".")[0]
    section = request.endpoint or ""
    is_here = section == endpoint or section.startswith(endpoint + "_") or (plugin != "core" and here[0] == plugin)
    return {**item, "current": is_here, "count": None}


def phone_tabs(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most four lines for the thumb."""
    lines = [item for group in groups for item in group["items"]]
    return [item for item in lines if item["on_phone"]][:4]


def me(by: Actor, answer: DoorAnswer) -> dict[str, str] | None:
    """Who is signed in, for the corner where it always stands."""
    if not answer.is_signed_in:
        return None
    place = place_tree().name_of(by.place) if by.place is not None else ""
    return {"name": by.name, "initials": initials(by.name), "role": by.role, "place": place}
