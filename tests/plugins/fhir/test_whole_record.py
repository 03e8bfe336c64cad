"""Photo, papers and the hospital's own facts travel with a record as FHIR, and come back by the acts people use."""

import io
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from core.actors import Actor, Grant
from core.cli.main import cli
from core.errors import Refused
from core.resources.custom.checking import FieldDetails
from core.resources.custom.defining import add_field, edit_field, retire_field
from core.resources.custom.models import CustomField
from core.resources.writing import edit_record, values_of
from core.sites import Site
from core.storage import StoredFile, files_of
from core.storage.files import store_of_site
from core.storage.journal.reads import flush_reads, read_store
from core.storage.money import Money
from core.testing.house import HOUSE, House
from plugins.fhir.services.exporting import bundle_of, left_out_of
from plugins.fhir.services.importing import Choices, Report, import_files
from plugins.patients import fhir_papers
from plugins.patients.models import Document, Patient
from plugins.patients.resources import PATIENTS
from plugins.patients.services.details import PatientDetails
from plugins.patients.services.misfiled import move_entry
from plugins.patients.services.papers import (
    DocumentDetails,
    add_document,
    documents_of,
    photo_of,
    receive_page,
    receive_photo,
    retire_document,
    set_photo,
)
from plugins.patients.services.registering import register_patient
from plugins.patients.services.sensitive import mark_sensitive, open_sensitive

CHOICES = [{"code": "a", "title": "Choir"}, {"code": "b", "title": "Band"}]
FIELDS: dict[str, tuple[str, dict[str, object]]] = {
    "clan": ("line", {}), "story": ("text", {}), "herd": ("whole", {}), "height": ("decimal", {"places": 3}),
    "dose": ("quantity", {"unit": "mg", "places": 2}), "fee": ("money", {}), "fasts": ("yes_no", {}),
    "group": ("choice", {"choices": CHOICES}), "groups": ("several", {"choices": CHOICES}), "came": ("day", {}),
    "woke": ("moment", {}), "mail": ("email", {}), "call": ("phone", {}), "much": ("decimal", {"places": 6}),
}  # fmt: skip
SAID = {
    "clan": "Mijikenda", "story": "Two\nlines", "herd": 41, "height": Decimal("1.635"), "dose": Decimal("12.5"),
    "fee": Money(Decimal("12.50"), "KES"), "fasts": False, "group": "b", "groups": ["a", "b"],
    "came": date(2020, 2, 29), "woke": datetime(2020, 5, 6, 7, 8, tzinfo=UTC), "mail": "a@example.org",
    "call": "+254712555018", "much": Decimal("123456789012.123457"),
}  # fmt: skip
CLERK = frozenset({"patients.view", "fhir.export"})


def picture(color: str = "teal", size: tuple[int, int] = (900, 600)) -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", size, color).save(stream, "JPEG")
    stream.seek(0)
    return stream


def hospital(house: House, name: str, fields: dict[str, tuple[str, dict[str, object]]] = FIELDS) -> Site:
    site = house.site(name, plugins=["patients", "fhir"])
    with site.activate(door="web"):
        for short, (kind, rules) in fields.items():
            add_field("patients.patient", f"x_{short}", FieldDetails(short, kind=kind, rules=rules), by=HOUSE)
    return site


def somebody() -> Patient:
    """A patient with a photo, two papers and every kind of fact."""
    details = PatientDetails("Mai Tran", sex="female", born_on=date(1992, 3, 2))
    patient = register_patient(details, by=HOUSE, is_new=True, is_complete=False)
    edit_record(PATIENTS, patient, {f"x_{name}": value for name, value in SAID.items()}, HOUSE, version=1)
    patient = Patient.get_by_id(patient.id)
    pages = [receive_page("front.jpg", picture()), receive_page("back.png", png())]
    add_document(patient, DocumentDetails("referral", "From Dr Ali", date(2024, 5, 1)), pages, by=HOUSE)
    letter = receive_page("letter.pdf", io.BytesIO(b"%PDF-1.7 letter"))
    add_document(patient, DocumentDetails("letter", "To Dr Ali"), [letter], by=HOUSE)
    set_photo(Patient.get_by_id(patient.id), receive_photo(picture("maroon")), by=HOUSE)
    return Patient.get_by_id(patient.id)


