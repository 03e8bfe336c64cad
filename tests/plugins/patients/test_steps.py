"""The pages opened all day take no more steps than they must. Steps are counted, for time depends on the machine."""

import io
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import CO_GENERATOR
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from jinja2.runtime import Macro
from peewee import Database

from core.sites import Site
from core.testing import House, Visitor
from core.testing.house import HOUSE
from core.web.environment import HouseTemplates
from plugins.patients.models import Address, ContactPerson, Flag, Identifier, Patient, PatientName, Telecom
from plugins.patients.services.details import (
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    NameDetails,
    TelecomDetails,
)
from plugins.patients.services.family import RelationDetails, add_relation
from plugins.patients.services.flags import flag_patient
from plugins.patients.services.papers import DocumentDetails, add_document, receive_page
from plugins.patients.services.registering import register_patient
from tests.plugins.patients.conftest import PatientDetails, clerk, kind

ROWS = 4
HOUSE_FOLDER = Path(__file__).parents[3]
OURS = (str(HOUSE_FOLDER / "core"), str(HOUSE_FOLDER / "plugins"))
# What it is on SQLite; the others take a few less.
MOST_CALLS = 820


@pytest.fixture
def patient(house: House, site_anywhere: Site) -> Patient:
    """Somebody with several rows of every kind on their chart."""
    with site_anywhere.activate(door="cli"):
        card = kind(key="any", label="Some card", check_digit="")
        details = PatientDetails(
            name="Neema Maina", sex="female",
            names=tuple(NameDetails(f"Neema {n}") for n in range(ROWS)),
            telecoms=tuple(TelecomDetails(value=f"071255501{n}") for n in range(ROWS)),
            addresses=tuple(AddressDetails(area=f"Area {n}") for n in range(ROWS)),
            contacts=tuple(ContactDetails(name=f"Aunt {n}") for n in range(ROWS)),
            identifiers=tuple(IdentifierDetails(card, f"A{n}") for n in range(ROWS)),
        )  # fmt: skip
        found = register_patient(details, by=clerk(), is_new=True, is_complete=False)
        for n in range(ROWS):
            flag_patient(found, f"Beware {n}", by=HOUSE)
        for model in (PatientName, Telecom, Address, ContactPerson, Identifier, Flag):
            assert model.select().where(model.patient == found).count() == ROWS
        return found


@pytest.fixture
def doctor(house: House, site_anywhere: Site) -> Visitor:
    """Somebody who may see everything a chart offers."""
    return house.visitor(site_anywhere, house.person(site_anywhere, "Farah Siddiqui", "doctor", "receptionist"))


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Count statements, templates filled in and macros called inside the block."""
    steps: Counter[str] = Counter()

    def counting(owner: type, method: str, name_of: Callable[..., str]) -> None:
        original = getattr(owner, method)

        def called(*args: Any, **options: Any) -> Any:
            steps[name_of(*args)] += 1
            return original(*args, **options)

        patches.setattr(owner, method, called)

    with monkeypatch.context() as patches:
        counting(Database, "_execute_cursor", lambda _database, sql, *_values: words_of(sql))
        counting(HouseTemplates, "filled", lambda _environment, name, *_facts: f"fills {name}")
        counting(Macro, "__call__", lambda macro, *_args: f"calls {macro.name}")
        yield steps


def words_of(sql: str) -> str:
    """A statement by its verb and the first table it names."""
    found = re.search(r"""\b(?:FROM|INTO)\s+["`]?(\w+)""", sql)
    return f"{sql.lstrip('( ').split()[0]} {found[1] if found else ''}".strip()


def test_a_chart_asks_three_questions_and_writes_one_row_however_much_it_shows(
    doctor: Visitor, patient: Patient, monkeypatch: pytest.MonkeyPatch
):
    doctor.get(f"/patients/{patient.uid}")
    with counted(monkeypatch) as steps:
        page = doctor.get(f"/patients/{patient.uid}").get_data(as_text=True)
    assert page.count("Take away") == 5 * ROWS
    assert {step: number for step, number in steps.items() if step.split()[0].isupper()} == {
        "SELECT core_site_state": 1,
        "SELECT patients_patient": 1,
        "SELECT patients_flag": 1,
        "INSERT core_read": 1,
    }


