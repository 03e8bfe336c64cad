"""What the register of patients gives to the rest of the house."""

from core.contributions import DemoData, NavItem, PaletteSource, Panel
from core.hooks import hookimpl
from core.registry import Manifest
from core.texts import _
from plugins.patients.demo import load_patients
from plugins.patients.fhir import PatientMapping
from plugins.patients.fhir_out import PatientWriting
from plugins.patients.fhir_papers import PaperMapping, PaperWriting
from plugins.patients.further import further_boxes
from plugins.patients.home import home_card
from plugins.patients.merging_own import OwnFacts
from plugins.patients.models import Patient
from plugins.patients.palette import find_for_palette, seen_last_for_palette
from plugins.patients.permissions import COUNT, MERGE, PERMISSIONS, VIEW
from plugins.patients.resources import RESOURCES
from plugins.patients.services.boxes import boxes_of
from plugins.patients.services.sensitive import narrowing_for

manifest = Manifest(
    name="patients",
    title=_("Patients"),
    version="0.1.0",
    uses={"fhir": ">=0.1"},
    summary=_("Find people, register them once, and keep one chart for each."),
    asks=_("Reads and writes the register of patients. Contacts nobody."),
    icon="people",
)


@hookimpl()
def permissions():
    return PERMISSIONS


@hookimpl()
def navigation():
    return [
        NavItem(
            label=_("Patients"), endpoint="patients.index", icon="people", group="patients", permission=VIEW,
            order=10, on_phone=True,
        ),
        NavItem(
            label=_("In the register twice?"), endpoint="patients.twice", icon="people", group="patients",
            permission=MERGE, order=20,
        ),
        NavItem(
            label=_("Figures about the register"), endpoint="patients.statistics", icon="bar-chart", group="insight",
            permission=COUNT, order=10,
        ),
    ]  # fmt: skip


@hookimpl()
def resources():
    return RESOURCES


@hookimpl()
def palette_sources():
    return [
        PaletteSource(
            title=_("Patients"), permission=VIEW, search=find_for_palette, recent=seen_last_for_palette, order=10
        )
    ]


@hookimpl()
def home_cards(by) -> list[Panel]:
    return home_card(by)


@hookimpl(order=10)
def patients_panels(patient: Patient, by) -> list[Panel]:
    return [*boxes_of(patient, by), *further_boxes(patient, by)]


@hookimpl()
def patients_merge_facts():
    return [OwnFacts()]


@hookimpl()
def visibility_narrowings(model, by):
    return narrowing_for(model, by)


@hookimpl(optional=True)
def fhir_mappings():
    return [PatientMapping(), PaperMapping()]


@hookimpl(optional=True)
def fhir_writings():
    return [PatientWriting(), PaperWriting()]


@hookimpl()
def demo_data():
    return [DemoData(title=_("Patients"), load=load_patients, order=20)]
