"""A narrowing of what is visible: plugins can narrow, never widen."""

from core.hooks import hookimpl
from core.registry import Manifest
from core.texts import _
from plugins.patients.api import Patient

manifest = Manifest(
    name="trainees",
    title=_("Trainees"),
    version="0.1.0",
    requires={"patients": ">=0.1"},
    summary=_("People in training see the patients they registered themselves."),
    asks=_("Reads who registered a patient. Writes nothing. Contacts nobody."),
)


@hookimpl()
def visibility_narrowings(model, by):
    """Narrow patients for whoever holds the role of a trainee."""
    if model is Patient and "trainee" in by.roles:
        return Patient.created_by == by.uid
    return None
