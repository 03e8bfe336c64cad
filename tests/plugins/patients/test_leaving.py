"""A person gets everything that is kept about them, and can be erased: nothing of them is left anywhere (A-34)."""

import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.actors import Actor
from core.acts import OPEN, act
from core.cli.main import cli
from core.errors import Forbidden, Refused
from core.sites import Site, current, current_site
from core.storage.about import texts_with
from core.storage.journal.positions import broken_rows, seal_all
from core.storage.journal.reads import flush_reads, read_store
from core.testing.house import HOUSE, House
from plugins.patients.models import Erasure, Patient, SearchToken, SpellingWord
from plugins.patients.services.details import (
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    NameDetails,
    PatientDetails,
    TelecomDetails,
)
from plugins.patients.services.erasing import ask_erasure, erase_patient, look_at_erasure
from plugins.patients.services.finding import find_patients
from plugins.patients.services.flags import flag_patient
from plugins.patients.services.giving import give_data, pack
from plugins.patients.services.merging.acts import merge_patients
from plugins.patients.services.merging.prospect import pointers
from plugins.patients.services.papers import DocumentDetails, add_document, receive_page
from plugins.patients.services.registering import register_patient
from tests.plugins.patients.conftest import clerk, kind
from tests.plugins.patients.everything import build_vendors, fill_every_table, run

TOLD = ("Zebedayo Kwachukwa", "Zebbie Kwachukwa", "991177", "0712 998 877", "zeb@example.org", "44 Anchor Street")
RARE = "kwachukwa"


def somebody(number: str = "991177") -> Patient:
    """A person with something in every table of the register, whom somebody has looked for and looked at."""
    details = PatientDetails(
        TOLD[0], sex="male", born_on=date(1977, 3, 2), names=(NameDetails(TOLD[1]),),
        identifiers=(IdentifierDetails(kind(check_digit=""), number),),
        telecoms=(TelecomDetails(TOLD[3]), TelecomDetails(TOLD[4], "email")),
        addresses=(AddressDetails(TOLD[5], city="Mombasa"),),
        contacts=(ContactDetails("Ann Kwachukwa", phone="0733 1"),),
    )  # fmt: skip
    patient = register_patient(details, by=HOUSE, is_new=True, is_complete=False)
    flag_patient(patient, "Zebedayo Kwachukwa may fall", by=HOUSE)
    page = receive_page("letter.txt", io.BytesIO(b"Dear Zebedayo Kwachukwa"))
    add_document(patient, DocumentDetails("letter", "To Zebedayo Kwachukwa"), [page], by=HOUSE)
    current().actor = clerk()
    find_patients("Zebedayo Kwachukwa", by=clerk())
    flush_reads()
    return patient


@act("patients.fill_to_leave", permission=OPEN)
def fill(patient: Patient, by: Actor) -> None:
    """A row in every table."""
    fill_every_table(patient)


def test_the_archive_holds_every_table_every_file_and_who_looked(site_anywhere: Site) -> None:
    with site_anywhere.activate(door="web"):
        build_vendors(site_anywhere)
        patient = somebody()
        register_patient(PatientDetails("Somebody Else"), by=HOUSE, is_new=True, is_complete=False)
        run("UPDATE patients_patient SET number = 'stranger' WHERE name = 'Somebody Else'")
        fill(patient, by=HOUSE)
        other = register_patient(PatientDetails("Zeb Other"), by=HOUSE, is_new=True, is_complete=False)
        merge_patients(Patient.get_by_id(patient.id), other, "one card", by=HOUSE)
        into = io.BytesIO()
        give_data(patient, "came with his passport", by=HOUSE)
        counted = pack(Patient.get_by_id(patient.id), HOUSE, into)
        archive = zipfile.ZipFile(into)
        names = set(archive.namelist())
        # Every table that can point at a person is in it, those of absent plugins too.
        for pointer in pointers():
            assert counted.get(pointer.table), pointer.table
            assert f"rows/{pointer.table}.json" in names, pointer.table
        people = json.loads(archive.read("rows/patients_patient.json"))
        assert {row["name"] for row in people} == {TOLD[0], "Zeb Other"}
        assert "Somebody Else" not in json.dumps(people)
        files = [name for name in names if name.startswith("files/")]
        assert any(archive.read(name) == b"Dear Zebedayo Kwachukwa" for name in files)
        changes = json.loads(archive.read("audit/changes.json"))
        assert {"patients.register", "patients.merge", "patients.give_data"} <= {one["act"] for one in changes}
        looks = json.loads(archive.read("audit/looks.json"))
        assert [(one["who"], one["kind"]) for one in looks] == [("clerk", "search")]
        assert {"README.txt", "summary.pdf"} <= names
        with pytest.raises(Forbidden):
            pack(patient, Actor("person", "x", "X"), io.BytesIO())


