"""Every access to a patient's data is in the audit: who, what, whose, through which door, and how it ended (A-14)."""

import json
import random
from collections.abc import Iterator

import peewee
import pytest

from core.places.models import Place
from core.resources.bulk import services as bulk
from core.resources.bulk.models import BulkRun
from core.resources.exporting.services import ask_for_export
from core.resources.exporting.taking_out import order_of
from core.resources.narrowing import narrowed
from core.sites import Site
from core.storage.journal.models import JournalRow
from core.storage.journal.reads import flush_reads, read_store
from core.testing.house import HOUSE, actor_of
from plugins.fhir.services.exporting import bundle_of
from plugins.fhir.services.importing import import_files
from plugins.patients.models import Flag, Patient
from plugins.patients.resources import PATIENTS
from plugins.patients.services.flags import flag_patient
from tests.core.resources.files.tables import run_jobs
from tests.hospital import rounds
from tests.plugins.api.conftest import Program, secret_for
from tests.sites.people_and_places import ROLES, Town, build


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    built = build(tmp_path_factory.mktemp("town"))
    yield built
    built.house.close()


class Operations:
    """What a clerk does all day, and what the audit must say of each."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.clerk = town.clerk
        with town.harbour.activate():
            place = Place.get(Place.name == "East clinic")
        user = town.house.person(town.harbour, "Petra Programs", *ROLES, "administrator", place=place)
        self.program = Program(town.house, town.harbour, secret_for(town.harbour, user))
        with town.harbour.activate():
            self.by = actor_of(user)
        self.expected: list[tuple[str, str, str]] = []

    def chart(self) -> None:
        """Open the chart of one's own patient."""
        answer = self.clerk.get(f"/patients/{self.town.own}")
        self.expect(answer, "read:record", self.town.own)

    def search(self) -> None:
        """Look for somebody; what was found is disclosed."""
        answer = self.clerk.post("/patients/", {"q": "Olga"})
        self.expect(answer, "read:search", self.town.own)

    def palette(self) -> None:
        """The same from the field at the top."""
        answer = self.clerk.post("/find", {"q": "Olga"}, headers={"X-CSRF-Token": self.clerk._token})
        self.expect(answer, "read:palette", self.town.own)

    def history(self) -> None:
        """Read the history of a record."""
        answer = self.clerk.get(f"/patients/{self.town.own}/history")
        self.expect(answer, "read:record", self.town.own)

    def label(self) -> None:
        """Print a label for a sample."""
        answer = self.clerk.get(f"/patients/{self.town.own}/print/label")
        self.expect(answer, "read:print", self.town.own)

    def papers(self) -> None:
        """Look through the papers of a patient."""
        answer = self.clerk.get(f"/patients/{self.town.own}/documents")
        self.expect(answer, "read:record", self.town.own)

    def paper(self) -> None:
        """Look at a scan."""
        paper = self.town.parts[self.town.own]["document"]
        for address in (f"{paper}", f"{paper}/pages/1"):
            answer = self.clerk.get(f"/patients/{self.town.own}/documents/{address}")
            self.expect(answer, "read:record", self.town.own)

    def lists(self) -> None:
        """Look through a list."""
        answer = self.clerk.get("/patients/all")
        self.expect(answer, "read:list", self.town.own)

    def summary(self) -> None:
        """Print what the register says."""
        answer = self.clerk.get(f"/patients/{self.town.own}/print/summary")
        self.expect(answer, "read:print", self.town.own)

    def edit(self) -> None:
        """Change a fact."""
        facts = {"name": "Olga Own", "born": "1980-01-01", "sex": "female", "called": f"O{len(self.expected)}"}
        answer = self.clerk.post(f"/patients/{self.town.own}/edit", facts)
        assert answer.status_code == 303, answer.text[:2000]
        self.expect(answer, "write:patients.edit", self.town.own)

    def foreign(self) -> None:
        """Try another clinic's patient: nothing was shown, so nothing is told of them."""
        answer = self.clerk.get(f"/patients/{self.town.neighbour}")
        assert answer.status_code == 404

    def give(self) -> None:
        """Give a patient everything that is kept about them."""
        answer = self.clerk.post(f"/patients/{self.town.own}/give", {"reason": "asked for it"})
        self.expect(answer, "read:export", self.town.own)
        self.expect(answer, "write:patients.give_data", self.town.own)

    def flag(self) -> None:
        """Put a warning on the chart."""
        self.clerk.get(f"/patients/{self.town.own}/flags/new")
        answer = self.clerk.post(
            f"/patients/{self.town.own}/flags/new", {"text": f"Note {len(self.expected)}", "severity": "info"}
        )
        assert answer.status_code == 303, answer.text[:2000]
        self.expect(answer, "write:patients.flag", self.town.own)

    def program_reads(self) -> None:
        """A program reads a record, and a list."""
        for address in (f"/api/v1/patients/all/{self.town.own}", "/api/v1/patients/all?limit=5"):
            answer = self.program.get(address)
            assert answer.status_code == 200, answer.text
            self.expect(answer, "read:api", self.town.own)

    def program_writes(self) -> None:
        """A program changes a fact."""
        address = f"/api/v1/patients/all/{self.town.own}"
        version = self.program.get(address).headers["ETag"]
        answer = self.program.ask("PATCH", address, {"called": f"P{len(self.expected)}"}, If_Match=version)
        assert answer.status_code == 200, answer.text
        self.expect(answer, "write:patients.edit", self.town.own)

    def program_refused(self) -> None:
        """A program tries another clinic's patient: nothing is shown and nothing is told of them."""
        assert self.program.get(f"/api/v1/patients/all/{self.town.neighbour}").status_code == 404

    def fhir_out(self) -> None:
        """Give a record out as FHIR, its papers with it."""
        with self.town.harbour.activate(door="cli") as activation:
            bundle_of(self.town.own, self.by)
            flush_reads()
            self.expected.append((activation.request_id, "read:export", self.town.own))

    def fhir_in(self) -> None:
        """Bring in what another system says of the patient: a fact, a warning and a paper."""
        with self.town.harbour.activate(door="cli") as activation:
            bundle = bundle_of(self.town.own, HOUSE)
            patient, paper = (entry["resource"] for entry in bundle["entry"][:2])
            patient["gender"] = ("male", "other", "female")[len(self.expected) % 3]
            paper |= {"id": f"paper {len(self.expected)}", "description": f"Paper {len(self.expected)}"}
            file = self.town.house.config.data_folder / f"{len(self.expected)}.json"
            file.write_text(json.dumps(bundle), "utf-8")
            changed = Patient.get(Patient.uid == self.town.own).sex != patient["gender"]
            assert not import_files(file, HOUSE).failures
            made = [f"write:{one}" for one in ("patients.add_document", *(["patients.edit"] if changed else []))]
            self.expected += [(activation.request_id, what, self.town.own) for what in made]

    def job(self) -> None:
        """A job takes a list out and changes a fact of those marked; its entries carry the uid of the job."""
        with self.town.harbour.activate(door="web"):
            order = order_of(PATIENTS, narrowed(PATIENTS, {}, self.by), ("name", "phone"), "csv", self.by)
            export = ask_for_export(order, by=self.by)
            run = bulk.mark(PATIENTS, [self.town.own], None, by=self.by)
            called = {"fact": "called", "values": {"called": f"J{len(self.expected)}"}}
            bulk.start(run, "edit", called, False, by=self.by)
            run = BulkRun.get_by_id(run.id)
        run_jobs(self.town.harbour)
        self.expected.append((export.job_uid, "read:export", self.town.own))
        self.expected.append((run.job_uid, "write:patients.edit", self.town.own))

    def denied(self) -> None:
        """Try what is not allowed."""
        answer = self.clerk.get("/people")
        assert answer.status_code == 403
        self.expect(answer, "refused:core.people", "")

    def wrong_password(self) -> None:
        """Somebody at the door with the wrong password."""
        visitor = self.town.house.visitor(self.town.harbour)
        visitor.get("/sign-in")
        answer = visitor.post("/sign-in", {"name": f"nobody{len(self.expected)}", "password": "wrong in any case"})
        self.expect(answer, "refused:core.sign_in", "")

    def expect(self, answer, what: str, whose: str) -> None:
        """Remember what the audit must say of this request."""
        self.expected.append((answer.headers["X-Request-Id"], what, whose))


