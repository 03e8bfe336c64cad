"""The desk's card on the first page."""

from core import clock
from plugins.patients.home import home_card
from plugins.patients.services.arrivals import SHOWN, arrivals_today
from plugins.patients.services.registering import retire_patient
from tests.plugins.patients.conftest import clerk


def text(answer) -> str:
    return answer.get_data(as_text=True)


def test_the_first_page_of_a_receptionist_finds_registers_and_shows_who_came(house, site, grace):
    visitor = house.visitor(site, house.person(site, "Grace Wanjiru", "receptionist"))
    page = text(visitor.get("/"))
    assert "Nobody was registered yet today." in page
    assert 'action="/patients/"' in page
    assert 'href="/patients/new"' in page
    assert "autofocus" not in page
    answer = visitor.post("/patients/new", {"name": "Otieno Peter", "born": "34", "sex": "male", "language": ""})
    assert answer.status_code == 303
    page = text(visitor.get("/"))
    assert "Otieno Peter" in page
    assert answer.headers["Location"] in page


def test_those_who_may_not_register_are_not_offered_to(house, site):
    visitor = house.visitor(site, house.person(site, "Joseph Kiprotich", "cashier"))
    page = text(visitor.get("/"))
    assert 'action="/patients/"' in page
    assert 'href="/patients/new"' not in page


def test_those_who_may_not_find_see_no_card_and_nothing_is_read(house, site):
    visitor = house.visitor(site, house.person(site, "Wulandari", "storekeeper"))
    assert 'action="/patients/"' not in text(visitor.get("/"))
    with site.activate(door="web"):
        assert home_card(clerk(held=frozenset())) == []


def test_the_card_shows_the_newest_of_today_alone(desk, enter, grace):
    with clock.freeze():
        enter("Came Yesterday")
        clock.advance(days=1)
        for number in range(SHOWN + 1):
            enter(f"Came Today {'ABCDEF'[number]}")
        assert [one.name[-1] for one in arrivals_today(by=grace)] == ["F", "E", "D", "C", "B"]
        clock.advance(days=1)
        assert arrivals_today(by=grace) == []


def test_a_record_out_of_use_is_not_on_the_card(desk, enter, grace):
    patient = enter("Entered Twice")
    assert [one.uid for one in arrivals_today(by=grace)] == [patient.uid]
    retire_patient(patient, "entered twice", by=grace)
    assert arrivals_today(by=grace) == []


def test_the_card_costs_one_question_to_the_database_and_is_journaled(desk, enter, grace, monkeypatch):
    patient = enter("Otieno Peter")
    asked, told = [], []
    real = desk.site.database.execute_sql
    monkeypatch.setattr(desk.site.database, "execute_sql", lambda *sql: asked.append(sql[0]) or real(*sql))
    journal = "plugins.patients.services.arrivals.disclosed"
    monkeypatch.setattr(journal, lambda *facts, **more: told.append((facts, more)))
    home_card(grace)
    assert len(asked) == 1
    assert told == [(("list", [patient.uid]), {"condition": "patients.today"})]
