"""What records go through: states and transitions a plugin declares and an administrator can edit.

A plugin declares them in its `workflow.py` (`core.workflow.declaring`). A record is moved by `move` and in no other
way; acts, constraints and reports ask the kind of its state, never its name.
"""

from core.workflow.declaring import COLUMNS, Effect, Field, Kind, Known, State, Transition, Workflow
from core.workflow.definitions import (
    Definition,
    governing,
    has_states,
    in_force,
    state_title,
    versions_of,
    workflow_named,
    workflow_of,
    workflows_here,
)
from core.workflow.editing import back_to_shipped, change_workflow
from core.workflow.moving import Way, move, ways, ways_of, why_not

__all__ = [
    "COLUMNS",
    "Definition",
    "Effect",
    "Field",
    "Kind",
    "Known",
    "State",
    "Transition",
    "Way",
    "Workflow",
    "back_to_shipped",
    "change_workflow",
    "governing",
    "has_states",
    "in_force",
    "move",
    "state_title",
    "versions_of",
    "ways",
    "ways_of",
    "why_not",
    "workflow_named",
    "workflow_of",
    "workflows_here",
]
