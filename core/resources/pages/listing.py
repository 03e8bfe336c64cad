"""The list of a noun: saved views, facets as chips, words, order, columns, pages; all of it in the address."""

from functools import partial
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from core.resources.catalogue import readable
from core.resources.declaring import Resource
from core.resources.finding import page_of, query_of
from core.resources.narrowing import LONGEST_WORDS, narrowing_of
from core.web import MedleyBlueprint, current_actor, go, render


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """The list, and where its words are sent."""
    if "list" not in resource.doors:
        return
    path = f"/{resource.path}/" if resource.path else "/"
    listed = {"permission": resource.may_view, "endpoint": resource.page("list")}
    blueprint.get(path, **listed)(partial(shown, resource))
    if resource.has_search:
        finding = {"permission": resource.may_view, "endpoint": resource.page("find")}
        blueprint.post(f"{path}find", **finding)(partial(found, resource))


def shown(resource: Resource) -> str:
    """One page of the list."""
    by = current_actor()
    narrowing = narrowing_of(resource, request.args, by)
    query = query_of(resource, narrowing, by)
    page = page_of(query, request.args.get("at", ""))
    return render(
        "core/resource_list.html", resource=resource, page=page, narrowing=narrowing, facts=readable(resource, by)
    )


def found(resource: Resource) -> Response:
    """Words that were typed: they go on in the address, sealed."""
    by = current_actor()
    narrowing = narrowing_of(resource, request.args, by)
    words = request.form.get("q", "").strip()[:LONGEST_WORDS]
    query: dict[str, Any] = {**narrowing.as_query(resource, by)}
    return go(resource.endpoint("list"), **query, q=words and "")