def audit_of(site: Site) -> set[tuple[str, str, str]]:
    """What the audit says: request, what, whose."""
    with site.activate():
        found = set()
        for row in JournalRow.select():
            verb = "refused" if row.outcome == "refused" else "write"
            found.add((row.request_id, f"{verb}:{row.act}", row.subject_uid))
        database = read_store(site).database
        rows = database.execute_sql("SELECT request_id, kind, subject_uid, uids FROM core_read").fetchall()
        for request, kind, subject, uids in rows:
            found.add((request, f"read:{kind}", subject))
            found |= {(request, f"read:{kind}", uid) for uid in uids.strip('[]"').split('","') if uid}
    return found


def test_every_operation_is_in_the_audit_with_whom_it_was_about(town: Town) -> None:
    chance = random.Random(14)
    operations = Operations(town)
    kinds = [
        operations.chart,
        operations.search,
        operations.palette,
        operations.history,
        operations.flag,
        operations.label,
        operations.papers,
        operations.paper,
        operations.lists,
        operations.summary,
        operations.edit,
        operations.foreign,
        operations.give,
        operations.denied,
        operations.program_reads,
        operations.program_writes,
        operations.program_refused,
        operations.fhir_out,
        operations.fhir_in,
    ]
    for _ in range(rounds(120, 2000)):
        chance.choice(kinds)()
    operations.wrong_password()
    for _ in range(rounds(1, 20)):
        operations.job()
    told = audit_of(town.harbour)
    missing = set(operations.expected) - told
    assert not missing
    met = {request for request, _what, _whose in operations.expected}
    assert {whose for request, what, whose in told if request in met and what.startswith("read:")} <= {town.own, ""}


