"""The register's own boxes on a chart: how to reach somebody, whom to call, family, numbers and names, papers."""

from core.actors import Actor
from core.contributions import Panel
from core.texts import _
from plugins.patients.models import Patient
from plugins.patients.services.charts import chart_to_show
from plugins.patients.services.papers import KINDS

SHOWN = 6


def boxes_of(patient: Patient, by: Actor) -> list[Panel]:
    """The boxes, out of one reading of the chart."""
    chart = chart_to_show(patient, by)
    return [
        Panel(
            template="patients/panels/reach.html", title=_("Where to reach them"), key="reach", order=60,
            context={"telecoms": chart.telecoms, "addresses": chart.addresses},
        ),
        Panel(
            template="patients/panels/contacts.html", title=_("Whom to call"), key="contacts", order=65,
            context={"contacts": chart.contacts},
        ),
        Panel(
            template="patients/panels/family.html", title=_("Family and guardians"), key="family", order=66,
            context={"relatives": chart.relatives},
        ),
        Panel(
            template="patients/panels/identifiers.html", title=_("Numbers and names"), key="identifiers", order=70,
            context={"identifiers": chart.identifiers, "names": chart.names, "merged": chart.merged},
        ),
        Panel(
            template="patients/panels/papers.html", title=_("Papers"), key="papers", order=75,
            context={"papers": chart.papers[:SHOWN], "count": len(chart.papers), "kinds": KINDS},
        ),
    ]  # fmt: skip
