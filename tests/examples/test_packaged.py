"""The example of the tutorial as its readers have it: built, installed as a package, found by its entry point, used."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.scaffold import write_plugin

HERE = Path(__file__).parent
HOUSE = HERE.parents[1]
STORY = """
import sys
import time
from datetime import date
from pathlib import Path
from core.app import install_plugins
install_plugins()
from core.places.services import PlaceDetails, add_place
from core.registry import catalogue, switch_off, switch_on
from core.testing.house import HOUSE, House

house = House(Path(sys.argv[1]))
assert "site-packages-of-the-test" in str(catalogue.get("equipment").folder)
site = house.site(plugins=["equipment", "patients"])
keeper = house.visitor(site, house.person(site, "Kit Keeper", "storekeeper"))
doctor = house.visitor(site, house.person(site, "Dora Doctor", "doctor"))
from medley_equipment.jobs import look_for_due
from medley_equipment.models import Device
from core.jobs import Worker, enqueue
from plugins.patients.api import PatientDetails, register_patient

with site.activate(door="cli"):
    ward = add_place(PlaceDetails("Harbour", "organisation"), by=HOUSE)
    details = PatientDetails(name="Ann Other", sex="female", born_on=date(1990, 1, 2), place=ward)
    ann = register_patient(details, by=HOUSE)
keeper.get("/equipment/new")
facts = {"name": "Old pump", "serial": "P-1", "kind": "pump", "state": "in_use", "bought_on": "2020-01-01"}
facts["place"] = ward.uid
made = keeper.post("/equipment/new", facts)
assert made.status_code == 303, made.get_data(as_text=True)
assert "Old pump" in keeper.get("/equipment/").get_data(as_text=True)
assert "Old pump" in keeper.get("/equipment/due").get_data(as_text=True)
assert "Equipment here" in doctor.get(f"/patients/{ann.uid}").get_data(as_text=True)
with site.activate(door="cli"):
    enqueue(look_for_due, by=HOUSE)
worker = Worker([site])
worker.start()
for _look in range(300):
    time.sleep(0.1)
    with site.activate(door="cli"):
        if Device.get().state == "due":
            break
worker.stop()
with site.activate(door="cli"):
    assert Device.get().state == "due"
    switch_off("equipment", by=HOUSE)
assert keeper.get("/equipment/").status_code == 404
assert "Equipment here" not in doctor.get(f"/patients/{ann.uid}").get_data(as_text=True)
with site.activate(door="cli"):
    switch_on("equipment", by=HOUSE)
assert "Old pump" in keeper.get("/equipment/").get_data(as_text=True)
house.close()
print("used")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder packages are installed in, with the example in it, made by pip from the files of the tutorial."""
    folder = tmp_path_factory.mktemp("packaged")
    write_plugin("equipment", folder, in_house=False)
    project = folder / "medley-equipment"
    shutil.rmtree(project / "medley_equipment")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HERE / "medley_equipment", project / "medley_equipment", ignore=ignored)
    target = folder / "site-packages-of-the-test"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [*command, "--target", str(target), str(project)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return target


def run(installed: Path, *arguments: str) -> str:
    """What a fresh interpreter prints that has the package beside Medley."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(HOUSE)])}
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_package_is_found_by_its_entry_point_and_used(installed: Path, tmp_path: Path) -> None:
    story = tmp_path / "story.py"
    story.write_text(STORY, "utf-8")
    assert run(installed, str(story), str(tmp_path / "house")).splitlines()[-1] == "used"


def test_the_package_keeps_the_contract(installed: Path) -> None:
    findings = json.loads(run(installed, "-m", "core.testing.examination", "equipment").splitlines()[-1])
    assert {name: found for name, found in findings.items() if found} == {}