def test_what_cannot_be_written_down_is_not_done(town: Town) -> None:
    """Without the journal nothing is stored, by no door."""
    at = f"/patients/{town.own}"
    with town.harbour.activate():
        before = Flag.select().count()
        town.harbour.database.execute_sql("ALTER TABLE core_journal RENAME TO core_journal_gone")
        town.harbour.database.close()
    try:
        answer = town.clerk.post(f"{at}/flags/new", {"text": "Unwritten", "severity": "info"})
        assert answer.status_code == 500
        with town.harbour.activate(), pytest.raises(peewee.OperationalError):
            flag_patient(Patient.get(Patient.uid == town.own), "Unwritten", by=HOUSE)
    finally:
        with town.harbour.activate():
            town.harbour.database.execute_sql("ALTER TABLE core_journal_gone RENAME TO core_journal")
            town.harbour.database.close()
    with town.harbour.activate():
        assert Flag.select().count() == before
    assert town.clerk.post(f"{at}/flags/new", {"text": "Written", "severity": "info"}).status_code == 303


def test_what_cannot_be_written_down_is_not_shown(town: Town) -> None:
    with town.harbour.activate():
        database = read_store(town.harbour).database
        database.execute_sql("ALTER TABLE core_read RENAME TO core_read_gone")
        database.close()
    try:
        answer = town.clerk.get(f"/patients/{town.own}")
        assert answer.status_code == 503
        assert "Olga" not in answer.text
    finally:
        with town.harbour.activate():
            database.execute_sql("ALTER TABLE core_read_gone RENAME TO core_read")
            database.close()
    assert town.clerk.get(f"/patients/{town.own}").status_code == 200
