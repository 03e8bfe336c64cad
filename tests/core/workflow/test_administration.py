"""What an administrator sees of workflows, on the page and on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core.cli.main import cli
from core.registry import switch_on
from core.testing.house import House
from core.workflow import Workflow, change_workflow, in_force
from tests.core.workflow.conftest import errand
from tests.core.workflow.test_definitions import edited
from tests.hospital import HOUSE


@pytest.fixture
def types(porters: Workflow, tmp_path: Path) -> Any:
    """Somebody with a shell, at a hospital with porters."""
    environment = {"MEDLEY_DATA_FOLDER": str(tmp_path / "data"), "MEDLEY_KEYS_FILE": str(tmp_path / "keys.toml")}

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words), env=environment, prog_name="medley")

    assert run("site", "create", "harbour", "--profile", "minimal").exit_code == 0
    assert run("plugin", "enable", "porters").exit_code == 0
    return run


def test_a_definition_is_taken_out_changed_checked_and_put_in_force(types: Any, tmp_path: Path):
    file = tmp_path / "errand.json"
    listed = json.loads(types("--json", "workflow", "list").output)["workflows"]
    assert listed == [{"name": "porters.errand", "title": "Errands", "version": 1, "origin": "shipped"}]
    assert types("workflow", "export", "porters.errand", "-o", str(file)).exit_code == 0
    content = json.loads(file.read_text("utf-8"))
    assert [one["name"] for one in content["states"]] == ["asked", "under_way", "there", "refused"]

    content["states"][0]["title"] = "Called in"
    file.write_text(json.dumps(content), "utf-8")
    assert types("workflow", "check", "porters.errand", str(file)).output == "porters.errand: fine\n"
    done = types("workflow", "activate", "porters.errand", str(file), "--note", "As we say it")
    assert (done.exit_code, done.output) == (0, "porters.errand: version 2 is in force.\n")
    shown = types("workflow", "show", "porters.errand").output
    assert "version 2 (site); versions: 1, 2" in shown and "Called in" in shown and "requested" in shown
    assert "ships something else" in types("workflow", "check").output

    content["transitions"] = [one for one in content["transitions"] if one["name"] != "take"]
    file.write_text(json.dumps(content), "utf-8")
    wrong = types("workflow", "check", "porters.errand", str(file))
    assert wrong.exit_code == 1 and "can't do without Take it" in wrong.output
    assert types("workflow", "activate", "porters.errand", str(file)).exit_code == 1
    file.write_text("{", "utf-8")
    assert "is no JSON" in types("workflow", "activate", "porters.errand", str(file)).output
    assert types("workflow", "activate", "porters.errand", "--shipped").output.endswith("version 3 is in force.\n")
    assert types("workflow", "activate", "porters.errand").exit_code == 2
    assert types("workflow", "show", "porters.parcel").exit_code == 1


def test_the_page_shows_what_is_in_force_and_every_version(porters: Workflow, house: House):
    site = house.site(plugins=["porters"])
    admin = house.visitor(site, house.person(site, "Ada Admin", "administrator"))
    assert "As shipped, version 1" in admin.get("/workflows").get_data(as_text=True)
    with site.activate(door="test"):
        errand(porters)
        changed = edited(porters, asked={"title": "Called in"}, deliver={"condition": "weight > 3"})
        change_workflow("porters.errand", changed, by=HOUSE, note="As we say it")
    page = admin.get("/workflows/porters.errand").get_data(as_text=True)
    for words in (
        "Called in",
        "Version 2",
        "As we say it",
        "Only when: Weight in kilograms is more than 3.",
        "weight &gt; 3",
    ):
        assert words in page
    assert "#planned" in page and "porters.carry" in page and "Count the trip" in page
    old = admin.get("/workflows/porters.errand/1").get_data(as_text=True)
    assert "Not in force" in old and "Called in" not in old
    assert admin.get("/workflows/porters.errand/9").status_code == 404
    admin.get("/workflows/porters.errand")
    assert admin.post("/workflows/porters.errand/shipped").status_code == 303
    with site.activate(door="test"):
        assert (in_force(porters).number, in_force(porters).origin) == (3, "shipped")


def test_it_is_for_administrators_and_gone_with_the_plugin(porters: Workflow, house: House):
    site = house.site()
    nurse = house.visitor(site, house.person(site, "Nora Nurse", "nurse"))
    admin = house.visitor(site, house.person(site, "Ada Admin", "administrator"))
    assert nurse.get("/workflows").status_code == 403
    assert admin.get("/workflows/porters.errand").status_code == 404
    assert "No workflows yet" in admin.get("/workflows").get_data(as_text=True)
    with site.activate(door="test"):
        switch_on("porters", by=HOUSE)
    assert admin.get("/workflows/porters.errand").status_code == 200
