"""The register's blueprint, and what its pages share."""

from typing import Any

from flask import url_for

from core.places.models import Place
from core.roles import get_visible
from core.texts import _
from core.web import MedleyBlueprint, current_actor
from plugins.patients.models import Patient
from plugins.patients.permissions import VIEW

blueprint = MedleyBlueprint("patients", "plugins.patients")


def visible_patient(uid: str) -> Patient:
    """The patient of this uid, if the reader may see them."""
    return get_visible(Patient, uid, current_actor(), permission=VIEW)


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
