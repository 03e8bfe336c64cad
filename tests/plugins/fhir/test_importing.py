"""Bundles of other systems come in: once, entry by entry, and never halfway."""

import gzip
import json
import random
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from core.actors import Actor
from core.cli.main import cli
from core.errors import Forbidden, Refused
from core.registry import switch_off
from core.testing.house import HOUSE
from plugins.fhir.models import Entry
from plugins.fhir.services import importing
from plugins.fhir.services.importing import Choices, import_files
from plugins.patients.models import (
    Address,
    ContactPerson,
    Identifier,
    IdentifierType,
    Patient,
    PatientName,
    Telecom,
)
from plugins.patients.services.finding import find_patients
from tests.plugins.fhir.conftest import sample_folder

MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}], "text": "Record number"}
MAI = {
    "resourceType": "Patient",
    "id": "mai",
    "identifier": [
        {"system": "http://other.example/mrn", "value": "MRN-77", "type": MR},
        {"system": "http://id.example", "value": "2930 4471 880"},
        {"value": "loose 1"},
    ],
    "name": [
        {"use": "maiden", "family": "Trần", "given": ["Mai"]},
        {"use": "official", "text": "Nguyễn Thị Mai", "family": "Nguyễn", "given": ["Thị", "Mai"]},
    ],
    "telecom": [
        {"system": "email", "value": "mai@example.org"},
        {"system": "phone", "value": "+254 712 555 018", "use": "mobile", "rank": 1},
        {"system": "phone", "value": "none"},
    ],
    "gender": "female",
    "birthDate": "1992-03-02",
    "deceasedDateTime": "2020-05-05T10:00:00+03:00",
    "multipleBirthInteger": 2,
    "address": [{"line": ["House 4", "Links Road"], "city": "Mombasa", "district": "Nyali", "country": "KE"}],
    "contact": [
        {
            "relationship": [{"coding": [{"code": "N"}, {"code": "HUSB", "display": "Husband"}]}],
            "name": {"text": "Hồ Văn Tâm"},
            "telecom": [{"system": "phone", "value": "0712 555 019"}],
        }
    ],
    "communication": [
        {"language": {"coding": [{"code": "en"}]}},
        {"language": {"coding": [{"code": "vi"}]}, "preferred": True},
    ],
}
PETER = {
    "resourceType": "Patient",
    "id": "peter",
    "name": [{"family": "Otieno", "given": ["Peter"]}],
    "birthDate": "1959",
}
PULSE = {"resourceType": "Observation", "id": "pulse"}


def outcomes(report) -> dict[str, int]:
    return {name: count for name, count in report.outcomes.items() if count}


def test_a_patient_comes_in_with_all_the_bundle_says(door_anywhere, folder, put):
    put("one.json", MAI, PULSE, PULSE)
    report = import_files(folder, HOUSE)

    assert (outcomes(report), dict(report.unhandled)) == ({"created": 1}, {"Observation": 2})
    patient = Patient.get()
    assert (patient.name, patient.sex, patient.born_on) == ("Nguyễn Thị Mai", "female", date(1992, 3, 2))
    assert patient.name_parts == {"family": "Nguyễn", "given": ["Thị", "Mai"]}
    assert (patient.is_deceased, patient.deceased_at) == (True, datetime(2020, 5, 5, 7, tzinfo=UTC))
    assert (patient.is_multiple_birth, patient.birth_order) == (True, 2)
    assert (patient.language, patient.further_languages) == ("vi", ["en"])
    assert [(one.name, one.use) for one in PatientName.select()] == [("Mai Trần", "maiden")]
    assert [(one.kind, one.e164 or one.value) for one in Telecom.select().order_by(Telecom.rank)] == [
        ("phone", "+254712555018"), ("email", "mai@example.org"),
    ]  # fmt: skip
    home = Address.get()
    assert (home.lines, home.city, home.district, home.country) == ("House 4, Links Road", "Mombasa", "Nyali", "KE")
    kin = ContactPerson.get()
    assert (kin.name, kin.relation, kin.relation_code) == ("Hồ Văn Tâm", "Husband", "HUSB")
    kinds = {one.system: (one.label, one.code, one.is_unique) for one in IdentifierType.select()}
    assert kinds["http://other.example/mrn"] == ("Record number", "MR", True)
    assert kinds[None][2] is False
    assert sorted(one.plain for one in Identifier.select()) == ["29304471880", "LOOSE1", "MRN77"]


