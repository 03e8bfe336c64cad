"""Records over HTTP: entered, read, changed by the version that was seen, taken out of use, acted upon (A-2)."""

import threading
from typing import Any

import pytest

from core.resources import resources_here
from tests.hospital import rounds
from tests.plugins.api.conftest import DEVICES, Program, Shop, device

SERVICE = {"done_on": "2026-01-02", "what": "Looked after", "is_passed": True}
PROBLEM = "application/problem+json"


def at(found: dict[str, Any]) -> str:
    """Where a device is."""
    return f"{DEVICES}/{found['uid']}"


def tag(found: dict[str, Any]) -> str:
    """The version somebody saw."""
    return f'"{found["version"]}"'


def pointers(answer: Any) -> set[str]:
    """Where a body does not fit."""
    assert (answer.status_code, answer.mimetype) == (422, PROBLEM), answer.text
    return {one["pointer"] for one in answer.get_json()["errors"]}


def test_a_record_is_entered_read_changed_and_taken_out_of_use(shop: Shop):
    program = shop.program
    made = program.post(DEVICES, device(name="Scanner", kind="scanner", price="12.50", services=[SERVICE]))
    assert made.status_code == 201, made.text
    found = made.get_json()
    assert made.headers["Location"] == at(found)
    assert made.headers["ETag"] == tag(found)
    assert program.get(at(found)).get_json() == found
    assert found["price"] == {"amount": "12.5", "currency": "USD"}
    assert found["services"][0]["what"] == "Looked after"
    changed = program.ask("PATCH", at(found), {"name": "Scanner 2"}, If_Match=tag(found))
    assert (changed.status_code, changed.get_json()["name"]) == (200, "Scanner 2")
    gone = program.ask("DELETE", at(found), {"reason": "Broken"}, If_Match=changed.headers["ETag"])
    assert gone.status_code == 200
    assert gone.get_json()["retired_at"]
    assert found["uid"] not in [one["uid"] for one in program.get(DEVICES).get_json()["items"]]
    assert found["uid"] in [one["uid"] for one in program.get(f"{DEVICES}?retired=true&limit=200").get_json()["items"]]
    again = program.post(f"{at(found)}/actions/retire", {"reason": "Twice"}, If_Match=gone.headers["ETag"])
    assert again.status_code == 422
    back = program.post(f"{at(found)}/actions/restore")
    assert (back.status_code, back.get_json()["retired_at"]) == (200, None)


def test_lines_come_and_go_with_their_record(shop: Shop):
    found = shop.program.device(services=[SERVICE, {**SERVICE, "what": "Battery"}])
    first, second = found["services"]
    sent = {"services": [{"uid": second["uid"], "what": "New battery"}, {"done_on": "2026-03-04", "what": "Cleaned"}]}
    changed = shop.program.ask("PATCH", at(found), sent, If_Match=tag(found)).get_json()
    assert [line["what"] for line in changed["services"]] == ["New battery", "Cleaned"]
    assert changed["version"] > found["version"]
    stale = shop.program.ask("PATCH", at(found), {"services": []}, If_Match=tag(found))
    assert stale.status_code == 412
    strange = {"services": [{"uid": first["uid"], "device": "x", "what": ""}, "line", 7]}
    assert pointers(shop.program.ask("PATCH", at(found), strange, If_Match=tag(changed))) == {"/services"}
    strange = {"services": [{"device": "x", "done_on": "31.12.2026", "what": ""}]}
    wrong = pointers(shop.program.ask("PATCH", at(found), strange, If_Match=tag(changed)))
    assert wrong == {"/services/0/device", "/services/0/done_on"}
    needed = {"services": [{"done_on": "2026-12-31", "what": ""}]}
    assert pointers(shop.program.ask("PATCH", at(found), needed, If_Match=tag(changed))) == {"/services/0/what"}
    own = {"services": [{**SERVICE, "uid": first["uid"]}]}
    assert pointers(shop.program.post(DEVICES, device(**own))) == {"/services/0/uid"}


def test_who_saw_an_older_version_is_shown_both(shop: Shop):
    found = shop.program.device(name="Pump A")
    assert shop.program.ask("PATCH", at(found), {"name": "Pump B"}, If_Match=tag(found)).status_code == 200
    late = shop.program.ask("PATCH", at(found), {"name": "Pump C"}, If_Match=tag(found))
    assert (late.status_code, late.mimetype) == (412, PROBLEM)
    told = late.get_json()
    assert (told["yours"], told["current"]["name"], told["current"]["version"]) == ({"name": "Pump C"}, "Pump B", 2)
    assert shop.program.get(at(found)).get_json()["name"] == "Pump B"
    odd = shop.program.ask("PATCH", at(found), b'{"note": [1.50, 18446744073709551616]}', If_Match=tag(found))
    assert odd.status_code in (412, 422)
    priced = shop.program.ask("PATCH", at(found), b'{"price": 1.50}', If_Match=tag(found))
    assert (priced.status_code, priced.get_json()["yours"]) == (412, {"price": "1.50"})
    for method, body in (("PATCH", {"name": "x"}), ("PATCH", {}), ("DELETE", {"reason": "x"})):
        assert shop.program.ask(method, at(found), body).status_code == 428
        assert shop.program.ask(method, at(found), body, If_Match=tag(found)).status_code == 412
        assert shop.program.ask(method, at(found), body, If_Match="*").status_code == 412


def test_of_many_who_change_one_record_at_once_nobody_overwrites_another(shop: Shop):
    """Eight editors, each with the version they saw: one change is stored, the others are told (A-2)."""
    found = shop.program.device()
    for number in range(rounds(5, 100)):
        seen = f'"{found["version"] + number}"'
        assert sorted(edits_at_once(shop, at(found), seen)) == [200, *[412] * 7]
    assert shop.program.get(at(found)).get_json()["version"] == found["version"] + rounds(5, 100)


