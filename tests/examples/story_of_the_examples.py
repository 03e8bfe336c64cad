"""Run by test_examples in an interpreter of its own: what the examples do at a hospital."""

import sys
import tempfile
from datetime import date
from pathlib import Path

from core.errors import NotFound
from core.hooks import table
from core.registry import Found, catalogue, catch_up, switch_off, switch_on
from core.roles import get_visible, visible
from core.roles.break_glass import break_glass
from core.roles.editing import create_role
from core.testing import House
from core.testing.house import HOUSE, actor_of
from plugins.patients.api import (
    Patient,
    PatientDetails,
    look_at_merge,
    merge_patients,
    register_patient,
    unmerge_patients,
)

sys.path.insert(0, str(Path(__file__).parent))


def registered(name, by):
    """Somebody new in the register."""
    return register_patient(PatientDetails(name=name, sex="female", born_on=date(1990, 1, len(name))), by=by)


def main():
    """The doorbell rings for what it heard and what it missed; a trainee sees only their own."""
    sys.modules["plugins.patients.services.merging.acts"].BUDGET_SECONDS = 60.0  # however busy the machine is
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        for name in ("doorbell", "trainees"):
            catalogue.add(Found(name, f"medley_{name}"))
        site = house.site("harbour", plugins=["patients", "doorbell", "trainees"])
        from_models = sys.modules["medley_doorbell.models"].Ring
        with site.activate():
            create_role("trainee", "Trainee", {"patients.view", "patients.register", "core.break_glass"}, by=HOUSE)
        trainee = house.person(site, "Tariq Trainee", "trainee")
        with site.activate():
            by = actor_of(trainee)
            ann, mine = registered("Ann Other", HOUSE), registered("Mina Own", by)
            assert [one.uid for one in Patient.select().where(visible(Patient, by))] == [mine.uid]
            refused = False
            try:
                get_visible(Patient, ann.uid, by)
            except NotFound:
                refused = True
            assert refused
            break_glass(ann.ref, "collapsed in the hall", by=by)
        with site.activate():
            assert get_visible(Patient, ann.uid, actor_of(trainee)).uid == ann.uid
            assert from_models.select().where(from_models.reason == "Registered").count() == 2
            assert from_models.select().where(from_models.reason == "Emergency: collapsed in the hall").count() == 1
            catch_up("doorbell", by=HOUSE)
            switch_off("doorbell", by=HOUSE)
            registered("Missed Meanwhile", HOUSE)
            assert from_models.select().where(from_models.reason == "Registered").count() == 2
            switch_on("doorbell", by=HOUSE)
        with site.activate():
            assert catch_up("doorbell", by=HOUSE) == 1
            assert catch_up("doorbell", by=HOUSE) == 0
            assert from_models.select().where(from_models.reason == "Registered").count() == 3
            third = registered("Third Entered", HOUSE)
            for who in (ann, mine):
                sys.modules["medley_doorbell.services"].ring("At the door", by=HOUSE, patient=who)
            assert [str(one) for one in look_at_merge(ann, mine, HOUSE).objections] == [
                "Both of them stand at the door."
            ]
            merge = merge_patients(mine, third, "the same card", by=HOUSE)
            heard = from_models.select().where(from_models.patient == mine.id)
            assert {one.reason for one in heard} == {"Registered", "At the door", "Joined"}
            assert heard.where(from_models.reason == "Registered").count() == 2
            unmerge_patients(merge, "two cards", by=HOUSE)
            assert {one.reason for one in from_models.select().where(from_models.patient == third.id)} == {
                "Registered", "Parted",
            }  # fmt: skip
        unheard = [spec for spec in table.specs if not table.implementers(spec)]
        assert not unheard, f"hooks nobody uses: {unheard}"
        house.close()


if __name__ == "__main__":
    main()
