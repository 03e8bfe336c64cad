"""How many rows a long list really has: asked for on the list, counted in the background."""

from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from core.jobs import job_progress
from core.resources.counting import ask_for_count, count_of
from core.resources.declaring import Resource
from core.resources.finding import query_of
from core.resources.narrowing import narrowed
from core.resources.pages.addresses import list_url
from core.resources.pages.listing import chips_of
from core.resources.pages.viewing import sent_list
from core.web import MedleyBlueprint, current_actor, go, render


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """Where a count is asked for, and where it is told."""
    if "list" not in resource.doors:
        return
    path = f"/{resource.path}" if resource.path else ""

    def page(verb: str) -> dict[str, Any]:
        return {"permission": resource.may_view, "endpoint": resource.page(verb)}

    blueprint.post(f"{path}/count", **page("count"))(partial(ask, resource))
    blueprint.get(f"{path}/count/<count_uid>", **page("count_show"))(partial(show, resource))


def ask(resource: Resource) -> Response:
    """Let the list be counted as it is narrowed."""
    by = current_actor()
    count = ask_for_count(query_of(resource, sent_list(resource), by), by=by)
    return go(resource.endpoint("count_show"), count_uid=count.uid)


def show(resource: Resource, count_uid: str) -> str:
    """How far it is, and then how many there are."""
    by = current_actor()
    count = count_of(resource, count_uid, by)
    narrowing = narrowed(resource, count.narrowing, by)
    return render(
        "core/resource_count.html",
        resource=resource,
        count=count,
        chips=chips_of(resource, narrowing, by),
        has_words=bool(narrowing.words),
        line=job_progress(count.job_uid, by) if count.row_count is None else None,
        back=list_url(resource, narrowing, by),
        state=list_url(resource, narrowing, by).partition("?")[2],
    )
