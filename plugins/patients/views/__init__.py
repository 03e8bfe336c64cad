"""The pages of the register."""

from core.resources import serve
from plugins.patients.resources import RESOURCES
from plugins.patients.views import chart, desk, figures, kinds, leaving, merging, papers, parts, people, printing
from plugins.patients.views.pages import blueprint

serve(blueprint, *RESOURCES)

__all__ = [
    "blueprint",
    "chart",
    "desk",
    "figures",
    "kinds",
    "leaving",
    "merging",
    "papers",
    "parts",
    "people",
    "printing",
]
