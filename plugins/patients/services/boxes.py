"""Further boxes on a chart: family, and papers. Each reads what it shows in one statement."""

from core.contributions import Panel
from core.texts import _
from plugins.patients.models import Patient
from plugins.patients.services.family import relatives_of
from plugins.patients.services.papers import KINDS, documents_of

SHOWN = 6


def boxes_of(patient: Patient) -> list[Panel]:
    """Family and papers."""
    papers = documents_of(patient)
    return [
        Panel(
            template="patients/panels/family.html", title=_("Family and guardians"), key="family", order=66,
            context={"relatives": relatives_of(patient)},
        ),
        Panel(
            template="patients/panels/papers.html", title=_("Papers"), key="papers", order=75,
            context={"papers": papers[:SHOWN], "count": len(papers), "kinds": KINDS},
        ),
    ]  # fmt: skip
