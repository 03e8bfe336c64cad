"""The checks of the plugin contract; run as `python -m core.testing.examination NAME`, in a fresh interpreter."""

import ast
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.acts import OPEN, all_acts
from core.jobs.declaring import all_jobs
from core.registry import Found, Installed, catalogue, switch_off, switch_on
from core.registry.loader import find_plugins
from core.roles.defaults import SHIPPED_ROLES
from core.roles.permissions import CORE_PERMISSIONS
from core.screens import plugin as core_plugin
from core.sites import Site, current_site
from core.storage import Model, all_tables
from core.storage.migrations import drift
from core.storage.references import RecordRefField
from core.testing.house import HOUSE, House
from core.testing.samples import sample_record
from core.web import SIGNED_IN, MedleyBlueprint

APP_WIDE = {
    "app_errorhandler", "app_template_filter", "app_template_global", "app_template_test", "before_app_request",
    "after_app_request", "teardown_app_request", "app_context_processor", "app_url_value_preprocessor",
    "app_url_defaults", "record_once", "before_app_first_request",
}  # fmt: skip
FORBIDDEN_IN_TEMPLATES = ("|safe", " style=", " onclick=", "<script>")


# What pages and switching rest on: where one of these fails, the checks after it would only repeat it.
BASIC = frozenset({"migrations_match_models", "everything_has_a_permission"})