def png() -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(stream, "PNG")
    stream.seek(0)
    return stream


def said(bundle: dict) -> list[dict]:
    """What a bundle says, without what each hospital has of its own: ids, versions and times of writing."""
    found = []
    for entry in bundle["entry"]:
        resource = {
            name: value for name, value in entry["resource"].items() if name not in ("id", "meta", "date", "subject")
        }
        numbers = [one for one in resource.get("identifier", []) if "record-number" not in one["system"]]
        found.append({**resource, "identifier": numbers})
    return found


def written(bundle: dict, folder: Path, name: str = "bundle.json") -> Path:
    file = folder / name
    file.write_text(json.dumps(bundle), "utf-8")
    return file


def changed(bundle: dict, kind: str, change: Callable[[dict], None]) -> dict:
    """A copy of a bundle with its resources of one kind changed."""
    copy: dict = json.loads(json.dumps(bundle))
    for entry in copy["entry"]:
        if entry["resource"]["resourceType"] == kind:
            change(entry["resource"])
    return copy


def came(report: Report) -> dict[str, int]:
    return {name: count for name, count in report.outcomes.items() if count}


def test_the_whole_record_reads_back_here_and_elsewhere(house: House, tmp_path: Path) -> None:
    here, there = hospital(house, "here"), hospital(house, "there")
    with here.activate(door="cli"):
        patient = somebody()
        bundle = bundle_of(patient.number, HOUSE)
        file = written(bundle, tmp_path)
        report = import_files(file, HOUSE)
        assert (came(report), report.left_out) == ({"unchanged": 3}, {}), report.failures
        assert Patient.get_by_id(patient.id).version == patient.version
        assert (Document.select().count(), StoredFile.select().count()) == (3, 4)
    types = {one["url"].rpartition("_")[2]: [*one][1] for one in bundle["entry"][0]["resource"]["extension"]}
    assert types == {
        "clan": "valueString", "story": "valueString", "herd": "valueInteger", "height": "valueDecimal",
        "dose": "valueQuantity", "fee": "valueMoney", "fasts": "valueBoolean", "group": "valueCoding",
        "groups": "valueCoding", "came": "valueDate", "woke": "valueDateTime", "mail": "valueString",
        "call": "valueString", "much": "valueString",
    }  # fmt: skip
    with there.activate(door="cli"):
        report = import_files(file, HOUSE)
        assert (came(report), report.left_out) == ({"created": 3}, {}), report.failures
        made = Patient.get()
        assert values_of(PATIENTS, made, [f"x_{name}" for name in FIELDS]) == {
            f"x_{name}": value for name, value in SAID.items()
        }
        assert [[page.name for page in files_of(one)] for one in documents_of(made)] == [
            ["letter.pdf"], ["front.jpg", "back.png"],
        ]  # fmt: skip
        again = bundle_of(made.number, HOUSE)
        assert said(again) == said(bundle)
        assert came(import_files(file, HOUSE)) == {"unchanged": 3}
        back = written(again, tmp_path, "back.json")
    with here.activate(door="cli"):
        # It learns the number they have there, and nothing else.
        assert came(import_files(back, HOUSE)) == {"updated": 1, "unchanged": 2}
        assert said(bundle_of(patient.number, HOUSE)) == said(bundle)
        assert (Patient.select().count(), Document.select().count()) == (1, 3)


