"""What a hospital adds to its patients: asked at the desk, kept in the same act, shown on the chart."""

import json
import re
from datetime import date

import pytest

from core.resources.custom.checking import FieldDetails
from core.resources.custom.defining import add_field
from core.resources.custom.models import CustomField
from core.resources.writing import edit_record, values_of
from core.settings import change_settings
from core.sites import Site
from core.storage.journal.history import history_of
from core.testing.house import HOUSE, House, Visitor, actor_of
from plugins.patients.models import ContactPerson, Identifier, Patient, Telecom, ToldApart
from plugins.patients.resources import PATIENTS
from plugins.patients.services.born import Birth
from plugins.patients.services.details import PatientDetails, TelecomDetails
from plugins.patients.services.finding import find_patients
from plugins.patients.services.identifiers import TypeDetails, add_identifier_type
from plugins.patients.services.merging.acts import merge_patients, unmerge_patients
from plugins.patients.services.merging.prospect import Settlement, look_at_merge
from plugins.patients.services.reaching import add_telecom
from plugins.patients.services.registering import register_patient
from plugins.patients.services.unidentified import register_unidentified
from tests.plugins.patients.test_pages import registered, send, text

NEW, AMINA = "/patients/new", {"name": "Amina Yusuf", "born": "1990", "sex": "female"}


def ask(site: Site, name: str, title: str, **facts: object) -> CustomField:
    """An administrator adds a field."""
    rules = {one: facts.pop(one) for one in ("shape", "choices") if one in facts}
    with site.activate(door="web"):
        return add_field(
            "patients.patient", f"x_{name}", FieldDetails(title, kind="line", rules=rules, **facts), by=HOUSE
        )


def newcomer(name: str) -> Patient:
    """Somebody entered without a question."""
    return register_patient(PatientDetails(name=name, sex="female", born_on=date(1990, 5, 17)), by=HOUSE, is_new=True)


@pytest.fixture
def grace(house: House, site: Site) -> Visitor:
    return house.visitor(site, house.person(site, "Grace Wanjiru", "receptionist"))


def test_a_field_of_the_hospitals_own_is_asked_kept_shown_and_changed(grace: Visitor, site: Site):
    assert "Further facts" not in text(grace.get(NEW))
    clan = ask(site, "clan", "Clan", is_required=True)
    page = text(grace.get(NEW))
    assert re.search(r"<h2[^>]*>Further facts|<legend[^>]*>Further facts", page), "the section has a heading"
    assert 'name="x_clan"' in page

    # What must be answered is asked for, and nothing is stored meanwhile.
    refused = send(grace, NEW, **AMINA)
    assert refused.status_code == 422
    with site.activate():
        assert Patient.select().count() == 0

    answer = send(grace, NEW, **AMINA, x_clan="Mijikenda")
    assert answer.status_code == 303, text(answer)
    patient = registered(site)
    assert (patient.custom, patient.version) == ({clan.uid: "Mijikenda"}, 1)
    chart = text(grace.get(f"/patients/{patient.uid}"))
    assert re.search(r"<dt>Clan</dt><dd><bdi>Mijikenda</bdi></dd>", chart)
    with site.activate():
        [entered] = [one.row for one in history_of(patient.uid) if one.row.change == "created"]
        assert (entered.act, entered.noun) == ("patients.register", "patient")

    # Changing it shows what is there, and is one change with the rest.
    at = f"/patients/{patient.uid}/edit"
    assert 'value="Mijikenda"' in text(grace.get(at))
    facts = {"name": "Amina Yusuf", "born": "1990", "sex": "female"}
    assert send(grace, at, **facts, called="Mina", x_clan="Giriama").status_code == 303
    changed = registered(site)
    assert (changed.called, changed.custom, changed.version) == ("Mina", {clan.uid: "Giriama"}, 2)
    assert "Giriama" in text(grace.get(f"/patients/{patient.uid}/history"))


def test_nothing_is_lost_while_the_desk_asks_who_it_is_and_the_same_form_enters_once(grace: Visitor, site: Site):
    ask(site, "clan", "Clan")
    send(grace, NEW, **AMINA, x_clan="Giriama")
    asked = send(grace, NEW, **AMINA, x_clan="Mijikenda")
    assert asked.status_code == 409
    assert 'value="Mijikenda"' in text(asked)
    for _time in range(2):
        answer = send(grace, NEW, **AMINA, x_clan="Mijikenda", is_new="1", idempotency_key="the same")
        assert answer.status_code == 303
    with site.activate():
        assert sorted(next(iter(one.custom.values())) for one in Patient.select()) == ["Giriama", "Mijikenda"]
    carried = text(grace.post(NEW, {"carried": "Zawadi Kitsao"}))
    assert 'value="Zawadi Kitsao"' in carried
    assert 'name="x_clan"' in carried


