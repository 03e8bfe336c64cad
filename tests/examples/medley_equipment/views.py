"""The pages of the register: what follows from the declaration, and one of its own."""

from medley_equipment.permissions import VIEW
from medley_equipment.resources import RESOURCES
from medley_equipment.services import due_devices

from core.resources import serve
from core.web import MedleyBlueprint, render

blueprint = MedleyBlueprint("equipment", "medley_equipment")


@blueprint.get("/due", permission=VIEW)
def due() -> str:
    """The devices that are due to be looked after."""
    return render("equipment/due.html", devices=due_devices())


# Pages of one's own come first: their addresses are words, where the declared ones have a record's uid.
serve(blueprint, *RESOURCES)
