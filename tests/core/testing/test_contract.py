"""The contract finds what it is there to find: one fault is planted into the scaffold at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.cli.scaffold import write_plugin
from core.testing.contract import CHECKS, examine

NAME = "board"
Plant = Callable[[Path], None]
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
    guest = '    """Somebody."""\n\n    name = TextField(max_length=80)\n\n    class Meta:\n        '
    added(package, "models.py", f'\n\nclass Guest(Model):\n{guest}plugin = "board"\n        subject = "self"\n')
    for file in ("models.py", "migrations/0001_board.py"):
        replaced(
            package,
            file,
            "    text = TextField(max_length=500)\n",
            '    text = TextField(max_length=500)\n    guest_uid = TextField(max_length=36, default="")\n',
        )
    replaced(package, "migrations/0001_board.py", "create_tables(Note)", "create_tables(Note, Guest)")
    frozen = f'class Guest(FrozenRecord):\n{guest}table_name = "board_guest"\n\n\ndef up('
    replaced(package, "migrations/0001_board.py", "def up(", frozen)


def hook(body: str) -> str:
    head = "\n\n@hookimpl()\ndef plugin_switched(name, is_on, by):\n    from medley_board.models import Note\n"
    return f"{head}    {body}\n"


LOSE = hook("if name == 'board':\n        for note in Note.select():\n            note.retire('gone')")
ROUTE, ACT = '@blueprint.post("/", permission=WRITE)', '@act("board.write")'
META = ("class Meta", "more = TextField(null=True)\n\n    class Meta")
LATE = "import sys\n\nif 'medley_board.views' not in sys.modules:\n    raise ImportError\n"
DOTTED = "def later():\n    from ..patients import api\n    return api\n"
REACH = "from medley_board.views import blueprint\n\n\ndef reach():\n    blueprint.before_app_request(print)\n"
ASKS = '@act("board.write", permission="board.scribble")'


def add(file: str, text: str) -> Plant:
    """A plant that adds to a file."""
    return lambda package: added(package, file, text)


def swap(file: str, old: str, new: str) -> Plant:
    """A plant that writes something else."""
    return lambda package: replaced(package, file, old, new)


# What is planted, and the one check that has to find it.
PLANTS: dict[str, tuple[str, Plant]] = {
    "an import error": ("loads", add("services.py", "\nimport nothing_of_that_name\n")),
    "a module that imports only after another": ("imports_alone", add("late.py", LATE)),
    "another blueprint name": ("loads", swap("views.py", 'MedleyBlueprint("board"', 'MedleyBlueprint("notes"')),
    "another table name": ("loads", swap("models.py", '"board_note"', '"note"')),
    "an act of another name": (
        "keeps_one_name",
        swap("services.py", ACT, '@act("notes.write", permission="board.write")'),
    ),
    "another plugin's models": (
        "declares_what_it_uses",
        add("extra.py", "from plugins.patients.models import Patient\n\n__all__ = ['Patient']\n"),
    ),
    "another plugin's api, undeclared": (
        "declares_what_it_uses",
        add("extra.py", "from plugins.patients import api\n\n__all__ = ['api']\n"),
    ),
    "another plugin by dots": ("declares_what_it_uses", add("extra.py", DOTTED)),
    "a column without a migration": ("migrations_match_models", swap("models.py", *META)),
    "a column without a model": ("migrations_match_models", swap("migrations/0001_board.py", *META)),
    "a route without a declared permission": (
        "everything_has_a_permission",
        swap("views.py", ROUTE, '@blueprint.post("/", permission="board.scribble")'),
    ),
    "an act without a declared permission": ("everything_has_a_permission", swap("services.py", ACT, ASKS)),
    "a route without any permission": ("loads", swap("views.py", ROUTE, '@blueprint.post("/")')),
    "a template in a foreign name": ("loads", add(FOREIGN_TEMPLATE, "hello")),
    "a template that does not compile": ("templates_are_its_own", add("templates/board/broken.html", "{% if %}")),
    "a template that trusts its input": ("templates_are_its_own", add("templates/board/raw.html", "{{ note|safe }}")),
    "a handler for every page of the house": ("has_no_app_wide_handlers", add("extra.py", REACH)),
    "a page that fails": (
        "pages_open",
        swap("views.py", '"""The board."""\n    ', '"""The board."""\n    1 / 0\n    '),
    ),
    "rows changed when it is switched": ("off_means_gone_and_data_stays", add("plugin.py", LOSE)),
    "a person that nobody finds": ("finds_persons", person_pointers),
}


# What the complaint must name, for those where it would help nobody without.
NAMED = {
    "an import error": "nothing_of_that_name",
    "an act without a declared permission": "board.scribble",
    "another plugin's models": "extra.py:1",
    "a person that nobody finds": "guest_uid",
}


def examined(folder: Path, plant: Plant | None = None) -> dict[str, list[str]]:
    """What the examination says of the scaffold, with or without something planted."""
    write_plugin(NAME, folder, in_house=False)
    package = folder / f"medley-{NAME}" / f"medley_{NAME}"
    if plant is not None:
        plant(package)
    return examine(NAME, (package.parent,))


def test_the_scaffold_passes_unedited(tmp_path: Path):
    findings = examined(tmp_path)
    assert {check: found for check, found in findings.items() if found} == {}
    assert set(findings) == set(CHECKS)


@pytest.mark.parametrize("fault", PLANTS)
def test_a_planted_fault_is_found_and_nothing_else(fault: str, tmp_path: Path):
    check, plant = PLANTS[fault]
    complaints = {name: found for name, found in examined(tmp_path, plant).items() if found}
    assert list(complaints) == [check], complaints
    assert NAMED.get(fault, "") in complaints[check][0]
