"""People who may be the same: how alike they are, in what, and what the clerk is asked."""

from datetime import date

import pytest

from core.places.services import PlaceDetails, add_place
from core.storage.journal.history import history_of
from core.testing.house import HOUSE
from plugins.patients.errors import PossibleDuplicate
from plugins.patients.models import Patient
from plugins.patients.services.details import AddressDetails, IdentifierDetails, PatientDetails, TelecomDetails
from plugins.patients.services.duplicates import likely_duplicates
from plugins.patients.services.registering import register_patient
from tests.plugins.patients.conftest import clerk, kind

MAI = PatientDetails(
    "Nguyễn Thị Mai",
    sex="female",
    born_on=date(1992, 3, 2),
    telecoms=(TelecomDetails("0712 555 018"),),
    addresses=(AddressDetails(area="Nyali"),),
)


def score(details: PatientDetails, by) -> int:
    found = likely_duplicates(details, by=by)
    return found[0].score if found else 0


@pytest.fixture
def mai(desk_anywhere, grace) -> Patient:
    return register_patient(MAI, by=grace)


def test_the_same_person_scores_near_hundred_and_is_shown_side_by_side(mai, grace):
    [duplicate] = likely_duplicates(MAI, by=grace)
    assert duplicate.score >= 95
    assert duplicate.hit.uid == mai.uid
    assert {fact.field: fact.is_same for fact in duplicate.compared} == {
        "name": True, "born": True, "sex": True, "phone": True, "area": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "Mai Nguyen Thi", "born_on": date(1992, 3, 2)},
        {"name": "nguyen thi mai", "born_on": date(1992, 2, 3)},
        {"name": "Nguyen Thi May", "born_on": date(1992, 3, 2), "sex": "female"},
        {"name": "Nguyen Mai", "born_on": date(1992, 3, 2), "telecoms": (TelecomDetails("+254712555018"),)},
    ],
)
def test_slips_of_the_pen_are_asked_about(mai, grace, facts):
    assert score(PatientDetails(**facts), grace) >= 80
    with pytest.raises(PossibleDuplicate) as question:
        register_patient(PatientDetails(**facts), by=grace, is_complete=False)
    assert [one.hit.uid for one in question.value.duplicates] == [mai.uid]
    assert "Nguyễn Thị Mai, 00000001" in str(question.value.facts[0])


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "Nguyễn Thị Mai", "born_on": date(1951, 7, 20), "sex": "female"},
        {"name": "Nguyễn Thị Lan", "born_on": date(1992, 7, 20), "sex": "female"},
        {"name": "Peter Otieno", "born_on": date(1992, 3, 2), "sex": "male"},
        {"name": "Mai", "telecoms": (TelecomDetails("0712 555 018"),), "born_on": date(2019, 7, 26)},
    ],
)
def test_others_are_registered_without_a_question(mai, grace, facts):
    assert score(PatientDetails(**facts), grace) < 80
    assert register_patient(PatientDetails(**facts), by=grace, is_complete=False).number == "00000002"


def test_only_a_name_is_shown_and_not_asked_about(mai, grace):
    assert 60 <= score(PatientDetails("Nguyễn Thị Mai"), grace) < 80


def test_names_that_sound_alike_are_met(desk, enter, grace):
    enter("Mohammed Abdalla Saleem", "1980-06-15", sex="male")
    details = PatientDetails("Mohamed Abdallah Salim", sex="male", born_on=date(1980, 6, 15))
    assert score(details, grace) >= 80


def test_a_number_both_carry_says_it_all(desk, enter, grace):
    card = kind(key="card", label="Card", check_digit="", is_unique=False)
    enter("Grace Wanjiru", identifiers=(IdentifierDetails(card, "C-77"),))
    assert score(PatientDetails("G. Mwangi", identifiers=(IdentifierDetails(card, "c77"),)), grace) >= 95


def test_the_clerks_judgement_is_noted(mai, grace):
    twin = register_patient(MAI, by=grace, is_new=True)
    [noted] = [one for one in history_of(twin.uid) if one.row.act == "patients.judged_different"]
    assert noted.content == {"not_the_same_as": [mai.uid]}


def test_nobody_is_shown_whom_the_clerk_may_not_see(mai, grace):
    elsewhere = add_place(PlaceDetails("Clinic", "facility"), by=HOUSE)
    assert likely_duplicates(MAI, by=clerk(place=elsewhere.id)) == []


def test_what_is_half_typed_does_no_harm(mai, grace):
    for facts in ({"name": ""}, {"name": "N"}, {"name": "'"}, {"name": "Mai", "telecoms": (TelecomDetails("07"),)}):
        likely_duplicates(PatientDetails(**facts), by=grace)
