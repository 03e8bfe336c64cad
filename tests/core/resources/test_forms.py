"""Forms of declared nouns: errors beside fields, lines, drafts, two who change one record, what else can be done."""

import re
from dataclasses import replace

import pytest

from core.resources.writing import create_record
from core.storage import model_of
from core.testing.house import HOUSE
from tests.core.resources.conftest import PUMP, entered

LINE = {"services-0-done_on": "2026-01-05", "services-0-what": "Calibrated", "services-0-is_passed": "y"}


def version_in(page: str) -> str:
    """The version a form carries."""
    return re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)


def stored(store, **facts):
    """A device as the database has it."""
    with store.site.activate(door="test"):
        return store.model.get(store.model.serial == facts.get("serial", "P-1"))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 121}, "name"), ({"name": "a\nb"}, "name"), ({"kind": "house"}, "kind"),
        ({"bought_on": "2026-02-30"}, "bought_on"), ({"bought_on": "9999-01-01"}, "bought_on"),
        ({"price": "-5"}, "price"), ({"price": "1e9999"}, "price"), ({"price": "12.345"}, "price"),
        ({"price": "NaN"}, "price"), ({"place": "nowhere"}, "place"), ({"name": "x\u202ey"}, "name"),
        ({"checked_at": "2026-01-01"}, "checked_at"), ({"note": "n" * 2001}, "note"), ({"name": "nul\x00"}, "name"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_kept(store, facts, field):
    admin = store.visitor("administrator")
    admin.get("/equipment/new")
    answer = admin.post("/equipment/new", {**PUMP, **facts})
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    with store.site.activate(door="test"):
        assert store.model.select().count() == 0


def test_nothing_can_be_sent_that_was_not_asked(store):
    keeper = store.visitor("storekeeper")
    keeper.get("/equipment/new")
    for name, value in (
        ("created_by", "me"),
        ("id", "7"),
        ("price", "1"),
        ("key", "zzz"),
        ("retired_at", "2020-01-01"),
    ):
        answer = keeper.post("/equipment/new", {**PUMP, name: value})
        assert answer.status_code == 422, name
        assert "Nothing was asked under the name" in answer.text
    with store.site.activate(door="test"):
        assert store.model.select().count() == 0


def test_who_may_only_look_is_offered_nothing_and_refused(store):
    where = entered(store.visitor("storekeeper"))
    nurse = store.visitor("nurse")
    page = nurse.get(where).text
    assert "Infusion pump" in page and "/edit" not in page and "/retire" not in page
    for path in ("/equipment/new", f"{where}/edit", f"{where}/retire", f"{where}/act/repair"):
        assert (nurse.get(path).status_code, nurse.post(path, PUMP).status_code) == (403, 403)
    assert nurse.post(f"{where}/restore").status_code == 403


def test_lines_are_entered_changed_and_taken_away_with_their_record(store):
    keeper = store.visitor("storekeeper")
    where = entered(keeper, **LINE)
    page = keeper.get(f"{where}/edit").text
    uid = re.search(r'name="services-0-uid"[^>]*value="([0-9a-f-]{36})"', page).group(1)
    kept = {**LINE, "services-0-uid": uid, "services-0-what": "Cleaned"}
    second = {"services-1-done_on": "2026-02-05", "services-1-what": "Oiled", "services-1-uid": ""}
    assert keeper.post(f"{where}/edit", {**PUMP, **kept, **second, "version": version_in(page)}).status_code == 303
    page = keeper.get(where).text
    assert "Cleaned" in page and "Oiled" in page and "Calibrated" not in page.partition("<aside")[0]
    page = keeper.get(f"{where}/edit").text
    gone = {**PUMP, **kept, "services-0-gone": "y", "version": version_in(page)}
    assert keeper.post(f"{where}/edit", gone).status_code == 303
    with store.site.activate(door="test"):
        service = model_of("equipment", "service")
        assert [one.what for one in service.select().where(service.retired_at.is_null())] == []


def test_one_more_line_is_asked_for_without_scripts_and_nothing_is_lost(store):
    keeper = store.visitor("storekeeper")
    keeper.get("/equipment/new")
    answer = keeper.post("/equipment/new", {**PUMP, "name": "Half written", **LINE, "add_line": "services"})
    assert answer.status_code == 200
    assert 'value="Half written"' in answer.text and 'name="services-1-what"' in answer.text
    assert "needs another look" not in answer.text


def test_two_forms_loaded_and_both_sent_the_second_sees_both_versions(store):
    keeper, admin = store.visitor("storekeeper"), store.visitor("administrator")
    where = entered(keeper)
    mine, theirs = keeper.get(f"{where}/edit").text, admin.get(f"{where}/edit").text
    assert version_in(mine) == version_in(theirs) == "1"
    assert keeper.post(f"{where}/edit", {**PUMP, "name": "First", "version": "1"}).status_code == 303
    clash = admin.post(f"{where}/edit", {**PUMP, "name": "Second", "version": "1"})
    assert clash.status_code == 409
    assert "First" in clash.text and "Second" in clash.text and "Keep mine" in clash.text
    assert stored(store).name == "First"


def test_a_form_sent_twice_enters_one_record(store):
    keeper = store.visitor("storekeeper")
    page = keeper.get("/equipment/new").text
    key = re.search(r'name="idempotency_key"[^>]*value="([^"]+)"', page).group(1)
    answers = [keeper.post("/equipment/new", {**PUMP, "idempotency_key": key}) for _time in range(2)]
    assert {one.status_code for one in answers} == {303}
    assert len({one.location for one in answers}) == 1
    with store.site.activate(door="test"):
        assert store.model.select().count() == 1


def test_a_draft_is_kept_through_signing_out_and_gone_once_saved(store):
    keeper = store.visitor("storekeeper")
    keeper.get("/equipment/new")
    kept = keeper.post("/drafts", {**PUMP, "name": "Begun", "m_draft": "equipment.device:new"})
    assert kept.status_code == 200
    keeper.post("/sign-out")
    again = store.visitor("storekeeper")
    assert "Begun and not saved yet" in again.get("/equipment/new").text
    assert 'value="Begun"' in again.get("/equipment/new?draft=1").text
    assert "Begun and not saved" not in store.visitor("administrator").get("/equipment/new").text
    assert again.post("/equipment/new", PUMP).status_code == 303
    assert "Begun and not saved" not in again.get("/equipment/new").text


def test_a_draft_can_be_anything_and_is_readable_to_nobody(store):
    keeper = store.visitor("storekeeper")
    keeper.get("/equipment/new")
    for fields in ({"m_draft": ""}, {"m_draft": "x" * 500}, {"m_draft": "a", "name": "y" * 300_000}):
        assert keeper.post("/drafts", fields).status_code == 422
    keeper.post("/drafts", {"m_draft": "equipment.device:new", "name": "Secret words"})
    with store.site.activate(door="test"):
        rows = store.site.database.execute_sql("SELECT content FROM core_draft").fetchall()
        assert rows and all("Secret" not in content for (content,) in rows)
    assert keeper.post("/drafts/forget", {"m_draft": "equipment.device:new"}).status_code == 200
    assert "Begun and not saved" not in keeper.get("/equipment/new").text


def test_an_action_is_done_where_it_fits_and_says_why_where_not(store):
    keeper = store.visitor("storekeeper")
    where = entered(keeper)
    keeper.get(where)
    assert keeper.post(f"{where}/act/repair").status_code == 303
    assert stored(store).state == "in_repair"
    page = keeper.get(where).text
    assert "It is being repaired already." in page
    assert keeper.post(f"{where}/act/repair").status_code == 422


def test_what_was_taken_out_of_use_is_brought_back(store):
    keeper = store.visitor("storekeeper")
    where = entered(keeper)
    keeper.get(f"{where}/retire")
    assert keeper.post(f"{where}/retire", {"reason": "", "version": "1"}).status_code == 422
    assert keeper.post(f"{where}/retire", {"reason": "Lost", "version": "1"}).status_code == 303
    page = keeper.get(where).text
    assert "Out of use" in page and "Bring it back" in page
    assert keeper.post(f"{where}/restore").status_code == 303
    assert not stored(store).is_retired


def test_a_picker_offers_what_its_reader_may_see(store, house):
    keeper = store.visitor("storekeeper")
    keeper.get("/equipment/")
    answer = keeper.post("/pick", {"to": "core.place", "q": "eas"})
    assert [one["label"] for one in answer.json["options"]] == ["East"]
    assert keeper.post("/pick", {"to": "core.user", "q": "a"}).status_code == 404
    assert keeper.post("/pick", {"to": "no.such", "q": "a"}).status_code == 404
    assert keeper.post("/pick", {}).status_code == 404


def test_a_place_of_another_hospital_can_not_be_chosen(store, house):
    other = house.site("hill", plugins=["equipment"])
    with store.site.activate(door="test"):
        made = create_record(store.devices, {**PUMP, "serial": "X", "place": store.wards[0]}, HOUSE)
    stranger = house.visitor(other, house.person(other, "Stra Nger", "storekeeper"))
    stranger.get("/equipment/new")
    assert stranger.get(f"/equipment/{made.uid}").status_code == 404
    assert stranger.get(f"/equipment/{made.uid}/edit").status_code == 404
    answer = stranger.post("/equipment/new", {**PUMP, "place": store.wards[0].uid})
    assert (answer.status_code, 'id="place-error"' in answer.text) == (422, True)


def test_the_history_of_a_record_speaks_as_its_form_does(store):
    keeper = store.visitor("storekeeper")
    where = entered(keeper, bought_on="2026-02-03", **LINE)
    page = keeper.get(where).text.partition("<aside")[2]
    assert "Bought on" in page and "3 Feb 2026" in page and "<ins><bdi>In use</bdi></ins>" in page
    assert "2026-02-03" not in page and "in_use" not in page


def test_a_conflict_speaks_as_the_form_does_and_of_nothing_its_reader_may_not_know(store):
    """Sums, places and choices in both versions by their words; a price not at all to whoever may not see prices."""
    east, west = store.wards
    keeper, admin = store.visitor("storekeeper"), store.visitor("administrator")
    where = entered(admin, price="12.50", place=east.uid, kind="pump")
    admin.get(f"{where}/edit")
    keeper.get(f"{where}/edit")
    first = {**PUMP, "price": "99.00", "place": west.uid, "kind": "bed", "version": "1"}
    assert admin.post(f"{where}/edit", first).status_code == 303
    late = admin.post(f"{where}/edit", {**first, "price": "7.00", "place": east.uid, "kind": "scanner"})
    assert late.status_code == 409
    page = re.sub(r"\s+", " ", late.text)
    for words in ("99.00", "7.00", "East", "West", "Bed", "Scanner"):
        assert words in page, words
    unasked = keeper.post(f"{where}/edit", {**PUMP, "name": "Mine", "place": east.uid, "version": "1"})
    assert unasked.status_code == 409
    assert "West" in unasked.text and "99.00" not in unasked.text and "Price" not in unasked.text


SEE_PRICES = "equipment.see_prices"


@pytest.fixture
def costly(store, monkeypatch):
    """The lines of a device have a fact that only those who see prices may know, and one that is another record."""
    (services,) = store.devices.lines
    facts = {fact.name: fact for fact in services.facts}
    hushed = replace(facts["what"], read=SEE_PRICES, required=False)
    lines = replace(services, facts=(facts["done_on"], hushed, facts["is_passed"]))
    monkeypatch.setitem(store.devices.__dict__, "lines", (lines,))
    return store


def test_facts_of_lines_are_shown_asked_and_told_only_to_whom_they_are_open(costly):
    keeper, admin = costly.visitor("storekeeper"), costly.visitor("administrator")
    where = entered(admin, **LINE)
    for page in (where, f"{where}/edit"):
        assert "Calibrated" in admin.get(page).text, page
        assert "Calibrated" not in keeper.get(page).text, page
    assert "What was done" not in keeper.get(where).text
    form = keeper.get(f"{where}/edit").text
    assert 'name="services-0-what"' not in form and 'name="services-0-done_on"' in form
    uid = re.search(r'name="services-0-uid"[^>]*value="([^"]+)"', form).group(1)
    sent = {**PUMP, "version": version_in(form), "services-0-uid": uid, "services-0-done_on": "2026-03-03"}
    assert keeper.post(f"{where}/edit", sent).status_code == 303
    assert keeper.post(f"{where}/edit", {**sent, "version": "2", "services-0-what": "Mine now"}).status_code == 303
    with costly.site.activate(door="test"):
        (line,) = model_of("equipment", "service").select()
        assert (line.what, str(line.done_on)) == ("Calibrated", "2026-03-03")
