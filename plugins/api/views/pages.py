"""The one blueprint of this plugin; each module of this room adds its own to it."""

from collections.abc import Callable
from typing import Any

from core.web import MedleyBlueprint
from plugins.api.models import TOKENS
from plugins.api.permissions import USE

blueprint = MedleyBlueprint("api", "plugins.api")
# Every method comes in, so that the wrong ones are refused in the same words as all else.
MACHINES: set[str] = set()
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")


def for_programs(rule: str) -> Callable[[Any], Any]:
    """Register a view programs may open, with a token or in a session."""
    register = blueprint.route(
        rule, permission=USE, methods=METHODS, keys=TOKENS, door="api", slides=False, provide_automatic_options=False
    )

    def take(view: Any) -> Any:
        MACHINES.add(f"{blueprint.name}.{view.__name__}")
        return register(view)

    return take
