"""The pages that follow from the declaration."""

from medley_porters.resources import RESOURCES

from core.resources import serve
from core.web import MedleyBlueprint

blueprint = MedleyBlueprint("porters", "medley_porters")
serve(blueprint, *RESOURCES)
