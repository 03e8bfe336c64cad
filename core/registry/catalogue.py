"""The plugins installed in this process, registered once; which of them a site meets is the site's choice."""

import logging
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from core import __version__
from core.errors import Misuse
from core.hooks import table
from core.hookspecs import house, moments, rights, shell
from core.registry.loader import Failure, Found, find_plugins, import_plugin, reason_of
from core.registry.manifest import Manifest, fits
from core.storage.model import all_tables
from core.texts import Text, _, add_catalogues

log = logging.getLogger("medley.registry")


@dataclass(frozen=True, slots=True)
class Installed:
    """One plugin that could be imported and keeps the one-name rule."""

    manifest: Manifest
    folder: Path
    package: str
    modules: dict[str, ModuleType]

    @property
    def name(self) -> str:
        """Its one name."""
        return self.manifest.name

    def part(self, file: str, attribute: str) -> Any:
        """What a file of the plugin holds under a fixed name, or None."""
        return getattr(self.modules.get(file), attribute, None)


class Catalogue:
    """Every installed plugin by name, the graph of what needs what, and what had to be left out."""

    def __init__(self) -> None:
        self.plugins: dict[str, Installed] = {}
        self.failures: dict[str, Failure] = {}

    def register_core(self, plugin: ModuleType) -> None:
        """The core uses its own hooks like any plugin; its `plugin` module is handed in from above."""
        for module in (shell, rights, house, moments):
            table.add_specs("core", module)
        if "core" not in table.modules:
            table.add_plugin("core", plugin)

    def load(self) -> "Catalogue":
        """Find, import and check everything that is installed."""
        fresh: list[Installed] = []
        for found in find_plugins():
            if found.name in self.plugins:
                continue
            try:
                fresh.append(self._import(found))
            except KeyboardInterrupt:
                raise
            except BaseException as failure:  # noqa: BLE001  a plugin's import may raise anything, SystemExit too
                self.leave_out(found.name, failure)
        for plugin in without_circles(fresh, self):
            self._register(plugin)
        return self

    def add(self, found: Found) -> Installed:
        """Install one more plugin (tests and vendors' contract); errors come out."""
        plugin = self._import(found)
        self._register(plugin, quietly=False)
        return plugin

    def _import(self, found: Found) -> Installed:
        modules = import_plugin(found)
        manifest = getattr(modules["plugin"], "manifest", None)
        if not isinstance(manifest, Manifest):
            raise Misuse(f"{found.package}.plugin has no manifest")
        if not fits(__version__, manifest.platform):
            raise Misuse(f"{manifest.name} is made for the platform {manifest.platform}; this is {__version__}")
        folder = Path(modules["plugin"].__file__ or "").parent
        plugin = Installed(manifest, folder, found.package, modules)
        refuse_other_names(plugin, found)
        if "hookspecs" in modules:
            table.add_specs(manifest.name, modules["hookspecs"])
        return plugin

    def _register(self, plugin: Installed, quietly: bool = True) -> None:
        try:
            table.add_plugin(plugin.name, plugin.modules["plugin"])
        except Misuse as unfit:
            if not quietly:
                raise
            self.leave_out(plugin.name, unfit)
            return
        self.plugins[plugin.name] = plugin
        if (plugin.folder / "locale").is_dir():
            add_catalogues(plugin.folder / "locale")

    def leave_out(self, name: str, failure: BaseException) -> None:
        """Report a plugin instead of registering it; no site meets it until it is mended."""
        self.plugins.pop(name, None)
        table.remove_plugin(name)
        why = reason_of(failure)
        self.failures[name] = Failure(name, why.reason, why.detail)
        log.error("plugin %s was left out: %s (%s)", name, why.reason, why.detail, exc_info=failure)

    def get(self, name: str) -> Installed | None:
        """The installed plugin of that name."""
        return self.plugins.get(name)

    def needs(self, name: str) -> list[str]:
        """What a plugin requires, and what that requires, in the order it must be there."""
        order: list[str] = []
        self._visit(name, order, ())
        return order[:-1]

    def _visit(self, name: str, order: list[str], path: tuple[str, ...]) -> None:
        if name in path:
            raise Misuse(f"plugins need each other in a circle: {' → '.join((*path, name))}")
        plugin = self.plugins.get(name)
        for needed in sorted(plugin.manifest.requires) if plugin else ():
            if needed not in order:
                self._visit(needed, order, (*path, name))
        if name not in order:
            order.append(name)

    def needed_by(self, name: str) -> list[str]:
        """The installed plugins that require this one, directly or through others."""
        return sorted(other for other in self.plugins if other != name and name in self.needs(other))

    def obstacles(self, name: str) -> list[str | Text]:
        """Why a plugin can't be switched on, one sentence each; empty when it can."""
        if name in self.failures:
            return [_("%(name)s could not be loaded: %(why)s", name=name, why=self.failures[name].reason)]
        if name not in self.plugins:
            return [_("%(name)s is not installed.", name=name)]
        found: list[str | Text] = []
        for wanted in (*self.needs(name), name):
            plugin = self.plugins.get(wanted)
            if plugin is None:
                found.append(_("%(name)s needs %(wanted)s, which is not installed.", name=name, wanted=wanted))
                continue
            for other, versions in plugin.manifest.requires.items():
                there = self.plugins.get(other)
                if there is not None and not fits(there.manifest.version, versions):
                    found.append(
                        _(
                            "%(name)s needs %(other)s %(versions)s, and %(there)s is installed.",
                            name=wanted, other=other, versions=versions, there=there.manifest.version,
                        )
                    )  # fmt: skip
        return found

    def in_order(self) -> list[Installed]:
        """All installed plugins, each after those it requires."""
        order: list[str] = []
        for name in sorted(self.plugins):
            self._visit(name, order, ())
        return [self.plugins[name] for name in order if name in self.plugins]