class Examination:
    """One plugin, with only what it requires beside it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.temporary = folder
        self.house: House | None = None
        self.site: Site | None = None

    def run(self) -> dict[str, list[str]]:
        """All checks in order, as far as they make sense; a check that fails by itself is a complaint of its own."""
        complaints = self.complaints_of(self.loads)
        findings = {"loads": complaints}
        if complaints:
            return findings
        for check in (
            self.imports_alone, self.keeps_one_name, self.declares_what_it_uses, self.migrations_match_models,
            self.everything_has_a_permission, self.templates_are_its_own, self.has_no_app_wide_handlers,
            self.pages_open, self.finds_persons, self.off_means_gone_and_data_stays,
        ):  # fmt: skip
            findings[check.__name__] = self.complaints_of(check)
            if findings[check.__name__] and check.__name__ in BASIC:
                return findings
        return findings

    @staticmethod
    def complaints_of(check: Callable[[], Iterator[str]]) -> list[str]:
        """What a check has to say."""
        try:
            return list(check())
        except BaseException as failure:  # noqa: BLE001  the plugin examined may raise anything
            last = traceback.format_exception(failure)[-3:]
            return [f"{type(failure).__name__}: {failure}\n{''.join(last)}"]

    @property
    def plugin(self) -> Installed:
        """The plugin under examination."""
        return catalogue.plugins[self.name]

    def loads(self) -> Iterator[str]:
        """It imports and registers, after those it requires."""
        catalogue.register_core(core_plugin)
        found = {one.name: one for one in find_plugins()}
        found.setdefault(self.name, Found(self.name, f"medley_{self.name}"))
        yield from self.add_with_needs(found, self.name, ())

    def add_with_needs(self, found: dict[str, Found], name: str, path: tuple[str, ...]) -> Iterator[str]:
        """Add what a plugin requires, then itself. What it requires is read off its manifest without importing it."""
        if name in catalogue.plugins or name in path:
            return
        if name not in found:
            yield f"{path[-1]} requires {name}, which is not installed"
            return
        for needed in required_names(folder_of(found[name]) / "plugin.py"):
            yield from self.add_with_needs(found, needed, (*path, name))
        catalogue.add(found[name])

    def imports_alone(self) -> Iterator[str]:
        """Each module imports by itself, in a process where no other of the plugin was imported."""
        for module in modules_of(self.plugin):
            if not imports_in_child(module, self.plugin.package):
                yield f"{module} does not import alone"

    def keeps_one_name(self) -> Iterator[str]:
        """Static files, settings and locale lie where the name says; the registry has refused the rest already."""
        for path in self.plugin.folder.glob("templates/*"):
            if path.name != self.name:
                yield f"templates/{path.name} must lie in templates/{self.name}"
        for spec in all_acts().values():
            if spec.module.startswith(self.plugin.package + ".") and not spec.name.startswith(f"{self.name}."):
                yield f"the act {spec.name} must start with {self.name}."

    def declares_what_it_uses(self) -> Iterator[str]:
        """It imports other plugins only through `api`, and only those it requires; nothing private of the core."""
        requires = set(self.plugin.manifest.requires)
        packages = {one.package: one.name for one in find_plugins() if one.name != self.name}
        for path in self.plugin.folder.rglob("*.py"):
            for module, line in imports_of(path):
                other = next(
                    (name for package, name in packages.items() if f"{module}.".startswith(f"{package}.")), None
                )
                where = f"{path.relative_to(self.plugin.folder)}:{line}"
                if other is not None and other not in requires:
                    yield f"{where} imports {module}, and {other} is not in requires"
                elif other is not None and module.rsplit(".", 1)[-1] != "api" and ".api." not in module:
                    yield f"{where} imports {module}; of another plugin only its api may be imported"
                if module.startswith(".."):
                    yield f"{where} imports {module}; name the room it is in"
                if module.startswith("core.") and any(part.startswith("_") for part in module.split(".")):
                    yield f"{where} imports {module}, which is private"

    def migrations_match_models(self) -> Iterator[str]:
        """The migrations run on an empty site, twice, and make what the models say."""
        self.house = House(self.temporary)
        self.site = self.house.site("contract", plugins=[self.name])
        with self.site.activate():
            switch_on(self.name, by=HOUSE)
            models = [one for one in all_tables().values() if one.__module__.startswith(self.plugin.package + ".")]
            yield from drift(models)

    def everything_has_a_permission(self) -> Iterator[str]:
        """Routes, acts and jobs ask for permissions that somebody declares."""
        declared = {one.name for one in CORE_PERMISSIONS} | {SIGNED_IN, OPEN}
        for plugin in catalogue.plugins.values():
            declared |= {one.name for one in plugin.part("permissions", "PERMISSIONS") or ()}
        blueprint = self.plugin.part("views", "blueprint")
        for route in blueprint.rules if isinstance(blueprint, MedleyBlueprint) else ():
            if route.permission not in declared:
                yield f"route {route.rule} asks for {route.permission}, which nobody declares"
        for spec in all_acts().values():
            if spec.module.startswith(self.plugin.package + ".") and spec.permission not in declared:
                yield f"act {spec.name} asks for {spec.permission}, which nobody declares"
        for name, job in all_jobs().items():
            if name.startswith(f"{self.name}.") and job.permission and job.permission not in declared:
                yield f"job {name} asks for {job.permission}, which nobody declares"

    def templates_are_its_own(self) -> Iterator[str]:
        """They compile, lie under the plugin's name, and carry no inline scripts or styles."""
        environment = self.opened().app.jinja_env
        for path in sorted((self.plugin.folder / "templates").rglob("*.html")):
            name = path.relative_to(self.plugin.folder / "templates").as_posix()
            try:
                environment.get_template(name)
            except Exception as failure:  # noqa: BLE001  any fault of a template is a complaint
                yield f"{name}: {failure}"
            text = path.read_text("utf-8")
            yield from (
                f"{name} has {found!r}" for found in ("|safe", " style=", " onclick=", "<script>") if found in text
            )

    def has_no_app_wide_handlers(self) -> Iterator[str]:
        """Nothing it registers reaches pages that are not its own."""
        blueprint = self.plugin.part("views", "blueprint")
        if blueprint is not None and not isinstance(blueprint, MedleyBlueprint):
            yield "views.blueprint must be a MedleyBlueprint"
        for path in self.plugin.folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in APP_WIDE:
                    yield f"{path.name}:{node.lineno} uses {node.attr}, which would reach every hospital"

    def pages_open(self) -> Iterator[str]:
        """Every page without an argument opens for somebody who may, with only the requirements on."""
        visitor = self.administrator()
        for rule in self.plain_pages():
            answer = visitor.get(rule)
            if answer.status_code >= 400:
                yield f"GET {rule} answers {answer.status_code}"

    def off_means_gone_and_data_stays(self) -> Iterator[str]:
        """Off, its pages are 404 and every row is as it was; on again, they are back."""
        visitor, site = self.administrator(), self.opened_site()
        pages = [rule for rule in self.plain_pages() if visitor.get(rule).status_code < 400]
        with site.activate():
            for model in self.tables():
                sample_record(model, by=HOUSE)
            before = self.contents()
            switch_off(self.name, by=HOUSE)
            if self.contents() != before:
                yield "switching off changed its tables"
        for rule in self.plain_pages():
            if visitor.get(rule).status_code != 404:
                yield f"GET {rule} is still there when the plugin is off"
        with site.activate():
            switch_on(self.name, by=HOUSE)
            if self.contents() != before:
                yield "switching on again changed its tables"
        for rule in pages:
            if visitor.get(rule).status_code >= 400:
                yield f"GET {rule} does not come back"

    def finds_persons(self) -> Iterator[str]:
        """A table that points at a person says so, and every such column can be found in the database."""
        persons = {
            model._meta.table_name: model._meta.noun
            for model in all_tables().values()
            if issubclass(model, Model) and model._meta.subject == "self" and model._meta.plugin != "core"
        }
        with self.opened_site().activate():
            for model in self.tables():
                yield from self.persons_of(model, persons)

    def persons_of(self, model: Any, persons: dict[str, str]) -> Iterator[str]:
        """What is wrong with one table's pointers at persons."""
        meta = model._meta
        keys = {key.column: key.dest_table for key in current_site().database.get_foreign_keys(meta.table_name)}
        pointing = [column for column, target in keys.items() if target in persons]
        if pointing and issubclass(model, Model) and not meta.subject:
            yield f"{meta.table_name}.{pointing[0]} points at a person, and Meta.subject does not say so"
        for field in meta.sorted_fields:
            is_found = field.column_name in keys or isinstance(field, RecordRefField)
            named = any(noun in field.column_name.split("_") for noun in persons.values())
            if named and not is_found and field.column_name.endswith(("_id", "_uid", *persons.values())):
                yield f"{meta.table_name}.{field.column_name} seems to point at a person; make it a ForeignKeyField"

    # What the checks stand on.

    def opened(self) -> House:
        """The house, once the migrations have been checked."""
        if self.house is None:
            raise AssertionError("the migrations did not run")
        return self.house

    def opened_site(self) -> Site:
        """The site, once the migrations have been checked."""
        if self.site is None:
            raise AssertionError("the migrations did not run")
        return self.site

    def administrator(self) -> Any:
        """Somebody who holds every role there is."""
        house, site = self.opened(), self.opened_site()
        roles = [name for name in SHIPPED_ROLES if name != "patient"]
        name = f"Examiner {len(list(self.temporary.glob('examiner*')))}"
        (self.temporary / f"examiner-{name[-1]}").touch()
        return house.visitor(site, house.person(site, name, *roles))

    def plain_pages(self) -> list[str]:
        """Addresses of pages without arguments."""
        blueprint = self.plugin.part("views", "blueprint")
        if blueprint is None:
            return []
        return [
            f"{blueprint.url_prefix}{route.rule}"
            for route in blueprint.rules
            if "GET" in route.methods and "<" not in route.rule
        ]

    def tables(self) -> list[Any]:
        """The plugin's tables."""
        return [one for one in all_tables().values() if one.__module__.startswith(self.plugin.package + ".")]

    def contents(self) -> dict[str, list[Any]]:
        """Every row of the plugin's tables."""
        return {model._meta.table_name: sorted(map(repr, model.select().tuples())) for model in self.tables()}


