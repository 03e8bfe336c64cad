"""A request sent again is done once: kept answers, keys that come with another request, races on three engines."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from core.testing.house import House
from plugins.api.models import Answer
from plugins.api.services.answers import DAY, forget_old
from tests.hospital import rounds
from tests.plugins.api.conftest import DEVICES, Program, Shop, device, opened
from tests.servers import ENGINES, Servers, require


@pytest.fixture(scope="module", params=ENGINES)
def shop_on(
    request: pytest.FixtureRequest, equipment: None, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """A hospital on each engine in turn."""
    require(request.param, servers)
    url = "" if request.param == "sqlite" else servers.url(request.param)
    house = House(tmp_path_factory.mktemp("house"))
    yield opened(house, url)
    house.close()
    if url:
        servers.drop(url)


def count(shop: Shop, serial: str) -> int:
    """How many devices have this serial number."""
    items = shop.program.get(f"{DEVICES}?limit=200&fields=serial").get_json()["items"]
    return [one["serial"] for one in items].count(serial)


def test_a_request_sent_again_is_answered_again(shop_on: Shop):
    sent = device(name="Once")
    first = shop_on.program.post(DEVICES, sent, Idempotency_Key="first")
    again = shop_on.program.post(DEVICES, sent, Idempotency_Key="first")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_data() == first.get_data()
    assert [again.headers[name] for name in ("Location", "ETag")] == [
        first.headers[name] for name in ("Location", "ETag")
    ]
    assert again.headers["Idempotent-Replayed"] == "true"
    other = shop_on.program.post(DEVICES, {**sent, "name": "Other"}, Idempotency_Key="first")
    assert (other.status_code, other.get_json()["type"]) == (422, "/api/#key-reused")
    elsewhere = shop_on.program.post(f"{DEVICES}/{first.get_json()['uid']}/actions/repair", {}, Idempotency_Key="first")
    assert elsewhere.status_code == 422
    assert count(shop_on, sent["serial"]) == 1


def test_changes_and_retirements_are_answered_again_too(shop_on: Shop):
    found = shop_on.program.device()
    at, tag = f"{DEVICES}/{found['uid']}", f'"{found["version"]}"'
    for _time in range(2):
        changed = shop_on.program.ask("PATCH", at, {"note": "a"}, If_Match=tag, Idempotency_Key="change")
        assert (changed.status_code, changed.get_json()["version"]) == (200, 2)
    for _time in range(2):
        gone = shop_on.program.ask("DELETE", at, {"reason": "x"}, If_Match='"2"', Idempotency_Key="gone")
        assert (gone.status_code, gone.get_json()["version"]) == (200, 3)


def test_what_was_done_is_found_when_its_answer_was_never_kept(shop_on: Shop):
    """The process died between the act and the answer: the act's own binding knows."""
    sent = device()
    first = shop_on.program.post(DEVICES, sent, Idempotency_Key="lost")
    tag = first.headers["ETag"]
    changed = shop_on.program.ask("PATCH", first.location, {"note": "a"}, If_Match=tag, Idempotency_Key="lost-too")
    with shop_on.site.activate():
        Answer.delete().execute()
    again = shop_on.program.post(DEVICES, sent, Idempotency_Key="lost")
    assert (again.status_code, again.get_json()["uid"]) == (201, first.get_json()["uid"])
    second = shop_on.program.ask("PATCH", first.location, {"note": "a"}, If_Match=tag, Idempotency_Key="lost-too")
    assert (second.status_code, second.get_json()["version"]) == (200, changed.get_json()["version"])


def test_refusals_bind_nothing_and_a_day_later_all_is_forgotten(shop_on: Shop):
    assert shop_on.program.post(DEVICES, device(kind="ship"), Idempotency_Key="second").status_code == 422
    assert shop_on.program.post(DEVICES, device(), Idempotency_Key="second").status_code == 201
    for key in ("", "x" * 201, "with space", "ä".encode().decode("latin-1")):
        assert shop_on.program.post(DEVICES, device(), Idempotency_Key=key).status_code == 400, key
    with shop_on.site.activate():
        Answer.update(at=Answer.at - DAY - 1).execute()
        assert forget_old() > 0
        assert not Answer.select().exists()


def test_what_is_kept_is_sealed(shop_on: Shop):
    shop_on.program.post(DEVICES, device(name="Nobody reads this"), Idempotency_Key="sealed-key")
    with shop_on.site.activate():
        for row in Answer.select().dicts():
            assert "Nobody" not in str(row)
            assert "sealed-key" not in str(row)


def test_many_at_once_with_one_key_do_it_once(shop_on: Shop):
    for number in range(rounds(4, 100)):
        sent = device()
        told = at_once(shop_on, [sent] * 6, f"race-{number}")
        assert {status for status, _body in told} == {201}, told
        assert len({body for _status, body in told}) == 1
        assert count(shop_on, sent["serial"]) == 1


def test_of_different_requests_at_once_with_one_key_one_is_done(shop_on: Shop):
    for number in range(rounds(3, 50)):
        asked = [device() for _one in range(5)]
        told = at_once(shop_on, asked, f"clash-{number}")
        assert sorted(status for status, _body in told) == [201, 422, 422, 422, 422]
        assert sum(count(shop_on, one["serial"]) for one in asked) == 1


def at_once(shop: Shop, asked: list[Any], key: str) -> list[tuple[int, bytes]]:
    """What as many programs are answered that send these at the same moment."""
    told: list[tuple[int, bytes]] = []
    gate = threading.Barrier(len(asked))

    def send(body: Any) -> None:
        program = Program(shop.house, shop.site, shop.program.secret)
        gate.wait()
        answer = program.post(DEVICES, body, Idempotency_Key=key)
        told.append((answer.status_code, answer.get_data()))

    threads = [threading.Thread(target=send, args=(body,)) for body in asked]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return told
