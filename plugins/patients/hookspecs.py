"""What other plugins can add to the register and hear from it."""

from typing import Any

from core.contributions import Panel
from core.hooks import announcement, contribution


@contribution(Panel)
def patients_panels(patient: Any, by: Any) -> list[Panel]:  # type: ignore[empty-body]
    """Boxes on a patient's chart, the most used first (`order`). `key` names the section they stand under.

    Called by the chart page for each patient shown; `patient` is a `Patient` the reader may see. May: a panel that
    fails becomes a small box.

        @hookimpl()
        def patients_panels(patient, by):
            return [Panel(template="vitals/panels/latest.html", title=_("Vital signs"), key="vitals", order=20,
                          permission="vitals.view", context={"latest": latest_of(patient)})]
    """


@announcement(catch_up=True)
def patients_registered(patient: Any, by: Any) -> None:
    """A person was entered in the register.

    Called by `register_patient` inside its transaction, once the patient and all their parts are stored. May.

        @hookimpl()
        def patients_registered(patient, by):
            Wristband.create(patient=patient)
    """
