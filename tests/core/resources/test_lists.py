"""Lists: facets, words, order and pages, by what the reader may see."""

import datetime
import random
import re

import pytest
from werkzeug.datastructures import MultiDict

from core.resources.finding import count_all, page_of, query_of, walk
from core.resources.narrowing import narrowed, narrowing_of, seal, unseal
from core.resources.writing import create_record
from core.testing.house import HOUSE


@pytest.fixture
def stocked(store):
    """Sixty devices, some without a day they were bought on, several with the same name."""
    drawn = random.Random(4)
    with store.site.activate(door="test"):
        for number in range(60):
            bought = datetime.date(2020, 1, 1) + datetime.timedelta(days=drawn.randrange(900)) if number % 4 else None
            create_record(
                store.devices,
                {
                    "name": drawn.choice(["Infusion pump", "Bed", "Äther", "Zentrifuge", "bed"]),
                    "serial": f"S{number}",
                    "kind": drawn.choice(["bed", "pump"]), "state": drawn.choice(["in_use", "in_repair"]),
                    "place": drawn.choice(store.wards), "bought_on": bought, "is_mobile": number % 2 == 0,
                },
                HOUSE,
            )  # fmt: skip
    return store


def uids(query, names=("name",)):
    """Every uid of a list, page by page, the way a reader leafs."""
    found, place = [], ""
    for _page in range(50):
        page = page_of(query, place, names)
        found += [row.uid for row in page.rows]
        place = page.next
        if not place:
            return found
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("sort", ["name", "-name", "bought", "-bought", "newest", "-newest"])
def test_leafing_shows_every_row_once_and_backwards_the_same(stocked, sort):
    with stocked.site.activate(door="test"):
        query = query_of(stocked.devices, narrowed(stocked.devices, {"sort": sort}, HOUSE), HOUSE)
        forwards = uids(query)
        assert len(forwards) == len(set(forwards)) == 60
        assert forwards == [row.uid for rows in walk(query, ("name",), 7) for row in rows]
        last = page_of(query, "last")
        assert [row.uid for row in last.rows] == forwards[-25:]
        before = page_of(query, last.previous)
        assert [row.uid for row in before.rows] == forwards[10:35]
        assert (before.passed, page_of(query, before.previous).passed) == (10, 0)


def test_rows_without_a_day_come_last_whichever_way_the_days_go(stocked):
    with stocked.site.activate(door="test"):
        for sort in ("bought", "-bought"):
            query = query_of(stocked.devices, narrowed(stocked.devices, {"sort": sort}, HOUSE), HOUSE)
            days = [row.values["bought_on"] for rows in walk(query, ("bought_on",)) for row in rows]
            known = [day for day in days if day is not None]
            assert days[len(known) :] == [None] * 15
            assert known == sorted(known, reverse=sort.startswith("-"))


def test_facets_narrow_and_are_counted(stocked):
    address = MultiDict(
        [("kind", "pump"), ("state", "in_use"), ("state", "in_repair"), ("bought_on-from", "2021-01-01")]
    )
    with stocked.site.activate(door="test"):
        narrowing = narrowing_of(stocked.devices, address, HOUSE)
        query = query_of(stocked.devices, narrowing, HOUSE)
        rows = [row for rows in walk(query, ("kind", "bought_on")) for row in rows]
        assert rows and all(row.values["kind"] == "pump" and row.values["bought_on"].year >= 2021 for row in rows)
        assert page_of(query).count == len(rows) == count_all(query)
        assert narrowing.as_query(stocked.devices, HOUSE) == {
            "kind": "pump", "state": "in_use,in_repair", "bought_on": "2021-01-01..",
        }  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        {"kind": "nonsense"}, {"kind": "x" * 5000}, {"bought_on": "..", "state": ","}, {"bought_on": "2020-13-45.."},
        {"place": "0190"}, {"place": "-"}, {"sort": "secret; drop"}, {"cols": "price,name,xyz"}, {"rows": "-5"},
        {"find": "AAAA"}, {"find": "é" * 900}, {"at": "AAAA"}, {"at": "last"}, {"view": "x"}, {"is_mobile": "perhaps"},
        {"bought_on": "9999-12-31..0001-01-01"}, {"name": "Bed"}, {"unknown": "1"},
    ],
)  # fmt: skip
def test_an_address_can_be_anything(stocked, address):
    nurse = stocked.visitor("nurse")
    assert nurse.get("/equipment/", query_string=address).status_code == 200
    assert nurse.get("/equipment/narrow", query_string=address).status_code == 200


