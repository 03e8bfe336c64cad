"""One's own account."""

from core.screens.pages import blueprint
from core.web import SIGNED_IN, render


@blueprint.get("/me", permission=SIGNED_IN)
def me() -> str:
    """Who one is here."""
    return render("core/me.html")
