"""Many at the same desk at once: one person one record, no number twice, no edit lost."""

import re
import threading
import time
from datetime import date

import pytest

from core.errors import Conflict, MedleyError, Refused
from core.settings import change_settings, setting_rows, settings_of
from core.testing.house import HOUSE
from plugins.patients.errors import IdentifierTaken
from plugins.patients.models import Identifier, Patient
from plugins.patients.services.details import IdentifierDetails, PatientDetails
from plugins.patients.services.registering import edit_patient, register_patient
from tests.core.storage.clinic import do
from tests.hospital import SOAK, rounds
from tests.plugins.patients.conftest import kind

pytestmark = SOAK

ROUNDS = rounds(3, 50)
EDITS = rounds(3, 100)
CLERKS = 16
LETTERS = "ABCDEFGHIJKLMNOP"


def at_once(site, works):
    """Let every work begin at the same moment; what each returned or raised."""
    start = threading.Barrier(len(works))
    ends = [None] * len(works)

    def run(place, work):
        with site.activate(door="web"):
            start.wait()
            try:
                ends[place] = work()
            except MedleyError as refusal:
                ends[place] = refusal

    threads = [threading.Thread(target=run, args=facts) for facts in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


def named(number):
    """A name for each round, for people of one name would be taken for one."""
    return f"{LETTERS[number // 16]}{LETTERS[number % 16].lower()}wende"


@pytest.mark.slow
def test_of_sixteen_who_claim_one_number_one_wins(site_anywhere, grace):
    with site_anywhere.activate():
        national = kind(check_digit="")
    for number in range(ROUNDS):
        claim = (IdentifierDetails(national, f"ID-{number}"),)
        works = [
            lambda clerk=clerk, claim=claim, number=number: register_patient(
                PatientDetails(f"Clerk {LETTERS[clerk]}atu {named(number)}", identifiers=claim),
                by=grace, is_new=True, is_complete=False,
            )
            for clerk in range(CLERKS)
        ]  # fmt: skip
        ends = at_once(site_anywhere, works)
        assert sum(isinstance(end, Patient) for end in ends) == 1
        assert sum(isinstance(end, IdentifierTaken) for end in ends) == CLERKS - 1
    with site_anywhere.activate():
        assert Identifier.select().count() == Patient.select().count() == ROUNDS


@pytest.mark.slow
def test_sixteen_persons_get_sixteen_numbers(site_anywhere, grace):
    for number in range(ROUNDS):
        works = [
            lambda clerk=clerk, number=number: register_patient(
                PatientDetails(f"Person {LETTERS[clerk]}ndu {named(number)}"),
                by=grace, is_new=True, is_complete=False,
            )
            for clerk in range(CLERKS)
        ]  # fmt: skip
        assert all(isinstance(end, Patient) for end in at_once(site_anywhere, works))
    with site_anywhere.activate():
        numbers = [number for (number,) in Patient.select(Patient.number).tuples()]
    assert len(numbers) == len(set(numbers)) == ROUNDS * CLERKS


@pytest.mark.slow
def test_of_eight_who_edit_what_they_saw_one_wins_and_seven_see_both(site_anywhere, grace):
    with site_anywhere.activate():
        uid = register_patient(PatientDetails("Mai Nguyen", born_on=date(1992, 3, 2)), by=grace, is_complete=False).uid
    for version in range(1, EDITS + 1):

        def edit(editor, version=version):
            patient = Patient.get(Patient.uid == uid)
            details = PatientDetails("Mai Nguyen", called=f"Mai {version} {editor}", born_on=date(1992, 3, 2))
            return edit_patient(patient, details, by=grace, version=version)

        ends = at_once(site_anywhere, [lambda editor=editor: edit(editor) for editor in range(8)])
        conflicts = [end for end in ends if isinstance(end, Conflict)]
        assert len(conflicts) == 7, ends
        assert all(end.mine["called"] != end.theirs["called"] for end in conflicts if end.mine)
    with site_anywhere.activate():
        assert Patient.get(Patient.uid == uid).version == EDITS + 1


def test_a_refused_registration_leaves_nothing_behind(desk, grace):
    with pytest.raises(Refused):
        register_patient(
            PatientDetails("Anna", identifiers=(IdentifierDetails(kind(), "not a number"),)),
            by=grace,
            is_complete=False,
        )
    assert Patient.select().count() == 0


def test_of_two_who_answer_a_question_for_the_first_time_one_is_told_of_the_other(house, site_anywhere):
    """The other's row is stored, but not yet for good, when the form comes in."""
    boss = house.visitor(site_anywhere, house.person(site_anywhere, "Ada Admin", "administrator"))
    page = boss.get("/settings/patients").get_data(as_text=True)
    facts = dict(re.findall(r'<input[^>]*name="(version|idempotency_key)"[^>]*value="([^"]*)"', page))
    assert facts["version"] == "0"
    stored, sent = threading.Event(), threading.Event()

    def answer_and_wait():
        change_settings("patients", {"search_pause": 400}, by=HOUSE, version=0)
        stored.set()
        sent.wait(10)
        time.sleep(0.5)

    def be_first():
        with site_anywhere.activate(door="test"):
            do(answer_and_wait, by=HOUSE)

    first = threading.Thread(target=be_first)
    first.start()
    assert stored.wait(10)
    sent.set()
    answer = boss.post("/settings/patients", {**settings_sent(page), **facts, "search_pause": "500"})
    first.join(20)
    assert answer.status_code == 409
    assert "Changed by someone else meanwhile" in answer.get_data(as_text=True)
    with site_anywhere.activate():
        assert settings_of("patients").search_pause == 400
        assert {row.value["value"] for row in setting_rows("patients").values()} == {400}


def settings_sent(page):
    """What a browser sends of the settings as they stand."""
    sent = {}
    for tag in re.findall(r"<input[^>]*>", page.partition("</main>")[0]):
        facts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if facts.get("type") in ("number", "text") or (facts.get("type") == "checkbox" and " checked" in tag):
            sent[facts["name"]] = facts.get("value", "y")
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        sent[name] = next(iter(re.findall(r'<option selected value="([^"]*)"', options)), "")
    return sent
