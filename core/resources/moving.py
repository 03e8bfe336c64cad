"""The steps of a noun's workflow as actions: asked for, refused and done like any other, at every door."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from core.actors import Actor
from core.errors import NotFound, Words
from core.resources.declaring import Action, Fact, Resource, settled
from core.resources.kinds.states import definitions
from core.workflow import Definition, Transition, governing, move, ways
from core.workflow.moving import not_from_here


def actions_here(resource: Resource) -> tuple[Action, ...]:
    """What can be done with records of a noun at this site: what the plugin declares, and the steps of the workflow."""
    if resource.workflow is None:
        return resource.actions
    steps: dict[str, Action] = {}
    for definition in definitions(resource.workflow):
        for one in definition.transitions.values():
            steps.setdefault(one.name, action_of(resource, definition, one))
    return (*resource.actions, *steps.values())


def action_for(resource: Resource, record: Any, name: str) -> Action:
    """One action as it stands for a record, a step by the definition the record goes by; raises `NotFound`."""
    found = next((one for one in resource.actions if one.name == name), None)
    if found is None and resource.workflow is not None:
        definition = governing(record)
        step = definition.transitions.get(name)
        found = action_of(resource, definition, step) if step is not None else None
    if found is None:
        raise NotFound
    return found


def action_of(resource: Resource, definition: Definition, step: Transition) -> Action:
    """A step as an action."""
    facts = tuple(asked(resource, definition, name, name in step.needs) for name in (*step.needs, *step.asks))
    return Action(
        step.name, step.title, partial(run, step.name), step.permission, step.icon or "arrow-right", facts,
        fits_for=partial(why_closed, step.name), in_bulk=True, is_danger=step.is_danger,
    )  # fmt: skip


def asked(resource: Resource, definition: Definition, name: str, is_needed: bool) -> Fact:
    """A field a step asks for, as the noun's own fact of that column where there is one."""
    field = definition.workflow.field_of[name]
    known = next((one for one in resource.by_name.values() if one.column == name and not one.within), None)
    kind = known.kind if known is not None else None
    return settled(Fact(name, field.label, kind, name, field.help, required=is_needed, span=12), resource.model)


def run(name: str, record: Any, values: Mapping[str, Any], by: Actor, idempotency_key: str | None = None) -> Any:
    """Take a step."""
    return move(record, name, values, by=by, idempotency_key=idempotency_key)


def why_closed(name: str, record: Any, by: Actor) -> Words:
    """Why a step is not open, "" where it is."""
    for way in ways(record, by):
        if way.transition.name == name:
            return way.why
    definition = governing(record)
    step = definition.transitions.get(name)
    return not_from_here(record, step, definition) if step is not None else NotFound().message
