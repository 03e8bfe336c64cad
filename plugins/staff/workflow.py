"""What a request for leave goes through."""

from core.texts import _
from core.workflow import Field, Kind, Known, State, Transition, Workflow
from plugins.staff.models import Leave
from plugins.staff.permissions import ASK_LEAVE, DECIDE_LEAVE
from plugins.staff.services.leave import has_begun, is_own, length_of

LEAVE = Workflow(
    name="staff.leave",
    title=_("Leave"),
    about=_("From the request to the decision; nobody decides on their own."),
    model=Leave,
    kinds=(
        Kind("asked", _("Waits for a decision"), "waiting", begins=True, fhir=("proposed",)),
        Kind("granted", _("Granted"), "done", ends=True, fhir=("booked",)),
        Kind("refused", _("Refused"), "missed", ends=True, fhir=("cancelled",)),
        Kind("withdrawn", _("Taken back"), "ended", ends=True, fhir=("cancelled",)),
    ),
    states=(
        State("requested", _("Asked for"), "asked"),
        State("approved", _("Granted"), "granted"),
        State("refused", _("Refused"), "refused"),
        State("withdrawn", _("Taken back"), "withdrawn"),
    ),
    transitions=(
        Transition(
            "approve", _("Grant"), ("requested",), "approved", DECIDE_LEAVE, asks=("decision_note",), icon="check-lg",
            condition="not is_own", words=_("Somebody else decides on one's own leave."), is_required=True,
        ),
        Transition(
            "refuse", _("Refuse"), ("requested",), "refused", DECIDE_LEAVE, needs=("decision_note",), icon="x-circle",
            condition="not is_own", words=_("Somebody else decides on one's own leave."), is_danger=True,
        ),
        Transition(
            "withdraw", _("Take it back"), ("requested",), "withdrawn", ASK_LEAVE, icon="reply",
            condition="is_own", words=_("Only who asked can take it back."),
        ),
        Transition(
            "cancel", _("Take it back"), ("approved",), "withdrawn", ASK_LEAVE, icon="reply",
            condition="is_own and not has_begun", words=_("Only whose leave it is, and before it has begun."),
        ),
        Transition(
            "revoke", _("Revoke"), ("approved",), "withdrawn", DECIDE_LEAVE, needs=("decision_note",),
            icon="slash-circle", is_danger=True,
        ),
    ),
    facts=(
        Known("is_own", _("It is one's own"), "yes_no", is_own),
        Known("has_begun", _("It has begun"), "yes_no", has_begun),
        Known("days", _("Days"), "number", length_of),
        Known("kind", _("Kind of leave"), "text", lambda leave, by: leave.kind),
        Known("from_on", _("First day"), "day", lambda leave, by: leave.from_on),
    ),
    fields=(Field("decision_note", _("Note on the decision")), Field("reason", _("Reason"))),
)  # fmt: skip

WORKFLOWS = (LEAVE,)
