"""So many requests a minute, and no more; each answer says what is left."""

import re

from core.settings import change_settings
from core.testing.house import HOUSE
from plugins.api.rest import limits
from plugins.api.rest.limits import Turnstile, turnstile
from tests.plugins.api.conftest import DEVICES, Program, Shop


def set_to(shop: Shop, **answers: int) -> None:
    with shop.site.activate():
        change_settings("api", answers, by=HOUSE)


def test_every_answer_says_what_is_left_and_the_last_when_to_come_back(shop: Shop):
    set_to(shop, requests_a_minute=4, source_requests_a_minute=1000)
    try:
        left = []
        for _time in range(4):
            answer = shop.program.get(f"{DEVICES}?limit=1")
            assert answer.status_code == 200
            assert answer.headers["RateLimit-Policy"] == '"token";q=4;w=60'
            left.append(int(re.fullmatch(r'"token";r=(\d+);t=\d+', answer.headers["RateLimit"])[1]))  # type: ignore[index]
        assert left == [3, 2, 1, 0]
        over = shop.program.get(f"{DEVICES}?limit=1")
        assert (over.status_code, over.mimetype) == (429, "application/problem+json")
        assert 1 <= int(over.headers["Retry-After"]) <= 60
        assert over.headers["RateLimit"].startswith('"token";r=0')
        other = shop.token(shop.admin)
        assert other.get(f"{DEVICES}?limit=1").status_code == 200
        nowhere = other.get("/api/v1/nothing/at/all")
        assert (nowhere.status_code, nowhere.headers["RateLimit"][:11]) == (404, '"token";r=2')
    finally:
        set_to(shop, requests_a_minute=600, source_requests_a_minute=1200)


def test_those_who_show_nothing_good_are_counted_by_their_address(shop: Shop):
    set_to(shop, source_requests_a_minute=5)
    try:
        guesser = Program(shop.house, shop.site, "mdl_" + "x" * 43)
        assert [guesser.get(DEVICES).status_code for _time in range(7)] == [401] * 5 + [429] * 2
        assert shop.program.get(DEVICES).status_code == 429
    finally:
        set_to(shop, source_requests_a_minute=1200)
        turnstile.forget()
    assert shop.program.get(DEVICES).status_code == 200


def test_a_minute_later_all_is_as_before(shop: Shop, monkeypatch):
    gate = Turnstile()
    now = [1000.0]
    monkeypatch.setattr(limits.clock, "monotonic", lambda: now[0])
    assert [gate.pass_through("a", "token", 2).is_over for _time in range(3)] == [False, False, True]
    assert not gate.pass_through("b", "token", 2).is_over
    now[0] += 61
    assert gate.pass_through("a", "token", 2).left == 1


def test_its_memory_is_bounded():
    gate = Turnstile()
    for number in range(limits.MOST_KNOWN + 100):
        gate.pass_through(number, "token", 2)
    assert len(gate._counts) == limits.MOST_KNOWN