def test_who_changes_it_later_sees_both_answers_by_their_name(grace: Visitor, house: House, site: Site):
    ask(site, "clan", "Clan")
    send(grace, NEW, **AMINA, x_clan="Mijikenda")
    at = f"/patients/{registered(site).uid}/edit"
    farah = house.visitor(site, house.person(site, "Farah Siddiqui", "doctor"))
    for visitor in (grace, farah):
        visitor.get(at)
    facts = {**AMINA, "version": "1"}
    assert farah.post(at, {**facts, "x_clan": "Giriama", "idempotency_key": "a"}).status_code == 303
    late = grace.post(at, {**facts, "x_clan": "Digo", "idempotency_key": "b"})
    assert late.status_code == 409
    for words in ("Clan", "Giriama", "Digo"):
        assert words in text(late), words
    assert "Custom" not in text(late)


def test_what_somebody_may_not_know_is_neither_asked_nor_shown_nor_lost(grace: Visitor, house: House, site: Site):
    status = ask(site, "hiv", "HIV status", is_restricted=True, read_roles=("doctor",), write_roles=("doctor",))
    farah = house.visitor(site, house.person(site, "Farah Siddiqui", "doctor", "receptionist"))
    send(farah, NEW, **AMINA, x_hiv="positive")
    patient = registered(site)
    assert patient.custom == {status.uid: "positive"}
    at = f"/patients/{patient.uid}"
    for path in (at, f"{at}/edit", NEW):
        assert "HIV" not in text(grace.get(path)), path
    assert "HIV status" in text(farah.get(at))
    assert send(grace, f"{at}/edit", **AMINA, called="Mina").status_code == 303
    assert registered(site).custom == {status.uid: "positive"}
    assert "positive" not in text(grace.get(f"{at}/history"))
    sent = send(grace, f"{at}/edit", **AMINA, x_hiv="negative")
    assert sent.status_code == 422
    assert registered(site).custom == {status.uid: "positive"}


def test_what_only_the_merged_record_says_reaches_the_survivor_and_goes_back(site: Site, house: House):
    clan = ask(site, "clan", "Clan")
    card = ask(site, "card", "Scheme card", is_unique=True)
    vow = ask(site, "vow", "Vow", is_sensitive=True, is_restricted=True)
    with site.activate(door="web"):
        kept, other = (newcomer(name) for name in ("Ama", "Amma"))
        told = {"x_clan": "Asona", "x_card": "C-7", "x_vow": "silence"}
        edit_record(PATIENTS, other, told, HOUSE, version=other.version)
        kept, other = Patient.get_by_id(kept.id), Patient.get_by_id(other.id)
        offered = {one.name: one for one in look_at_merge(kept, other, HOUSE).facts if one.name.startswith("x_")}
        assert {name: (one.mine, str(one.theirs), one.is_taken) for name, one in offered.items()} == {
            name: ("", words, True) for name, words in told.items()
        }
        clerk = house.person(site, "Mercy Adjei", "receptionist")
        seen = {one.name: str(one.theirs) for one in look_at_merge(kept, other, actor_of(clerk)).facts}
        assert seen["x_vow"] == "Not open to you"

        merge = merge_patients(
            kept, other, "same card", by=HOUSE, settlement=Settlement(frozenset(offered), doubts_settled=True)
        )
        kept, other = Patient.get_by_id(kept.id), Patient.get_by_id(other.id)
        assert values_of(PATIENTS, kept, tuple(told)) == told
        assert card.uid not in other.custom, "only one record may have it"
        assert "silence" not in json.dumps([kept.custom, merge.kept]), "sealed it stays"

        edit_record(PATIENTS, kept, {"x_clan": "Oyoko"}, HOUSE, version=kept.version)
        unmerge_patients(merge, "two people", by=HOUSE)
        kept, other = Patient.get_by_id(kept.id), Patient.get_by_id(other.id)
        assert kept.custom == {clan.uid: "Oyoko"}, "what was changed since stays changed"
        assert values_of(PATIENTS, other, tuple(told)) == told
        assert vow.uid in other.custom