def test_family_and_papers_on_a_chart_cost_no_question_more(
    doctor: Visitor, patient: Patient, monkeypatch: pytest.MonkeyPatch
):
    with doctor.site.activate(door="cli"):
        for n in range(ROWS):
            details = PatientDetails(name=f"Child Number{n}")
            child = register_patient(details, by=clerk(), is_new=True, is_complete=False)
            add_relation(patient, RelationDetails("child", child), by=HOUSE)
            letter = receive_page("letter.txt", io.BytesIO(b"Dear colleague"))
            add_document(patient, DocumentDetails("letter", f"Letter {n}"), [letter], by=HOUSE)
    doctor.get(f"/patients/{patient.uid}")
    with counted(monkeypatch) as steps:
        page = doctor.get(f"/patients/{patient.uid}").get_data(as_text=True)
    assert all(f"Child Number{n}" in page and f"Letter {n}" in page for n in range(ROWS))
    assert {step: number for step, number in steps.items() if step.split()[0].isupper()} == {
        "SELECT core_site_state": 1,
        "SELECT patients_patient": 1,
        "SELECT patients_flag": 1,
        "INSERT core_read": 1,
    }


def test_a_chart_is_filled_in_without_macros(doctor: Visitor, patient: Patient, monkeypatch: pytest.MonkeyPatch):
    doctor.get(f"/patients/{patient.uid}")
    with counted(monkeypatch) as steps:
        doctor.get(f"/patients/{patient.uid}")
    assert {step for step in steps if not step.split()[0].isupper()} == {
        "fills patients/show.html",
        "fills patients/panels/reach.html",
        "fills patients/panels/contacts.html",
        "fills patients/panels/family.html",
        "fills patients/panels/papers.html",
        "fills patients/panels/identifiers.html",
    }


def test_a_search_asks_as_much_for_many_as_for_few(doctor: Visitor, patient: Patient, monkeypatch: pytest.MonkeyPatch):
    def enter(names: range) -> None:
        with doctor.site.activate(door="cli"):
            for n in names:
                details = PatientDetails(name=f"Neema Number{n}")
                register_patient(details, by=clerk(), is_new=True, is_complete=False)

    asked = {"q": "neem"}
    enter(range(3))
    doctor.get("/patients/")
    doctor.post("/patients/", asked)
    with counted(monkeypatch) as few:
        doctor.post("/patients/", asked)
    enter(range(3, 15))
    with counted(monkeypatch) as many:
        page = doctor.post("/patients/", asked).get_data(as_text=True)
    assert page.count('class="m-lead"') == 16
    assert many == few
    assert {step: number for step, number in many.items() if step.split()[0].isupper()} == {
        "SELECT core_site_state": 1,
        "SELECT patients_search_token": 2,
        "SELECT patients_patient": 1,
        "SELECT patients_telecom": 1,
        "INSERT core_read": 1,
    }
    assert {step for step in many if not step.split()[0].isupper()} == {"fills patients/index.html"}


def test_rows_of_a_chart_cost_no_calls_but_their_values(
    doctor: Visitor, patient: Patient, monkeypatch: pytest.MonkeyPatch
):
    """What the house's own functions are called for a chart, counted: a row of twenty-four may not cost twenty."""
    doctor.get(f"/patients/{patient.uid}")
    calls = 0

    def count(frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        code = frame.f_code
        calls += event == "call" and code.co_filename.startswith(OURS) and not code.co_flags & CO_GENERATOR

    sys.setprofile(count)
    try:
        doctor.get(f"/patients/{patient.uid}")
    finally:
        sys.setprofile(None)
    assert calls <= MOST_CALLS
