"""Many at the same desk at once: one person one record, no number twice, no edit lost."""

import threading
from datetime import date

import pytest

from core.errors import Conflict, MedleyError, Refused
from plugins.patients.errors import IdentifierTaken
from plugins.patients.models import Identifier, Patient
from plugins.patients.services.details import IdentifierDetails, PatientDetails
from plugins.patients.services.registering import edit_patient, register_patient
from tests.plugins.patients.conftest import kind

ROUNDS = 3
CLERKS = 16


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


@pytest.mark.slow
def test_of_sixteen_who_claim_one_number_one_wins(site_anywhere, grace):
    with site_anywhere.activate():
        national = kind(check_digit="")
    for number in range(ROUNDS):
        claim = (IdentifierDetails(national, f"ID-{number}"),)
        works = [
            lambda clerk=clerk, claim=claim: register_patient(
                PatientDetails(f"Clerk {'ABCDEFGHIJKLMNOP'[clerk]}atu", identifiers=claim),
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
    for _round in range(ROUNDS):
        works = [
            lambda clerk=clerk: register_patient(
                PatientDetails(f"Person {'ABCDEFGHIJKLMNOP'[clerk]}ndu"), by=grace, is_new=True, is_complete=False
            )
            for clerk in range(CLERKS)
        ]
        assert all(isinstance(end, Patient) for end in at_once(site_anywhere, works))
    with site_anywhere.activate():
        numbers = [number for (number,) in Patient.select(Patient.number).tuples()]
    assert len(numbers) == len(set(numbers)) == ROUNDS * CLERKS


@pytest.mark.slow
def test_of_eight_who_edit_what_they_saw_one_wins_and_seven_see_both(site_anywhere, grace):
    with site_anywhere.activate():
        uid = register_patient(PatientDetails("Mai Nguyen", born_on=date(1992, 3, 2)), by=grace, is_complete=False).uid
    for version in range(1, ROUNDS + 1):

        def edit(editor, version=version):
            patient = Patient.get(Patient.uid == uid)
            details = PatientDetails("Mai Nguyen", called=f"Mai {version} {editor}", born_on=date(1992, 3, 2))
            return edit_patient(patient, details, by=grace, version=version)

        ends = at_once(site_anywhere, [lambda editor=editor: edit(editor) for editor in range(8)])
        conflicts = [end for end in ends if isinstance(end, Conflict)]
        assert len(conflicts) == 7, ends
        assert all(end.mine["called"] != end.theirs["called"] for end in conflicts if end.mine)
    with site_anywhere.activate():
        assert Patient.get(Patient.uid == uid).version == ROUNDS + 1


def test_a_refused_registration_leaves_nothing_behind(desk, grace):
    with pytest.raises(Refused):
        register_patient(
            PatientDetails("Anna", identifiers=(IdentifierDetails(kind(), "not a number"),)),
            by=grace,
            is_complete=False,
        )
    assert Patient.select().count() == 0