def test_the_same_again_changes_nothing(door_anywhere, folder, put):
    put("one.json", MAI, PETER)
    import_files(folder, HOUSE)
    before = list(Patient.select().tuples())
    assert outcomes(import_files(folder, HOUSE)) == {"unchanged": 2}
    put("two.json", PETER, MAI, PULSE)
    assert outcomes(import_files(folder, HOUSE)) == {"unchanged": 4}
    assert list(Patient.select().tuples()) == before


def test_a_later_version_changes_the_patient_it_made(door, folder, put):
    put("one.json", MAI)
    import_files(folder, HOUSE)
    later = {**MAI, "gender": "other", "telecom": [*MAI["telecom"], {"system": "phone", "value": "0722 555 640"}]}
    put("two.json", later)
    assert outcomes(import_files(folder, HOUSE)) == {"unchanged": 1, "updated": 1}
    assert (Patient.select().count(), Patient.get().sex, Telecom.select().count()) == (1, "other", 3)


def test_a_patient_who_has_the_number_already_is_not_made_again(door, folder, put):
    put("one.json", MAI)
    import_files(folder, HOUSE)
    put("two.json", {**MAI, "id": "another-id", "name": [{"text": "Nguyen Thi Mai"}]})
    report = import_files(folder, HOUSE, Choices(source="clinic"))
    assert report.outcomes["failed"] == 0
    assert Patient.select().count() == 1


def test_another_person_under_the_same_id_is_refused_until_the_source_is_named(door, folder, put):
    put("a/one.json", PETER)
    import_files(folder / "a", HOUSE)
    put("b/one.json", {**PETER, "name": [{"text": "Amina Yusuf"}], "birthDate": "1990-06-09"})
    report = import_files(folder / "b", HOUSE)
    assert "source" in report.failures[0].why
    assert outcomes(import_files(folder / "b", HOUSE, Choices(source="clinic"))) == {"created": 1}


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(door_anywhere, folder, put):
    put("one.json", MAI, PETER, {"resourceType": "Patient", "id": "nobody"})
    report = import_files(folder, HOUSE, Choices(is_dry_run=True))
    assert outcomes(report) == {"created": 2, "failed": 1}
    assert Patient.select().count() == Entry.select().count() == IdentifierType.select().count() == 0


def test_one_that_fails_takes_no_other_with_it(door_anywhere, folder, put):
    bad = {**MAI, "id": "bad", "identifier": [], "birthDate": "1992-13-45"}
    twin = {**PETER, "id": "twin", "identifier": MAI["identifier"][:1], "birthDate": "2999-01-01"}
    put("one.json", bad, MAI, {"resourceType": "Patient", "name": "x"}, PETER, twin)
    report = import_files(folder, HOUSE)
    assert outcomes(report) == {"created": 2, "failed": 3}
    assert [one.position for one in report.failures] == [0, 2, 4]
    assert "birthDate" in report.failures[0].why
    assert outcomes(import_files(folder, HOUSE)) == {"unchanged": 2, "failed": 3}


def test_files_that_are_no_bundles_are_named_and_left(door, folder, put):
    put("good.json", PETER)
    (folder / "broken.json").write_text("{")
    (folder / "list.json").write_text("[]")
    (folder / "broken.json.gz").write_bytes(b"\x1f\x8b nothing")
    (folder / "alone.json").write_text(json.dumps(MAI))
    (folder / "notes.txt").write_text("nothing")
    report = import_files(folder, HOUSE)
    assert outcomes(report) == {"created": 1, "failed": 3}
    assert (report.files, report.loose) == (5, 1)
    assert outcomes(import_files(folder, HOUSE, Choices(takes_loose=True)))["created"] == 1


def test_a_packed_file_is_read_too(door, folder):
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PETER}, {"request": {}}, None]}
    (folder / "one.json.gz").write_bytes(gzip.compress(json.dumps(bundle).encode()))
    assert outcomes(import_files(folder, HOUSE)) == {"created": 1}
    assert (Patient.get().born_on, Patient.get().born_precision) == (date(1959, 1, 1), "year")


