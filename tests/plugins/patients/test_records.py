"""The pages of merging, and an entry that lay on the wrong patient's record."""

import re
from collections.abc import Callable
from datetime import date

import pytest

from core import clock
from core.errors import MedleyError, NotFound, Refused
from core.jobs import Job, Worker
from core.sites import Site
from core.storage.files import StoredFile
from core.storage.journal.history import history_of
from core.testing.house import HOUSE, House, Visitor
from plugins.patients.models import (
    ContactPerson,
    Document,
    Flag,
    Likeness,
    Merge,
    Patient,
    PatientName,
    Relation,
    Telecom,
    ToldApart,
)
from plugins.patients.services.details import (
    ContactDetails,
    IdentifierDetails,
    NameDetails,
    PatientDetails,
    TelecomDetails,
)
from plugins.patients.services.family import RelationDetails, add_relation, relatives_of
from plugins.patients.services.finding import find_patients
from plugins.patients.services.flags import flag_patient
from plugins.patients.services.merging import acts
from plugins.patients.services.merging.acts import merge_patients
from plugins.patients.services.misfiled import move_entry
from plugins.patients.services.papers import photo_of, receive_photo, set_photo
from plugins.patients.services.registering import add_name, register_patient
from plugins.patients.services.sensitive import mark_sensitive
from tests.core.jobs.hospital import until
from tests.plugins.patients.conftest import clerk, kind
from tests.plugins.patients.test_people import picture


@pytest.fixture
def officer(house: House, site: Site) -> Visitor:
    return house.visitor(site, house.person(site, "Rose Records", "records_officer"))


def work(site: Site, done: Callable[[], bool]) -> None:
    """Let a worker do what waits, until something is so."""
    worker = Worker([site])
    worker.start()
    try:
        until(site, done)
    finally:
        worker.stop()


def two_records(site: Site) -> tuple[Patient, Patient]:
    with site.activate(door="test"):
        national = kind(check_digit="")
        facts = {"born_on": date(1990, 1, 2), "sex": "female"}
        one = register_patient(
            PatientDetails("Zawadi Kitsao", identifiers=(IdentifierDetails(national, "111"),), **facts), by=HOUSE
        )
        other = register_patient(
            PatientDetails(
                "Zawadi Kitsao Mwaringa", called="Zawa", identifiers=(IdentifierDetails(national, "222"),), **facts
            ),
            by=HOUSE, is_new=True, is_complete=False,
        )  # fmt: skip
        flag_patient(other, "Falls risk", by=HOUSE)
    return one, other


def test_two_records_are_joined_on_the_page_and_parted_again(site: Site, officer: Visitor) -> None:
    one, other = two_records(site)
    assert "Join with another record" in officer.get(f"/patients/{one.uid}").text
    found = officer.get(f"/patients/{one.uid}/merge")
    assert "Zawadi Kitsao Mwaringa" in found.text
    page = officer.get(f"/patients/{one.uid}/merge/{other.uid}")
    for words in ("What is carried over", "Warning", "111", "222", "Zawa", "They carry different numbers"):
        assert words in page.text
    fields = dict(re.findall(r'name="(\w+_version|idempotency_key)" value="([^"]*)"', page.text))
    with site.activate():
        void = re.search(r'name="void" value="([^"]+)"[^<]*<label[^<]*<bdi[^>]*>222', page.text.replace("\n", ""))
    assert void
    answer = officer.post(page.request.path, {**fields, "taken": "called", "void": void[1], "reason": "one card"})
    assert answer.status_code == 409
    assert "Are these one person?" in answer.text
    sent = {**fields, "taken": "called", "void": void[1], "reason": "one card", "one_person": "1"}
    answer = officer.post(page.request.path, sent)
    assert (answer.status_code, answer.location) == (303, f"/patients/{one.uid}")
    chart = officer.get(f"/patients/{one.uid}").text
    assert "Zawa" in chart
    assert "Falls risk" in chart
    moved = officer.get(f"/patients/{other.uid}")
    assert (moved.status_code, moved.location) == (303, f"/patients/{one.uid}")

    record = officer.get(f"/patients/{one.uid}/record").text
    assert "Zawadi Kitsao Mwaringa" in record
    undo = re.search(r'href="(/patients/[^"]+/undo)"', record)
    assert undo
    assert "Goes back to" in officer.get(undo[1]).text
    answer = officer.post(undo[1], {"reason": "two people"})
    assert (answer.status_code, answer.location) == (303, f"/patients/{other.uid}")
    assert "Falls risk" in officer.get(f"/patients/{other.uid}").text
    assert "Undone: two people" in officer.get(f"/patients/{one.uid}/record").text


