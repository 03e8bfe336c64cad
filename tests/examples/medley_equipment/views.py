"""The pages of the register: all of them follow from what is declared."""

from medley_equipment.resources import RESOURCES

from core.resources import serve
from core.web import MedleyBlueprint

blueprint = MedleyBlueprint("equipment", "medley_equipment")
serve(blueprint, *RESOURCES)
