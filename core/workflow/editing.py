"""An administrator's copy of a workflow: checked, put in force as a new version, and taken back to what is shipped."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from peewee import fn

from core.actors import Actor
from core.acts import act
from core.errors import Conflict, Refused
from core.roles.permissions import MANAGE_WORKFLOWS
from core.sites import touch_revision
from core.texts import _
from core.workflow.checking import complaints
from core.workflow.contents import digest_of, parts_of, read_content, shipped_content
from core.workflow.declaring import Workflow
from core.workflow.definitions import in_force, kept_definition, store, workflow_named
from core.workflow.models import SHIPPED, SITE, WorkflowDefinition


@act("core.change_workflow", permission=MANAGE_WORKFLOWS)
def change_workflow(
    name: str, content: Mapping[str, Any], by: Actor, note: str = "", takes_over: bool = True, seen: int | None = None
) -> WorkflowDefinition:
    """Put a definition in force at this site. Raises `Refused` with what is wrong, each with what to do about it.

    `takes_over`: records under way follow it as soon as it knows their state; otherwise only new ones do. `seen` is the
    number of the version the writer began with: `Conflict` when another one is in force by now.
    """
    touch_revision()  # two who change the same workflow wait for each other here
    workflow = workflow_named(name)
    read = read_content(content)
    before = kept_definition(workflow, by)
    if seen is not None and seen != before.number:
        raise Conflict(mine={str(_("Version")): seen}, theirs={str(_("Version")): before.number})
    wrong = complaints(workflow, read)
    if wrong:
        raise Refused(" ".join(str(one) for one in wrong))
    if digest_of(read) == digest_of(before.content):
        raise Refused(_("This is in force already."))
    origin = SHIPPED if digest_of(read) == digest_of(shipped_content(workflow)) else SITE
    return store(workflow, before.number + 1, read, origin, note.strip()[:300], takes_over)


def back_to_shipped(name: str, by: Actor, idempotency_key: str | None = None) -> WorkflowDefinition:
    """Put in force again what the plugin ships."""
    content = shipped_content(workflow_named(name))
    found: WorkflowDefinition = change_workflow(
        name, content, by=by, note=str(_("Back to what the plugin ships")), idempotency_key=idempotency_key
    )
    return found


def standing(workflow: Workflow) -> dict[tuple[str, str], int]:
    """How many records stand in each state, by its name and kind; those out of use are not counted."""
    model: Any = workflow.model
    rows = (
        model.select(model.state, model.state_kind, fn.COUNT(model.id))
        .where(model.retired_at.is_null())
        .group_by(model.state, model.state_kind)
    )
    return {(state, kind): count for state, kind, count in rows.tuples()}


def left_behind(workflow: Workflow, content: Mapping[str, Any]) -> Counter[str]:
    """The records a definition does not know the state of, by state: they go on by the version they came there by."""
    states, _transitions = parts_of(workflow, content)
    found: Counter[str] = Counter()
    for (state, kind), count in standing(workflow).items():
        if state not in states or states[state].kind != kind:
            found[state] += count
    return found


def drifted(workflow: Workflow) -> bool:
    """Whether the plugin ships something else than the site's own version by now, or ever did."""
    now = in_force(workflow)
    return now.origin == SITE and digest_of(now.content) != digest_of(shipped_content(workflow))
