"""Who may lean on whom, how large things get and what they are called. Each law lists the offences under a root."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.architecture import gates
from tests.architecture.sources import Import, Source, sources, statements

type_of_law = Callable[[Path], list[str]]

# (floor, order within the floor). A room leans only on what is lower; equals do not know each other.
ROOMS: dict[str, tuple[int, int]] = {
    "texts": (0, 0),
    "checkdigits": (0, 2),
    "errors": (0, 1),
    "config": (0, 2),
    "clock": (0, 2),
    "actors": (0, 2),
    "sites": (1, 0),
    "storage": (2, 0),
    "contributions": (3, 0),
    "hooks": (3, 1),
    "hookspecs": (3, 2),
    "acts": (3, 2),
    "registry": (4, 0),
    "settings": (4, 1),
    "places": (5, 0),
    "users": (5, 1),
    "roles": (5, 2),
    "jobs": (6, 0),
    "workflow": (6, 0),
    "web": (7, 0),
    "resources": (7, 1),
    "screens": (8, 0),
    "app": (9, 0),  # the one place where everything meets
    "cli": (10, 0),
    "testing": (10, 0),
}
LOADER = "core/registry/loader.py"  # the one named door through which code is loaded by name
LARGEST, LARGEST_TEST = 450, 600
FROZEN_MAY_IMPORT = ("peewee", "playhouse", "core.storage", "core.texts")
BELOW_FLASK = ("models", "services", "errors", "permissions", "workflow")
WEB = ("flask", "werkzeug", "core.web", "core.resources", "core.screens")
LAYERS = {"models": 0, "services": 1, "views": 2, "resources": 2}


def floors(root: Path) -> list[str]:
    """A room of the core imports only from rooms below it."""
    return [
        source.at(found.node, complaint)
        for source in sources(root, "core")
        if len(source.parts) > 1 and not source.is_migration
        for found in source.imports
        if not (found.node in source.for_types_only and source.parts[1] == "hookspecs")
        for complaint in leaning(source.parts[1], found)
    ] + [
        source.at(source.tree, f"core/{source.parts[1]} is on no floor: add it to the table or to a room")
        for source in sources(root, "core")
        if len(source.parts) > 1 and source.parts[1] not in (*ROOMS, "migrations")
    ]


def leaning(room: str, found: Import) -> Iterator[str]:
    """Say what is wrong with one import of a room."""
    if found.module.partition(".")[0] != "core":
        return
    target = found.full.split(".")[1] if "." in found.full else "core"
    if target in (room, "core", "__version__"):
        return
    if target not in ROOMS:
        yield f"core/{room} imports {found.full}, which is on no floor"
    elif room in ROOMS and ROOMS[target] >= ROOMS[room]:
        yield f"core/{room} (floor {ROOMS[room][0]}) leans on core/{target} (floor {ROOMS[target][0]})"


def core_entrance(root: Path) -> list[str]:
    """`core/__init__.py` holds a docstring and the version."""
    offences = []
    for source in sources(root, "core"):
        if source.path == "core/__init__.py":
            rest = [node for node in statements(source.tree.body) if not assigns(node, "__version__")]
            offences += [source.at(node, "only a docstring and __version__ belong here") for node in rest]
    return offences


def frozen_migrations(root: Path) -> list[str]:
    """A migration imports the standard library, Peewee and core.storage: never what may change after it ran."""
    allowed = (*sys.stdlib_module_names, *FROZEN_MAY_IMPORT)
    return [
        source.at(found.node, f"a frozen script imports {found.full}")
        for source in sources(root)
        if source.is_migration
        for found in source.imports
        if not within(found.full, allowed)
    ]


def open_imports(root: Path) -> list[str]:
    """Imports stand at the top of the file, where the graph can be drawn from them."""
    offences = []
    for source in sources(root):
        top: set[ast.AST] = {node for node in source.tree.body if isinstance(node, ast.Import | ast.ImportFrom)}
        if "hookspecs" in source.parts:
            top |= source.for_types_only
        hidden = {found.node for found in source.imports} - top
        offences += [source.at(node, "an import inside a function or under a condition") for node in hidden]
        if source.path != LOADER:
            loading = ("importlib.import_module", "__import__", "importlib.__import__", "runpy.run_module")
            offences += [
                source.at(call, f"code is loaded by name in {LOADER} only")
                for call in source.calls()
                if source.meaning(call.func) in loading
            ]
    return offences


def core_knows_no_plugin(root: Path) -> list[str]:
    """The core imports no plugin."""
    return [
        source.at(found.node, f"the core knows no plugin by name, but imports {found.full}")
        for source in sources(root, "core")
        for found in source.imports
        if within(found.full, ("plugins",))
    ]


def plugin_borders(root: Path) -> list[str]:
    """A plugin imports another only through its api, and only when its manifest requires it."""
    offences = []
    files = sources(root, "plugins")
    required = {source.parts[1]: requires(source) for source in files if source.path.endswith("/plugin.py")}
    for source in files:
        for found in source.imports:
            own, other = (*source.parts, "")[1], (*found.full.split("."), "")[1]
            if not within(found.full, ("plugins",)) or own == other:
                continue
            if not within(found.full, (f"plugins.{other}.api",)):
                offences.append(source.at(found.node, f"{own} imports {found.full}: only plugins.{other}.api is open"))
            elif other not in required.get(own, set()):
                offences.append(source.at(found.node, f"{own} imports {other} without requiring it in its manifest"))
    return offences


def requires(source: Source) -> set[str]:
    """Read the plugins that a manifest requires, whatever else stands beside their names."""
    found = set()
    for call in source.calls():
        if source.meaning(call.func).rpartition(".")[2] == "Manifest":
            for keyword in call.keywords:
                if keyword.arg == "requires":
                    texts = [node.value for node in ast.walk(keyword.value) if isinstance(node, ast.Constant)]
                    matches = [re.match(r"[a-z][a-z0-9_]*", text) for text in texts if isinstance(text, str)]
                    found |= {match.group() for match in matches if match}
    return found


def plugin_direction(root: Path) -> list[str]:
    """views and resources lean on services, services on models; nobody on plugin.py; Flask stops at the views."""
    offences = []
    for source in sources(root, "plugins"):
        if len(source.parts) < 3 or source.is_migration:
            continue
        own, layer = f"plugins.{source.parts[1]}", source.parts[2]
        for found in source.imports:
            if layer in BELOW_FLASK and within(found.full, WEB):
                offences.append(source.at(found.node, f"{layer} knows no web, but imports {found.full}"))
            if layer != "plugin" and within(found.full, (f"{own}.plugin",)):
                offences.append(source.at(found.node, "plugin.py is where the platform looks, nothing leans on it"))
            target = found.full.removeprefix(f"{own}.").split(".")[0] if within(found.full, (own,)) else ""
            if LAYERS.get(layer, 9) < LAYERS.get(target, -1):
                offences.append(source.at(found.node, f"{layer} leans upwards on {target}"))
            if layer in BELOW_FLASK and target == "api":
                offences.append(source.at(found.node, "a plugin's api is for the others: import the thing itself"))
    return offences


def plugin_doors(root: Path) -> list[str]:
    """A plugin's `api.py` holds imports and `__all__`, its `__init__.py` one paragraph."""
    offences = []
    for source in sources(root, "plugins"):
        rest = statements(source.tree.body)
        if source.parts[2:] == ("api",):
            rest = [node for node in rest if not isinstance(node, ast.Import | ast.ImportFrom)]
            wrong = [node for node in rest if not assigns(node, "__all__")]
            offences += [source.at(node, "api.py holds imports and __all__ only") for node in wrong]
            if len(wrong) == len(rest):
                offences.append(source.at(source.tree, "api.py names what it offers in __all__"))
        elif source.is_package and len(source.parts) <= 2:
            offences += [source.at(node, "no code here, only what the plugin is for") for node in rest]
    return offences


