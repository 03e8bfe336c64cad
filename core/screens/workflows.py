"""What records go through: each workflow in force, its versions, and the way back to what is shipped."""

from typing import Any

from flask import url_for

from core.errors import NotFound
from core.roles.permissions import MANAGE_WORKFLOWS
from core.screens.pages import blueprint, done
from core.texts import _
from core.web import current_actor, names_of, render
from core.workflow import Definition, Workflow, back_to_shipped, in_force, versions_of, workflow_named, workflows_here
from core.workflow.checking import complaints
from core.workflow.editing import drifted, standing
from core.workflow.models import WorkflowDefinition
from core.workflow.moving import condition_words


@blueprint.get("/workflows", permission=MANAGE_WORKFLOWS)
def workflows() -> str:
    """The workflows of the plugins that are on."""
    found = [
        {"name": name, "title": one.title, "about": one.about, "now": in_force(one), "is_drifted": drifted(one)}
        for name, one in workflows_here().items()
    ]
    return render("core/workflows.html", workflows=found)


@blueprint.get("/workflows/<name>", permission=MANAGE_WORKFLOWS, endpoint="workflows_show")
def workflows_show(name: str) -> str:
    """The definition in force, or the version asked for; its states with what stands in them; every version."""
    workflow = workflow_named(name)
    now = in_force(workflow)
    return page_of(workflow, now, now)


@blueprint.get("/workflows/<name>/<int:number>", permission=MANAGE_WORKFLOWS, endpoint="workflows_version")
def workflows_version(name: str, number: int) -> str:
    """One version that was in force once."""
    workflow = workflow_named(name)
    found = {**versions_of(workflow), in_force(workflow).number: in_force(workflow)}.get(number)
    if found is None:
        raise NotFound
    return page_of(workflow, found, in_force(workflow))


@blueprint.post("/workflows/<name>/shipped", permission=MANAGE_WORKFLOWS, endpoint="workflows_shipped")
def workflows_shipped(name: str) -> Any:
    """Put in force again what the plugin ships."""
    back_to_shipped(name, by=current_actor())
    return done(_("What the plugin ships is in force again."), "core.workflows_show", name=name)


def page_of(workflow: Workflow, shown: Definition, now: Definition) -> str:
    """The page of one version."""
    return render(
        "core/workflows_show.html",
        workflow=workflow,
        shown=shown,
        now=now,
        is_now=shown.number == now.number,
        states=states_of(shown),
        ways=ways_of(shown),
        versions=version_lines(workflow, now),
        wrong=complaints(workflow, now.content),
        is_drifted=drifted(workflow),
        crumbs=[(_("Workflows"), url_for("core.workflows"))],
    )


def states_of(shown: Definition) -> list[dict[str, Any]]:
    """The states in their order, with how many records stand in each."""
    counts = standing(shown.workflow)
    return [
        {
            "title": one.title, "phase": shown.phase_of(name), "kind": shown.workflow.kind_of[one.kind].title,
            "fhir": shown.fhir_of(name), "count": counts.get((name, one.kind), 0),
        }
        for name, one in shown.states.items()
        if one.kind in shown.workflow.kind_of
    ]  # fmt: skip


def ways_of(shown: Definition) -> list[dict[str, Any]]:
    """The transitions as the table of the page tells them."""
    workflow = shown.workflow
    return [
        {
            "title": one.title,
            "start": [state_of(shown, name) for name in one.start],
            "to": state_of(shown, one.to),
            "permission": one.permission,
            "when": condition_words(one, shown) if one.condition else "",
            "condition": one.condition,
            "needs": [workflow.field_of[name].label for name in one.needs if name in workflow.field_of],
            "effects": [workflow.effect_of[name].label for name in one.effects if name in workflow.effect_of],
            "is_required": one.is_required,
        }
        for one in shown.transitions.values()
    ]


def state_of(shown: Definition, name: str) -> dict[str, Any]:
    """A state with its sign."""
    return {"title": shown.states[name].title if name in shown.states else name, "phase": shown.phase_of(name)}


def version_lines(workflow: Workflow, now: Definition) -> list[dict[str, Any]]:
    """Every version, the newest first, with who put it in force and when."""
    rows = list(
        WorkflowDefinition.select()
        .where(WorkflowDefinition.workflow == workflow.name)
        .order_by(WorkflowDefinition.number.desc())
    )
    names = names_of(row.created_by for row in rows)
    return [
        {
            "number": row.number, "origin": row.origin, "note": row.note, "at": row.created_at,
            "who": names.get(row.created_by, ""), "takes_over": row.takes_over, "is_now": row.number == now.number,
            "url": url_for("core.workflows_version", name=workflow.name, number=row.number),
        }
        for row in rows
    ]  # fmt: skip