def test_what_a_hospital_has_no_field_for_is_told_and_comes_in_when_it_has_one(house: House, tmp_path: Path) -> None:
    here = hospital(house, "here")
    other = {"group": ("choice", {"choices": CHOICES[:1]}), "dose": ("quantity", {"unit": "g"}), "clan": ("line", {})}
    there = hospital(house, "there", other)
    with here.activate(door="cli"):
        file = written(bundle_of(somebody().number, HOUSE), tmp_path)
    with there.activate(door="cli"):
        rehearsed = import_files(file, HOUSE, Choices(is_dry_run=True))
        report = import_files(file, HOUSE)
        assert rehearsed.left_out == report.left_out
        assert came(report) == {"created": 3}
        told = sorted(report.left_out)
        assert len(told) == len(FIELDS) - 1
        assert "Patient x_dose: Here it is kept in g." in told
        assert "Patient x_group: This is not one of the list." in told
        assert "Patient x_herd: There is no such fact." in told
        assert report.as_json()["left_out"]["Patient x_herd: There is no such fact."] == 1
        made = Patient.get()
        assert values_of(PATIENTS, made, ["x_clan"]) == {"x_clan": "Mijikenda"}
        # A field made meanwhile takes the fact in from the same file.
        add_field("patients.patient", "x_herd", FieldDetails("Herd", kind="whole"), by=HOUSE)
        again = import_files(file, HOUSE)
        assert came(again) == {"updated": 1, "unchanged": 2}
        assert values_of(PATIENTS, Patient.get(), ["x_herd"]) == {"x_herd": 41}
        assert "Patient x_herd: There is no such fact." not in again.left_out
    environment = {
        "MEDLEY_DATA_FOLDER": str(house.config.data_folder), "MEDLEY_KEYS_FILE": str(house.config.keyring_path),
    }  # fmt: skip
    told_by_command = CliRunner().invoke(cli, ["import", "fhir", str(file), "--site", "there"], env=environment)
    assert "not kept here: Patient x_dose: Here it is kept in g. (1)" in told_by_command.output


def test_facts_one_may_not_know_or_set_are_left_out(house: House, tmp_path: Path) -> None:
    site = house.site("here", plugins=["patients", "fhir"])
    with site.activate(door="cli"):
        for name in ("hiv", "vow"):
            add_field(
                "patients.patient", f"x_{name}",
                FieldDetails(name, kind="line", is_restricted=True, is_sensitive=name == "vow"), by=HOUSE,
            )  # fmt: skip
        made = register_patient(PatientDetails("Mai"), by=HOUSE, is_new=True, is_complete=False)
        edit_record(PATIENTS, made, {"x_hiv": "positive", "x_vow": "silence"}, HOUSE, version=1)
        bundle = bundle_of(made.number, HOUSE)
        words = json.dumps(bundle)
        assert "positive" in words
        assert "silence" in words
        clerk = Actor("person", "clerk", "Grace", CLERK, grants=(Grant("receptionist", None, CLERK),))
        blind = json.dumps(bundle_of(made.number, clerk))
        assert "positive" not in blind
        assert "x_hiv" not in blind
        assert "silence" not in blind
        # Somebody who may import patients, but not set these facts, is told and changes nothing.
        held = frozenset({"fhir.import", "patients.import", "patients.edit", "patients.view", "patients.register"})
        porter = Actor("person", "porter", "Ali", held, grants=(Grant("administrator", None, held),))
        file = written(
            changed(bundle, "Patient", lambda one: one["extension"][0].update(valueString="negative")), tmp_path
        )
        report = import_files(file, porter)
        assert sorted(report.left_out) == [
            f"Patient x_{name}: This can't be set here, or not by you." for name in ("hiv", "vow")
        ]
        assert values_of(PATIENTS, Patient.get(), ["x_hiv", "x_vow"]) == {"x_hiv": "positive", "x_vow": "silence"}