def privates(root: Path) -> list[str]:
    """A plugin does not use what the core calls its own with a leading underscore."""
    offences = []
    for source in sources(root, "plugins"):
        for found in source.imports:
            parts = found.full.split(".")
            if parts[0] == "core" and any(map(is_private, parts)) and found.full != "core.texts._":
                offences.append(source.at(found.node, f"{found.full} is the core's own"))
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and is_private(node.attr) and within(source.meaning(node), ("core",)):
                offences.append(source.at(node, f"{source.meaning(node)} is the core's own"))
    return offences


def states(root: Path) -> list[str]:
    """A plugin asks what kind of state a record is in: names of states are the site's to change."""
    files = [source for source in sources(root, "plugins") if not source.is_migration]
    declaring = {source.parts[1] for source in files if source.parts[2:] == ("workflow",)}
    named = {
        call.args[0].value
        for source in files
        for call in source.calls()
        if source.meaning(call.func) in ("core.workflow.State", "core.workflow.declaring.State") and call.args
        if isinstance(call.args[0], ast.Constant)
    }
    complaint = "ask for state_kind: a site may rename its states"
    return [
        source.at(node, complaint)
        for source in files
        if source.parts[2:] != ("workflow",)
        for node in source.nodes
        if any(source.parts[1] in declaring or names & named for names in compared_states(node))
    ]


