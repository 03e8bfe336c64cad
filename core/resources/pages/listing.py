"""The list of a noun: saved views, facets as chips, words, order, columns, pages; all of it in the address."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import current_app, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.actors import Actor
from core.resources.catalogue import facts_here, readable
from core.resources.declaring import Resource
from core.resources.finding import Page, page_of, query_of
from core.resources.kinds import Choice, Relation, YesNo
from core.resources.kinds.times import STRETCH_WORDS
from core.resources.narrowing import LONGEST_WORDS, SIZES, Narrowing, is_facet, narrowed, narrowing_of, readable_orders
from core.resources.pages.addresses import list_url, sized_url, sorted_url
from core.resources.sheet import body_of, columns_of
from core.resources.views import view_of, views_for
from core.texts import Text, _
from core.web import MedleyBlueprint, current_actor, render
from core.web.filters import number

MOST_OFFERED = 30


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """The list, the page that narrows it, and where words are sent."""
    if "list" not in resource.doors:
        return
    path = f"/{resource.path}" if resource.path else ""
    whole = path or "/"

    def page(verb: str) -> dict[str, Any]:
        return {"permission": resource.may_view, "endpoint": resource.page(verb)}

    blueprint.get(whole, **page("list"))(partial(shown, resource))
    blueprint.get(f"{path}/narrow", **page("narrow"))(partial(narrow, resource))
    if resource.has_search:
        blueprint.post(f"{path}/find", **page("find"))(partial(find, resource))


def shown(resource: Resource) -> str:
    """One page of the list."""
    by = current_actor()
    narrowing, view = asked_for(resource, by)
    query = query_of(resource, narrowing, by)
    page = page_of(query, request.args.get("at", ""))
    columns = columns_of(resource, narrowing, by)
    doors = doors_of(resource, by)
    return render(
        "core/resource_list.html",
        resource=resource,
        body=body_of(resource, page, columns, _("Mark") if doors["bulk"] else ""),
        columns=columns,
        heads=[(one, sorted_url(resource, narrowing, by, one.sort) if one.sort else "") for one in columns],
        narrowing=narrowing,
        count=count_words(page),
        is_long=page.is_more,
        pager=pager_of(resource, narrowing, by, page),
        chips=chips_of(resource, narrowing, by),
        views=tabs_of(resource, narrowing, by, view),
        view=view,
        state=list_url(resource, narrowing, by).partition("?")[2],
        doors=doors,
        links=[(one, url_for(one.endpoint)) for one in resource.links if by.may(one.permission)],
    )


def asked_for(resource: Resource, by: Actor) -> tuple[Narrowing, Any]:
    """What the address asks for; a saved view alone stands for all that was saved with it."""
    view = view_of(resource, request.args.get("view", ""), by)
    if view is not None and not set(request.args) - {"view", "at"}:
        return narrowed(resource, view.narrowing, by), view
    return narrowing_of(resource, request.args, by), view


def find(resource: Resource) -> Response:
    """Words that were typed: they go on in the address, sealed."""
    by = current_actor()
    words = request.form.get("q", "").strip()[:LONGEST_WORDS]
    narrowing = replace(narrowing_of(resource, request.args, by), words=words)
    return redirect(list_url(resource, narrowing, by), code=303)


def narrow(resource: Resource) -> str:
    """Facets, columns and order to choose from; it opens in a dialog where scripts run, and is a page without."""
    by = current_actor()
    narrowing, _view = asked_for(resource, by)
    known = readable(resource, by)
    return render(
        "core/resource_narrow.html",
        resource=resource,
        narrowing=narrowing,
        facets=[facet_of(resource, name, narrowing) for name in facets_of(resource, by)],
        columns=[(name, fact.label, name in narrowing.columns) for name, fact in known.items()],
        sorts=sorts_of(resource, narrowing, by),
        sizes=SIZES,
        carried=narrowing.as_query(resource, by),
        back=list_url(resource, narrowing, by),
    )


def facets_of(resource: Resource, by: Actor) -> list[str]:
    """What this reader can narrow the list by."""
    known = readable(resource, by)
    return [name for name in facts_here(resource) if name in known and is_facet(resource, name)]


def facet_of(resource: Resource, name: str, narrowing: Narrowing) -> dict[str, Any]:
    """One facet as its question: choices to tick, from and until, or a record to find."""
    fact = facts_here(resource)[name]
    kind: Any = fact.kind
    written = narrowing.facets.get(name, "")
    facts: dict[str, Any] = {"name": name, "label": fact.label, "written": written, "asks": "choices", "choices": []}
    if isinstance(kind, (Choice, YesNo)):
        facts["choices"] = [(code, words) for code, words in kind.choices.items() if code]
    elif isinstance(kind, Relation):
        few = kind.few(MOST_OFFERED)
        facts |= {"choices": [(one.uid, one.label) for one in few]} if few else {"asks": "record", "to": kind.to}
    elif kind.narrows == "range":
        low, _dots, high = written.partition("..")
        is_day = kind.name in ("day", "moment")
        facts |= {"asks": "range", "low": low if ".." in written else "", "high": high}
        facts |= {"type": "date" if is_day else "text", "stretches": list(STRETCH_WORDS.items()) if is_day else []}
    facts["ticked"] = set(written.split(","))
    return facts


def sorts_of(resource: Resource, narrowing: Narrowing, by: Actor) -> list[dict[str, Any]]:
    """The orders to choose from."""
    found = []
    for name, sort in readable_orders(resource, by).items():
        fact = facts_here(resource).get(name)
        label = sort.label or (fact.label if fact is not None else name)
        written = f"-{name}" if sort.falls else name
        found.append({"label": label, "value": written, "is_on": narrowing.sort == name})
    return found


def chips_of(resource: Resource, narrowing: Narrowing, by: Actor) -> list[dict[str, Any]]:
    """What narrows the list, each with the address without it."""
    facts = facts_here(resource)
    chips: list[dict[str, Any]] = [
        {
            "label": facts[name].label,
            "value": STRETCH_WORDS.get(narrowing.facets[name]) or facts[name].kind.picked_words(picked),  # type: ignore[union-attr]
            "without": list_url(resource, narrowing.without(name), by),
        }
        for name, picked in narrowing.picked.items()
    ]
    if narrowing.with_retired:
        without = list_url(resource, replace(narrowing, with_retired=False), by)
        chips.append({"label": _("Shown too"), "value": _("Out of use"), "without": without})
    return chips


def tabs_of(resource: Resource, narrowing: Narrowing, by: Actor, view: Any) -> list[dict[str, Any]]:
    """Everything, then the views this reader has saved and those others share."""
    here = url_for(resource.endpoint("list"))
    tabs = [{"label": _("All"), "url": here, "current": view is None and narrowing.is_plain}]
    for one in views_for(resource, by):
        current = view is not None and one.uid == view.uid
        tabs.append({"label": one.title, "url": url_for(resource.endpoint("list"), view=one.uid), "current": current})
    return tabs


def pager_of(resource: Resource, narrowing: Narrowing, by: Actor, page: Page) -> dict[str, Any]:
    """The way through the pages."""

    def at(place: str) -> str:
        return list_url(resource, narrowing, by, at=place) if place else ""

    return {
        "words": shown_words(page),
        "first_url": list_url(resource, narrowing, by) if page.previous else "",
        "previous_url": at(page.previous),
        "next_url": at(page.next),
        "last_url": at(page.last),
        "sizes": [
            {"label": str(size), "url": sized_url(resource, narrowing, by, size), "current": size == narrowing.size}
            for size in SIZES
        ],
    }


def shown_words(page: Page) -> Text:
    """Which rows of how many these are."""
    count = count_words(page)
    if page.passed is None:
        return _("%(n)s of %(count)s, near the end", n=len(page.rows), count=count)
    first, last = number(page.passed + 1 if page.rows else 0), number(page.passed + len(page.rows))
    return _("%(first)s to %(last)s of %(count)s", first=first, last=last, count=count)


def count_words(page: Page) -> str:
    """How many there are: exactly up to a thousand, then `1,000+`."""
    return number(page.count) + ("+" if page.is_more else "")


def doors_of(resource: Resource, by: Actor) -> dict[str, str]:
    """The addresses of the other doors this reader may open from the list."""
    asked = {"new": resource.acts.permission_to("create"), "export": resource.may_export or resource.may_view}
    asked |= {"import": resource.may_import or asked["new"], "bulk": resource.may_view, "view_save": resource.may_view}
    asked["board"] = resource.may_view if resource.workflow is not None else ""
    found = dict.fromkeys(asked, "")
    for door, permission in asked.items():
        endpoint = resource.endpoint(door)
        if permission and endpoint in current_app.view_functions and by.may(permission):
            found[door] = url_for(endpoint)
    return found
