"""No pages of its own: the blueprint is where its templates are found."""

from core.web import MedleyBlueprint

blueprint = MedleyBlueprint("doorbell", "medley_doorbell")
