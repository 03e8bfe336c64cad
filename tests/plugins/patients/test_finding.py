"""Finding people: names in any order and script, numbers, phones, birth dates, and what nobody may see."""

from datetime import date

import pytest

from core.errors import Forbidden
from core.places.services import PlaceDetails, add_place
from core.sites import current
from core.testing.house import HOUSE
from plugins.patients.models import Patient
from plugins.patients.services import finding
from plugins.patients.services.asking import understood
from plugins.patients.services.details import AddressDetails, IdentifierDetails, NameDetails, TelecomDetails
from plugins.patients.services.finding import find_patients
from plugins.patients.services.registering import add_name, edit_patient
from tests.plugins.patients.conftest import clerk, entering, kind
from tests.plugins.patients.test_registering import MAI, facts_of


def names(text, by):
    return [hit.name for hit in find_patients(text, by=by).hits]


@pytest.fixture
def people(desk_anywhere, grace):
    enter = entering(grace)
    enter("Nguyễn Thị Mai", "1992-03-02", sex="female", telecoms=(TelecomDetails("0712 555 018"),))
    enter("Nguyễn Văn Minh", "1975-01-07", telecoms=(TelecomDetails("+254 701 555 377"),))
    enter("Ng’ang’a, Peter Mburu", "1959-04-04", addresses=(AddressDetails(area="Nyali"),))
    enter("Guðrún Jónsdóttir", "1988-11-30")
    enter("محمد المصري", "1990-05-05")
    enter("王秀英", "1961-12-12")
    enter("Mohammed Ali Omar", "1992-03-02")
    enter("Seán O’Brien", "2001-12-11", telecoms=(TelecomDetails("sean@example.org", "email"),))
    return grace


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("nguyen mai", ["Nguyễn Thị Mai"]),
        ("mai nguy", ["Nguyễn Thị Mai"]),
        ("MAI THI NGUYEN", ["Nguyễn Thị Mai"]),
        ("ngu", ["Nguyễn Văn Minh", "Nguyễn Thị Mai"]),
        ("nganga", ["Ng’ang’a, Peter Mburu"]),
        ("ng'ang'a pet", ["Ng’ang’a, Peter Mburu"]),
        ("gudrun", ["Guðrún Jónsdóttir"]),
        ("Jonsdottir", ["Guðrún Jónsdóttir"]),
        ("مصري", ["محمد المصري"]),
        ("秀英", ["王秀英"]),
        ("王", ["王秀英"]),
        ("brien", ["Seán O’Brien"]),
        ("obri", ["Seán O’Brien"]),
        ("muhamad ali", ["Mohammed Ali Omar"]),
        ("00000002", ["Nguyễn Văn Minh"]),
        ("0000-0002", ["Nguyễn Văn Minh"]),
        ("0712 555 018", ["Nguyễn Thị Mai"]),
        ("+254712555018", ["Nguyễn Thị Mai"]),
        ("555018", ["Nguyễn Thị Mai"]),
        ("5018", ["Nguyễn Thị Mai"]),
        ("sean@example", ["Seán O’Brien"]),
        ("02/03/1992", ["Mohammed Ali Omar", "Nguyễn Thị Mai"]),
        ("2 Mar 1992", ["Mohammed Ali Omar", "Nguyễn Thị Mai"]),
        ("1992-03-02 mai", ["Nguyễn Thị Mai"]),
        ("mai 1992", ["Nguyễn Thị Mai"]),
        ("mai 1993", []),
        ("1961", ["王秀英"]),
        ("zebedee", []),
        ("", []),
        ("x", []),
        ("'\"%_\\ --", []),
    ],
)
def test_people_are_found_as_they_are_asked_for(desk_anywhere, people, typed, found):
    assert names(typed, people) == found


def test_whole_words_come_before_words_begun_and_new_before_old(desk, enter, grace):
    for name in ("Ali Hassan", "Alice Otieno", "Alitalia Were", "Hassan Ali"):
        enter(name)
    assert names("ali", grace) == ["Ali Hassan", "Hassan Ali", "Alitalia Were", "Alice Otieno"]


def test_many_are_capped_and_say_so(desk, enter, grace):
    for number in range(12):
        enter(f"Mary {'ABCDEFGHIJKL'[number]}tieno")
    found = find_patients("mary", by=grace, limit=5)
    assert len(found.hits) == 5
    assert found.is_capped
    assert not find_patients("mary atieno", by=grace, limit=5).is_capped


def test_a_further_name_and_an_identifier_find_too(desk, enter, grace):
    patient = enter("Grace Wanjiru", identifiers=(IdentifierDetails(kind(check_digit=""), "AB-12 345"),))
    add_name(patient, NameDetails("Грейс Ванджиру", use="official"), by=grace)
    for typed in ("ванджиру", "ab12345", "AB-12", "ab 12 345"):
        assert names(typed, grace) == ["Grace Wanjiru"], typed


