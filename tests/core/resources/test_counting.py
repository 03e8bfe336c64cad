"""A long list is counted to its end when somebody asks, by what they may see, and told to them alone."""

import re

import pytest

from core.resources.models import Count
from core.roles.grants import grants_of, revoke_grant
from core.testing.house import HOUSE
from tests.core.resources.files.tables import filled, run_jobs


@pytest.fixture
def long(store, monkeypatch):
    """A list longer than pages count."""
    monkeypatch.setattr("core.resources.finding.EXACT_UNTIL", 10)
    filled(store, 25)
    return store


def said(page) -> str:
    """A page as it is read."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.get_data(as_text=True)))


def test_a_long_list_is_counted_when_somebody_asks(long):
    keeper = long.visitor("storekeeper")
    assert "Count them all" in said(keeper.get("/equipment/"))
    asked = keeper.post("/equipment/count", {"list": ""})
    assert asked.status_code == 303
    assert "The list is being counted" in said(keeper.get(asked.headers["Location"]))
    run_jobs(long.site)
    assert "25 in all" in said(keeper.get(asked.headers["Location"]))


def test_a_short_list_offers_no_count(store):
    filled(store, 3)
    assert "Count them all" not in said(store.visitor("storekeeper").get("/equipment/"))


def test_what_is_counted_is_the_list_as_it_is_narrowed(long):
    keeper = long.visitor("storekeeper")
    some = keeper.post("/equipment/count", {"list": "kind=bed"}).headers["Location"]
    rest = keeper.post("/equipment/count", {"list": "kind=pump"}).headers["Location"]
    run_jobs(long.site)
    found = [int(re.search(r"(\d+) in all", said(keeper.get(one)))[1]) for one in (some, rest)]
    assert sum(found) == 25 and 0 < found[0] < 25


def test_a_count_is_told_to_whoever_asked_for_it_and_to_nobody_else(long):
    where = long.visitor("storekeeper").post("/equipment/count", {"list": ""}).headers["Location"]
    run_jobs(long.site)
    other = long.house.person(long.site, "Another storekeeper", "storekeeper")
    assert long.house.visitor(long.site, other).get(where).status_code == 404


def test_nothing_is_counted_for_whoever_may_not_see_the_list_any_more(long):
    long.visitor("storekeeper").post("/equipment/count", {"list": ""})
    with long.site.activate(door="cli"):
        for grant in grants_of(long.people["storekeeper"]):
            revoke_grant(grant, "has left the store", by=HOUSE)
    run_jobs(long.site)
    with long.site.activate(door="test"):
        assert Count.get().row_count is None