def test_a_number_somebody_else_was_given_meanwhile_stays_with_them(site: Site):
    card = ask(site, "card", "Scheme card", is_unique=True)
    with site.activate(door="web"):
        names = ("Kofi", "Koffi", "Yaw")
        kept, other, third = (newcomer(one) for one in names)
        edit_record(PATIENTS, other, {"x_card": "C-7"}, HOUSE, version=other.version)
        merge = merge_patients(
            kept, other, "same card", by=HOUSE, settlement=Settlement(frozenset({"x_card"}), doubts_settled=True)
        )
        kept = Patient.get_by_id(kept.id)
        edit_record(PATIENTS, kept, {"x_card": None}, HOUSE, version=kept.version)
        edit_record(PATIENTS, third, {"x_card": "C-7"}, HOUSE, version=third.version)
        unmerge_patients(merge, "two people", by=HOUSE)
        assert not (Patient.get_by_id(other.id).custom or {})
        assert Patient.get_by_id(third.id).custom == {card.uid: "C-7"}


def test_somebody_unknown_is_identified_as_at_the_desk_and_nothing_known_is_asked_again(grace: Visitor, site: Site):
    clan = ask(site, "clan", "Clan", is_required=True)
    with site.activate():
        add_identifier_type(TypeDetails("national-id", "National ID", is_asked=True), by=HOUSE)
        change_settings("patients", {"asks_phone": True}, by=HOUSE)
        born = Birth(date(1996, 1, 1))
        patient = register_unidentified("male", born, "tattoo of an anchor", by=HOUSE)
        add_telecom(patient, TelecomDetails("0712 555 018"), by=HOUSE)
        edit_record(PATIENTS, Patient.get_by_id(patient.id), {"is_deceased": True}, HOUSE)
    at = f"/patients/{patient.uid}/identify"
    page = text(grace.get(at))
    for name in ("x_clan", "identifier", "phone", "kin", "area"):
        assert f'name="{name}"' in page, name
    assert "Left empty it stays: about 1996" in page
    assert f'value="{patient.name}"' not in page, "the name that stood in is not typed away first"
    told = {"name": "Peter Otieno", "sex": "male", "identifier": "29304471", "identifier_type": "national-id"}
    refused = send(grace, at, **told, kin="Ruth Otieno", kin_phone="0733 1")
    assert refused.status_code == 422
    assert 'value="Ruth Otieno"' in text(refused)
    answer = send(grace, at, **told, kin="Ruth Otieno", kin_phone="0733 1", x_clan="Luo")
    assert answer.status_code == 303, text(answer)
    now = registered(site)
    assert (now.uid, now.number, now.name) == (patient.uid, patient.number, "Peter Otieno")
    assert (now.is_unidentified, now.is_deceased, now.born_precision) == (False, True, "estimated")
    assert now.custom == {clan.uid: "Luo"}
    with site.activate():
        assert [one.value for one in Telecom.select()] == ["0712 555 018"]
        assert [(one.name, one.phone) for one in ContactPerson.select()] == [("Ruth Otieno", "0733 1")]
        assert [one.value for one in Identifier.select()] == ["29304471"]
        assert [hit.uid for hit in find_patients("otieno 29304471", by=HOUSE).hits] == [patient.uid]
    assert send(grace, at, **told, x_clan="Luo").status_code == 303, "it is known already"
    assert registered(site).version == now.version


def test_whoever_may_be_in_the_register_already_is_shown_before_somebody_is_identified(
    grace: Visitor, house: House, site: Site
):
    with site.activate():
        known = register_patient(
            PatientDetails("Peter Otieno", sex="male", born_on=date(1995, 4, 3)), by=HOUSE, is_new=True
        )
        patient = register_unidentified("male", Birth(date(1996, 1, 1)), "", by=HOUSE)
    at = f"/patients/{patient.uid}/identify"
    told = {"name": "Peter Otieno", "sex": "male", "born": "3/4/1995"}
    asked = send(grace, at, **told)
    assert asked.status_code == 409
    page = text(asked)
    assert "Not identified yet" in page
    assert known.number in page
    assert f"/patients/{known.uid}/merge/{patient.uid}" not in page, "the desk may not join records"
    rose = house.visitor(site, house.person(site, "Rose Records", "records_officer"))
    assert f"/patients/{known.uid}/merge/{patient.uid}" in text(send(rose, at, **told))
    with site.activate():
        assert Patient.get_by_id(patient.id).is_unidentified
    assert send(grace, at, **told, is_new="1").status_code == 303
    with site.activate():
        assert not Patient.get_by_id(patient.id).is_unidentified
        assert [(one.one_id, one.other_id) for one in ToldApart.select()] == [(known.id, patient.id)]
        [said] = [one for one in history_of(patient.uid) if one.row.act == "patients.judged_different"]
        assert said.content == {"not_the_same_as": [known.uid]}
