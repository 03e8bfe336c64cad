"""The pages a declaration gives: list, form, record."""

from tests.core.resources.conftest import PUMP, entered


def test_a_device_is_entered_found_changed_and_taken_out_of_use(store):
    keeper = store.visitor("storekeeper")
    assert "Nothing here yet" in keeper.get("/equipment/").get_data(as_text=True)

    where = entered(keeper, name="Infusion pump", place=store.wards[0].uid, bought_on="2026-02-03")
    page = keeper.get(where).get_data(as_text=True)
    assert "Infusion pump" in page and "East" in page and "3 Feb 2026" in page

    listed = keeper.get("/equipment/").get_data(as_text=True)
    assert "Infusion pump" in listed and where in listed

    keeper.get(f"{where}/edit")
    answer = keeper.post(f"{where}/edit", {**PUMP, "name": "Syringe pump", "version": "1"})
    assert answer.status_code == 303
    assert "Syringe pump" in keeper.get(where).get_data(as_text=True)

    keeper.get(f"{where}/retire")
    assert keeper.post(f"{where}/retire", {"reason": "Broken", "version": "2"}).status_code == 303
    assert "Syringe pump" not in keeper.get("/equipment/").get_data(as_text=True).replace("Syringe pump is", "")
    assert "Syringe pump" in keeper.get("/equipment/?as=all").get_data(as_text=True)