def test_a_fact_one_may_not_read_is_met_nowhere(stocked):
    nurse, admin = stocked.visitor("nurse"), stocked.visitor("administrator")
    with stocked.site.activate(door="test"):
        create_record(stocked.devices, {"name": "Laser", "serial": "L", "kind": "other", "price": None}, HOUSE)
    for address in ("/equipment/", "/equipment/narrow", "/equipment/?cols=name,price", "/equipment/?sort=price"):
        assert "Price" not in nurse.get(address).get_data(as_text=True), address
        assert "Price" in admin.get(address).get_data(as_text=True) or "sort" in address


def test_words_find_what_was_entered_and_stand_in_no_address(stocked):
    nurse = stocked.visitor("nurse")
    nurse.get("/equipment/")
    answer = nurse.post("/equipment/find", {"q": "zentrif"})
    assert "zentrif" not in answer.location.casefold()
    page = nurse.get(answer.location).get_data(as_text=True)
    assert "Zentrifuge" in page and "Infusion pump" not in page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "aether" not in page


def test_what_is_sealed_opens_for_nobody_else_and_nowhere_else(stocked, house):
    other = house.site("hill", plugins=["equipment"])
    with stocked.site.activate(door="test"):
        token = seal({"words": "secret"}, stocked.devices, HOUSE)
        assert unseal(token, stocked.devices, HOUSE) == {"words": "secret"}
        assert token == seal({"words": "secret"}, stocked.devices, HOUSE)
    with other.activate(door="test"):
        assert unseal(token, stocked.devices, HOUSE) is None


def test_a_view_is_saved_shared_and_taken_away(stocked):
    admin, nurse, keeper = (stocked.visitor(role) for role in ("administrator", "nurse", "storekeeper"))
    admin.get("/equipment/?kind=pump")
    saved = admin.post("/equipment/views", {"title": "Pumps", "list": "kind=pump", "is_shared": "y"})
    assert saved.status_code == 303
    seen = nurse.get(saved.location.replace("http://harbour", "")).get_data(as_text=True)
    assert "Pumps" in seen and "<b>Pump</b>" in seen
    uid = re.search(r"view=([0-9a-f-]{36})", saved.location).group(1)
    assert keeper.post(f"/equipment/views/{uid}/drop").status_code == 403
    assert admin.post(f"/equipment/views/{uid}/drop").status_code == 303
    assert "Pumps" not in nurse.get("/equipment/").get_data(as_text=True)


def test_a_view_of_ones_own_is_nobody_elses(stocked):
    keeper, nurse = stocked.visitor("storekeeper"), stocked.visitor("nurse")
    keeper.get("/equipment/")
    saved = keeper.post("/equipment/views", {"title": "Mine", "list": "kind=pump"})
    uid = re.search(r"view=([0-9a-f-]{36})", saved.location).group(1)
    assert "Mine" in keeper.get("/equipment/").get_data(as_text=True)
    assert "Mine" not in nurse.get(f"/equipment/?view={uid}").get_data(as_text=True)
    assert nurse.post(f"/equipment/views/{uid}/drop").status_code == 404
    assert keeper.post("/equipment/views", {"title": "Ours", "list": "", "is_shared": "y"}).status_code == 403
