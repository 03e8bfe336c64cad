"""The pages of the register."""

from core.web import MedleyBlueprint, render
from plugins.patients.permissions import VIEW

blueprint = MedleyBlueprint("patients", __name__)


@blueprint.get("/", permission=VIEW)
def index() -> str:
    """Find a patient."""
    return render("patients/index.html")
