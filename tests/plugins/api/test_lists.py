"""Lists over HTTP: conditions, order, sparse facts, cursors, words in a body; and what one may not know of."""

from typing import Any

import pytest

from core.resources import resources_here
from core.resources.finding import page_of, query_of
from core.resources.narrowing import narrowed
from core.testing.house import actor_of
from tests.plugins.api.conftest import DEVICES, Shop

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def stock(shop: Shop) -> list[dict[str, Any]]:
    """Thirty devices of three kinds."""
    kinds = ("bed", "pump", "scanner")
    return [
        shop.program.device(
            name=f"{'ABC'[n % 3]} device {n:02d}", kind=kinds[n % 3], is_mobile=bool(n % 2), price=n * 100,
            bought_on=f"2026-01-{n + 1:02d}" if n % 5 else None,
        )
        for n in range(30)
    ]  # fmt: skip


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.get_json()["items"]]


def parameters(answer: Any) -> set[str]:
    assert (answer.status_code, answer.mimetype) == (422, PROBLEM), answer.text
    return {one["parameter"] for one in answer.get_json()["errors"]}


def test_a_list_is_walked_to_its_end_and_back_by_cursors(shop: Shop, stock):
    for sort in ("name", "-name", "bought", "-bought", "newest"):
        seen, path = [], f"{DEVICES}?sort={sort}&limit=7"
        address = path
        while address:
            page = shop.program.get(address).get_json()
            seen.append([one["uid"] for one in page["items"]])
            last, address = page, f"{path}&cursor={page['next']}" if page["next"] else ""
        found = [uid for uids in seen for uid in uids]
        assert len(found) == len(set(found)) == len(stock), sort
        before = shop.program.get(f"{path}&cursor={last['previous']}").get_json()
        assert [one["uid"] for one in before["items"]] == seen[-2]


def test_conditions_are_those_of_the_pages(shop: Shop, stock):
    assert len(names(shop.program.get(f"{DEVICES}?kind=bed&limit=200"))) == 10
    assert len(names(shop.program.get(f"{DEVICES}?kind=bed,pump&is_mobile=yes"))) == 10
    assert len(names(shop.program.get(f"{DEVICES}?bought_on=2026-01-02..2026-01-05"))) == 4
    assert len(names(shop.program.get(f"{DEVICES}?bought_on=-"))) == 6
    with shop.site.activate(door="test"):
        resource, by = resources_here()["equipment.device"], actor_of(shop.admin)
        for facets in ({"kind": "bed"}, {"bought_on": "..2026-01-09"}, {"is_mobile": "no", "kind": "scanner"}):
            narrowing = narrowed(resource, {"facets": facets, "sort": "-name"}, by)
            page = page_of(query_of(resource, narrowing, by), names=("name",))
            asked = "&".join(f"{name}={value}" for name, value in facets.items())
            answer = shop.program.get(f"{DEVICES}?{asked}&sort=-name&limit=25&fields=name&count=true")
            assert names(answer) == [row.values["name"] for row in page.rows]
            assert answer.get_json()["count"] == page.count


def test_only_the_facts_that_are_wanted_come(shop: Shop, stock):
    found = shop.program.get(f"{DEVICES}?fields=serial,price&limit=1").get_json()["items"][0]
    assert set(found) == {"uid", "version", "retired_at", "serial", "price"}
    one = shop.program.get(f"{DEVICES}/{found['uid']}?fields=services,kind").get_json()
    assert set(one) == {"uid", "version", "retired_at", "kind", "services"}


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ("colour=red", {"colour"}), ("note=x", {"note"}), ("sort=price", {"sort"}), ("sort=", {"sort"}),
        ("kind=", {"kind"}),
        ("kind=ship", {"kind"}), ("limit=0", {"limit"}), ("limit=201", {"limit"}), ("limit=ten", {"limit"}),
        ("limit=1&limit=2", {"limit"}), ("count=1", {"count"}), ("fields=", {"fields"}),
        ("fields=name,key", {"fields"}),
        ("cursor=x", {"cursor"}), ("cursor=last", {"cursor"}), ("cursor=", {"cursor"}), ("place=nowhere", {"place"}),
        ("bought_on=yesterday..", {"bought_on"}), ("words=pump", {"words"}), ("at=x&find=y", {"at", "find"}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_never_left_out(shop: Shop, stock, asked: str, wrong: set[str]):
    assert parameters(shop.program.get(f"{DEVICES}?{asked}")) == wrong


def test_a_cursor_is_for_one_list_one_order_and_one_person(shop: Shop, stock):
    cursor = shop.program.get(f"{DEVICES}?sort=name&limit=3").get_json()["next"]
    assert "device" not in cursor
    assert shop.program.get(f"{DEVICES}?sort=name&limit=3&cursor={cursor}").status_code == 200
    assert parameters(shop.program.get(f"{DEVICES}?sort=-name&cursor={cursor}")) == {"cursor"}
    assert parameters(shop.program.get(f"/api/v1/core/people?cursor={cursor}")) == {"cursor"}
    other = shop.token(shop.person("administrator"))
    assert parameters(other.get(f"{DEVICES}?sort=name&cursor={cursor}")) == {"cursor"}
    assert parameters(shop.program.get(f"{DEVICES}?sort=name&cursor={cursor[:-2]}AA")) == {"cursor"}


def test_words_stand_in_the_body(shop: Shop, stock):
    asked = {"words": "device 07", "fields": ["name"], "limit": 5, "count": True}
    answer = shop.program.post(f"{DEVICES}/search", asked)
    assert names(answer) == ["B device 07"]
    assert answer.get_json()["count"] == 1
    asked = {"words": "device", "filter": {"kind": "bed"}, "sort": "-name", "limit": 2}
    assert names(shop.program.post(f"{DEVICES}/search", asked)) == ["A device 27", "A device 24"]
    wrong = shop.program.post(f"{DEVICES}/search", {"words": 7, "filter": {"colour": "red"}, "hair": 1, "limit": None})
    assert {one["pointer"] for one in wrong.get_json()["errors"]} == {"/words", "/filter/colour", "/hair", "/limit"}


def test_what_one_may_not_read_is_nowhere(shop: Shop, stock):
    """A price is not shown, sorted by, narrowed by, chosen, described or taken without the right to it."""
    keeper = shop.person("storekeeper", "administrator")
    blind = shop.token(keeper, "equipment.view", "equipment.manage")
    found = blind.get(f"{DEVICES}?limit=1").get_json()["items"][0]
    assert "price" not in found
    assert "price" not in blind.get(f"{DEVICES}/{found['uid']}").get_json()
    assert parameters(blind.get(f"{DEVICES}?fields=name,price")) == {"fields"}
    assert parameters(blind.get(f"{DEVICES}?price=100")) == {"price"}
    assert parameters(blind.get(f"{DEVICES}?sort=price")) == {"sort"}
    assert parameters(blind.get(f"{DEVICES}/{found['uid']}?fields=price")) == {"fields"}
    assert blind.post(f"{DEVICES}/search", {"filter": {"price": "100"}}).status_code == 422
    sent = blind.ask("PATCH", f"{DEVICES}/{found['uid']}", {"price": 1}, If_Match=f'"{found["version"]}"')
    assert [one["pointer"] for one in sent.get_json()["errors"]] == ["/price"]
    late = blind.ask("PATCH", f"{DEVICES}/{found['uid']}", {"note": "x"}, If_Match='"99"')
    assert "price" not in late.get_json()["current"]
    assert "price" not in blind.get("/api/openapi.json").text
    assert "price" in shop.program.get("/api/openapi.json").text
