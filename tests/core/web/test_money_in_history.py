"""What a record cost, in its history: a sum of money in the currency it was in at the time."""

from decimal import Decimal

from core.resources.writing import create_record, edit_record
from core.storage.money import Money
from core.testing.house import HOUSE
from tests.core.resources.conftest import equipment, store

__all__ = ["equipment", "store"]


def test_sums_are_told_as_money_in_the_currency_they_were_in(store):
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        facts = {"name": "Pump", "serial": "P-1", "kind": "pump", "price": Money(Decimal("1200.50"), "EUR")}
        pump = create_record(store.devices, facts, HOUSE)
        edit_record(store.devices, pump, {"price": Money(Decimal("900"), "EUR")}, HOUSE)
        uid = pump.uid
    boss = store.visitor("administrator")
    page = boss.get(f"/equipment/{uid}").get_data(as_text=True)
    assert "1,200.50" in page or "1200.50" in page
    assert "120050" not in page and "90000" not in page
    nurse = store.visitor("nurse")
    assert "200.50" not in nurse.get(f"/equipment/{uid}").get_data(as_text=True)
