"""A record that is out of use or was merged: through no door is anything new written on it, and every refusal is plain.

Pages come from the application and parts from the registry of models, so that a new one is tried the day it appears;
programs, FHIR files and jobs try beside them. A person who died is written on, and acts for the living ask.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Worker
from core.resources.bulk import services as bulk
from core.resources.bulk.models import BulkOutcome, BulkRun
from core.resources.writing import edit_record
from core.sites import Site
from core.storage import StoredFile, all_models
from core.testing.house import HOUSE, House, Visitor, actor_of
from core.users.models import User
from plugins.fhir.services.exporting import bundle_of
from plugins.fhir.services.importing import import_files
from plugins.patients.models import Patient
from plugins.patients.resources import PATIENTS
from plugins.patients.services.details import PatientDetails
from plugins.patients.services.merging import acts
from plugins.patients.services.merging.acts import merge_patients
from plugins.patients.services.merging.prospect import Settlement
from plugins.patients.services.registering import register_patient, retire_patient
from tests.core.jobs.hospital import until
from tests.plugins.api.conftest import Program, secret_for
from tests.sites.people_and_places import ROLES, make_kind, parts_of, somebody
from tests.sites.test_foreign_objects import attempts

# What may be done with any record: tell why it is opened, hand it over, let it go, and undo what made it unfit.
LEFT_ALONE = {
    "patients.reason", "patients.give", "patients.erase", "patients.undo_merge", "patients.merge",
    "patients.find_other",
    "patients.tell_two_apart", "patients.remove_part", "patients.remove_flag", "patients.remove_paper",
}  # fmt: skip
NOTED = ("version", "updated_at", "updated_by", "retired_at", "retired_by", "retired_reason")
FORM = {
    "name": "Written Anyway", "born": "1970", "sex": "male", "called": "Anyway", "text": "Written anyway",
    "severity": "info", "kind": "phone", "phone": "0799 999 999", "identifier": "ID9999", "type": "national",
    "lines": "Anyway road", "contact_phone": "0799 1", "reason": "written anyway", "person": "Written Anyway",
    "title": "Anyway", "use": "usual", "relation": "Anyway", "email": "any@example.org", "number": "1",
}  # fmt: skip


@dataclass
class Ward:
    """A hospital, somebody with every right at each of its doors, and the records that are unfit."""

    house: House
    site: Site
    user: User
    clerk: Visitor
    program: Program
    unfit: dict[str, str]
    survivor: str
    bundles: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(acts, "BUDGET_SECONDS", 60.0)
        house = House(tmp_path_factory.mktemp("ward"))
        site = house.site("harbour", plugins=["patients", "fhir", "api"])
        with site.activate(door="cli"):
            make_kind()
            merged, survivor, retired = (somebody(f"{name} Unfit", place + 1, None) for place, name in enumerate(
                ("Merged", "Kept", "Retired")
            ))  # fmt: skip
            bundles = {name: bundle_of(one.number, HOUSE) for name, one in (("merged", merged), ("retired", retired))}
            merge_patients(survivor, merged, "one card", by=HOUSE, settlement=Settlement(doubts_settled=True))
            retire_patient(Patient.get_by_id(retired.id), "entered by mistake", by=HOUSE)
        user = house.person(site, "Ada Every", *ROLES, "administrator")
        program = Program(house, site, secret_for(site, user))
        unfit = {"merged": merged.uid, "retired": retired.uid}
        yield Ward(house, site, user, house.visitor(site, user), program, unfit, survivor.uid, bundles)
        house.close()


def written_on(uid: str) -> dict[str, list[str]]:
    """What stands on a record and in its parts, without who took what away when."""
    patient = Patient.get(Patient.uid == uid)
    models: list[Any] = [model for model in all_models() if model._meta.root == "patient"]
    found = {"patient": [patient.__data__]}
    found |= {one._meta.noun: [row.__data__ for row in one.select().where(one.patient == patient.id)] for one in models}
    found["file"] = [one.__data__ for one in StoredFile.select().where(StoredFile.about_uid == uid)]
    return {
        noun: sorted(repr({name: said for name, said in row.items() if name not in NOTED}) for row in rows)
        for noun, rows in found.items()
    }


def unchanged(ward: Ward, state: str, tries: Callable[[], int]) -> None:
    """Nothing is new on the record after so many tries, and there were some."""
    with ward.site.activate():
        before = written_on(ward.unfit[state])
    assert tries()
    with ward.site.activate():
        assert written_on(ward.unfit[state]) == before


@pytest.mark.parametrize("state", ["merged", "retired"])
def test_no_page_writes_on_it(ward: Ward, state: str) -> None:
    uid = ward.unfit[state]
    with ward.site.activate():
        parts = [*parts_of(Patient.get(Patient.uid == uid))[uid].values(), "x"]

    def tries() -> int:
        tried = 0
        for route in list(ward.house.app.extensions["medley_routes"].values()):
            if not route.endpoint.startswith("patients.") or "<uid>" not in route.rule or "POST" not in route.methods:
                continue
            for path in attempts(route, "/patients", uid, parts) if route.endpoint not in LEFT_ALONE else ():
                data = {**FORM, "csrf_token": ward.clerk._token, "idempotency_key": f"{state} {tried}"}
                if re.search("documents/new|photo/new", path):
                    data["file"] = (io.BytesIO(b"Anyway"), "anyway.txt")  # type: ignore[assignment]
                answer = ward.clerk.post(path, data, content_type="multipart/form-data")
                assert answer.status_code < 500, (path, answer.text[:400])
                tried += 1
        return tried

    unchanged(ward, state, tries)


@pytest.mark.parametrize("state", ["merged", "retired"])
def test_no_program_writes_on_it(ward: Ward, state: str) -> None:
    address = f"/api/v1/patients/all/{ward.unfit[state]}"

    fit = ward.program.get(f"/api/v1/patients/all/{ward.survivor}")
    assert fit.status_code == 200, "the program comes through"

    def tries() -> int:
        version = ward.program.get(address).headers.get("ETag", '"1"')
        for method, end, body in (
            ("PATCH", "", {"called": "Anyway"}), ("DELETE", "", {"reason": "anyway"}),
            ("POST", "/actions/retire", {"reason": "anyway"}), ("POST", "/actions/restore", {}),
        ):  # fmt: skip
            answer = ward.program.ask(method, f"{address}{end}", body, If_Match=version)
            assert 400 <= answer.status_code < 500, (method, end, answer.text)
        return 4

    unchanged(ward, state, tries)


@pytest.mark.parametrize("state", ["merged", "retired"])
def test_no_fhir_file_writes_on_it(ward: Ward, state: str, tmp_path: Path) -> None:
    bundle = json.loads(json.dumps(ward.bundles[state]))
    patient, paper = (entry["resource"] for entry in bundle["entry"])
    patient["telecom"] = [{"system": "phone", "value": "0799 999 999"}]
    patient["extension"] = [{"url": "urn:medley:warning", "extension": [
        {"url": "text", "valueString": "Written anyway"}, {"url": "severity", "valueCode": "info"}
    ]}]  # fmt: skip
    paper |= {"id": f"another {state}", "description": "Anyway"}
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle), "utf-8")

    def tries() -> int:
        with ward.site.activate(door="cli"):
            report = import_files(file, HOUSE)
            if state == "retired":
                assert dict(report.outcomes) == {"failed": 2}
                assert {failure.why for failure in report.failures} == {
                    "This record is out of use; nothing new is written on it."
                }
            else:
                # What is said of somebody who was merged is said of the record that stands for them.
                assert dict(report.outcomes) == {"updated": 1, "created": 1}
                told = " ".join(map(repr, written_on(ward.survivor).values()))
                assert "0799 999 999" in told
                assert "Written anyway" in told
        return 2

    unchanged(ward, state, tries)


@pytest.mark.parametrize("state", ["merged", "retired"])
def test_no_job_writes_on_it(ward: Ward, state: str) -> None:
    uid = ward.unfit[state]

    def tries() -> int:
        with ward.site.activate(door="web"):
            by = actor_of(ward.user)
            run = bulk.mark(PATIENTS, [uid], None, by=by)
            bulk.start(run, "edit", {"fact": "called", "values": {"called": "Anyway"}}, False, by=by)
        worker = Worker([ward.site])
        worker.start()
        try:
            until(ward.site, lambda: BulkRun.get_by_id(run.id).state == "done")
        finally:
            worker.stop()
        with ward.site.activate():
            [outcome] = BulkOutcome.select().where(BulkOutcome.run_id == run.id)
            assert (outcome.record_uid, bool(outcome.is_done)) == (uid, False)
            assert outcome.words
        return 1

    unchanged(ward, state, tries)


def test_who_died_is_written_on_by_every_door_and_rights_are_asked_about(ward: Ward, tmp_path: Path) -> None:
    with ward.site.activate(door="cli"):
        died = datetime(2020, 5, 6, tzinfo=UTC)
        dead, child = (
            register_patient(PatientDetails(name, **facts), by=HOUSE, is_new=True, is_complete=False)
            for name, facts in (("Dora Died", {"deceased_at": died}), ("Cara Child", {"born_on": date(2019, 1, 1)}))
        )
    rights = {"kind": "mother", "number": dead.number, "may_decide": "y"}
    path = f"/patients/{child.uid}/relations/new"
    asked = ward.clerk.post(path, {**rights, "csrf_token": ward.clerk._token})
    assert asked.status_code == 409
    assert "Dora Died has died" in asked.text
    phone = {"kind": "phone", "phone": "0799 111", "use": "mobile", "csrf_token": ward.clerk._token}
    assert ward.clerk.post(f"/patients/{dead.uid}/telecoms/new", phone).status_code == 303
    address = f"/api/v1/patients/all/{dead.uid}"
    answer = ward.program.ask("PATCH", address, {"called": "Dodo"}, If_Match=ward.program.get(address).headers["ETag"])
    assert (answer.status_code, answer.get_json()["is_deceased"]) == (200, True)
    with ward.site.activate(door="cli"):
        bundle = bundle_of(dead.number, HOUSE)
        bundle["entry"][0]["resource"]["telecom"].append({"system": "phone", "value": "0799 2222"})
        file = tmp_path / "bundle.json"
        file.write_text(json.dumps(bundle), "utf-8")
        assert dict(import_files(file, HOUSE).outcomes) == {"updated": 1}
        now = edit_record(PATIENTS, Patient.get_by_id(dead.id), {"language": "sw"}, HOUSE)
        assert (now.called, now.deceased_at, now.language) == ("Dodo", died, "sw")
