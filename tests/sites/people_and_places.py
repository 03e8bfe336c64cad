"""Two hospitals, two facilities in one of them, and patients of each with one of everything."""

import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core.places import services as places
from core.places.models import Place
from core.places.services import PlaceDetails
from core.sites import Site
from core.storage import all_models
from core.testing.house import HOUSE, House, Visitor
from plugins.patients.api import (
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    IdentifierType,
    NameDetails,
    Patient,
    PatientDetails,
    TelecomDetails,
    register_patient,
)
from plugins.patients.services.family import RelationDetails, add_relation
from plugins.patients.services.flags import flag_patient
from plugins.patients.services.identifiers import TypeDetails, add_identifier_type
from plugins.patients.services.papers import DocumentDetails, add_document, receive_page
from plugins.patients.services.printing import label_of

ROLES = ("receptionist", "records_officer", "doctor", "nurse")


@dataclass
class Town:
    """Everything the tests of isolation need."""

    house: House
    harbour: Site
    lake: Site
    own: str
    neighbour: str
    stranger: str
    parts: dict[str, dict[str, str]]
    clerk: Visitor


def build(folder: Path) -> Town:
    """Harbour has two clinics with a patient each; Lake is another hospital with one. The clerk works at one clinic."""
    house = House(folder)
    harbour = house.site("harbour", plugins=["patients", "fhir", "api"])
    lake = house.site("lake", plugins=["patients", "fhir", "api"])
    with harbour.activate():
        east = places.add_place(PlaceDetails(kind="facility", name="East clinic"), by=HOUSE)
        west = places.add_place(PlaceDetails(kind="facility", name="West clinic"), by=HOUSE)
        own = somebody("Olga Own", 1, east)
        neighbour = somebody("Nina Neighbour", 2, west)
        parts = parts_of(neighbour) | parts_of(own)
    with lake.activate():
        place = places.add_place(PlaceDetails(kind="facility", name="Lake clinic"), by=HOUSE)
        stranger = somebody("Sara Stranger", 3, place)
        parts |= parts_of(stranger)
    with harbour.activate():
        here = Place.get(Place.name == "East clinic")
    clerk = house.visitor(harbour, house.person(harbour, "Clara Clerk", *ROLES, place=here))
    return Town(house, harbour, lake, own.uid, neighbour.uid, stranger.uid, parts, clerk)


def somebody(name: str, number: int, place: Place) -> Patient:
    """A patient with one of everything, whose texts all carry their own name."""
    kind = IdentifierType.get_or_none() or make_kind()
    details = PatientDetails(
        name=name, sex="female", born_on=date(1980, number, number), place=place, language="sw",
        names=(NameDetails(f"{name} Maiden", use="maiden"),),
        identifiers=(IdentifierDetails(kind, f"ID{number}000{number}"),),
        telecoms=(TelecomDetails(f"+25471255500{number}"),),
        addresses=(AddressDetails(lines=f"{name} street", city="Mombasa"),),
        contacts=(ContactDetails(name=f"{name} Kin", phone=f"+25472255500{number}"),),
    )  # fmt: skip
    patient = register_patient(details, by=HOUSE, is_new=True)
    flag_patient(patient, f"{name} falls", by=HOUSE)
    add_relation(patient, RelationDetails("carer", contact=ContactDetails(name=f"{name} Aunt")), by=HOUSE)
    scan = receive_page(f"{name}.pdf", io.BytesIO(label_of(patient, HOUSE).content))
    add_document(patient, DocumentDetails("letter", f"{name} letter"), [scan], by=HOUSE)
    return patient


def make_kind() -> IdentifierType:
    """A kind of number for a site that has none."""
    return add_identifier_type(TypeDetails(key="national", label="National identity"), by=HOUSE)


def parts_of(patient: Patient) -> dict[str, dict[str, str]]:
    """The uids of everything that belongs to a patient, by kind, found through the registry of models."""
    found: dict[str, str] = {}
    for model in all_models():
        if model._meta.root == "patient":
            for row in model.select().where(model.patient == patient):
                found[model._meta.noun] = row.uid
    return {patient.uid: found}