def compared_states(node: ast.AST) -> Iterator[set[str]]:
    """Yield the texts something called `state` is compared with, in whichever way."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        if any(is_state(side) for side in sides):
            yield {text for side in sides for text in texts_in(side)}
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_state(node.func.value):
        yield {text for given in node.args for text in texts_in(given)}
    elif isinstance(node, ast.Match) and is_state(node.subject):
        yield {text for case in node.cases for text in texts_in(case.pattern)}


def is_state(node: ast.AST) -> bool:
    """Tell whether an expression is the name of the state a record is in."""
    return isinstance(node, ast.Attribute) and node.attr == "state"


def texts_in(node: ast.AST) -> Iterator[str]:
    """Yield every literal text in an expression."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def sizes(root: Path) -> list[str]:
    """A big file is split by noun."""
    offences = []
    for folder, limit in (("core", LARGEST), ("plugins", LARGEST), ("tests", LARGEST_TEST)):
        for file in sorted((root / folder).rglob("*")):
            path = file.relative_to(root).as_posix()
            if file.suffix in (".py", ".html", ".js") and "/vendor/" not in path:
                lines = file.read_text("utf-8").count("\n")
                if lines > limit:
                    offences.append(f"{path}:{limit}: {lines} lines, split it by noun")
    return offences


def docstrings(root: Path) -> list[str]:
    """A module says why it exists; every public function and class says what it is for."""
    offences = []
    for source in sources(root):
        if not ast.get_docstring(source.tree):
            offences.append(source.at(source.tree, "the module does not say why it exists"))
        for node in source.tree.body if not source.is_migration else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                delegates = {ast.unparse(decorator).partition("(")[0] for decorator in node.decorator_list}
                if delegates & {"hookimpl", "overload", "typing.overload"} or node.name.startswith("_"):
                    continue
                if not ast.get_docstring(node):
                    offences.append(source.at(node, f"{node.name} does not say what it is for"))
    return offences


def names(root: Path) -> list[str]:
    """Nothing is called utils, no class is a Manager: such names say that nobody knew what it is."""
    offences = []
    for source in sources(root):
        if re.search(r"(^|_)(utils?|helpers?|misc|common)$", source.parts[-1]):
            offences.append(source.at(source.tree, f"{source.parts[-1]} is no noun of a hospital"))
        for node in source.nodes:
            if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Utils?|Handler)$", node.name):
                offences.append(source.at(node, f"{node.name}: say what it is or does"))
    return offences


def alone(root: Path) -> list[str]:
    """Every module imports alone: no import depends on what happened to be imported before it."""
    modules = [
        (source.module, source.path)
        for source in sources(root)
        # A folder without `__init__.py` is no package: the numbered migrations, or a room still being built.
        if all((folder / "__init__.py").exists() for folder in (root / source.path).parents[: source.path.count("/")])
    ]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALONE, str(root)],
        input=json.dumps(modules), capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    return list(json.loads(done.stdout))


# A fresh process imports the libraries once and forks for each module, two at a time.
IMPORT_ALONE = """
import importlib, json, os, sys, traceback
sys.path.insert(0, sys.argv[1])
libraries = "flask peewee playhouse pluggy wtforms click babel cryptography phonenumbers openpyxl xlsxwriter fpdf"
more = "jellyfish rapidfuzz apscheduler argon2 pyotp segno orjson psycopg pymysql granian uharfbuzz pytest"
for library in f"{libraries} {more}".split():
    try:
        importlib.import_module(library)
    except ImportError:
        pass
modules, offences, running = json.load(sys.stdin), [], {}
def collect():
    pid, status = os.wait()
    path, reader = running.pop(pid)
    said = os.fdopen(reader).read()
    if status:
        offences.append(f"{path}:1: does not import alone: {said.strip()[-300:]}")
for module, path in modules:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 0
        try:
            importlib.import_module(module)
        except BaseException as broken:
            status = 1
            os.write(writer, traceback.format_exc(limit=-2).encode()[-3000:])
        os._exit(status)
    os.close(writer)
    running[pid] = (path, reader)
    if len(running) == 2:
        collect()
while running:
    collect()
json.dump(sorted(offences), sys.stdout)
"""


def within(name: str, packages: tuple[str, ...]) -> bool:
    """Tell whether a dotted name is one of some packages or inside one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def assigns(node: ast.stmt, name: str) -> bool:
    """Tell whether a statement sets a name."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def is_private(name: str) -> bool:
    """Tell whether a name is its owner's alone; `__version__` and its like are not."""
    return name.startswith("_") and not name.startswith("__")


LAWS: tuple[type_of_law, ...] = (
    floors,
    core_entrance,
    frozen_migrations,
    open_imports,
    core_knows_no_plugin,
    plugin_borders,
    plugin_direction,
    plugin_doors,
    privates,
    states,
    sizes,
    docstrings,
    names,
    alone,
    *gates.GATES,
)
