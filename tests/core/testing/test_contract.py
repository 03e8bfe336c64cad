"""The contract finds what it is there to find: one fault is planted into the scaffold at a time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.cli.scaffold import write_plugin
from core.testing.contract import CHECKS, examine

NAME = "board"
FOREIGN_TEMPLATE = "templates/patients/index.html"


def replaced(package: Path, file: str, old: str, new: str) -> None:
    path = package / file
    text = path.read_text("utf-8")
    assert old in text, (file, old)
    path.write_text(text.replace(old, new), "utf-8")


def added(package: Path, file: str, text: str) -> None:
    path = package / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text("utf-8") if path.exists() else "") + text, "utf-8")


def person_pointers(package: Path) -> None:
    """A person of its own, and notes that point at one by a bare uid."""
    added(package, "models.py", '\n\nclass Guest(Model):\n    """Somebody."""\n\n    name = TextField(max_length=80)\n\n'
          '    class Meta:\n        plugin = "board"\n        subject = "self"\n')  # fmt: skip
    for file in ("models.py", "migrations/0001_board.py"):
        replaced(package, file, "    text = TextField(max_length=500)\n", "    text = TextField(max_length=500)\n    guest_uid = TextField(max_length=36, default=\"\")\n")
    replaced(package, "migrations/0001_board.py", "create_tables(Note)", "create_tables(Note, Guest)")
    replaced(package, "migrations/0001_board.py", "def up(", 'class Guest(FrozenRecord):\n    """Somebody."""\n\n'
             '    name = TextField(max_length=80)\n\n    class Meta:\n        table_name = "board_guest"\n\n\ndef up(')  # fmt: skip


def hook(body: str) -> str:
    return f"\n\n@hookimpl()\ndef plugin_switched(name, is_on, by):\n    from medley_board.models import Note\n    {body}\n"


LOSE = hook("if name == 'board':\n        for note in Note.select():\n            note.retire('gone')")
PLANTS = {
    "an import error": ("loads", lambda p: added(p, "services.py", "\nimport nothing_of_that_name\n")),
    "a module that imports only after another": (
        "imports_alone",
        lambda p: (added(p, "late.py", "import sys\n\nif 'medley_board.views' not in sys.modules:\n    raise ImportError\n"),),
    ),
    "another blueprint name": ("loads", lambda p: replaced(p, "views.py", 'MedleyBlueprint("board"', 'MedleyBlueprint("notes"')),
    "another table name": ("loads", lambda p: replaced(p, "models.py", '"board_note"', '"note"')),
    "an act of another name": ("keeps_one_name", lambda p: replaced(p, "services.py", '@act("board.write")', '@act("notes.write", permission="board.write")')),
    "another plugin's models": ("declares_what_it_uses", lambda p: added(p, "extra.py", "from plugins.patients.models import Patient\n\n__all__ = ['Patient']\n")),
    "another plugin's api, undeclared": ("declares_what_it_uses", lambda p: added(p, "extra.py", "from plugins.patients import api\n\n__all__ = ['api']\n")),
    "a column without a migration": ("migrations_match_models", lambda p: replaced(p, "models.py", "class Meta", "more = TextField(null=True)\n\n    class Meta")),
    "a column without a model": (
        "migrations_match_models",
        lambda p: replaced(p, "migrations/0001_board.py", "class Meta", "more = TextField(null=True)\n\n    class Meta"),
    ),
    "a route without a declared permission": ("everything_has_a_permission", lambda p: replaced(p, "views.py", '@blueprint.post("/", permission=WRITE)', '@blueprint.post("/", permission="board.scribble")')),
    "an act without a declared permission": ("everything_has_a_permission", lambda p: replaced(p, "services.py", '@act("board.write")', '@act("board.write", permission="board.scribble")')),
    "a route without any permission": ("loads", lambda p: replaced(p, "views.py", '@blueprint.post("/", permission=WRITE)', '@blueprint.post("/")')),
    "a template in a foreign name": ("loads", lambda p: added(p, FOREIGN_TEMPLATE, "hello")),
    "a template that does not compile": ("templates_are_its_own", lambda p: added(p, "templates/board/broken.html", "{% if %}")),
    "a template that trusts its input": ("templates_are_its_own", lambda p: added(p, "templates/board/raw.html", "{{ note|safe }}")),
    "a handler for every page of the house": ("has_no_app_wide_handlers", lambda p: added(p, "extra.py", "from medley_board.views import blueprint\n\n\ndef reach():\n    blueprint.before_app_request(print)\n")),
    "a page that fails": ("pages_open", lambda p: replaced(p, "views.py", '    """The board."""\n', '    """The board."""\n    1 / 0\n')),
    "rows changed when it is switched": ("off_means_gone_and_data_stays", lambda p: added(p, "plugin.py", LOSE)),
    "a person that nobody finds": ("finds_persons", person_pointers),
}  # fmt: skip


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """What the examination says of each planted fault, two at a time."""

    def examine_with(fault: str) -> dict[str, list[str]]:
        folder = tmp_path_factory.mktemp("planted")
        write_plugin(NAME, folder, in_house=False)
        package = folder / f"medley-{NAME}" / f"medley_{NAME}"
        if fault:
            PLANTS[fault][1](package)
        return examine(NAME, (package.parent,))

    faults = ["", *PLANTS]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(faults, pool.map(examine_with, faults), strict=True))


def test_the_scaffold_passes_unedited(examined: dict[str, dict[str, list[str]]]):
    assert {check: found for check, found in examined[""].items() if found} == {}
    assert set(examined[""]) == set(CHECKS)


@pytest.mark.parametrize("fault", PLANTS)
def test_a_planted_fault_is_found_and_nothing_else(fault: str, examined: dict[str, dict[str, list[str]]]):
    complaints = {check: found for check, found in examined[fault].items() if found}
    assert list(complaints) == [PLANTS[fault][0]], complaints


def test_a_complaint_says_where(examined: dict[str, dict[str, list[str]]]):
    assert "nothing_of_that_name" in examined["an import error"]["loads"][0]
    assert "board.scribble" in examined["an act without a declared permission"]["everything_has_a_permission"][0]
    assert "extra.py:1" in examined["another plugin's models"]["declares_what_it_uses"][0]
    assert "guest_uid" in examined["a person that nobody finds"]["finds_persons"][0]
