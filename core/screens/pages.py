"""The one blueprint of the core's pages; each module of this room adds its own to it."""

from core.web import MedleyBlueprint

blueprint = MedleyBlueprint("core", "core.screens", url_prefix="")