def test_what_was_chosen_from_a_list_stays_when_it_is_no_longer_offered(house: House, tmp_path: Path) -> None:
    site = hospital(house, "here", {"group": ("choice", {"choices": CHOICES}), "clan": ("line", {})})
    with site.activate(door="cli"):
        made = register_patient(PatientDetails("Mai"), by=HOUSE, is_new=True, is_complete=False)
        edit_record(PATIENTS, made, {"x_group": "b", "x_clan": "Digo"}, HOUSE, version=1)
        file = written(bundle_of(made.number, HOUSE), tmp_path)
        retired = {"choices": [CHOICES[0], {**CHOICES[1], "retired": True}]}
        field = CustomField.get(CustomField.name == "x_group")
        edit_field(field, FieldDetails("group", kind="choice", rules=retired), by=HOUSE)
        fresh = changed(bundle_of(made.number, HOUSE), "Patient", lambda one: one.update(gender="female"))
        report = import_files(written(fresh, tmp_path, "fresh.json"), HOUSE)
        assert (came(report), report.left_out) == ({"updated": 1}, {})
        assert values_of(PATIENTS, Patient.get(), ["x_group"]) == {"x_group": "b"}
    with site.activate(door="cli"):
        assert import_files(file, HOUSE).left_out == {}
        retire_field(CustomField.get(CustomField.name == "x_clan"), "no longer asked", by=HOUSE)
        said_again = bundle_of(made.number, HOUSE)["entry"][0]["resource"]["extension"]
        assert [one["url"] for one in said_again] == ["urn:medley:fact:x_group"]


def test_another_record_is_named_to_those_who_may_see_it_and_met_only_at_home(house: House, tmp_path: Path) -> None:
    fields: dict[str, tuple[str, dict[str, object]]] = {"friend": ("relation", {"to": "patients.patient"})}
    here, there = hospital(house, "here", fields), hospital(house, "there", fields)
    with here.activate(door="cli") as activation:
        activation.actor = HOUSE
        made, friend = (
            register_patient(PatientDetails(name), by=HOUSE, is_new=True, is_complete=False) for name in ("Mai", "Lan")
        )
        edit_record(PATIENTS, made, {"x_friend": friend}, HOUSE, version=1)
        file = written(bundle_of(made.number, HOUSE), tmp_path)
        assert came(import_files(file, HOUSE)) == {"unchanged": 1}
        mark_sensitive(Patient.get_by_id(friend.id), True, "works here", by=HOUSE)
        clerk = Actor("person", "clerk", "Grace", CLERK, grants=(Grant("receptionist", None, CLERK),))
        activation.actor = clerk
        assert friend.uid not in json.dumps(bundle_of(made.number, clerk))
    with there.activate(door="cli") as activation:
        activation.actor = HOUSE
        assert import_files(file, HOUSE).left_out == {"Patient x_friend: It points at a record of another hospital.": 1}


@pytest.mark.parametrize(
    ("data", "stated", "title", "why"),
    [
        (b"<script>alert(1)</script>", "application/pdf", "letter.pdf", "not what its name says"),
        (b"MZ\x90\x00\x01", "application/pdf", "letter.pdf", "type can't be kept"),
        (b"%PDF-1.7", "image/png", "letter.pdf", "not what its name says"),
        (b"%PDF-" + b"0" * (11 * 1024 * 1024), "application/pdf", "letter.pdf", "larger than 10 MB"),
        (b"", "application/pdf", "letter.pdf", "not in there"),
        (b"%PDF-1.7", "application/pdf", "../../etc/cron.d/run.pdf", ""),
        (b"%PDF-1.7", "", "", "not what its name says"),
    ],
)
def test_papers_of_a_file_are_believed_no_more_than_those_people_bring(
    house: House, tmp_path: Path, data: bytes, stated: str, title: str, why: str
) -> None:
    here, there = (house.site(name, plugins=["patients", "fhir"]) for name in ("here", "there"))
    with here.activate(door="cli"):
        made = register_patient(PatientDetails("Mai"), by=HOUSE, is_new=True, is_complete=False)
        page = receive_page("letter.pdf", io.BytesIO(b"%PDF-1.7 letter"))
        add_document(made, DocumentDetails("letter", "To Dr Ali"), [page], by=HOUSE)
        bundle = bundle_of(made.number, HOUSE)

    def change(resource: dict) -> None:
        attachment = {"contentType": stated, "title": title, "data": b64encode(data).decode()}
        resource["content"] = [{"attachment": attachment}]

    with there.activate(door="cli"):
        report = import_files(written(changed(bundle, "DocumentReference", change), tmp_path), HOUSE)
        if why:
            assert came(report) == {"created": 1, "failed": 1}
            assert why in report.failures[0].why
            assert Document.select().count() == 0
        else:
            assert [file.name for file in files_of(Document.get())] == ["run.pdf"]


