"""Called when a record goes on its way."""

from typing import Any

from core.hooks import announcement


@announcement(catch_up=True)
def workflow_moved(record: Any, workflow: str, transition: str, from_kind: str, to_kind: str, by: Any) -> None:
    """A record of some workflow was moved from one state to another.

    Called by `core.workflow.move` inside its transaction, after the record was stored and the effects of the transition
    were carried out. `workflow` is a name such as `staff.leave`; kinds are those of the plugin's own short list, and
    the state itself is nobody's business. May.

        @hookimpl(catch_up=True)
        def workflow_moved(record, workflow, transition, from_kind, to_kind, by):
            if workflow == "staff.leave" and to_kind == "granted":
                enqueue(tell_the_ward, record.uid, by=by)
    """
