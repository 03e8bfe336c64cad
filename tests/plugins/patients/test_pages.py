"""The desk in a browser without scripts: find, register, open the chart, change it."""

import re
from datetime import date

import pytest

from core.sites import Site
from core.testing import House, Visitor
from core.testing.house import HOUSE
from plugins.patients.models import Address, ContactPerson, Flag, Identifier, Patient, PatientName, Telecom
from plugins.patients.services.details import PatientDetails
from plugins.patients.services.identifiers import TypeDetails, add_identifier_type
from plugins.patients.services.registering import register_patient

MAI = {
    "name": "Nguyễn Thị Mai", "called": "Mai", "born": "02/03/1992", "sex": "female", "language": "vi",
    "identifier_type": "national-id", "identifier": "2930 4471 880", "phone": "0712 555 018", "area": "Nyali",
    "kin": "Hồ Văn Tâm", "relation": "Husband", "kin_phone": "0712 555 019",
}  # fmt: skip


@pytest.fixture
def grace(house: House, site: Site) -> Visitor:
    """The receptionist at her browser."""
    with site.activate():
        add_identifier_type(TypeDetails("national-id", "National ID", check_digit="luhn", is_asked=True), by=HOUSE)
    return house.visitor(site, house.person(site, "Grace Wanjiru", "receptionist"))


@pytest.fixture
def farah(house: House, site: Site) -> Visitor:
    """The doctor at hers."""
    return house.visitor(site, house.person(site, "Farah Siddiqui", "doctor"))


def text(answer) -> str:
    return answer.get_data(as_text=True)


def send(visitor, path, **facts):
    """Fill in the form of a page and send it, with all the page hides in it."""
    page = text(visitor.get(path))
    form = page[page.index('id="m-form"') :].partition("</form>")[0] if 'id="m-form"' in page else ""
    hidden = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*type="hidden"[^>]*value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        values = re.findall(r'<option (selected )?value="([^"]*)"', options)
        hidden[name] = next((value for is_chosen, value in values if is_chosen), values[0][1] if values else "")
    return visitor.post(path, {**hidden, **facts})


def registered(site: Site) -> Patient:
    with site.activate():
        return Patient.select().order_by(Patient.id.desc()).first()


def test_a_walk_in_is_registered_on_one_page(grace, site):
    page = text(grace.get("/patients/new"))
    form = page[page.index('id="m-form"') :].partition("</form>")[0]
    assert 9 <= len(re.findall(r'class="form-(?:control|select)', form)) <= 12
    assert page.partition("<dialog")[0].count("btn-primary") == 1

    answer = send(grace, "/patients/new", **MAI)
    assert answer.status_code == 303, text(answer)
    chart = text(grace.get(answer.headers["Location"]))
    for fact in ("Nguyễn Thị Mai", "Female", "2 Mar 1992", "00000001", "Hồ Văn Tâm", "0712 555 018", "Nyali"):
        assert fact in chart, fact
    patient = registered(site)
    with site.activate():
        assert (Identifier.get().plain, Telecom.get().e164) == ("29304471880", "+254712555018")
        assert (ContactPerson.get().phone, Address.get().area) == ("0712 555 019", "Nyali")
        assert patient.language == "vi"


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(grace, site):
    answer = send(grace, "/patients/new", **{**MAI, "identifier": "2930 4471 887", "born": "yesterweek"})
    page = text(answer)
    assert answer.status_code == 422
    assert "Write a date as 2 Mar 1992" in page
    assert 'value="Nguyễn Thị Mai"' in page
    answer = send(grace, "/patients/new", **{**MAI, "identifier": "2930 4471 887"})
    assert answer.status_code == 422
    assert "The last digit does not fit" in text(answer)
    assert registered(site) is None


@pytest.mark.parametrize(
    "strange",
    [
        {"name": ""}, {"name": "x" * 301}, {"name": "Ann\x00"}, {"name": "Ann\u202eabc"}, {"name": "Ann\nBob"},
        {"born": "99999999999999999999"}, {"born": "31/02/1992"}, {"born": "1/1/3000"}, {"born": "-5"}, {"born": "126"},
        {"sex": "F"}, {"sex": ["male", "female"]}, {"language": "xx-nonsense"}, {"phone": "none"},
        {"identifier": "\u0301"}, {"called": "\x07"}, {"version": "-1", "name": ""},
    ],
)  # fmt: skip
def test_strange_input_is_refused_politely(grace, site, strange):
    assert send(grace, "/patients/new", **{**MAI, **strange}).status_code in (409, 422)
    assert registered(site) is None


def test_an_age_alone_will_do(grace, site):
    assert send(grace, "/patients/new", **{**MAI, "born": "34"}).status_code == 303
    assert registered(site).born_precision == "estimated"
    assert "about 34 years" in text(grace.get(f"/patients/{registered(site).uid}"))