def folder_of(found: Found) -> Path:
    """Where a plugin's package lies, without importing it."""
    for entry in sys.path:
        folder = Path(entry or ".", *found.package.split("."))
        if (folder / "plugin.py").is_file():
            return folder
    raise FileNotFoundError(found.package)


def required_names(path: Path) -> list[str]:
    """The keys of `requires=` in a plugin.py, read as text."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "requires" and isinstance(node.value, ast.Dict):
            return [str(ast.literal_eval(key)) for key in node.value.keys if key is not None]
    return []


def modules_of(plugin: Installed) -> list[str]:
    """The import names of a plugin's modules, without migrations."""
    names = []
    for path in sorted(plugin.folder.rglob("*.py")):
        parts = path.relative_to(plugin.folder).with_suffix("").parts
        if "migrations" in parts or "tests" in parts:
            continue
        names.append(".".join((plugin.package, *(part for part in parts if part != "__init__"))))
    return names


def imports_in_child(module: str, package: str) -> bool:
    """Import one module in a forked child in which the plugin's other modules are forgotten."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
                del sys.modules[name]
            forget_registrations()
            __import__(module)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def forget_registrations() -> None:
    """Let acts and jobs be declared again in the child."""
    all_acts().clear()


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """The modules a file imports, with the line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level > 1:
            yield "." * node.level + (node.module or ""), node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            yield from (
                (f"{node.module}.{alias.name}", node.lineno)
                for alias in node.names
                if node.module.startswith("plugins")
            )


def main() -> None:
    """Print what was found as one line of JSON."""
    with tempfile.TemporaryDirectory() as folder:
        findings = Examination(sys.argv[1], Path(folder)).run()
    sys.stdout.write("\n" + json.dumps(findings) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
