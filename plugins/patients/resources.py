"""Patients and kinds of identifiers as nouns: lists, files and the API; the desk's own pages are in `views`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.actors import Actor
from core.resources import Acts, Choice, Email, Fact, Line, Phone, Resource, Section, Sort
from core.texts import _
from plugins.patients.models import Patient
from plugins.patients.permissions import EDIT, REGISTER, VIEW
from plugins.patients.services.details import AddressDetails, PatientDetails, TelecomDetails
from plugins.patients.services.listing import areas, first_emails, first_phones, words_condition
from plugins.patients.services.registering import edit_patient, register_patient, retire_patient
from plugins.patients.wording import LANGUAGES, SEXES

Values = Mapping[str, Any]
PRECISIONS = {
    "": _("As written"), "day": _("To the day"), "month": _("To the month"), "year": _("To the year"),
    "estimated": _("Worked out from an age"),
}  # fmt: skip
OWN = ("name", "called", "sex", "born_on", "born_precision", "language", "is_deceased", "deceased_at", "place")
DOORS = frozenset({"list", "bulk", "export", "import", "api", "pick"})
# Where the desk's own pages stand in for the generic ones.
PAGES = {"show": "show", "new": "register", "edit": "edit", "retire": "retire"}


def languages() -> dict[str, str]:
    """The languages patients are spoken to in, by code."""
    return {code: code for code in LANGUAGES}


def register(values: Values, by: Actor, idempotency_key: str | None = None, is_new: bool = False) -> Patient:
    """Enter a person with what a file or a program says of them; `is_new` though somebody is very like them."""
    own = {name: values[name] for name in OWN if values.get(name) is not None}
    reached = [(values.get("phone"), "phone"), (values.get("email"), "email")]
    address = AddressDetails(area=values.get("area") or "")
    details = PatientDetails(
        **{"born_precision": "day", **own},
        telecoms=tuple(TelecomDetails(value, kind) for value, kind in reached if value),
        addresses=() if address.is_empty else (address,),
    )
    made: Patient = register_patient(details, by=by, is_new=is_new, is_complete=False, idempotency_key=idempotency_key)
    return made


def change(
    patient: Patient, values: Values, by: Actor, version: int | None = None, idempotency_key: str | None = None
) -> Patient:
    """Change a patient's own facts."""
    before = PatientDetails(
        **{name: getattr(patient, name) for name in OWN}, name_parts=patient.name_parts,
        further_languages=tuple(patient.further_languages or ()), is_multiple_birth=patient.is_multiple_birth,
        birth_order=patient.birth_order, preferred_way=patient.preferred_way,
        is_unidentified=patient.is_unidentified,
    )  # fmt: skip
    details = replace(before, **values)
    if details.name != patient.name:
        details = replace(details, name_parts=None)
    changed: Patient = edit_patient(patient, details, by=by, version=version, idempotency_key=idempotency_key)
    return changed


PATIENTS = Resource(
    model=Patient,
    title=_("All patients"),
    one=_("Patient"),
    path="all",
    icon="people",
    facts=(
        Fact("name", _("Name"), required=True, help=_("As the person writes it.")),
        Fact("number", _("Number"), is_asked=False),
        Fact("called", _("Called")),
        Fact("born_on", _("Born")),
        Fact("born_precision", _("Birth date known"), Choice(PRECISIONS)),
        Fact("sex", _("Sex"), Choice(SEXES), default="unknown"),
        Fact("phone", _("Phone"), Phone(), load=first_phones, once=True),
        Fact("email", _("E-mail"), Email(), load=first_emails, once=True),
        Fact("area", _("Area"), Line(120), load=areas, once=True),
        Fact("language", _("Language"), Choice(languages)),
        Fact("place", _("Registered at")),
        Fact("is_deceased", _("Has died")),
        Fact("deceased_at", _("Died")),
        Fact("created_on", _("Registered"), column="created_at", is_asked=False),
    ),
    columns=("name", "number", "born_on", "sex", "phone", "area", "created_on"),
    facets=("sex", "place", "is_deceased", "born_on"),
    sorts=(
        Sort("newest", _("Registered last"), "id", falls=True),
        Sort("name", _("Name"), by="words"),
        Sort("number", _("Number")),
        Sort("born", _("Born"), by="born_on"),
    ),
    search=words_condition,
    sections=(Section(_("Person"), ("name", "called", "born_on", "born_precision", "sex", "language"), "person"),),
    acts=Acts(
        register, change, retire_patient, may_create=REGISTER, may_edit=EDIT, may_retire=EDIT, confirms=("is_new",)
    ),
    identified_by=("number",),
    doors=DOORS,
    pages=PAGES,
    view=VIEW,
    about=_("Everybody in the register."),
)

RESOURCES = (PATIENTS,)