def edits_at_once(shop: Shop, address: str, seen: str) -> list[int]:
    """What eight programs are answered that change a record at the same moment."""
    answers: list[int] = []
    gate = threading.Barrier(8)

    def edit(index: int) -> None:
        program = Program(shop.house, shop.site, shop.program.secret)
        gate.wait()
        answers.append(program.ask("PATCH", address, {"note": f"{seen} {index}"}, If_Match=seen).status_code)

    threads = [threading.Thread(target=edit, args=(index,)) for index in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return answers


def test_every_noun_that_can_be_changed_asks_for_the_version(shop: Shop):
    """One record of each noun of the site: without a version 428, with another 412, and nothing changed (A-2)."""
    shop.program.device()
    somebody = {"name": "Olga Otieno", "sex": "female", "born_on": "1980-02-03", "phone": "+254712555001"}
    assert shop.program.post("/api/v1/patients/all", somebody).status_code == 201
    tried = []
    for line in shop.program.get("/api/v1").get_json()["nouns"]:
        items = shop.program.get(f"{line['address']}?limit=1&retired=true").get_json()["items"]
        for found in items:
            address = f"{line['address']}/{found['uid']}"
            for method, body in (("PATCH", {}), ("DELETE", {"reason": "Test"})):
                answer = shop.program.ask(method, address, body)
                if answer.status_code == 405:
                    continue
                assert answer.status_code == 428, (method, address, answer.text)
                stale = shop.program.ask(method, address, body, If_Match='"99999"')
                assert stale.status_code == 412, (method, address, stale.text)
                assert stale.get_json()["current"]["uid"] == found["uid"]
                tried.append((line["name"], method))
            assert shop.program.get(address).get_json()["version"] == found["version"]
    both = {(noun, method) for noun in ("equipment.device", "patients.patient") for method in ("PATCH", "DELETE")}
    assert both | {("core.user", "PATCH")} <= set(tried)
    with shop.site.activate():
        served = {name for name, one in resources_here().items() if "api" in one.doors}
    assert served == {line["name"] for line in shop.program.get("/api/v1").get_json()["nouns"]}


def test_what_nobody_asked_for_is_refused_by_name(shop: Shop):
    """Mass assignment: columns, ids, other people's facts, things worked out (ASVS 15.3.3)."""
    sent = {
        "id": 1, "uid": "x", "version": 9, "key": "aaa", "created_by": "me", "retired_at": None, "custom": {},
        "currency": "KES",
    }  # fmt: skip
    answer = shop.program.post(DEVICES, device(**sent))
    assert pointers(answer) == {f"/{name}" for name in sent}
    found = shop.program.device()
    assert pointers(shop.program.ask("PATCH", at(found), sent, If_Match=tag(found))) == {f"/{name}" for name in sent}
    assert shop.program.get(at(found)).get_json() == found


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("name", 7), ("name", ""), ("name", "   "), ("name", "x" * 121), ("name", "two\nlines"), ("kind", "ship"),
        ("kind", ""),
        ("is_mobile", "yes"), ("is_mobile", 1), ("place", "nowhere"), ("place", {}), ("bought_on", "2026-02-30"),
        ("bought_on", "1.2.2026"), ("bought_on", 20260101), ("checked_at", "2026-01-01T00:00:00"),
        ("checked_at", "2026-01-01"), ("price", -1), ("price", "1e3"), ("price", True), ("price", {"amount": None}),
        ("price", {"amount": 1, "currency": "XXX"}), ("price", "0.001"), ("price", 10**15), ("note", ["x"]),
        ("services", {}), ("services", [[]]), ("note", "\u202e"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_where_it_stands(shop: Shop, fact: str, value: Any):
    facts = device(is_mobile=True)
    assert f"/{fact}" in pointers(shop.program.post(DEVICES, {**facts, fact: value}))


def test_a_number_of_its_own_is_nobody_elses(shop: Shop):
    found = shop.program.device()
    twice = shop.program.post(DEVICES, device(serial=found["serial"]))
    assert pointers(twice) == {"/serial"}
    other = shop.program.device()
    sent = {"serial": found["serial"]}
    assert pointers(shop.program.ask("PATCH", at(other), sent, If_Match=tag(other))) == {"/serial"}


def test_actions_ask_whether_they_fit(shop: Shop):
    found = shop.program.device()
    done = shop.program.post(f"{at(found)}/actions/repair", {}, If_Match=tag(found))
    assert (done.status_code, done.get_json()["state"]) == (200, "in_repair")
    again = shop.program.post(f"{at(found)}/actions/repair", {})
    assert (again.status_code, again.get_json()["detail"]) == (422, "It is being repaired already.")
    assert shop.program.post(f"{at(found)}/actions/fly", {}).status_code == 404
    assert pointers(shop.program.post(f"{at(found)}/actions/repair", {"state": "scrapped"})) == {"/state"}
    assert shop.program.post(f"{at(found)}/actions/repair", {}, If_Match='"77"').status_code == 412


def test_a_noun_of_a_plugin_that_is_off_is_not_there(shop: Shop):
    for path in (
        "/api/v1/inventory/supplier",
        "/api/v1/equipment/ship",
        f"{DEVICES}/x",
        "/api/v1/x",
        "/api/v1/a/b/c/d/e",
    ):
        answer = shop.program.get(path)
        assert (answer.status_code, answer.mimetype) == (404, PROBLEM), path
