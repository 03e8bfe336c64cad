"""The nouns of the register, each declared once."""

from medley_equipment.models import Device, Service
from medley_equipment.permissions import MANAGE, SEE_PRICES, VIEW
from medley_equipment.services import send_to_repair, set_key, why_no_repair

from core.resources import Action, Choice, Fact, Lines, Link, MoneyAmount, Resource, Section, Sort, plain_acts
from core.texts import _

KINDS = {"bed": _("Bed"), "monitor": _("Monitor"), "pump": _("Pump"), "scanner": _("Scanner"), "other": _("Other")}
STATES = {"in_use": _("In use"), "due": _("Service due"), "in_repair": _("Being repaired"), "scrapped": _("Scrapped")}
PHASES = {"in_use": "done", "due": "waiting", "in_repair": "hold", "scrapped": "ended"}
SERVICES = Lines(
    "services",
    _("Services"),
    Service,
    "device",
    (
        Fact("done_on", _("Done on"), required=True),
        Fact("what", _("What was done"), required=True),
        Fact("is_passed", _("Passed")),
    ),
    one=_("Service"),
)

DEVICES = Resource(
    model=Device,
    title=_("Equipment"),
    one=_("Device"),
    icon="tools",
    facts=(
        Fact("name", _("Name"), required=True),
        Fact("serial", _("Serial number"), required=True),
        Fact("kind", _("Kind"), Choice(KINDS), required=True),
        Fact("state", _("State"), Choice(STATES, PHASES), default="in_use"),
        Fact("is_mobile", _("Can be moved")),
        Fact("place", _("Where it stands")),
        Fact("bought_on", _("Bought on")),
        Fact("checked_at", _("Last checked"), when=("is_mobile", (True,))),
        Fact("price", _("Price"), MoneyAmount(least=0), read=SEE_PRICES),
        Fact("note", _("Note"), span=12),
    ),
    columns=("name", "serial", "kind", "state", "place", "bought_on", "price"),
    facets=("kind", "state", "is_mobile", "place", "bought_on"),
    sorts=(Sort("name", _("Name"), by="key"), Sort("bought", _("Bought"), by="bought_on", falls=True)),
    searched=("name", "serial"),
    sections=(
        Section(_("The device"), ("name", "serial", "kind", "state", "is_mobile"), "device"),
        Section(_("Where and since when"), ("place", "bought_on", "checked_at"), "where"),
    ),
    lines=(SERVICES,),
    acts=plain_acts(Device, MANAGE, lines=(SERVICES,), before=set_key),
    actions=(Action("repair", _("Send to repair"), send_to_repair, fits=why_no_repair, in_bulk=True, icon="tools"),),
    identified_by=("serial",),
    view=VIEW,
    links=(Link(_("Due"), "equipment.due", "clock", VIEW),),
    about=_("The devices the hospital owns."),
    empty=_("Enter the first device, or bring a list in from a file."),
)

RESOURCES = (DEVICES,)
