"""The page of a record: its facts by section, its lines, what can be done with it, what other plugins add, its past."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from core.actors import Actor
from core.resources.catalogue import readable, sections_here
from core.resources.declaring import Action, Fact, Lines, Resource
from core.resources.disclosing import disclose_named
from core.resources.kinds import Choice, Relation
from core.resources.kinds.base import Asked
from core.resources.kinds.relations import Related
from core.resources.pages.attachments import attachments_panel
from core.resources.pages.forms import crumbs, disclose, name_of
from core.resources.pages.moving import stage_of
from core.resources.timeline import timeline_of
from core.resources.writing import line_facts, line_values, lines_of, run_action, values_of, visible_record, why_not
from core.storage import RecordRef
from core.texts import _
from core.web import MedleyBlueprint, MedleyForm, current_actor, form_page, go, render, toast, url_of
from core.web.slots import slot


class PlainForm(MedleyForm):
    """A form without a question of its own: pressing the button is the answer."""


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """The record's page, its history, and where its actions are sent."""
    path = f"/{resource.path}" if resource.path else ""
    if "show" in resource.doors:
        facts = {"permission": resource.may_view, "endpoint": resource.page("show")}
        blueprint.get(f"{path}/<uid>", **facts)(partial(show, resource))
    for action in resource.actions:
        facts = {"permission": action.asks_for, "endpoint": resource.page(f"act_{action.name}")}
        blueprint.form(f"{path}/<uid>/act/{action.name}", **facts)(partial(act_on, resource, action))


def show(resource: Resource, uid: str) -> str:
    """What the house knows of a record."""
    by = current_actor()
    record = visible_record(resource, uid, by)
    disclose(resource, record)
    known = readable(resource, by)
    values = values_of(resource, record, tuple(known))
    for name, fact in known.items():
        disclose_named("record", fact, [values[name]], resource.name)
    boxes = [
        {"title": part.title, "key": part.key, "facts": pairs}
        for part in sections_here(resource)
        if (pairs := [pair(known[name], values[name]) for name in part.facts if name in known])
    ]
    return render(
        "core/resource_show.html",
        resource=resource,
        record=record,
        name=name_of(resource, record),
        crumbs=crumbs(resource, None),
        boxes=boxes,
        lines=[table_of(lines, record, facts) for lines in resource.lines if (facts := line_facts(lines, by))],
        doors=doors_of(resource, record, by),
        actions=actions_of(resource, record, by),
        stage=stage_of(resource, record, by),
        attachments=attachments_panel(resource, record, by),
        panels=slot("record_panels", resource=resource, record=record),
        timeline=timeline_of(resource, record, by),
    )


def pair(fact: Fact, value: Any) -> dict[str, Any]:
    """A fact with its words, and its sign where it is a state."""
    kind: Any = fact.kind
    phase = kind.phases.get(value, "") if isinstance(kind, Choice) and isinstance(value, str) else ""
    related = kind.related(value) if isinstance(kind, Relation) and value is not None else None
    url = page_of(kind, related) if related is not None and related.is_open else ""
    return {
        "label": fact.label,
        "words": related.label if related is not None else kind.words(value),
        "phase": phase,
        "url": url,
        "is_figure": kind.is_figure,
    }


def page_of(kind: Relation, related: Related) -> str:
    """The page of a record that is pointed at, where it has one."""
    meta: Any = kind.model._meta
    return url_of(RecordRef(meta.plugin, meta.noun, related.uid))


def table_of(lines: Lines, record: Any, facts: Mapping[str, Fact]) -> dict[str, Any]:
    """The lines of a record as a table of these facts; whom they name is remembered."""
    held = lines_of(lines, record)
    columns = []
    for fact in facts.values():
        values = line_values(fact, held)
        disclose_named("record", fact, values, str(lines.title))
        columns.append([fact.kind.words(value) for value in values])  # type: ignore[union-attr]
    heads = [(fact.label, fact.kind.is_figure) for fact in facts.values()]  # type: ignore[union-attr]
    return {"title": lines.title, "heads": heads, "rows": list(zip(*columns, strict=True))}


def doors_of(resource: Resource, record: Any, by: Actor) -> dict[str, str]:
    """The addresses of what writes this record, for whom they are open."""
    doors = {"edit": "edit", "retire": "retire"} if not record.is_retired else {"restore": "restore"}
    if record.is_final:
        doors = {}
    found = dict.fromkeys(("edit", "retire", "restore"), "")
    for door, verb in doors.items():
        permission = resource.acts.permission_to(verb)
        endpoint = resource.endpoint(door)
        if permission and by.may(permission) and endpoint in current_app.view_functions:
            found[door] = url_for(endpoint, uid=record.uid)
    return found


def actions_of(resource: Resource, record: Any, by: Actor) -> list[dict[str, Any]]:
    """What else can be done; an action that does not fit says why."""
    if record.is_retired:
        return []
    return [
        {
            "label": action.label, "icon": action.icon or "arrow-right", "why_not": why_not(action, record, by),
            "url": url_for(resource.endpoint(f"act_{action.name}"), uid=record.uid),
            "asks": bool(action.facts or action.consequence),
        }
        for action in resource.actions
        if by.may(action.asks_for)
    ]  # fmt: skip


def act_on(resource: Resource, action: Action, uid: str) -> str | Response:
    """Do something else with a record, after asking what it needs to know."""
    by = current_actor()
    record = visible_record(resource, uid, by)
    form = action_form(action)()
    back = url_for(resource.endpoint("show"), uid=uid)
    facts = {
        "question": f"{action.label}: {name_of(resource, record)}", "verb": action.label, "keep_label": _("Leave it"),
        "keep_url": back, "text": action.consequence, "changes": [], "stays": [], "is_danger": action.is_danger,
        "crumbs": crumbs(resource, record),
    }  # fmt: skip
    if request.method == "POST" and form.validated():
        with form_page(form, "core/question.html", **facts):
            asked = {fact.name: fact.kind.answer(form[fact.name]) for fact in action.facts}  # type: ignore[union-attr]
            run_action(action, record, asked, by, form.key)
        return toast(go(resource.endpoint("show"), uid=uid), _("Done."))
    return render("core/question.html", form=form, **facts)


def action_form(action: Action) -> type[MedleyForm]:
    """The form an action asks its facts with."""
    fields = {fact.name: fact.kind.ask(Asked(fact.label, fact.help, fact.required)) for fact in action.facts}  # type: ignore[union-attr]
    return type("ActionForm", (PlainForm,), fields)
