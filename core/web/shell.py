"""The frame round every page: navigation by what the reader may open, who they are, what was just done."""

from collections.abc import Collection
from typing import Any

from flask import current_app, request, url_for

from core.actors import Actor
from core.contributions import GROUPS, NavItem
from core.errors import Misuse
from core.hooks import collect, report
from core.places.tree import place_tree
from core.roles.defaults import SHIPPED_ROLES
from core.roles.rights import rights_book
from core.sites import Activation, current
from core.texts import _, reader_locale
from core.users.door import DoorAnswer
from core.web.filters import initials

MOST_KEPT = 1000
TITLES = {
    "today": _("Today"),
    "patients": _("Patients"),
    "care": _("Care"),
    "money": _("Money"),
    "supplies": _("Supplies"),
    "insight": _("Insight"),
    "setup": _("Set-up"),
}


def navigation(activation: Activation, endpoint: str | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The groups and lines this person may open, and the tabs among them for the thumb.

    Built once for each revision, set of rights, language and page.
    """
    kept = activation.state.keep("navigation", dict)
    key = (activation.actor.permissions, reader_locale(), endpoint)
    found: tuple[list[dict[str, Any]], list[dict[str, Any]]] | None = kept.get(key)
    if found is None:
        if len(kept) > MOST_KEPT:
            kept.clear()
        groups = build(activation.actor)
        found = kept[key] = (groups, phone_tabs(groups))
    return found


def build(by: Actor) -> list[dict[str, Any]]:
    """The lines of all plugins, in their groups, without what is not for this person."""
    items: list[NavItem] = current().state.keep("navigation_items", lines_that_lead_somewhere)
    groups = []
    pages = {item.endpoint for item in items}
    for group in GROUPS:
        lines = [
            {
                "label": str(item.label), "url": url_for(item.endpoint), "icon": item.icon,
                "current": is_here(item.endpoint, pages), "count": None, "on_phone": item.on_phone,
            }
            for item in items
            if item.group == group and by.may(item.permission)
        ]  # fmt: skip
        if lines:
            groups.append({"title": str(TITLES[group]), "items": lines})
    return groups


def lines_that_lead_somewhere() -> list[NavItem]:
    """What the plugins offer, without lines whose page is not there: such a plugin is reported."""
    kept = []
    for item in collect.navigation():
        if item.endpoint in current_app.view_functions and item.group in GROUPS:
            kept.append(item)
        else:
            report(item.endpoint.partition(".")[0], "navigation", Misuse(f"no page {item.endpoint} in {item.group}"))
    return kept


def is_here(endpoint: str, pages: Collection[str]) -> bool:
    """Whether the reader is on a line's own page; on a plugin's page without a line its `index` stands for it."""
    here = request.endpoint or ""
    if here == endpoint or here.startswith(endpoint + "_"):
        return True
    plugin, _dot, page = endpoint.partition(".")
    own = {one for one in pages if one.startswith(f"{plugin}.")}
    stands_for_all = page == "index" or f"{plugin}.index" not in own
    is_theirs = any(here == one or here.startswith(one + "_") for one in own)
    return plugin != "core" and here.partition(".")[0] == plugin and not is_theirs and stands_for_all


def phone_tabs(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most four lines for the thumb."""
    lines = [item for group in groups for item in group["items"]]
    return [item for item in lines if item["on_phone"]][:4]


def me(by: Actor, answer: DoorAnswer) -> dict[str, str] | None:
    """Who is signed in, for the corner where it always stands."""
    if not answer.is_signed_in:
        return None
    place = place_tree().name_of(by.place) if by.place is not None else ""
    return {"name": by.name, "initials": initials(by.name), "role": role_words(by.role), "place": place}


def role_words(name: str) -> str:
    """What a role is called here."""
    shipped = SHIPPED_ROLES.get(name)
    known = next((role.label for role in rights_book().roles.values() if role.name == name), "") if name else ""
    return str(shipped) if shipped is not None and known == shipped.message else known
