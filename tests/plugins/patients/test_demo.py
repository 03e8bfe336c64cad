"""The demo's people are believable, the same each time, and quickly there."""

import time

from core.testing.house import HOUSE
from plugins.patients.demo import HOW_MANY, load_patients
from plugins.patients.models import ContactPerson, Flag, Identifier, Patient, Telecom
from plugins.patients.services.finding import find_patients


def test_the_demo_is_filled_within_ten_seconds(desk):
    began = time.monotonic()
    assert str(HOW_MANY) in load_patients(HOUSE)
    assert time.monotonic() - began < 10
    assert Patient.select().count() == HOW_MANY
    assert ContactPerson.select().count() == HOW_MANY
    assert Identifier.select().count() > HOW_MANY / 2
    assert Telecom.select().where(Telecom.e164 != "").count() > HOW_MANY * 0.8
    assert Flag.select().count() > 5
    scripts = "".join(name for (name,) in Patient.select(Patient.name).tuples())
    assert any("一" <= letter <= "鿿" for letter in scripts)
    assert any("Ѐ" <= letter <= "ӿ" for letter in scripts)
    assert any("؀" <= letter <= "ۿ" for letter in scripts)
    assert find_patients("nguyen", by=HOUSE).hits
