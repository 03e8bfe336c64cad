"""Nobody opens what belongs to another clinic's or another hospital's patients (A-13).

Objects come from the registry of models and routes from the application, so that a new model or page is covered the
day it appears.
"""

import re
from collections.abc import Iterator

import pytest

from core.roles.rights import rights_book
from core.storage import all_models, new_uid
from core.web import SIGNED_IN, RouteSpec
from tests.sites.people_and_places import ROLES, Town, build

ARGUMENT = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
CHANGES_EACH_TIME = re.compile(
    r'nonce="[^"]+"|value="[^"]*"|Reference \w+|\d\d:\d\d|data-m-csrf="[^"]*"|/static/core/\w+/|request:\w+|\s+'
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    built = build(tmp_path_factory.mktemp("town"))
    yield built
    built.house.close()


def attempts(route: RouteSpec, prefix: str, whose: str, things: list[str]) -> Iterator[str]:
    """Every address of a route that names this patient, with each of the things as its part."""
    arguments = ARGUMENT.findall(route.rule)
    names = [name for _kind, _choices, name in arguments]
    for thing in things if "part_uid" in names else [""]:
        kinds = next((choices.split(", ") for kind, choices, _name in arguments if kind == "any"), [""])
        for kind in kinds:
            filled = {"uid": whose, "part_uid": thing, "kind": kind, "plugin": "patients", "noun": "patient"}
            yield prefix + ARGUMENT.sub(lambda found, filled=filled: filled.get(found.group(3), "x"), route.rule)


def routes_of(town: Town) -> Iterator[tuple[RouteSpec, str]]:
    """The routes that name a patient, with the prefix of their plugin."""
    for route in town.house.app.extensions["medley_routes"].values():
        if route.endpoint.startswith("patients.") and "<uid>" in route.rule:
            yield route, "/patients"
        elif route.endpoint in {"core.history"}:
            yield route, ""


def essence(text: str) -> str:
    """A page without what differs at every request."""
    return CHANGES_EACH_TIME.sub("", text)


def test_the_clerk_opens_her_own_patient(town: Town) -> None:
    page = town.clerk.get(f"/patients/{town.own}")
    assert page.status_code == 200
    assert "Olga Own" in page.text


def test_each_patient_has_one_of_everything_there_is(town: Town) -> None:
    """A kind of part nobody makes here would never be tried; whoever adds one is told by this test."""
    kinds = {model._meta.noun for model in all_models() if model._meta.root == "patient"}
    assert len(kinds) >= 8
    for whose in (town.own, town.neighbour, town.stranger):
        assert set(town.parts[whose]) == kinds


def test_no_address_opens_what_is_foreign_and_all_look_as_if_nothing_were_there(town: Town) -> None:
    tried, nobody = 0, new_uid()
    with town.harbour.activate():
        held = frozenset({SIGNED_IN}).union(*(rights_book().names_of(role) for role in ROLES))
    for route, prefix in routes_of(town):
        wanted = 404 if route.permission in held else 403
        for method in set(route.methods) - {"HEAD", "OPTIONS"}:
            absent: dict[str, str] = {}
            for whose in (nobody, town.neighbour, town.stranger):
                things = [*town.parts.get(whose, {}).values(), *town.parts[town.own].values(), new_uid()]
                for path in attempts(route, prefix, whose, things):
                    data = {"csrf_token": town.clerk._token} if method == "POST" else None
                    answer = town.clerk.open(method, path, data=data)
                    assert answer.status_code == wanted, (method, path, answer.status_code)
                    assert "Neighbour" not in answer.text
                    assert "Stranger" not in answer.text
                    seen = essence(answer.text)
                    assert absent.setdefault("page", seen) == seen, f"{method} {path} is not like an absent one"
                    tried += 1
    assert tried >= 1000


def test_a_part_of_a_foreign_patient_is_not_opened_through_ones_own(town: Town) -> None:
    tried = 0
    for route, prefix in routes_of(town):
        for whose in (town.neighbour, town.stranger):
            things = list(town.parts[whose].values())
            if "part_uid" not in route.rule:
                continue
            for path in attempts(route, prefix, town.own, things):
                for method in set(route.methods) - {"HEAD", "OPTIONS"}:
                    data = {"csrf_token": town.clerk._token, "reason": "mine now", "value": "1"}
                    answer = town.clerk.open(method, path, data=data if method == "POST" else None)
                    assert answer.status_code == 404, (method, path, answer.status_code)
                    assert "Neighbour" not in answer.text
                    assert "Stranger" not in answer.text
                    tried += 1
    assert tried >= 250


def test_nothing_foreign_is_found_listed_or_hinted_at(town: Town) -> None:
    for words in ("Nina", "Neighbour", "Sara Stranger", "ID20002", "0712555002", "2 Feb 1980", "00000002"):
        page = town.clerk.post("/patients/", {"q": words})
        assert page.status_code == 200
        assert town.neighbour not in page.text
        assert town.stranger not in page.text
        listed = town.clerk.get("/patients/all", query_string={"find": words})
        assert listed.status_code == 200
        assert "Nina" not in listed.text
        assert "Sara" not in listed.text
        palette = town.clerk.post("/find", {"q": words}, headers={"X-CSRF-Token": town.clerk._token})
        assert "Nina" not in palette.text
        assert "Sara" not in palette.text


def test_a_body_that_names_a_foreign_record_changes_nothing(town: Town) -> None:
    with town.harbour.activate():
        before = town.harbour.database.execute_sql("SELECT * FROM patients_patient ORDER BY id").fetchall()
    form = town.clerk.get(f"/patients/{town.own}/edit")
    assert form.status_code == 200
    for name in ("uid", "id", "patient", "patient_id", "patient_uid"):
        town.clerk.post(f"/patients/{town.own}/edit", {name: town.neighbour, "name": "Taken Over"})
    with town.harbour.activate():
        after = town.harbour.database.execute_sql("SELECT * FROM patients_patient ORDER BY id").fetchall()
    assert [row for row in before if town.neighbour in row] == [row for row in after if town.neighbour in row]


def test_no_record_of_another_hospital_opens_for_an_administrator(town: Town) -> None:
    """Every kind of record there is, on every page of the house that names one by its uid."""
    boss = town.house.visitor(town.harbour, town.house.person(town.harbour, "Ada Harbour", "administrator", *ROLES))
    with town.lake.activate():
        theirs = [
            record.uid
            for model in all_models()
            if town.lake.database.table_exists(model._meta.table_name)
            for record in model.select().order_by(model.id).limit(3)
        ]
    tried, nobody = 0, new_uid()
    for route in town.house.app.extensions["medley_routes"].values():
        plugin = route.endpoint.partition(".")[0]
        prefix = "" if plugin == "core" else f"/{plugin}"
        if "<uid>" not in route.rule or plugin == "patients" or route.rule.startswith("/sign-in"):
            continue
        for method in sorted(set(route.methods) & {"GET", "POST"}):
            data = {"csrf_token": boss._token} if method == "POST" else None
            for path in attempts(route, prefix, nobody, [nobody]):
                absent = boss.open(method, path, data=data)
                assert absent.status_code in (400, 403, 404, 405, 422), (method, path, absent.status_code)
            for uid in theirs:
                for path in attempts(route, prefix, uid, [nobody]):
                    answer = boss.open(method, path, data=data)
                    assert answer.status_code == absent.status_code, (method, path, answer.status_code)
                    assert essence(answer.text).replace(uid, "") == essence(absent.text).replace(nobody, "")
                    tried += 1
    assert tried >= 1000


def test_records_of_the_house_are_as_closed_as_those_of_patients(town: Town) -> None:
    boss = town.house.visitor(town.harbour, town.house.person(town.harbour, "Boss Harbour", "administrator"))
    theirs = town.house.person(town.lake, "Lars Lake", "administrator").uid
    for path in (f"/people/{theirs}", f"/people/{theirs}/edit", f"/roles/{theirs}", f"/places/{theirs}"):
        assert boss.get(path).status_code == 404, path
