"""A record given out as FHIR reads back to the same record, here and at another hospital."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.actors import Actor, Grant
from core.cli.main import cli
from core.errors import Forbidden, NotFound
from core.storage.journal.reads import flush_reads, read_store
from core.testing.house import HOUSE, House
from plugins.fhir.services.exporting import bundle_of
from plugins.fhir.services.importing import import_files
from plugins.patients.models import (
    Address,
    ContactPerson,
    Flag,
    Identifier,
    Patient,
    PatientName,
    Relation,
    Telecom,
)
from plugins.patients.services.details import (
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    NameDetails,
    PatientDetails,
    TelecomDetails,
)
from plugins.patients.services.family import RelationDetails, add_relation
from plugins.patients.services.flags import flag_patient, flags_of
from plugins.patients.services.identifiers import TypeDetails, add_identifier_type
from plugins.patients.services.merging import acts
from plugins.patients.services.merging.acts import merge_patients
from plugins.patients.services.registering import register_patient
from plugins.patients.services.sensitive import mark_sensitive


def somebody(**facts: object) -> Patient:
    """A patient with everything there is to say."""
    kind = add_identifier_type(
        TypeDetails("national-id", "National ID", system="urn:ke:national-id", code="NI"), by=HOUSE
    )
    details = {
        "name": "Nguyễn Thị Mai", "name_parts": {"family": "Nguyễn", "given": ["Thị", "Mai"]}, "called": "Mai",
        "sex": "female", "born_on": date(1992, 3, 2), "language": "vi", "further_languages": ("sw", "en"),
        "preferred_way": "sms", "is_multiple_birth": True, "birth_order": 2,
        "names": (NameDetails("Mai Tran", "usual"), NameDetails("Trần Thị Mai", "maiden", until_on=date(2015, 5, 1))),
        "identifiers": (IdentifierDetails(kind, "2930 4471", until_on=date(2030, 1, 1)),),
        "telecoms": (TelecomDetails("0712 555 018"), TelecomDetails("mai@example.org", "email", "home")),
        "addresses": (AddressDetails("12 Beach Road", "Nyali", "Kisauni", "Mombasa", "Coast", "80100", "KE"),),
        "contacts": (ContactDetails("Hồ Văn Tâm", "Husband", "HUSB", "0733 1", "tam@example.org", "12 Beach Road"),),
    }  # fmt: skip
    return register_patient(PatientDetails(**{**details, **facts}), by=HOUSE, is_new=True, is_complete=False)


def resource(named: str) -> dict:
    """The patient in a bundle, without what each hospital has of its own."""
    [entry] = bundle_of(named, HOUSE)["entry"]
    found = {name: value for name, value in entry["resource"].items() if name not in ("id", "meta")}
    found["identifier"] = [one for one in found["identifier"] if not one.get("system", "").startswith("urn:medley")]
    return found


@pytest.mark.parametrize(
    "facts",
    [
        {}, {"born_precision": "year", "born_on": date(1992, 1, 1)}, {"born_precision": "estimated"},
        {"born_precision": "month", "born_on": date(1992, 3, 1)},
        {"deceased_at": datetime(2020, 5, 6, 7, 8, tzinfo=UTC)},
        {"is_deceased": True, "called": "", "names": (), "preferred_way": ""}, {"born_on": None, "birth_order": None},
    ],
)  # fmt: skip
def test_what_is_written_reads_back_to_the_same_record(house: House, tmp_path: Path, facts: dict) -> None:
    here = house.site("here", plugins=["patients", "fhir"])
    there = house.site("there", plugins=["patients", "fhir"])
    file = tmp_path / "bundle.json"
    with here.activate():
        patient = somebody(**facts)
        given = resource(patient.number)
        assert given == resource(patient.uid)
        file.write_text(json.dumps(bundle_of(patient.uid, HOUSE)), "utf-8")
        report = import_files(file, HOUSE)
        assert dict(report.outcomes) == {"unchanged": 1}, report.failures
        assert Patient.get_by_id(patient.id).version == patient.version
        assert Patient.select().count() == 1
    with there.activate():
        report = import_files(file, HOUSE)
        assert dict(report.outcomes) == {"created": 1}, report.failures
        assert resource(Patient.get().uid) == given


def contents(patient: Patient) -> dict[str, list]:
    """What the register holds of a patient, as the database has it, without what every change raises."""
    found = {"patient": [Patient.get_by_id(patient.id).__data__ | {"version": 0, "updated_at": None}]}
    for model in (Address, ContactPerson, Flag, Identifier, PatientName, Relation, Telecom):
        found[model._meta.noun] = [one.__data__ for one in model.select().where(model.patient == patient.id)]
    return found


def test_warnings_family_and_what_is_particular_about_a_record_are_read_back(house: House, tmp_path: Path) -> None:
    here = house.site("here", plugins=["patients", "fhir"])
    there = house.site("there", plugins=["patients", "fhir"])
    file = tmp_path / "bundle.json"
    with here.activate():
        patient = somebody(is_unidentified=True)
        sister = register_patient(PatientDetails("Trần Thị Lan"), by=HOUSE, is_new=True, is_complete=False)
        flag_patient(patient, "Penicillin", by=HOUSE, severity="stop", until_on=date(2090, 1, 1))
        rights = {"may_decide": True, "may_collect": True, "note": "paper 77", "until_on": date(2031, 1, 1)}
        add_relation(patient, RelationDetails("sibling", sister, **rights), by=HOUSE)
        carer = ContactDetails("Mama Ali", "Carer", phone="0712 555 010")
        add_relation(patient, RelationDetails("carer", contact=carer, from_on=date(2020, 1, 1)), by=HOUSE)
        mark_sensitive(Patient.get_by_id(patient.id), True, "works here", by=HOUSE)
        before, given = contents(patient), resource(patient.number)
        bundle = bundle_of(patient.uid, HOUSE)
        file.write_text(json.dumps(bundle), "utf-8")
        assert dict(import_files(file, HOUSE).outcomes) == {"unchanged": 1}
        assert contents(patient) == before
    with there.activate():
        assert dict(import_files(file, HOUSE).outcomes) == {"created": 1}
        made = Patient.get()
        assert (made.is_unidentified, made.is_sensitive) == (True, True)
        assert [(one.text, one.severity, one.until_on) for one in flags_of(made)] == [
            ("Penicillin", "stop", date(2090, 1, 1))
        ]
        # She has no record there: her name is kept among those to call, with what she may.
        family = {one.kind: one for one in Relation.select()}
        assert (family["sibling"].contact.name, family["sibling"].note) == ("Trần Thị Lan", "paper 77")
        assert (family["sibling"].may_decide, family["sibling"].may_see, family["sibling"].may_collect) == (1, 0, 1)
        assert (family["sibling"].until_on, family["carer"].from_on) == (date(2031, 1, 1), date(2020, 1, 1))
        assert family["carer"].contact.phone == "0712 555 010"
        assert dict(import_files(file, HOUSE).outcomes) == {"unchanged": 1}
        again = resource(made.uid)
        assert {name: again[name] for name in ("name", "identifier", "telecom", "communication")} == {
            name: given[name] for name in ("name", "identifier", "telecom", "communication")
        }


def test_the_command_writes_what_the_other_command_reads(house: House, tmp_path: Path) -> None:
    site = house.site("here", plugins=["patients", "fhir"])
    with site.activate(door="cli"):
        patient = somebody()
        before = contents(patient)
    environment = {
        "MEDLEY_DATA_FOLDER": str(house.config.data_folder), "MEDLEY_KEYS_FILE": str(house.config.keyring_path),
    }  # fmt: skip
    file = tmp_path / "mai.json"

    def medley(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words), env=environment)

    assert medley("export", "fhir", "nobody", "-o", str(file)).exit_code == 1
    assert not file.exists()
    done = medley("export", "fhir", patient.number, "-o", str(file))
    assert done.exit_code == 0, done.output
    assert "1 resources" in done.output
    shown = json.loads(medley("export", "fhir", patient.uid).stdout)
    assert shown["entry"] == json.loads(file.read_text("utf-8"))["entry"]
    assert "1 unchanged" in medley("import", "fhir", str(file)).output
    with site.activate(door="cli"):
        assert contents(patient) == before


def test_relatives_whom_somebody_may_not_see_are_not_given_out(house: House) -> None:
    site = house.site("here", plugins=["patients", "fhir"])
    with site.activate(door="cli"):
        patient = somebody()
        sister = register_patient(PatientDetails("Trần Thị Lan"), by=HOUSE, is_new=True, is_complete=False)
        add_relation(patient, RelationDetails("sibling", sister), by=HOUSE)
        assert "Lan" in json.dumps(bundle_of(patient.uid, HOUSE), ensure_ascii=False)
        mark_sensitive(Patient.get_by_id(sister.id), True, "works here", by=HOUSE)
        held = frozenset({"patients.view", "fhir.export"})
        clerk = Actor("person", "clerk", "Grace", held, grants=(Grant("receptionist", None, held),))
        assert "Lan" not in json.dumps(bundle_of(patient.uid, clerk), ensure_ascii=False)


def test_a_merged_record_is_named_and_only_those_who_may_give_out(house: House, monkeypatch) -> None:
    monkeypatch.setattr(acts, "BUDGET_SECONDS", 60.0)
    site = house.site("here", plugins=["patients", "fhir"])
    with site.activate(door="cli"):
        one = somebody()
        other = register_patient(PatientDetails("Mai Nguyen"), by=HOUSE, is_new=True, is_complete=False)
        merge_patients(one, other, "one card", by=HOUSE)
        assert resource(other.number)["link"] == [
            {"other": {"reference": f"urn:uuid:{other.uid}", "display": other.number}, "type": "replaces"}
        ]
        with pytest.raises(NotFound):
            bundle_of("nobody", HOUSE)
        with pytest.raises(Forbidden):
            bundle_of(one.number, Actor("person", "x", "X"))
        flush_reads()
        rows = read_store(site).database.execute_sql("SELECT kind, subject_uid FROM core_read").fetchall()
        assert ("export", one.uid) in rows
