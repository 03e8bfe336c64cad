"""Its page."""

from core.web import MedleyBlueprint, current_actor

blueprint = MedleyBlueprint("asking", __name__)


@blueprint.get("/", permission="asking.view")
def index():
    """Greets."""
    return f"Asked by {current_actor().name}"
