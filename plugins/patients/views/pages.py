"""The register's blueprint, and what its pages share."""

from typing import Any

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from core.errors import Busy
from core.places.models import Place
from core.roles import get_visible
from core.texts import _
from core.web import MedleyBlueprint, current_actor, go
from plugins.patients.models import Patient
from plugins.patients.permissions import VIEW
from plugins.patients.services.fit import survivor_of
from plugins.patients.services.sensitive import may_open

blueprint = MedleyBlueprint("patients", "plugins.patients")


def visible_patient(uid: str) -> Patient:
    """The patient of this uid, if the reader may see them.

    A sensitive record is opened with a reason, and one merged into another leads there. While rows are being carried
    over neither is shown.
    """
    patient = get_visible(Patient, uid, current_actor(), permission=VIEW)
    if patient.is_merging:
        raise Busy(message=_("Two records are being joined to one at this moment. Try again in a few seconds."))
    if not may_open(patient, current_actor()):
        abort(go("patients.reason", uid=uid))
    if patient.merged_into is not None:
        abort(led_to(survivor_of(patient)))
    return patient


def led_to(survivor: Patient) -> Response:
    """The same page of the record that stands for the one asked for; after a form its chart."""
    if request.method == "POST" or request.endpoint is None:
        return go("patients.show", uid=survivor.uid)
    return go(request.endpoint, **{**(request.view_args or {}), "uid": survivor.uid})


def crumbs_of(patient: Patient) -> list[tuple[Any, str]]:
    """The way back to a chart."""
    return [
        (_("Patients"), url_for("patients.index")),
        (patient.name, url_for("patients.show", uid=patient.uid)),
    ]


def present_place() -> Place | None:
    """Where the reader works at this moment; new patients belong there."""
    place = current_actor().place
    return Place.get_or_none(Place.id == place) if place is not None else None
