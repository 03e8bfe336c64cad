"""One act for many: previewed, told for each, stopped, and never done to what one may not see or change."""

from core.resources.bulk import services
from core.resources.bulk.models import BulkOutcome, BulkRun
from tests.core.resources.files.tables import filled, run_jobs


def uids(store, **wanted):
    with store.site.activate(door="cli"):
        return [one.uid for one in store.model.select().order_by(store.model.id).limit(wanted.get("most", 100))]


def states(store):
    with store.site.activate(door="cli"):
        return [one.state for one in store.model.select().order_by(store.model.id)]


def marked(visitor, chosen, **also):
    visitor.get("/equipment/")
    return visitor.post("/equipment/bulk", {"uid": list(chosen), "list": "", **also})


def test_an_action_is_shown_before_it_happens_and_told_for_each_afterwards(store):
    filled(store, 3)
    keeper = store.visitor("storekeeper")
    first = uids(store)[0]
    keeper.get(f"/equipment/{first}")
    keeper.post(f"/equipment/{first}/act/repair")
    where = marked(keeper, uids(store)).location
    page = keeper.get(f"{where}?do=act:repair").get_data(as_text=True)
    assert "This will be done to 2 of them." in page
    assert "1 are left out: It is being repaired already." in page
    assert keeper.post(f"{where}?do=act:repair").status_code == 303
    page = keeper.get(where).get_data(as_text=True)
    assert "Done to 2 records" in page and "It is being repaired already." in page
    assert states(store) == ["in_repair"] * 3


def test_one_fact_of_many_is_changed(store):
    filled(store, 4)
    keeper = store.visitor("storekeeper")
    where = marked(keeper, uids(store, most=2)).location
    assert "Note" in keeper.get(f"{where}?do=edit").get_data(as_text=True)
    keeper.get(f"{where}?do=edit&fact=state")
    assert keeper.post(f"{where}?do=edit&fact=state", {"state": "scrapped"}).status_code == 303
    assert states(store) == ["scrapped", "scrapped", "in_use", "in_use"]
    keeper.get(where)
    assert keeper.post(f"{where}?do=edit&fact=state", {"state": "in_use"}).status_code == 200, "it happens once"
    assert states(store) == ["scrapped", "scrapped", "in_use", "in_use"]


def test_many_are_taken_out_of_use_by_a_job_and_brought_back(store, monkeypatch):
    filled(store, 30)
    monkeypatch.setattr(services, "SMALL", 10)
    keeper = store.visitor("storekeeper")
    where = marked(keeper, [], all="y", list="kind=pump").location
    assert "all 15 that match" in keeper.get(where).get_data(as_text=True)
    keeper.get(f"{where}?do=retire")
    refused = keeper.post(f"{where}?do=retire", {"reason": ""})
    assert refused.status_code == 422
    assert keeper.post(f"{where}?do=retire", {"reason": "Sold"}).status_code == 303
    assert 'data-m-poll="' in keeper.get(where).get_data(as_text=True)
    run_jobs(store.site)
    assert "Done to 15 records" in keeper.get(where).get_data(as_text=True)
    with store.site.activate(door="cli"):
        assert store.model.select().where(store.model.retired_at.is_null()).count() == 15
        assert BulkOutcome.select().count() == 15
    back = marked(keeper, uids(store)).location
    assert "15 of them" in keeper.get(f"{back}?do=restore").get_data(as_text=True)


def test_what_is_stopped_goes_no_further(store, monkeypatch):
    filled(store, 20)
    monkeypatch.setattr(services, "SMALL", 1)
    keeper = store.visitor("storekeeper")
    where = marked(keeper, uids(store)).location
    keeper.get(f"{where}?do=act:repair")
    keeper.post(f"{where}?do=act:repair")
    keeper.get(where)
    assert keeper.post(f"{where}/stop").status_code == 303
    run_jobs(store.site)
    assert "It was stopped" in keeper.get(where).get_data(as_text=True)
    assert states(store) == ["in_use"] * 20


def test_who_may_not_change_finds_nothing_to_do_and_nobody_meets_a_run_of_another(store):
    filled(store, 2)
    nurse = store.visitor("nurse")
    where = marked(nurse, uids(store)).location
    assert "nothing you may do" in nurse.get(f"{where}?do=retire").get_data(as_text=True)
    nurse.post(f"{where}?do=retire", {"reason": "No"})
    with store.site.activate(door="cli"):
        assert store.model.select().where(store.model.retired_at.is_null(False)).count() == 0
        assert [one.state for one in BulkRun.select()] == ["asked"]
    assert store.visitor("storekeeper").get(where).status_code == 404
    assert marked(nurse, []).status_code == 422
