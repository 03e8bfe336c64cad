"""The first page after signing in."""

from core.screens.pages import blueprint
from core.web import SIGNED_IN, current_actor, render


@blueprint.get("/", permission=SIGNED_IN)
def home() -> str:
    """What waits, by what the plugins contribute."""
    return render("core/home.html", by=current_actor())
