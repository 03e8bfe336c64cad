"""Bringing the register in from a file where some are very like people who are there already."""

import csv
import io
from datetime import date

import pytest

from core.errors import NotFound, Refused
from core.resources import resource_named
from core.resources.importing.models import Import
from core.resources.importing.questions import answer_question, questions_of
from core.resources.importing.rest import rest_pieces
from core.resources.importing.services import begin_import, map_columns, problems_of, send_file
from core.testing.house import HOUSE
from plugins.patients.models import Patient
from plugins.patients.services.details import PatientDetails
from plugins.patients.services.registering import register_patient
from tests.core.resources.files.tables import run_jobs

FILE = (
    "Name,Born,Sex\r\nAmina Wanjiku Otieno,1980-05-17,female\r\nJonas Berg,1971-01-02,male\r\n"
    "Amina Wanjiku Otieno,1980-05-17,female\r\nPeter Kamau,1999-12-30,male\r\n"
)


@pytest.fixture
def tested(site):
    """A file of which three rows are new and one is very like somebody; the second of the two comes up when it runs."""
    with site.activate(door="web") as activation:
        activation.actor = HOUSE
        details = PatientDetails(name="Amina Wanjiku Otieno", born_on=date(1980, 5, 17), sex="female")
        register_patient(details, by=HOUSE)
        found = send_file(resource_named("patients.patient"), "people.csv", io.BytesIO(FILE.encode()), HOUSE)
        map_columns(found, resource_named("patients.patient"), found.mapping, "add", False, by=HOUSE)
        run_jobs(site)
        yield site, Import.get_by_id(found.id)


def names():
    return sorted(one.name for one in Patient.select())


def test_the_wizard_shows_the_rows_it_asks_about_beside_what_is_wrong(tested):
    _site, found = tested
    (question,) = questions_of(found)
    assert question.asks == "is_new" and question.count == 2
    assert question.words.startswith("Is this a new person?")
    assert [row["line"] for row in question.rows] == [2, 4]
    assert question.rows[0]["cells"][0] == "Amina Wanjiku Otieno"
    assert problems_of(found) == []


@pytest.mark.parametrize(
    ("choice", "amount", "counts", "left"),
    [
        ("yes", 5, {"created": 4}, 0),
        ("skip", 3, {"created": 2, "skipped": 2}, 0),
        ("", 3, {"created": 2, "wrong": 2}, 2),
    ],
)
def test_rows_come_in_are_passed_over_or_stay_to_be_downloaded(tested, choice, amount, counts, left):
    site, found = tested
    assert answer_question(found, "is_new", choice, by=HOUSE) == 2
    begin_import(Import.get_by_id(found.id), by=HOUSE)
    run_jobs(site)
    done = Import.get_by_id(found.id)
    assert done.state == "done"
    assert {name: done.counts.get(name, 0) for name in counts} == counts
    assert len(names()) == amount
    rest = list(csv.reader(io.StringIO("".join(rest_pieces(done)).lstrip("\ufeff"))))
    assert len(rest) - 1 == left


def test_one_row_is_answered_otherwise_than_the_rest(tested):
    site, found = tested
    answer_question(found, "is_new", "skip", by=HOUSE)
    answer_question(found, "is_new", "yes", by=HOUSE, line=4)
    begin_import(Import.get_by_id(found.id), by=HOUSE)
    run_jobs(site)
    assert Import.get_by_id(found.id).counts["created"] == 3
    assert names().count("Amina Wanjiku Otieno") == 2


def test_nobody_answers_what_was_not_asked_or_too_late(tested):
    site, found = tested
    for wrong in [("is_old", "yes"), ("", "yes")]:
        with pytest.raises(NotFound):
            answer_question(found, *wrong, by=HOUSE)
    with pytest.raises(Refused):
        answer_question(found, "is_new", "perhaps", by=HOUSE)
    begin_import(found, by=HOUSE)
    run_jobs(site)
    with pytest.raises(Refused):
        answer_question(Import.get_by_id(found.id), "is_new", "yes", by=HOUSE)


def test_the_page_lets_the_clerk_say_it(house, site, tested):
    clerk = house.visitor(site, house.person(site, "Clerk", "administrator", "receptionist"))
    clerk.get("/patients/all/import")
    sent = {"file": (io.BytesIO(FILE.encode()), "people.csv")}
    columns = clerk.post("/patients/all/import", sent, content_type="multipart/form-data").location
    clerk.get(columns)
    chosen = {"column_0": "name", "column_1": "born_on", "column_2": "sex", "mode": "add"}
    shown = clerk.post(columns, chosen).location
    run_jobs(site)
    page = clerk.get(shown).get_data(as_text=True)
    assert "2 rows need an answer" in page and "Is this a new person?" in page and "Amina Wanjiku Otieno" in page
    said = {"act": "say", "asks": "is_new", "choice": "yes"}
    assert clerk.post(f"{shown}/go", said).status_code == 303
    assert "So far: 2 come in, 0 are passed over" in clerk.get(shown).get_data(as_text=True)
    clerk.post(f"{shown}/go", {**said, "choice": "skip", "line": "4"})
    assert "So far: 1 come in, 1 are passed over" in clerk.get(shown).get_data(as_text=True)
