"""Taking a step of a workflow from a page: asked for what it needs, told what is in the way."""

from functools import partial
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from core.actors import Actor
from core.errors import NotFound
from core.resources.declaring import Action, Resource
from core.resources.kinds.base import Asked
from core.resources.moving import action_of
from core.resources.pages.forms import crumbs, disclose, name_of
from core.resources.writing import value_at, visible_record
from core.storage import Model
from core.texts import _
from core.web import MedleyBlueprint, MedleyForm, current_actor, form_page, go, render, toast
from core.workflow import Way, governing, move, ways

UNFIT = 422
BOARD = "board"


class StepForm(MedleyForm):
    """What a step asks for; where it asks for nothing, pressing the button is the answer."""


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """Where steps are sent. Each asks for a permission of its own; seeing the record is the first of them."""
    if resource.workflow is None or "show" not in resource.doors:
        return
    path = f"/{resource.path}" if resource.path else ""
    facts = {"permission": resource.may_view, "endpoint": resource.page("move")}
    blueprint.form(f"{path}/<uid>/move/<name>", **facts)(partial(take, resource))


def take(resource: Resource, uid: str, name: str) -> Any:
    """Ask what a step needs to know, and take it."""
    by = current_actor()
    record = visible_record(resource, uid, by)
    way = next((one for one in ways(record, by) if one.transition.name == name), None)
    if way is None and (request.method != "POST" or name not in governing(record).transitions):
        raise NotFound
    definition = governing(record)
    action = action_of(resource, definition, definition.transitions[name])
    by.require(action.asks_for)
    disclose(resource, record)
    form = form_for(action, record)
    facts = question(resource, record, action, way)
    if form.validated():
        with form_page(form, "core/question.html", **facts):
            asked = {fact.name: fact.kind.answer(form[fact.name]) for fact in action.facts}  # type: ignore[union-attr]
            moved = move(record, name, asked, by=by, version=form.seen_version, idempotency_key=form.key)
        return told(resource, moved)
    written = render("core/question.html", form=form, **facts)
    return (written, UNFIT) if request.method == "POST" else written


def form_for(action: Action, record: Model) -> Any:
    """The form of a step, with what the record holds already."""
    fields = {fact.name: fact.kind.ask(Asked(fact.label, fact.help, fact.required)) for fact in action.facts}  # type: ignore[union-attr]
    held = {fact.name: fact.kind.asked_value(value_at(record, fact)) for fact in action.facts}  # type: ignore[union-attr]
    return type("StepForm", (StepForm,), fields)(data={**held, "version": str(record.version)})


def question(resource: Resource, record: Any, action: Action, way: Way | None) -> dict[str, Any]:
    """What the page of a step says beside its form."""
    closed = way.why if way is not None else ""
    return {
        "question": f"{action.label}: {name_of(resource, record)}", "verb": action.label, "keep_label": _("Leave it"),
        "keep_url": back_to(resource, record), "text": closed, "changes": [], "stays": [],
        "is_danger": action.is_danger, "crumbs": crumbs(resource, record),
    }  # fmt: skip


def told(resource: Resource, record: Any) -> Response:
    """Back to where the step was taken from, with what came of it."""
    definition = governing(record)
    words = _("It is %(state)s now.", state=definition.states[record.state].title)
    if request.args.get("from") == BOARD:
        place = {"at": record.state, "_anchor": f"card-{record.uid}"}
        return toast(go(resource.endpoint(BOARD), **place), words)
    return toast(go(resource.endpoint("show"), uid=record.uid), words)


def back_to(resource: Resource, record: Any) -> str:
    """Where somebody comes back to who leaves it."""
    if request.args.get("from") == BOARD:
        return url_for(resource.endpoint(BOARD), at=record.state)
    return url_for(resource.endpoint("show"), uid=record.uid)


def steps_of(resource: Resource, record: Any, found: list[Way], **more: Any) -> list[dict[str, Any]]:
    """The steps from where a record stands, as a page shows them: those that are open, and why the others are not."""
    return [
        {
            "label": way.transition.title, "icon": way.transition.icon or "arrow-right", "why_not": way.why,
            "is_danger": way.transition.is_danger, "to": way.transition.to, "version": record.version,
            "asks": bool(way.transition.needs or way.transition.asks or way.transition.is_danger),
            "url": url_for(resource.endpoint("move"), uid=record.uid, name=way.transition.name, **more),
        }
        for way in found
    ]  # fmt: skip


def stage_of(resource: Resource, record: Any, by: Actor) -> dict[str, Any] | None:
    """Where a record stands, and the ways on for this reader; None where it goes through no workflow."""
    if resource.workflow is None:
        return None
    definition = governing(record)
    state = definition.states.get(record.state)
    return {
        "title": state.title if state is not None else record.state,
        "phase": definition.phase_of(record.state),
        "steps": steps_of(resource, record, ways(record, by)) if "show" in resource.doors else [],
    }


__all__ = ["BOARD", "add", "stage_of", "steps_of"]
