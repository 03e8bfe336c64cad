"""`medley new-plugin NAME`: a folder that works, is tested, and keeps the contract unedited."""

from pathlib import Path

import click

from core.cli.context import House, pass_house, plainly
from core.errors import Refused
from core.registry.manifest import Manifest
from core.texts import _

PATTERNS = Path(__file__).parent / "new_plugin"
# Where each pattern goes inside the package.
FILES = {
    "__init__.py": "__init__.py",
    "plugin.py": "plugin.py",
    "permissions.py": "permissions.py",
    "settings.py": "settings.py",
    "models.py": "models.py",
    "services.py": "services.py",
    "forms.py": "forms.py",
    "views.py": "views.py",
    "0001_board.py": "migrations/0001_board.py",
    "index.html": "templates/@NAME@/index.html",
}


@click.command("new-plugin")
@click.argument("name")
@click.option("--folder", default=".", type=click.Path(file_okay=False), help="Where to put it.")
@click.option(
    "--in-house", is_flag=True, help="A plugin of this checkout, in plugins/NAME, instead of a package to publish."
)
@pass_house
@plainly
def new_plugin(house: House, /, name: str, folder: str, in_house: bool) -> None:
    """Write a new plugin: model, migration, page, form, settings, permissions and tests."""
    Manifest(name=name, title=name, version="0")
    made = write_plugin(name, Path(folder), in_house)
    house.say("\n".join(str(path) for path in made), name=name, files=[str(path) for path in made])


def write_plugin(name: str, folder: Path, in_house: bool) -> list[Path]:
    """Write the files; raises `Refused` rather than writing over any."""
    package = folder / "plugins" / name if in_house else folder / f"medley-{name}" / f"medley_{name}"
    if package.exists():
        raise Refused(_("%(path)s is already there.", path=package))
    tests = folder / "tests" / "plugins" / name if in_house else package.parent / "tests"
    imports = f"from plugins.{name}." if in_house else f"from medley_{name}."
    made = [
        fill(PATTERNS / f"{pattern}.txt", package / place.replace("@NAME@", name), name, imports)
        for pattern, place in FILES.items()
    ]
    made.append(fill(PATTERNS / "test_contract.py.txt", tests / "test_contract.py", name, imports))
    if not in_house:
        made.append(fill(PATTERNS / "pyproject.toml.txt", package.parent / "pyproject.toml", name, imports))
    return made


def fill(pattern: Path, path: Path, name: str, imports: str) -> Path:
    """One file out of its pattern."""
    text = pattern.read_text("utf-8").replace("@PACKAGE_IMPORT@import ", imports.rstrip(".") + " import ")
    text = text.replace("@PACKAGE_IMPORT@", imports).replace("@NAME@", name).replace("@TITLE@", name.capitalize())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


COMMANDS = (new_plugin,)