def test_an_import_broken_off_goes_on_where_it_stopped(door, folder, put, monkeypatch):
    for number in range(6):
        put(f"{number}.json", {**PETER, "id": f"p{number}", "name": [{"text": f"Peter {'ABCDEF'[number]}kinyi"}]})
    whole = importing.import_file
    calls = []

    def breaks_at_the_fourth(file, *facts):
        calls.append(file.name)
        if len(calls) == 4:
            raise KeyboardInterrupt
        whole(file, *facts)

    monkeypatch.setattr(importing, "import_file", breaks_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        import_files(folder, HOUSE)
    monkeypatch.setattr(importing, "import_file", whole)
    report = import_files(folder, HOUSE)
    assert outcomes(report) == {"created": 3, "unchanged": 3}
    assert report.files_known == 3


def test_what_came_in_is_found(door, folder, put):
    put("one.json", MAI)
    import_files(folder, HOUSE)
    for typed in ("nguyen mai", "tran mai", "mrn77", "555018", "mai 1992"):
        assert [hit.name for hit in find_patients(typed, by=HOUSE).hits] == ["Nguyễn Thị Mai"], typed


def test_importing_needs_the_permission_and_a_path(door, folder):
    with pytest.raises(Forbidden):
        import_files(folder, Actor("person", "nurse", "Nurse", frozenset(("patients.view",))))
    with pytest.raises(Refused):
        import_files(folder / "nowhere", HOUSE)


def test_without_the_register_nothing_is_handled(door, folder, put):
    put("one.json", MAI)
    switch_off("patients", by=HOUSE)
    report = import_files(folder, HOUSE)
    assert (outcomes(report), dict(report.unhandled)) == ({}, {"Patient": 1})


def test_a_site_with_the_register_alone_needs_no_fhir(house):
    site = house.site("plain", plugins=["patients"])
    with site.activate():
        assert "fhir" not in site.load_state("x").enabled


@pytest.mark.parametrize("seed", range(4))
def test_no_strange_file_does_more_than_fail(door, folder, put, seed):
    chance = random.Random(seed)
    strange = (None, True, -1, 10**400, 1.5, "", "x" * 5000, "\x00", "\ud800", [], {}, [[]], [None], [{}], {"a": 1}, "‮")
    for number in range(40):
        mutant = {key: mutated(value, chance, strange) for key, value in json.loads(json.dumps(MAI)).items()}
        mutant["resourceType"] = "Patient"
        put(f"{seed}-{number}.json", mutant)
    report = import_files(folder, HOUSE)
    assert report.files == sum(report.outcomes.values()) == 40


def mutated(value, chance, strange):
    """Somewhere in a resource something is not what it should be."""
    if chance.random() < 0.06:
        return chance.choice(strange)
    if isinstance(value, dict):
        return {key: mutated(one, chance, strange) for key, one in value.items()} or {}
    if isinstance(value, list):
        return [mutated(one, chance, strange) for one in value]
    return value


def test_the_command_tells_what_it_did(house, folder, put):
    house.site("harbour", plugins=["patients", "fhir"])
    put("one.json", MAI, PULSE)
    environment = {
        "MEDLEY_DATA_FOLDER": str(house.config.data_folder),
        "MEDLEY_KEYS_FILE": str(house.config.keyring_path),
    }

    def run(*words):
        return CliRunner().invoke(cli, ["import", "fhir", str(folder), *words], env=environment)

    assert "1 would be created" in run("--dry-run").output
    first = run()
    assert first.exit_code == 0, first.output
    assert "1 created" in first.output
    assert "not yet handled: Observation 1" in first.output
    again = run("--json")
    assert json.loads(again.stdout)["unchanged"] == 1
    put("two.json", {"resourceType": "Patient"})
    failed = run("--json")
    assert failed.exit_code == 1
    assert json.loads(failed.stdout)["failures"][0]["resource"] == "Patient/?"


@pytest.mark.skipif(sample_folder() is None, reason="the larger samples are not on this machine")
def test_all_patients_of_the_larger_samples_come_in_once(door_anywhere):
    first = import_files(sample_folder(), HOUSE)
    assert (outcomes(first), Patient.select().count()) == ({"created": 23}, 23)
    again = import_files(sample_folder(), HOUSE)
    assert (outcomes(again), Patient.select().count()) == ({"unchanged": 23}, 23)
    assert first.unhandled["Observation"] > 1000