def refuse_other_names(plugin: Installed, found: Found) -> None:
    """The one-name rule: folder, entry point, blueprint, URL prefix, templates, tables and permissions agree."""
    name = plugin.name
    if found.name != name:
        raise Misuse(f"plugin {name} is offered under the name {found.name}")
    if found.package.startswith("plugins.") and plugin.folder.name != name:
        raise Misuse(f"plugin {name} lies in a folder named {plugin.folder.name}")
    refuse_other_pages(name, plugin.part("views", "blueprint"))
    templates = plugin.folder / "templates"
    strangers = [path.name for path in templates.iterdir() if path.name != name] if templates.is_dir() else []
    if strangers:
        raise Misuse(f"plugin {name}: templates/{strangers[0]} must lie in templates/{name}")
    for table_name, model in all_tables().items():
        if model.__module__.startswith(plugin.package + ".") and not table_name.startswith(f"{name}_"):
            raise Misuse(f"plugin {name}: the table {table_name} must start with {name}_")
    for permission in plugin.part("permissions", "PERMISSIONS") or ():
        if not permission.name.startswith(f"{name}."):
            raise Misuse(f"plugin {name}: the permission {permission.name} must start with {name}.")


def refuse_other_pages(name: str, blueprint: Any) -> None:
    """The rule for a plugin's pages, which may be none."""
    if blueprint is None:
        return
    if not hasattr(blueprint, "rules"):
        raise Misuse(f"plugin {name}: views.blueprint must be a MedleyBlueprint")
    if blueprint.name != name:
        raise Misuse(f"plugin {name} has a blueprint named {blueprint.name}")
    if blueprint.url_prefix != f"/{name}":
        raise Misuse(f"plugin {name} has its pages under {blueprint.url_prefix}, not /{name}")


def without_circles(fresh: list[Installed], catalogue: Catalogue) -> list[Installed]:
    """The plugins that do not need themselves through others; those that do could never be put in order."""
    requires = {plugin.name: set(plugin.manifest.requires) for plugin in fresh}
    for name in requires:
        needed = set(requires[name])
        while further := {one for other in needed for one in requires.get(other, ())} - needed:
            needed |= further
        if name in needed:
            circle = " and ".join(sorted(one for one in needed if one in requires))
            catalogue.leave_out(name, Misuse(f"plugins need each other in a circle: {circle}"))
    return [plugin for plugin in fresh if plugin.name not in catalogue.failures]


catalogue = Catalogue()
