"""Entering a person: what is asked for, what is refused, and what is stored beside them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core import clock
from core.errors import Conflict, Forbidden, Refused
from core.storage.journal.history import history_of
from plugins.patients.errors import IdentifierTaken
from plugins.patients.models import Address, ContactPerson, Identifier, Patient, SearchToken, Telecom
from plugins.patients.services.details import (
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    NameDetails,
    PatientDetails,
    TelecomDetails,
)
from plugins.patients.services.registering import (
    add_name,
    edit_patient,
    register_patient,
    retire_name,
    retire_patient,
)
from tests.plugins.patients.conftest import clerk, kind

MAI = PatientDetails(
    name="Nguyễn Thị Mai",
    called="Mai",
    sex="female",
    born_on=date(1992, 3, 2),
    language="vi",
    telecoms=(TelecomDetails("0712 555 018"),),
    addresses=(AddressDetails(area="Nyali"),),
    contacts=(ContactDetails("Hồ Văn Tâm", "Husband", phone="0712 555 019"),),
)


def test_a_person_is_registered_with_all_that_was_said(desk_anywhere, grace):
    national = kind()
    details = PatientDetails(**{**facts_of(MAI), "identifiers": (IdentifierDetails(national, "2930 4471 880"),)})
    patient = register_patient(details, by=grace)

    stored = Patient.get(Patient.uid == patient.uid)
    assert (stored.number, stored.name, stored.called) == ("00000001", "Nguyễn Thị Mai", "Mai")
    assert (stored.sex, stored.born_on, stored.born_precision, stored.version) == ("female", date(1992, 3, 2), "day", 1)
    assert Telecom.get().e164 == "+254712555018"
    assert Identifier.get().plain == "29304471880"
    assert Address.get().area == "Nyali"
    assert (ContactPerson.get().relation, ContactPerson.get().e164) == ("Husband", "+254712555019")
    assert SearchToken.select().count() > 20


def test_registering_is_one_entry_in_the_persons_history(desk, grace):
    patient = register_patient(MAI, by=grace)
    happened = history_of(patient.uid)
    assert {one.row.act for one in happened} == {"patients.register"}
    assert {one.row.subject_uid for one in happened} == {patient.uid}
    assert {one.row.noun for one in happened} == {"patient", "telecom", "address", "contact_person"}


def test_the_same_form_sent_twice_registers_once(desk, grace):
    first = register_patient(MAI, by=grace, idempotency_key="form 1")
    again = register_patient(MAI, by=grace, idempotency_key="form 1")
    assert again.uid == first.uid
    assert Patient.select().count() == 1


def test_a_name_alone_will_do_where_the_site_asks_for_no_more(desk, grace):
    patient = register_patient(PatientDetails(name="Suharto"), by=grace, is_complete=False)
    assert (patient.born_on, patient.born_precision, patient.sex) == (None, "", "unknown")


def test_what_the_site_asks_for_must_be_there(desk, grace):
    with pytest.raises(Refused) as refused:
        register_patient(PatientDetails(name="Suharto"), by=grace)
    assert set(refused.value.fields) == {"born_on", "sex"}


def test_a_name_is_kept_as_written(desk, enter):
    assert enter("  Ng’ang’a,   PETER  mburu ").name == "Ng’ang’a, PETER mburu"
    assert enter("José").name == "José"
    assert enter("محمد\u202e الحسن").name == "محمد الحسن"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \t\n"}, "name"),
        ({"name": "12345"}, "name"),
        ({"name": "\u0301\u0301"}, "name"),
        ({"name": "A" * 301}, "name"),
        ({"name": "Ann\x00a"}, "name"),
        ({"name": "Ann\ud800a"}, "name"),
        ({"sex": "F"}, "sex"),
        ({"called": "x" * 121}, "called"),
        ({"language": "klingon please"}, "language"),
        ({"born_on": date(1750, 1, 1)}, "born_on"),
        ({"born_precision": "roughly"}, "born_on"),
        ({"birth_order": 40}, "birth_order"),
        ({"deceased_at": datetime(1991, 1, 1, tzinfo=UTC)}, "deceased_at"),
        ({"telecoms": (TelecomDetails("none"),)}, "phone"),
        ({"telecoms": (TelecomDetails("nobody at home", "email"),)}, "email"),
        ({"telecoms": (TelecomDetails("0712", "carrier pigeon"),)}, "kind"),
        ({"telecoms": (TelecomDetails("0712 555 018"),) * 60}, "telecoms"),
        ({"addresses": (AddressDetails(postal_code="9" * 21),)}, "postal_code"),
    ],
)
def test_what_can_not_be_is_refused_and_nothing_is_stored(desk, grace, facts, field):
    with pytest.raises(Refused) as refused:
        register_patient(PatientDetails(**{**facts_of(MAI), **facts}), by=grace)
    assert field in refused.value.fields
    assert Patient.select().count() == 0


def test_nobody_is_born_tomorrow(desk, grace):
    tomorrow = clock.now().date() + timedelta(days=2)
    with pytest.raises(Refused) as refused:
        register_patient(PatientDetails(name="Baby", born_on=tomorrow), by=grace, is_complete=False)
    assert "born_on" in refused.value.fields


def test_registering_needs_the_permission(desk):
    with pytest.raises(Forbidden):
        register_patient(MAI, by=clerk(held=frozenset(("patients.view",))))


def test_a_number_with_a_wrong_check_digit_is_refused(desk, enter):
    with pytest.raises(Refused) as refused:
        enter("Mai", identifiers=(IdentifierDetails(kind(), "2930 4471 887"),))
    assert "last digit" in str(refused.value.fields["identifier"])
    assert Patient.select().count() == 0


def test_a_number_must_look_like_its_kind(desk, enter):
    passport = kind(key="passport", label="Passport", check_digit="", shape="@#######")
    assert enter("Anna", identifiers=(IdentifierDetails(passport, "a-1234567"),)).name == "Anna"
    with pytest.raises(Refused):
        enter("Berta", identifiers=(IdentifierDetails(passport, "1234567"),))


def test_a_number_is_one_persons_alone_where_its_kind_says_so(desk_anywhere, grace):
    national = kind(check_digit="")
    card = kind(key="card", label="Family card", check_digit="", is_unique=False)
    both = (IdentifierDetails(national, "77-1"), IdentifierDetails(card, "F-1"))
    register_patient(PatientDetails("Anna", identifiers=both), by=grace, is_new=True, is_complete=False)
    with pytest.raises(IdentifierTaken):
        register_patient(PatientDetails("Berta", identifiers=both[:1]), by=grace, is_new=True, is_complete=False)
    register_patient(PatientDetails("Carla", identifiers=both[1:]), by=grace, is_new=True, is_complete=False)
    assert sorted(one.name for one in Patient.select()) == ["Anna", "Carla"]


def test_a_stale_edit_shows_both_versions(desk_anywhere, grace):
    patient = register_patient(MAI, by=grace)
    mine, theirs = (Patient.get(Patient.uid == patient.uid) for _both in range(2))
    edit_patient(theirs, PatientDetails(**{**facts_of(MAI), "called": "Mai Anh"}), by=grace, version=1)
    with pytest.raises(Conflict) as conflict:
        edit_patient(mine, PatientDetails(**{**facts_of(MAI), "called": "Miss Mai"}), by=grace, version=1)
    assert conflict.value.mine["called"] == "Miss Mai"
    assert conflict.value.theirs["called"] == "Mai Anh"


def test_a_further_name_finds_the_patient_until_it_is_taken_away(desk, enter, grace):
    patient = enter("Grace Wanjiru")
    maiden = add_name(patient, NameDetails("Grace Odhiambo", use="maiden"), by=grace)
    words = Patient.get_by_id(patient.id).words
    assert "odhiambo" in words
    retire_name(maiden, "another Grace", by=grace)
    assert "odhiambo" not in Patient.get_by_id(patient.id).words


def test_a_retired_record_is_found_no_longer(desk, enter, grace):
    patient = enter("Grace Wanjiru")
    with pytest.raises(Refused):
        retire_patient(patient, " ", by=grace)
    retire_patient(patient, "made twice", by=grace)
    assert SearchToken.select().count() == 0
    assert Patient.get_by_id(patient.id).retired_reason == "made twice"


def facts_of(details: PatientDetails) -> dict:
    return {name: getattr(details, name) for name in PatientDetails.__slots__}
