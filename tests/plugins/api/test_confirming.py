"""An act that asks before it goes on, and a program that was asked and says yes."""

import pytest

from plugins.api.services import confirming
from tests.plugins.api.conftest import EVERYTHING

PATIENTS = "/api/v1/patients/all"
NAMES = iter(["Amina Otieno", "Jonas Berglund", "Li Wei", "Oksana Melnyk", "Tomasz Zielinski", "Femi Adeyemi"])


@pytest.fixture
def person():
    """Somebody unlike everybody in the register so far."""
    name = next(NAMES)
    return {"name": name, "born_on": f"19{len(name) + 50}-05-{ord(name[0]) % 28 + 1:02d}", "sex": "unknown"}


@pytest.fixture
def program(shop):
    return shop.program


@pytest.fixture
def asked(program, person):
    """A program that was asked whether this is somebody new."""
    first = program.ask("POST", PATIENTS, person)
    assert first.status_code == 201, first.get_data(as_text=True)
    answer = program.ask("POST", PATIENTS, person)
    assert answer.status_code == 409
    return program, answer.get_json()


def test_the_problem_says_what_is_asked_and_what_to_send_back(asked, person):
    program, told = asked
    assert told["type"] == "/api/#confirmation" and told["confirm_as"] == "is_new"
    assert told["question"] == "Is this a new person?"
    answer = program.ask("POST", PATIENTS, person, Confirmation=told["confirmation"])
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert answer.get_json()["name"] == person["name"]


def test_it_is_good_for_this_body_alone_and_not_made_up(asked, person):
    program, told = asked
    words, until, seal = told["confirmation"].split(".")
    for sent, body in [
        (told["confirmation"], {**person, "sex": "female"}),
        (f"{words}.{int(until) + 60}.{seal}", person),
        (f"{words}+other.{until}.{seal}", person),
        ("is_new", person),
        ("is_new.9999999999.", person),
        ("\xe9.1.1", person),
    ]:
        answer = program.ask("POST", PATIENTS, body, Confirmation=sent)
        assert answer.status_code == 409, sent
        assert answer.get_json()["confirm_as"] == "is_new"


def test_it_is_good_for_a_quarter_of_an_hour(asked, person, monkeypatch):
    program, told = asked
    late = confirming.seconds_now() + confirming.SECONDS + 1
    monkeypatch.setattr(confirming, "seconds_now", lambda: late)
    assert program.ask("POST", PATIENTS, person, Confirmation=told["confirmation"]).status_code == 409


def test_nobody_else_says_yes_with_it(asked, person, shop):
    _program, told = asked
    other = shop.token(shop.person(*EVERYTHING))
    assert other.ask("POST", PATIENTS, person, Confirmation=told["confirmation"]).status_code == 409


def test_with_an_idempotency_key_it_is_done_once(asked, person):
    program, told = asked
    sent = {"Confirmation": told["confirmation"], "Idempotency_Key": "one"}
    first, again = (program.ask("POST", PATIENTS, person, **sent) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.get_json()["uid"] == again.get_json()["uid"]


def test_it_is_described(program):
    described = program.ask("GET", "/api/openapi.json").get_json()
    parameters = described["paths"][PATIENTS]["post"]["parameters"]
    assert "Confirmation" in [one["name"] for one in parameters]
    assert "confirmation" in described["components"]["schemas"]["Problem"]["properties"]
