"""What an errand goes through."""

from medley_porters.models import Errand
from medley_porters.permissions import ASK, CARRY
from medley_porters.services import count_trip, day_wanted, is_own

from core.texts import _
from core.workflow import Effect, Field, Kind, Known, State, Transition, Workflow

KINDS = (
    Kind("open", _("Not begun"), "planned", begins=True, fhir=("requested",)),
    Kind("moving", _("On its way"), "active", fhir=("in-progress",)),
    Kind("arrived", _("Arrived"), "done", ends=True, fhir=("completed",)),
    Kind("dropped", _("Given up"), "ended", ends=True, fhir=("cancelled", "rejected")),
)
TAKE = Transition(
    "take",
    _("Take it"),
    start=("asked",),
    to="under_way",
    permission=CARRY,
    needs=("carried_by",),
    condition="weight <= 25 or not is_urgent",
    words=_("What is urgent and heavy needs the lift."),
    effects=("count",),
    is_required=True,
)
WEIGHT = Known("weight", _("Weight in kilograms"), "number", lambda errand, by: errand.weight)

ERRAND = Workflow(
    name="porters.errand",
    title=_("Errands"),
    model=Errand,
    kinds=KINDS,
    states=(
        State("asked", _("Asked for"), "open"),
        State("under_way", _("Under way"), "moving"),
        State("there", _("There"), "arrived"),
        State("refused", _("Refused"), "dropped", fhir="rejected", phase="missed"),
    ),
    transitions=(
        TAKE,
        Transition("deliver", _("Delivered"), ("under_way",), "there", CARRY, effects=("count",), icon="check-lg"),
        Transition("refuse", _("Refuse"), ("asked", "under_way"), "refused", CARRY, needs=("note",), is_danger=True),
        Transition("recall", _("Take back"), ("asked",), "refused", ASK, condition="is_own", asks=("note",)),
    ),
    facts=(
        WEIGHT,
        Known("is_urgent", _("Urgent"), "yes_no", lambda errand, by: errand.is_urgent),
        Known("is_own", _("Asked for by oneself"), "yes_no", is_own),
        Known("wanted_on", _("Wanted on"), "day", day_wanted),
    ),
    effects=(Effect("count", _("Count the trip"), count_trip),),
    fields=(Field("carried_by", _("Who carries it")), Field("note", _("Note"))),
)  # fmt: skip

WORKFLOWS = (ERRAND,)