def test_a_changed_name_is_found_and_the_old_one_is_not(desk, enter, grace):
    patient = enter("Mai Nguyen", "1992-03-02")
    edit_patient(patient, type(MAI)(**{**facts_of(MAI), "name": "Mai Otieno", "called": ""}), by=grace)
    assert names("otieno 1992", grace) == ["Mai Otieno"]
    assert names("nguyen", grace) == []


def test_only_what_somebody_may_see_is_met(desk_anywhere, grace):
    clinic = add_place(PlaceDetails("Clinic", "facility"), by=HOUSE)
    ward = add_place(PlaceDetails("Ward", "facility"), by=HOUSE)
    enter = entering(grace)
    here = enter("Mary Atieno", "1990-01-01", place=clinic, telecoms=(TelecomDetails("0712 000 001"),))
    enter("Mary Achieng", "1990-01-01", place=ward, telecoms=(TelecomDetails("0712 100 001"),))
    enter("Mary Nowhere", "1990-01-01", telecoms=(TelecomDetails("0712 200 001"),))
    nurse = clerk(place=clinic.id)
    for typed in ("mary", "ma a", "mary 1990", "0001", "01/01/1990", "00000001", "00000002"):
        assert set(names(typed, nurse)) <= {here.name}, typed
    assert names("mary", nurse) == [here.name]
    assert len(names("mary", grace)) == 3


def test_a_large_scope_filters_before_the_cap(desk, enter, grace, monkeypatch):
    monkeypatch.setattr(finding, "SMALL_SCOPE", 2)
    monkeypatch.setattr(finding, "SHORT", 2)
    clinic = add_place(PlaceDetails("Clinic", "facility"), by=HOUSE)
    for number in range(3):
        enter(f"Mary Clinic {number}", place=clinic)
    for number in range(30):
        enter(f"Mary Elsewhere {number}")
    assert len(names("mary", clerk(place=clinic.id))) == 3
    assert len(names("mary cl", clerk(place=clinic.id))) == 3


def test_a_small_scope_drives_the_search(desk, enter, grace, monkeypatch):
    monkeypatch.setattr(finding, "SHORT", 2)
    clinic = add_place(PlaceDetails("Clinic", "facility"), by=HOUSE)
    enter("Mary Clinic", "1990-01-01", place=clinic)
    for number in range(30):
        enter(f"Mary Elsewhere {number}", "1990-01-01")
    assert names("mary", clerk(place=clinic.id)) == ["Mary Clinic"]
    assert names("ma cl 1990", clerk(place=clinic.id)) == ["Mary Clinic"]
    assert names("ma cl 1991", clerk(place=clinic.id)) == []


def test_looking_needs_the_permission(desk):
    with pytest.raises(Forbidden):
        find_patients("mary", by=clerk(held=frozenset(("core.sign_in",))))


def test_whom_a_search_showed_is_remembered(desk, enter, grace):
    patient = enter("Mary Atieno")
    find_patients("atieno", by=grace)
    assert current().memory["reads"] == {("search", "", "atieno"): [patient.uid]}


def test_a_common_pair_is_walked_to_the_end_of_what_is_allowed(desk, enter, grace, monkeypatch):
    monkeypatch.setattr(finding, "SHORT", 3)
    monkeypatch.setattr(finding, "MOST_WALKED", 6)
    for number in range(10):
        enter(f"Mary Atieno {number}")
    found = find_patients("mary atieno", by=grace)
    assert found.is_capped
    assert 6 <= len(found.hits) <= 10


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("1992-03-02", [date(1992, 3, 2)]),
        ("2/3/1992", [date(1992, 3, 2), date(1992, 2, 3)]),
        ("2.3.92", [date(1992, 3, 2), date(1992, 2, 3)]),
        ("25/12/1980", [date(1980, 12, 25)]),
        ("12-25-1980", [date(1980, 12, 25)]),
        ("25 december 1980", [date(1980, 12, 25)]),
        ("Dec 25, 1980", [date(1980, 12, 25)]),
        ("25dec1980", [date(1980, 12, 25)]),
        ("19801225", [date(1980, 12, 25)]),
        ("25121980", [date(1980, 12, 25)]),
        ("٢٥/١٢/١٩٨٠", [date(1980, 12, 25)]),
        ("31/02/1980", []),
        ("31/12/2999", []),
        ("1/1/1066", []),
    ],
)
def test_dates_are_understood_as_people_write_them(typed, days):
    assert list(understood(typed).days) == days


def test_months_are_understood_in_the_readers_language():
    assert understood("2 mars 1992", "fr").days == (date(1992, 3, 2),)
    assert understood("2 березня 1992", "uk").days == (date(1992, 3, 2),)


def test_everybody_registered_is_found_by_each_of_their_words(desk, grace):
    enter = entering(grace)
    for name in (
        "Ó Súilleabháin Aoife",
        "van der Berg Jan",
        "Marie-Claire Dubois",
        "김민수",
        "Weiß Jürgen",
        "सरस्वती शर्मा",
    ):
        patient = enter(name)
        for word in name.split():
            if len(word) > 1:
                assert patient.name in names(word, grace), word
    assert Patient.select().count() == 6
