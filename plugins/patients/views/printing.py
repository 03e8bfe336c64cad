"""Papers that are printed of a patient."""

from collections.abc import Callable

from werkzeug.wrappers import Response

from core.actors import Actor
from core.storage.journal.reads import disclosed
from core.web import current_actor
from plugins.patients.models import Patient
from plugins.patients.permissions import VIEW
from plugins.patients.services.printing import Printed, label_of, summary_of, wristband_of
from plugins.patients.views.pages import blueprint, visible_patient

PRINTED: dict[str, Callable[[Patient, Actor], Printed]] = {
    "label": label_of, "wristband": wristband_of, "summary": summary_of,
}  # fmt: skip


@blueprint.get("/<uid>/print/<any(label, wristband, summary):kind>", permission=VIEW)
def print_out(uid: str, kind: str) -> Response:
    """A label, a wristband or the summary, as a PDF in the patient's language."""
    patient = visible_patient(uid)
    paper = PRINTED[kind](patient, current_actor())
    disclosed("print", [patient.uid], kind, subject_uid=patient.uid)
    answer = Response(paper.content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{paper.name}"'
    return answer