def test_somebody_very_alike_is_shown_side_by_side_before_anything_is_stored(grace, site):
    send(grace, "/patients/new", **MAI)
    twin = {**MAI, "name": "Nguyen Thi Mai", "identifier": ""}
    asked = send(grace, "/patients/new", **twin)
    page = text(asked)
    assert asked.status_code == 409
    for words in ("Already registered?", "You typed", "In the register", "of 100", "Register as a new person"):
        assert words in page, words
    assert registered(site).number == "00000001"
    assert send(grace, "/patients/new", **twin, is_new="1").status_code == 303
    assert registered(site).number == "00000002"


def test_a_number_somebody_else_has_is_refused_even_then(grace, site):
    send(grace, "/patients/new", **MAI)
    answer = send(grace, "/patients/new", **{**MAI, "name": "Peter Otieno", "sex": "male"}, is_new="1")
    assert answer.status_code == 422
    assert "Another patient is registered with this number" in text(answer)


def test_the_same_form_twice_registers_once(grace, site):
    grace.get("/patients/new")
    facts = {**MAI, "idempotency_key": "one form"}
    first, again = grace.post("/patients/new", facts), grace.post("/patients/new", {**facts, "is_new": "1"})
    assert first.status_code == 303
    assert again.status_code in (303, 422)
    with site.activate():
        assert Patient.select().count() == 1


def test_find_before_create_carries_what_was_typed(grace, site):
    nothing = text(grace.post("/patients/", {"q": "Zawadi Mwende"}))
    assert "Nobody found" in nothing
    form = text(grace.post("/patients/new", {"carried": "Zawadi Mwende"}))
    assert 'value="Zawadi Mwende"' in form
    assert "One fact needs" not in form
    assert 'value="0712 555 018"' in text(grace.post("/patients/new", {"carried": "0712 555 018"}))


def test_people_are_found_by_post_as_a_page_and_as_a_fragment(grace, site):
    send(grace, "/patients/new", **MAI)
    page = text(grace.post("/patients/", {"q": "nguyen mai"}))
    assert "<html" in page
    assert "Nguyễn Thị Mai" in page
    token = re.search(r'name="csrf_token" value="(\w+)"', page).group(1)
    fragment = grace.post("/patients/", {"q": "5018"}, headers={"X-CSRF-Token": token})
    assert "<html" not in text(fragment)
    assert "Nguyễn Thị Mai" in text(fragment)
    alike = grace.post("/patients/alike", {"name": "Nguyen Mai", "born": "2 mar 1992"}, headers={"X-CSRF-Token": token})
    assert alike.status_code == 200, text(alike)
    assert "Already registered?" in text(alike)
    assert "2 Mar 1992" in text(alike)
    assert grace.post("/patients/alike", {"born": "??"}, headers={"X-CSRF-Token": token}).status_code == 200


def test_the_palette_finds_people_and_marks_what_was_typed(grace, site):
    send(grace, "/patients/new", **MAI)
    token = re.search(r'name="csrf_token" value="(\w+)"', text(grace.get("/patients/"))).group(1)
    answer = grace.post("/find", {"q": "mai nguy"}, headers={"X-CSRF-Token": token})
    [group] = [one for one in answer.json["groups"] if one["title"] == "Patients"]
    [item] = group["items"]
    assert (item["label"], item["marks"]) == ("Nguyễn Thị Mai", [[0, 4], [11, 14]])
    assert "00000001 · 2 Mar 1992" in item["detail"]


def test_two_who_change_the_same_chart_see_both_versions(grace, farah, site):
    send(grace, "/patients/new", **MAI)
    path = f"/patients/{registered(site).uid}/edit"
    facts = {"name": "Nguyễn Thị Mai", "born": "2 Mar 1992", "sex": "female", "language": "vi", "version": "1"}
    for visitor in (grace, farah):
        visitor.get(path)
    assert farah.post(path, {**facts, "called": "Mai Anh", "idempotency_key": "a"}).status_code == 303
    late = grace.post(path, {**facts, "called": "Miss Mai", "idempotency_key": "b"})
    assert late.status_code == 409
    assert "Mai Anh" in text(late)
    assert "Miss Mai" in text(late)
    assert registered(site).called == "Mai Anh"
    assert "Farah Siddiqui" in text(farah.get(f"/patients/{registered(site).uid}/history"))


