"""Addresses in templates are those Flask would write."""

import pytest
from flask import Flask, url_for
from werkzeug.routing import BuildError

from core.storage import new_uid
from core.web.addresses import Addresses


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    for rule, name in (
        ("/patients/", "patients.index"),
        ("/patients/<uid>", "patients.show"),
        ("/patients/<uid>/<any(names, phones):kind>/<part_uid>", "patients.part"),
        ("/jobs/<int:number>", "jobs.show"),
    ):
        app.add_url_rule(rule, name, lambda **_given: "")
    return app


CASES = [
    ("patients.index", {}),
    ("patients.index", {"page": 2, "sort": "name"}),
    ("patients.index", {"after": new_uid(), "sort": "a b&c"}),
    ("patients.show", {"uid": new_uid()}),
    ("patients.show", {"uid": "a/b ü"}),
    ("patients.show", {"uid": new_uid(), "_anchor": "names"}),
    ("patients.part", {"uid": new_uid(), "kind": "names", "part_uid": new_uid()}),
    ("patients.part", {"part_uid": new_uid(), "kind": "phones", "uid": new_uid()}),
    ("patients.index", {"q": None}),
    ("jobs.show", {"number": 7}),
    ("jobs.show", {"number": True}),
]


@pytest.mark.parametrize(("endpoint", "values"), CASES)
def test_an_address_is_the_one_flask_writes_the_first_time_and_later(app: Flask, endpoint: str, values: dict):
    addresses = Addresses()
    with app.test_request_context():
        wanted = url_for(endpoint, **values)
        assert [addresses.to(endpoint, **values), addresses.to(endpoint, **values)] == [wanted, wanted]


def test_each_uid_comes_into_its_own_place(app: Flask):
    addresses = Addresses()
    with app.test_request_context():
        for _patient in range(3):
            given = {"uid": new_uid(), "kind": "names", "part_uid": new_uid()}
            assert addresses.to("patients.part", **given) == url_for("patients.part", **given)


def test_below_a_prefix_the_prefix_is_there(app: Flask):
    addresses = Addresses()
    with app.test_request_context():
        assert addresses.to("patients.index") == "/patients/"
    with app.test_request_context(environ_overrides={"SCRIPT_NAME": "/hospital"}):
        assert addresses.to("patients.index") == "/hospital/patients/"


@pytest.mark.parametrize(
    ("endpoint", "values"), [("patients.gone", {}), ("patients.part", {"uid": "1", "kind": "teeth"})]
)
def test_a_page_that_is_not_there_is_a_mistake(app: Flask, endpoint: str, values: dict):
    with app.test_request_context(), pytest.raises(BuildError):
        Addresses().to(endpoint, **values)