def test_a_worker_carries_a_large_merge_to_its_end(site: Site, officer: Visitor, monkeypatch) -> None:
    monkeypatch.setattr(acts, "BUDGET_SECONDS", 0.0)
    one, other = two_records(site)
    with site.activate(door="web"):
        sure = acts.Settlement(doubts_settled=True)
        merge = merge_patients(one, other, "one card", by=HOUSE, settlement=sure)
        assert merge.state == "merging"
    assert "entries carried" in officer.get(f"/patients/merging/{merge.uid}").text
    work(site, lambda: Merge.get_by_id(merge.id).state == "merged")
    with site.activate():
        assert Merge.get_by_id(merge.id).state == "merged"
        assert Flag.get().patient_id == one.id


def test_the_whole_register_is_gone_through_and_two_are_told_apart(site: Site, officer: Visitor) -> None:
    one, other = two_records(site)
    with site.activate(door="test"):
        for name in ("Amina Yusuf", "Peter Otieno"):
            register_patient(PatientDetails(name, sex="male", born_on=date(1970, 5, 5)), by=HOUSE, is_complete=False)
        register_patient(
            PatientDetails("Zawadi Kitsau", sex="female", born_on=date(1990, 1, 2)),
            by=HOUSE,
            is_new=True,
            is_complete=False,
        )
    answer = officer.get("/patients/twice")
    assert "Nobody stands here" in answer.text
    assert officer.post("/patients/twice/look").status_code == 303
    work(site, lambda: Job.select().where(Job.name == "patients.go_through", Job.state == "done").exists())
    page = officer.get("/patients/twice").text
    assert "Zawadi Kitsau" in page
    assert "Amina" not in page
    # The clerk had said so when Kitsau was entered: that is remembered for those shown then.
    with site.activate():
        pairs = [(row.one_id, row.other_id) for row in Likeness.select()]
        apart = {(row.one_id, row.other_id) for row in ToldApart.select()}
    assert pairs
    assert officer.post(f"/patients/{one.uid}/apart/{other.uid}").status_code == 303
    with site.activate():
        assert {(row.one_id, row.other_id) for row in ToldApart.select()} == apart | {(one.id, other.id)}


def test_an_entry_is_moved_to_the_right_patient_visibly(desk, enter: Callable[..., Patient]) -> None:
    wrong, right = enter("Zawadi Kitsao"), enter("Amina Yusuf")
    nurse = clerk()
    flag = flag_patient(wrong, "Penicillin: rash", by=nurse)
    moved = move_entry(flag, right, "it was Amina who said so", by=nurse)
    assert (moved.patient, moved.uid, moved.version) == (right, flag.uid, 2)
    for patient in (wrong, right):
        [said] = [
            one for one in history_of(patient.uid) if one.row.act == "patients.move_entry" and one.row.change == "noted"
        ]
        assert (said.row.reason, said.content["from"], said.row.actor_uid) == (
            "it was Amina who said so", wrong.number, "clerk",
        )  # fmt: skip
    name = add_name(wrong, NameDetails("Mwaringa"), by=nurse)
    move_entry(name, right, "hers", by=nurse)
    assert [hit.uid for hit in find_patients("mwaringa", by=nurse).hits] == [right.uid]
    assert PatientName.get().patient == right
    with pytest.raises(Refused):
        move_entry(moved, right, "again", by=nurse)
    with pytest.raises(Refused):
        move_entry(moved, wrong, " ", by=nurse)
    with pytest.raises(NotFound):
        move_entry(right, wrong, "no entry", by=nurse)
    with pytest.raises(MedleyError):
        move_entry(moved, wrong, "may not", by=clerk(held=frozenset(("patients.view",))))
    assert StoredFile.select().count() == 0


def test_an_entry_is_moved_on_its_page(site: Site, officer: Visitor) -> None:
    one, other = two_records(site)
    with site.activate():
        flag = Flag.get()
        phone = Telecom.get_or_none()
    assert phone is None
    path = f"/patients/{other.uid}/entries/patients/flag/{flag.uid}/move"
    assert officer.get(path).status_code == 200
    assert officer.post(path, {"number": "nobody", "reason": "x"}).status_code == 422
    answer = officer.post(path, {"number": one.number, "reason": "it is hers"})
    assert answer.status_code == 303, answer.text
    assert "Falls risk" in officer.get(f"/patients/{one.uid}").text
    assert "it is hers" in officer.get(f"/patients/{other.uid}/record").text
    assert officer.get(path).status_code == 404
    assert TelecomDetails("1").kind == "phone"


