"""The one noun of the porters."""

from medley_porters.models import Errand
from medley_porters.permissions import ASK, VIEW
from medley_porters.workflow import ERRAND

from core.resources import Fact, Resource, plain_acts
from core.texts import _

ERRANDS = Resource(
    model=Errand,
    title=_("Errands"),
    one=_("Errand"),
    icon="truck",
    named_by="what",
    facts=(
        Fact("what", _("What is to be taken"), required=True),
        Fact("place", _("Where to")),
        Fact("weight", _("Weight in kilograms")),
        Fact("is_urgent", _("Urgent")),
        Fact("wanted_on", _("Wanted on")),
        Fact("carried_by", _("Who carries it"), is_asked=False),
    ),
    columns=("what", "state", "place", "weight", "is_urgent", "carried_by"),
    acts=plain_acts(Errand, ASK),
    workflow=ERRAND,
    view=VIEW,
)

RESOURCES = (ERRANDS,)
