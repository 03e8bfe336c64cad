"""The facts a hospital has added to its patients, on the chart: one box for each section they stand in."""

from typing import Any

from core.actors import Actor
from core.contributions import Panel
from core.resources.catalogue import readable, sections_here
from core.resources.custom.here import here
from core.resources.writing import values_of
from plugins.patients.models import Patient
from plugins.patients.resources import PATIENTS


def further_boxes(patient: Patient, by: Actor) -> list[Panel]:
    """The boxes of the hospital's own facts, as far as the reader may know them; nothing where none was answered."""
    own = here(PATIENTS).custom
    if not own:
        return []
    known = {name: fact for name, fact in readable(PATIENTS, by).items() if name in own}
    said = values_of(PATIENTS, patient, tuple(known))
    found = []
    for part in sections_here(PATIENTS):
        facts = [(known[name].label, words_of(known[name], said[name])) for name in part.facts if name in known]
        facts = [(label, words) for label, words in facts if words]
        if facts:
            found.append(
                Panel(
                    template="patients/panels/further.html", title=part.title, key=f"further-{part.key}", order=55,
                    context={"facts": facts},
                )
            )  # fmt: skip
    return found


def words_of(fact: Any, value: Any) -> str:
    """A value as people read it."""
    return str(fact.kind.words(value))