def test_somebody_to_call_and_what_they_are_move_together(desk, enter: Callable[..., Patient]) -> None:
    this_year = clock.now().year
    wrong, right = enter("Zawadi Kitsao", f"{this_year - 9}-01-01"), enter("Amina Yusuf", f"{this_year - 4}-06-01")
    sister, nurse = enter("Lan Kitsao"), clerk()
    mother = add_relation(
        wrong, RelationDetails("mother", contact=ContactDetails("Mama Ali", phone="0712 555 010"), may_decide=True),
        by=nurse,
    )  # fmt: skip
    assert mother.until_on == date(this_year + 9, 1, 1)
    carer = add_relation(wrong, RelationDetails("carer", contact=mother.contact), by=nurse)
    move_entry(mother, right, "hers", by=nurse)
    assert {one.patient_id for one in (*Relation.select(), *ContactPerson.select())} == {right.id}
    assert Relation.get_by_id(mother.id).until_on == date(this_year + 14, 6, 1), "until this child comes of age"
    move_entry(ContactPerson.get(), wrong, "his after all", by=nurse)
    assert {one.patient_id for one in (*Relation.select(), *ContactPerson.select())} == {wrong.id}
    assert Relation.get_by_id(carer.id).contact.patient_id == wrong.id
    sibling = add_relation(wrong, RelationDetails("sibling", sister), by=nurse)
    with pytest.raises(Refused):
        move_entry(sibling, sister, "she is not her own sister", by=nurse)
    move_entry(sibling, right, "hers", by=nurse)
    assert [(one.name, one.is_own) for one in relatives_of(sister)] == [("Amina Yusuf", False)]


def test_a_photo_on_the_wrong_chart_goes_to_the_right_one(desk, enter: Callable[..., Patient]) -> None:
    wrong, right, third = enter("Zawadi Kitsao"), enter("Amina Yusuf"), enter("Mai Tran")
    nurse = clerk()
    set_photo(wrong, receive_photo(picture()), by=nurse)
    photo = Document.get()
    move_entry(photo, right, "it is Amina", by=nurse)
    assert [Patient.get_by_id(one.id).photo_uid for one in (wrong, right)] == ["", photo.uid]
    assert photo_of(Patient.get_by_id(right.id)).about_uid == right.uid
    set_photo(Patient.get_by_id(third.id), receive_photo(picture((30, 30))), by=nurse)
    own = Patient.get_by_id(third.id).photo_uid
    move_entry(Document.get_by_id(photo.id), third, "it is Mai", by=nurse)
    assert [Patient.get_by_id(one.id).photo_uid for one in (right, third)] == ["", own], "her newer one stays"


def test_warnings_and_family_offer_the_way_to_the_right_chart_to_those_who_may(site: Site, house: House) -> None:
    one, other = two_records(site)
    with site.activate():
        flag = Flag.get()
        third = register_patient(PatientDetails("Lan Kitsao"), by=HOUSE, is_new=True, is_complete=False)
        sibling = add_relation(other, RelationDetails("sibling", third), by=HOUSE)
    nurse = house.visitor(site, house.person(site, "Farida Said", "nurse"))
    desk = house.visitor(site, house.person(site, "Mercy Adjei", "receptionist"))
    chart = f"/patients/{other.uid}"
    paths = [
        f"{chart}/entries/patients/{noun}/{uid}/move" for noun, uid in (("flag", flag.uid), ("relation", sibling.uid))
    ]
    for path in paths:
        assert path in nurse.get(chart).text
        assert path not in desk.get(chart).text
        assert desk.get(path).status_code == 403
    # On the other side of a relation there is nothing to move.
    assert "/entries/" not in nurse.get(f"/patients/{third.uid}").text
    assert "Warning: Falls risk" in nurse.get(paths[0]).text
    for path in paths:
        assert nurse.post(path, {"number": one.number, "reason": "hers"}).status_code == 303
    chart_of_one = nurse.get(f"/patients/{one.uid}").text
    assert "Falls risk" in chart_of_one
    assert "Lan Kitsao" in chart_of_one
    for uid in (one.uid, other.uid):
        said = nurse.get(f"/patients/{uid}/record").text
        assert ("Warning" in said, "Relation" in said, "hers" in said) == (True, True, True)


def test_a_relation_to_somebody_hidden_is_not_to_be_moved_by_those_who_may_not_see_them(
    site: Site, house: House
) -> None:
    one, other = two_records(site)
    with site.activate():
        third = register_patient(PatientDetails("Lan Kitsao"), by=HOUSE, is_new=True, is_complete=False)
        sibling = add_relation(other, RelationDetails("sibling", third), by=HOUSE)
        mark_sensitive(Patient.get_by_id(third.id), True, "works here", by=HOUSE)
    nurse = house.visitor(site, house.person(site, "Farida Said", "nurse"))
    path = f"/patients/{other.uid}/entries/patients/relation/{sibling.uid}/move"
    assert path not in nurse.get(f"/patients/{other.uid}").text
    assert nurse.get(path).status_code == 404
    assert nurse.post(path, {"number": one.number, "reason": "hers"}).status_code == 404
    with site.activate():
        assert Relation.get().patient_id == other.id
