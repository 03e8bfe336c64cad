"""Finding and importing plugins: the one named door in the house for imports at run time.

A file is looked for first and then imported, and its errors come out. A plugin that can't be imported is
reported and left out, never fatal.
"""

import importlib
import importlib.util
import logging
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

ENTRY_POINTS = "medley.plugins"
HOUSE_PLUGINS = "plugins"
# The files of a plugin that are imported when it is installed, in this order (architecture, section 7).
FILES = (
    "hookspecs", "permissions", "settings", "models", "services", "workflow", "jobs", "views", "cli",
)  # fmt: skip
log = logging.getLogger("medley.registry")


@dataclass(frozen=True, slots=True)
class Found:
    """A package that may be a plugin: under which name, and where."""

    name: str
    package: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A plugin that was left out, and why."""

    name: str
    reason: str
    detail: str = ""


def find_plugins() -> Iterator[Found]:
    """The plugins of the house, then those of vendors installed beside it."""
    spec = importlib.util.find_spec(HOUSE_PLUGINS)
    for folder in spec.submodule_search_locations or () if spec else ():
        for path in sorted(Path(folder).iterdir()):
            if (path / "plugin.py").is_file():
                yield Found(path.name, f"{HOUSE_PLUGINS}.{path.name}")
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda one: one.name):
        yield Found(entry.name, entry.value.partition(":")[0])


def import_plugin(found: Found) -> dict[str, ModuleType]:
    """The modules of a plugin by file name, `plugin` among them; whatever goes wrong comes out."""
    package = importlib.import_module(found.package)
    modules = {"": package}
    for name in ("plugin", *FILES):
        if has_module(package, name):
            modules[name] = importlib.import_module(f"{found.package}.{name}")
    return modules


def has_module(package: ModuleType, name: str) -> bool:
    """Whether a package has a file or folder of that name; nothing is imported."""
    return any(
        (Path(folder) / f"{name}.py").is_file() or (Path(folder) / name / "__init__.py").is_file()
        for folder in package.__path__
    )


def reason_of(failure: BaseException) -> Failure:
    """One line and the place, out of an exception."""
    last = traceback.extract_tb(failure.__traceback__)[-1:]
    where = f"{Path(last[0].filename).name}:{last[0].lineno}" if last else ""
    return Failure("", f"{type(failure).__name__}: {failure}", where)
