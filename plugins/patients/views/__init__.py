"""The pages of the register."""

from plugins.patients.views import chart, desk, kinds, parts
from plugins.patients.views.pages import blueprint

__all__ = ["blueprint", "chart", "desk", "kinds", "parts"]