@pytest.mark.parametrize(
    ("kind", "facts", "model", "changed"),
    [
        ("names", {"name": "Mai Trần", "use": "maiden"}, PatientName, None),
        ("identifiers", {"type": "national-id", "identifier": "18"}, Identifier, {"identifier": "26"}),
        (
            "telecoms",
            {"kind": "email", "phone": "m@example.org", "use": "home"},
            Telecom,
            {"kind": "phone", "phone": "0700 1", "use": "work"},
        ),
        ("addresses", {"area": "Nyali", "city": "Mombasa"}, Address, {"area": "Likoni"}),
        ("contacts", {"name": "Hồ Văn Tâm", "contact_phone": "0712"}, ContactPerson, {"name": "Tâm"}),
    ],
)
def test_parts_are_added_changed_and_taken_away(grace, site, kind, facts, model, changed):
    send(grace, "/patients/new", name="Suharto", born="1960", sex="male", identifier_type="national-id")
    uid = registered(site).uid
    added = send(grace, f"/patients/{uid}/{kind}/new", **facts)
    assert added.status_code == 303, text(added)
    with site.activate():
        one = model.get()
        assert one.patient.version == 2
    if changed is not None:
        answer = send(grace, f"/patients/{uid}/{kind}/{one.uid}", **changed)
        assert answer.status_code == 303, text(answer)
    removal = f"/patients/{uid}/{kind}/{one.uid}/remove"
    assert send(grace, removal, reason="").status_code == 422
    assert send(grace, removal, reason="not hers").status_code == 303
    with site.activate():
        assert model.get().retired_reason == "not hers"
    assert grace.get(removal).status_code == 404


def test_a_doctor_warns_and_lifts(farah, grace, site):
    send(grace, "/patients/new", name="Suharto", born="1960", sex="male", identifier_type="national-id")
    path = f"/patients/{registered(site).uid}"
    assert grace.get(f"{path}/flags/new").status_code == 403
    assert send(farah, f"{path}/flags/new", text="Falls risk", severity="caution").status_code == 303
    assert "Falls risk" in text(grace.get(path))
    with site.activate():
        flag = Flag.get()
    assert send(farah, f"{path}/flags/{flag.uid}/remove", reason="walks well").status_code == 303
    assert "Falls risk" not in text(grace.get(path)).split("m-chart")[0]


def test_another_patients_part_is_not_found(grace, site):
    send(grace, "/patients/new", **MAI)
    with site.activate():
        phone = Telecom.get()
    send(grace, "/patients/new", name="Suharto", born="1960", sex="male", identifier_type="national-id")
    other = registered(site).uid
    for path in (f"/patients/{other}/telecoms/{phone.uid}", f"/patients/{other}/telecoms/{phone.uid}/remove"):
        assert grace.get(path).status_code == 404
    for path in ("/patients/nobody", f"/patients/{phone.uid}", "/patients/%00", f"/patients/{other}/telecoms/x"):
        assert grace.get(path).status_code == 404, path


def test_an_administrator_chooses_the_kinds_of_numbers(house, site):
    ingrid = house.visitor(site, house.person(site, "Ingrid Solberg", "administrator"))
    assert (
        send(ingrid, "/patients/kinds/new", short="passport", label="Passport", shape="@###", is_unique="y").status_code
        == 303
    )
    assert send(ingrid, "/patients/kinds/passport", label="Passport", shape="@#######").status_code == 303
    assert "@#######" in text(ingrid.get("/patients/kinds"))
    assert send(ingrid, "/patients/kinds/new", short="passport", label="Again").status_code == 422
    assert send(ingrid, "/patients/kinds/passport/retire", reason="nobody travels").status_code == 303
    assert "No kinds of numbers yet" in text(ingrid.get("/patients/kinds"))


def test_a_record_made_by_mistake_is_taken_out_of_use(grace, site):
    send(grace, "/patients/new", **MAI)
    path = f"/patients/{registered(site).uid}"
    assert send(grace, f"{path}/retire", reason="entered twice").status_code == 303
    assert "Nobody found" in text(grace.post("/patients/", {"q": "nguyen"}))
    assert "Record out of use" in text(grace.get(path))


def test_nothing_personal_stands_in_an_address(grace, site):
    send(grace, "/patients/new", **MAI)
    page = text(grace.post("/patients/", {"q": "nguyen"}))
    assert not re.findall(r'(?:href|action)="[^"]*(?:nguy|thi|0712)[^"]*"', page, re.IGNORECASE)


def palette(visitor: Visitor, words: str) -> dict[str, list[str]]:
    """What Ctrl+K shows, by the title of its groups."""
    token = re.search(r'name="csrf_token" value="(\w+)"', text(visitor.get("/patients/"))).group(1)
    answer = visitor.post("/find", {"q": words}, headers={"X-CSRF-Token": token})
    return {group["title"]: [item["label"] for item in group["items"]] for group in answer.json["groups"]}


def test_a_palette_nothing_was_typed_into_shows_whom_one_saw_last(grace, farah, site):
    with site.activate(door="test"):
        ann, ben, _cid = (
            register_patient(
                PatientDetails(name=f"{name} Seen", born_on=date(1990, 1, day)), by=HOUSE, is_complete=False
            )
            for day, name in enumerate(("Ann", "Ben", "Cid"), start=1)
        )
    for patient in (ann, ben, ann):
        assert grace.get(f"/patients/{patient.uid}").status_code == 200
    assert palette(grace, "") == {"Patients seen last": ["Ann Seen", "Ben Seen"]}
    assert palette(farah, "") == {}


def test_the_palette_offers_what_one_may_enter(grace):
    offered = palette(grace, "pat")
    assert (offered["Actions"], offered["Pages"]) == (["New: Patient"], ["Patients"])