def test_after_an_erasure_nothing_of_the_person_is_left(site_anywhere: Site) -> None:
    one, two = Actor("person", "one", "One", HOUSE.permissions), Actor("person", "two", "Two", HOUSE.permissions)
    with site_anywhere.activate(door="web"):
        build_vendors(site_anywhere)
        patient = somebody()
        run("INSERT INTO vendor_badge (patient_id, code) VALUES (?, ?)", patient.id, "badge 7")
        twin = register_patient(PatientDetails("Anna Kwachukwa-Otieno"), by=HOUSE, is_new=True, is_complete=False)
        files = sorted(path for path in (site_anywhere.folder / "files").glob("*/*/*"))
        assert files
        number, tokens = patient.number, SearchToken.select().where(SearchToken.owner_id == patient.id).count()
        assert tokens
        prospect = look_at_erasure(patient)
        assert {plugin for _label, plugin, _count in prospect.stays} == {"vendor"}
        assert prospect.files == 1

        asked = ask_erasure(patient, "asked in writing", by=one)
        with pytest.raises(Refused, match="Somebody else"):
            erase_patient(asked, by=one)
        with pytest.raises(Forbidden):
            erase_patient(asked, by=Actor("person", "three", "Three"))
        done = erase_patient(asked, by=two)

        # Nothing in any table, in no file, in no token, in no word of any search.
        assert texts_with([*TOLD, "712998877", "+254712998877"]) == {}
        assert done.certificate["left"] == {}
        assert SearchToken.select().where(SearchToken.owner_id == patient.id).count() == 0
        assert not list((site_anywhere.folder / "files").glob("*/*/*"))
        rows = read_store(current_site()).database.execute_sql("SELECT shown, uids FROM core_read").fetchall()
        assert not any(RARE in shown.lower() for shown, _uids in rows)
        assert any(patient.uid in uids for _shown, uids in rows), "who was shown them stays"
        assert find_patients("zebedayo", by=clerk()).hits == find_patients(number, by=clerk()).hits == ()
        # What the law keeps points at a record that says nothing; the journal still proves whole; others are untouched.
        kept = Patient.get_by_id(patient.id)
        assert (kept.name, kept.born_on, kept.words, kept.is_retired) == ("–", None, "", True)
        assert done.certificate["stays"] == [["Badge", "vendor", 1]]
        seal_all()
        assert broken_rows() == []
        assert [hit.uid for hit in find_patients("anna", by=clerk()).hits] == [twin.uid]
        assert SpellingWord.select().where(SpellingWord.word == RARE).exists()  # his sister bears it too
        assert not SpellingWord.select().where(SpellingWord.word == "zebedayo").exists()
        with pytest.raises(Refused):
            erase_patient(Erasure.get_by_id(done.id), by=two)


def test_only_the_words_of_a_search_can_be_blanked(site_anywhere: Site) -> None:
    with site_anywhere.activate(door="web"):
        somebody()
        database = read_store(current_site()).database
        for statement in (
            "UPDATE core_read SET shown = 'another'", "UPDATE core_read SET actor_uid = 'x', shown = ''",
            "UPDATE core_read SET uids = '[]'", "DELETE FROM core_read",
        ):  # fmt: skip
            with pytest.raises(Exception, match="append-only"):
                database.execute_sql(statement)
            if database is current_site().database:
                database.execute_sql("ROLLBACK")


def test_two_people_erase_on_the_page(house: House, site: Site) -> None:
    rose, ruth = (
        house.visitor(site, house.person(site, name, "records_officer")) for name in ("Rose Records", "Ruth Records")
    )
    with site.activate(door="test"):
        patient = somebody()
    at = f"/patients/{patient.uid}/erase"
    assert "Stays, without a name" in rose.get(at).text
    assert rose.post(at, {"reason": "asked in writing"}).status_code == 303
    assert rose.post(f"{at}/do").status_code == 422
    answer = ruth.post(f"{at}/do")
    assert answer.status_code == 303
    page = ruth.get(answer.location)
    assert "None was found in any table" in page.text
    assert "Zebedayo" not in ruth.get(f"/patients/{patient.uid}").text
    with site.activate(door="test"):
        other = register_patient(PatientDetails("Amina Yusuf"), by=HOUSE, is_complete=False)
    answer = rose.post(f"/patients/{other.uid}/give", {"reason": "came with her passport"})
    assert answer.mimetype == "application/zip"
    assert "summary.pdf" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()


def test_the_command_writes_the_archive(house: House, site: Site, tmp_path: Path) -> None:
    with site.activate(door="cli"):
        patient = somebody()
        with (tmp_path / "a.zip").open("wb") as into:
            assert pack(patient, HOUSE, into)["patients_patient"] == 1
    environment = {
        "MEDLEY_DATA_FOLDER": str(house.config.data_folder), "MEDLEY_KEYS_FILE": str(house.config.keyring_path),
    }  # fmt: skip

    def export(number: str):
        words = ["export", "person", number, "-o", str(tmp_path / "b.zip"), "--reason", "asked in writing"]
        return CliRunner().invoke(cli, [*words, "--site", "harbour"], env=environment)

    assert export("nobody").exit_code == 1, export("nobody").output
    assert not (tmp_path / "b.zip").exists()
    done = export(patient.number)
    assert done.exit_code == 0, done.output
    archive = zipfile.ZipFile(tmp_path / "b.zip")
    assert json.loads(archive.read("rows/patients_patient.json"))[0]["name"] == TOLD[0]
    changes = json.loads(archive.read("audit/changes.json"))
    assert [(one["door"], one["reason"]) for one in changes if one["act"] == "patients.give_data"] == [
        ("cli", "asked in writing")
    ]