def test_documents_of_other_systems_and_of_nobody_here_are_not_taken(house: House, tmp_path: Path) -> None:
    here, there = (house.site(name, plugins=["patients", "fhir"]) for name in ("here", "there"))
    with here.activate(door="cli"):
        made = register_patient(PatientDetails("Mai"), by=HOUSE, is_new=True, is_complete=False)
        page = receive_page("letter.pdf", io.BytesIO(b"%PDF-1.7 letter"))
        add_document(made, DocumentDetails("letter", "To Dr Ali"), [page], by=HOUSE)
        bundle = bundle_of(made.number, HOUSE)
    with there.activate(door="cli"):
        strange = changed(bundle, "DocumentReference", lambda one: one["meta"].pop("profile"))
        report = import_files(written(strange, tmp_path), HOUSE)
        assert (came(report), report.unhandled) == ({"created": 1}, {"DocumentReference": 1})
        nobody = changed(bundle, "DocumentReference", lambda one: one["subject"]["identifier"].update(value="99"))
        report = import_files(written(nobody, tmp_path, "nobody.json"), HOUSE)
        assert "not here" in report.failures[0].why


def test_a_paper_that_was_taken_away_or_moved_does_not_come_back(house: House, tmp_path: Path) -> None:
    site = house.site("here", plugins=["patients", "fhir"])
    with site.activate(door="cli"):
        one, other = (
            register_patient(PatientDetails(name), by=HOUSE, is_new=True, is_complete=False) for name in ("Mai", "Ali")
        )
        for title in ("wrong", "misfiled"):
            page = receive_page("letter.pdf", io.BytesIO(f"%PDF-1.7 {title}".encode()))
            add_document(one, DocumentDetails("letter", title), [page], by=HOUSE)
        set_photo(Patient.get_by_id(one.id), receive_photo(picture()), by=HOUSE)
        file = written(bundle_of(one.number, HOUSE), tmp_path)
        set_photo(Patient.get_by_id(one.id), receive_photo(picture("maroon")), by=HOUSE)
        retire_document(Document.get(Document.title == "wrong"), "not hers", by=HOUSE)
        move_entry(Document.get(Document.title == "misfiled"), other, "his", by=HOUSE)
        now = photo_of(Patient.get_by_id(one.id)).sha256
        report = import_files(file, HOUSE)
        assert came(report) == {"unchanged": 2, "failed": 1}
        assert f"with patient {other.number} here" in report.failures[0].why
        assert photo_of(Patient.get_by_id(one.id)).sha256 == now
        assert (documents_of(one), len(documents_of(other))) == ([], 1)


