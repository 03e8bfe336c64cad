"""The tutorial's first half, word for word: what `medley new-plugin` writes, and thirty lines put beside it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.scaffold import write_plugin

HOUSE = Path(__file__).parents[2]
TOLD = re.compile(r"<!-- (write|append) (\S+\.py) -->\n```python\n(.*?)```", re.DOTALL)
STORY = """
import csv
import io
import json
import sys
from pathlib import Path
from core.app import install_plugins
install_plugins()
from core.jobs.carrying_out import carry_out
from core.jobs.claiming import candidates, claim
from core.jobs.declaring import all_jobs, awake_jobs
from core.roles.grants import grant_permission
from core.sites import current
from core.testing.house import HOUSE, House

house = House(Path(sys.argv[1]))
site = house.site(plugins=["equipment", "api"])


def work():
    while True:
        with site.activate(door="job"):
            specs = [one for one in awake_jobs(current().state.enabled, current().state.silent) if one.schedule is None]
            found = candidates(specs)
            taken = claim(found[0], all_jobs()[found[0].name], "story") if found else None
        if taken is None:
            return
        carry_out(site, taken, "story")


ada = house.person(site, "Ada Admin", "administrator")
with site.activate(door="cli"):
    grant_permission(ada, "api.use", by=HOUSE)
    grant_permission(ada, "equipment.write", by=HOUSE)
desk = house.visitor(site, ada)
assert desk.get("/equipment/").status_code == 200, "the board by hand is still there"
assert desk.get("/equipment/notes/new").status_code == 200
made = desk.post("/equipment/notes/new", {"text": "The lift is out of order"})
assert made.status_code == 303, made.text
assert "The lift is out of order" in desk.get(made.location).text
assert desk.post("/equipment/notes/new", {"text": ""}).status_code == 422
assert "The lift is out of order" in desk.get("/equipment/notes").text
desk.get("/equipment/notes/import")
file = (io.BytesIO(b"What is to be known\\r\\nBring blankets\\r\\n\\r\\nCall the plumber\\r\\n"), "notes.csv")
columns = desk.post("/equipment/notes/import", {"file": file}, content_type="multipart/form-data").location
page = desk.get(columns)
assert "What is to be known" in page.text
fields = dict.fromkeys(["mode"], "add") | {"column_0": "text"}
assert desk.post(columns, fields).status_code == 303
work()
where = columns.removesuffix("/columns")
desk.get(where)
assert desk.post(f"{where}/go", {"act": "run"}).status_code == 303
work()
assert "Call the plumber" in desk.get("/equipment/notes").text
desk.get("/equipment/notes/export")
sent = {"list": "", "column": ["text"], "file_format": "csv"}
rows = list(csv.reader(io.StringIO(desk.post("/equipment/notes/export", sent).text, newline="")))
assert sorted(rows[1:]) == [["Bring blankets"], ["Call the plumber"], ["The lift is out of order"]]
found = desk.post("/find", {"q": "New"}, headers={"X-CSRF-Token": desk._token}).json
assert "New: Note" in [one["label"] for group in found["groups"] for one in group["items"]]
told = desk.get("/api/v1/equipment/notes?count=true").json
assert told.get("count") == 3, told
assert told["items"][0]["text"] == "Call the plumber"
assert "/api/v1/equipment/notes" in desk.get("/api/openapi.json").json["paths"]
house.close()
print("used")
"""


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder a reader has after the second section."""
    folder = tmp_path_factory.mktemp("followed")
    write_plugin("equipment", folder, in_house=False)
    project = folder / "medley-equipment"
    steps = TOLD.findall((HOUSE / "docs/vendors/tutorial.md").read_text("utf-8"))
    assert [(how, name) for how, name, _code in steps] == [
        ("write", "resources.py"), ("append", "views.py"), ("append", "plugin.py"),
    ]  # fmt: skip
    for how, name, code in steps:
        path = project / "medley_equipment" / name
        assert path.exists() == (how == "append")
        path.write_text(code if how == "write" else f"{path.read_text('utf-8')}\n\n{code}", "utf-8")
    facts = project / "medley_equipment-0.1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: medley-equipment\nVersion: 0.1.0\n", "utf-8")
    (facts / "entry_points.txt").write_text("[medley.plugins]\nequipment = medley_equipment\n", "utf-8")
    return project


def run(project: Path, *arguments: str) -> str:
    """What a fresh interpreter prints that has the plugin beside Medley."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(project), str(HOUSE)])}
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_thirty_lines_are_a_list_a_form_files_an_api_and_the_palette(followed: Path, tmp_path: Path) -> None:
    lines = (followed / "medley_equipment" / "resources.py").read_text("utf-8").strip().splitlines()
    assert len(lines) <= 30
    story = tmp_path / "story.py"
    story.write_text(STORY, "utf-8")
    assert run(followed, str(story), str(tmp_path / "house")).splitlines()[-1] == "used"


def test_what_was_followed_keeps_the_contract(followed: Path) -> None:
    findings = json.loads(run(followed, "-m", "core.testing.examination", "equipment").splitlines()[-1])
    assert {name: found for name, found in findings.items() if found} == {}
