"""The pages of the API, and the door itself."""

from plugins.api.views import home, rest, tokens
from plugins.api.views.pages import blueprint

__all__ = ["blueprint", "home", "rest", "tokens"]