def test_a_photo_that_is_none_is_told_and_the_patient_comes_in(house: House, tmp_path: Path) -> None:
    here, there = (house.site(name, plugins=["patients", "fhir"]) for name in ("here", "there"))
    with here.activate(door="cli"):
        made = register_patient(PatientDetails("Mai"), by=HOUSE, is_new=True, is_complete=False)
        bundle = bundle_of(made.number, HOUSE)
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    stream = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(stream, "JPEG", exif=exif)
    cases = [(b"<svg onload=alert(1)>", False), (stream.getvalue(), True)]
    with there.activate(door="cli"):
        for place, (content, is_kept) in enumerate(cases):
            photo = [{"contentType": "image/jpeg", "data": b64encode(content).decode()}]
            file = written(
                changed(bundle, "Patient", lambda one, photo=photo: one.update(photo=photo)), tmp_path, f"{place}.json"
            )
            report = import_files(file, HOUSE)
            assert bool(report.left_out) is not is_kept
            assert Patient.select().count() == 1
        with photo_of(Patient.get()).open() as kept:
            assert b"taken at home" not in kept.read()


def test_more_than_fits_is_named_and_told_and_memory_is_bounded(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = house.site("here", plugins=["patients", "fhir"])
    with site.activate(door="cli"):
        made = register_patient(PatientDetails("Mai"), by=HOUSE, is_new=True, is_complete=False)
        for number in range(4):
            page = receive_page(f"{number}.pdf", io.BytesIO(b"%PDF-" + bytes([48 + number]) * 1000))
            add_document(made, DocumentDetails("letter", f"Letter {number}"), [page], by=HOUSE)
        monkeypatch.setattr(fhir_papers, "MOST_CONTENT", 2500)
        bundle = bundle_of(made.number, HOUSE)
        assert left_out_of(bundle) == ["2.pdf", "3.pdf"]
        assert [entry["resource"]["content"][0]["attachment"]["size"] for entry in bundle["entry"][1:]] == [1005] * 4
        store_of_site().remove(files_of(Document.get(Document.title == "Letter 0"))[0].sha256)
        assert left_out_of(bundle_of(made.number, HOUSE)) == ["0.pdf", "3.pdf"]
        report = import_files(written(bundle, tmp_path), HOUSE)
        assert came(report) == {"unchanged": 5}
    with house.site("there", plugins=["patients", "fhir"]).activate(door="cli"):
        report = import_files(written(bundle, tmp_path), HOUSE)
        assert came(report) == {"created": 3, "failed": 2}
        assert {failure.why for failure in report.failures} == {"The file itself is not in there."}


def test_a_sensitive_record_is_given_out_only_after_a_reason_and_looks_are_kept(house: House) -> None:
    site = house.site("here", plugins=["patients", "fhir"])
    with site.activate(door="cli"):
        made = register_patient(PatientDetails("Mai"), by=HOUSE, is_new=True, is_complete=False)
        made = mark_sensitive(made, True, "works here", by=HOUSE)
        held = CLERK | {"patients.see_sensitive"}
        officer = Actor("person", "officer", "Mary", held, grants=(Grant("records_officer", None, held),))
        with pytest.raises(Refused):
            bundle_of(made.number, officer)
        open_sensitive(made, "she asked for it", by=officer)
        assert bundle_of(made.number, officer)["entry"]
        flush_reads()
        rows = read_store(site).database.execute_sql("SELECT kind, subject_uid FROM core_read").fetchall()
        assert ("export", made.uid) in rows


def test_another_hospitals_number_is_not_taken_for_a_patient_of_ours(house: House, tmp_path: Path) -> None:
    site = house.site("here", plugins=["patients", "fhir"])
    with site.activate(door="cli"):
        born = date(1992, 3, 2)
        ours = register_patient(PatientDetails("Mai", born_on=born), by=HOUSE, is_new=True, is_complete=False)
        bundle = bundle_of(ours.number, HOUSE)

        def change(resource: dict) -> None:
            resource.update(id="somebody-else", name=[{"text": "Peter Otieno"}], birthDate="1950-01-01")

        report = import_files(written(changed(bundle, "Patient", change), tmp_path), HOUSE)
        assert "another person" in report.failures[0].why
        assert Patient.get().name == "Mai"
