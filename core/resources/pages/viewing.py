"""Saving a list as a view, and taking a view away."""

from functools import partial
from urllib.parse import parse_qsl

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from core.errors import NotFound
from core.resources.declaring import Resource
from core.resources.narrowing import Narrowing, narrowing_of
from core.resources.views import drop_view, save_view, view_of
from core.texts import _
from core.web import MedleyBlueprint, current_actor, go, toast

MOST_PARTS = 100


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """Where a view is saved, and where it is taken away."""
    if "list" not in resource.doors:
        return
    path = f"/{resource.path}" if resource.path else ""
    saving = {"permission": resource.may_view, "endpoint": resource.page("view_save")}
    dropping = {"permission": resource.may_view, "endpoint": resource.page("view_drop")}
    blueprint.post(f"{path}/views", **saving)(partial(save, resource))
    blueprint.post(f"{path}/views/<uid>/drop", **dropping)(partial(drop, resource))


def sent_list(resource: Resource) -> Narrowing:
    """The list a form was sent from, as its field `list` tells."""
    written = request.form.get("list", "")
    parts = parse_qsl(written, max_num_fields=MOST_PARTS) if len(written) < 4000 else []
    return narrowing_of(resource, MultiDict(parts), current_actor())


def save(resource: Resource) -> Response:
    """Save the list as it stands."""
    by = current_actor()
    shared = request.form.get("is_shared") == "y"
    kept = sent_list(resource).as_json()
    view = save_view(resource.name, request.form.get("title", ""), kept, shared, by=by)
    return toast(go(resource.endpoint("list"), view=view.uid), _("The view is saved."))


def drop(resource: Resource, uid: str) -> Response:
    """Take a view away."""
    by = current_actor()
    view = view_of(resource, uid, by)
    if view is None:
        raise NotFound
    drop_view(view, by=by)
    return toast(go(resource.endpoint("list")), _("The view is taken away."))
