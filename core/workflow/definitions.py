"""Which definition counts: the one in force at a site, and the one a record under way goes by."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.actors import Actor
from core.acts import OPEN, act
from core.errors import Misuse, NotFound, Words
from core.registry import catalogue
from core.sites import current, touch_revision
from core.storage import Model
from core.workflow.contents import digest_of, parts_of, shipped_content
from core.workflow.declaring import COLUMNS, Kind, State, Transition, Workflow
from core.workflow.models import SHIPPED, SITE, WorkflowDefinition


@dataclass(frozen=True, eq=False)
class Definition:
    """One version of a workflow. `is_kept` tells whether it is among the site's versions yet; a shipped one comes to be
    so with the first record that begins by it."""

    workflow: Workflow
    number: int
    origin: str
    takes_over: bool
    content: Mapping[str, Any]
    is_kept: bool = True

    @cached_property
    def _parts(self) -> tuple[dict[str, State], dict[str, Transition]]:
        return parts_of(self.workflow, self.content)

    @property
    def states(self) -> dict[str, State]:
        """The states by name, in their order."""
        return self._parts[0]

    @property
    def transitions(self) -> dict[str, Transition]:
        """The transitions by name, in their order."""
        return self._parts[1]

    @property
    def first(self) -> State:
        """Where records begin."""
        return next(iter(self.states.values()))

    def kind_of(self, state: str) -> Kind | None:
        """The kind of a state, or None where this version does not know it."""
        found = self.states.get(state)
        return self.workflow.kind_of.get(found.kind) if found is not None else None

    def phase_of(self, state: str) -> str:
        """How a state is shown."""
        found, kind = self.states.get(state), self.kind_of(state)
        return (found.phase if found is not None else "") or (kind.phase if kind is not None else "hold")

    def fhir_of(self, state: str) -> str:
        """The FHIR code of a state, "" where it has none."""
        found, kind = self.states.get(state), self.kind_of(state)
        own = found.fhir if found is not None else ""
        return own or (kind.fhir[0] if kind is not None and kind.fhir else "")

    def ways_from(self, state: str) -> list[Transition]:
        """The transitions that begin at a state."""
        return [one for one in self.transitions.values() if state in one.start]


# Which workflows there are.


def workflows_of(plugin: str) -> tuple[Workflow, ...]:
    """What an installed plugin declares in its `workflow.py`."""
    installed = catalogue.get(plugin)
    found: tuple[Workflow, ...] = (installed.part("workflow", "WORKFLOWS") or ()) if installed is not None else ()
    return found


def workflows_here() -> dict[str, Workflow]:
    """The workflows of the plugins that are on at the site being served, by name."""
    return {one.name: one for plugin in sorted(current().state.enabled) for one in workflows_of(plugin)}


def workflow_named(name: str) -> Workflow:
    """One workflow of this site; raises `NotFound`."""
    found = workflows_here().get(name)
    if found is None:
        raise NotFound
    return found


def has_states(model: type[Model]) -> bool:
    """Whether records of a model go through a workflow."""
    return COLUMNS[-1] in model._meta.fields


def workflow_of(model: type[Model]) -> Workflow:
    """The workflow of a model."""
    for one in workflows_of(model._meta.plugin):
        if one.model is model:
            return one
    raise Misuse(f"{model.__name__} has the columns of a workflow, and its plugin declares none for it in workflow.py")


# Which definition counts.


def versions_of(workflow: Workflow) -> dict[int, Definition]:
    """Every version that was in force at this site, by its number."""
    found: dict[str, dict[int, Definition]] = current().state.keep("core.workflow", load_versions)
    return found.get(workflow.name, {})


def load_versions() -> dict[str, dict[int, Definition]]:
    """All versions of all workflows, read once for each revision of the site."""
    known = workflows_here()
    found: dict[str, dict[int, Definition]] = {}
    for row in WorkflowDefinition.select().order_by(WorkflowDefinition.workflow, WorkflowDefinition.number):
        workflow = known.get(row.workflow)
        if workflow is not None:
            kept = Definition(workflow, row.number, row.origin, bool(row.takes_over), row.content)
            found.setdefault(row.workflow, {})[row.number] = kept
    return found


def in_force(workflow: Workflow) -> Definition:
    """The definition new records begin by: the site's own when that is its newest, otherwise what is shipped."""
    kept = versions_of(workflow)
    newest = kept[max(kept)] if kept else None
    if newest is not None and newest.origin == SITE:
        return newest
    content = shipped_content(workflow)
    if newest is not None and digest_of(newest.content) == digest_of(content):
        return newest
    return Definition(workflow, newest.number + 1 if newest is not None else 1, SHIPPED, True, content, is_kept=False)


def governing(record: Any) -> Definition:
    """The definition a record goes by.

    It is the newest one that takes over records under way and knows the record's state as the same kind; where there is
    none since, the one the record came into its state by. So no record is ever stranded by an edit.
    """
    workflow = workflow_of(type(record))
    newest = in_force(workflow)
    later = {**versions_of(workflow), newest.number: newest}
    for number in sorted((one for one in later if one > record.workflow_version), reverse=True):
        one = later[number]
        kind = one.kind_of(record.state)
        if one.takes_over and kind is not None and kind.name == record.state_kind:
            return one
    return later.get(record.workflow_version, newest)


def state_title(record: Any) -> Words:
    """What the state of a record is called."""
    found = governing(record).states.get(record.state)
    return found.title if found is not None else str(record.state)


def kept_definition(workflow: Workflow, by: Actor) -> Definition:
    """The definition in force, kept among the site's versions."""
    found = in_force(workflow)
    return found if found.is_kept else keep_shipped(workflow.name, by=by)


@act("core.keep_shipped_workflow", permission=OPEN)
def keep_shipped(name: str, by: Actor) -> Definition:
    """Keep what a plugin ships as a version of this site, so that records can refer to it whatever comes later."""
    touch_revision()  # whoever does the same at this moment waits here, and finds it kept
    workflow = workflow_named(name)
    found = in_force(workflow)
    if not found.is_kept:
        store(workflow, found.number, found.content, SHIPPED)
    return in_force(workflow)


def store(
    workflow: Workflow, number: int, content: Mapping[str, Any], origin: str, note: str = "", takes_over: bool = True
) -> WorkflowDefinition:
    """Write one version down."""
    made: WorkflowDefinition = WorkflowDefinition.create(
        workflow=workflow.name, number=number, origin=origin, takes_over=takes_over,
        digest=digest_of(content), content=content, note=note,
    )  # fmt: skip
    return made
