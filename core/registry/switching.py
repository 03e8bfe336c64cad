"""Switching plugins on and off at a site, while it runs.

Switching on can be stopped anywhere and run again: tables are made by migrations that know what is done,
and the plugin counts as on only once its row says so. Switching off keeps every table and journal line.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core import clock
from core.actors import Actor
from core.acts import act, all_acts
from core.errors import Refused
from core.hooks import announce, table
from core.registry.catalogue import Installed, catalogue
from core.registry.models import INSTALLING, OFF, ON, Plugin
from core.registry.state import latest_migration
from core.sites import current, current_site, touch_revision
from core.storage.migrations import apply
from core.storage.model import quoted
from core.texts import Text, _

PERMISSION = "core.manage_plugins"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a switch would do, said before it is thrown."""

    name: str
    turns_on: bool
    obstacles: tuple[str | Text, ...]
    comes_along: tuple[str, ...]
    pages: int
    hooks: tuple[str, ...]
    acts: int
    permissions: int
    rows: int


def consequences(name: str) -> Consequences:
    """What would appear or go, what comes along, and what stands in the way."""
    turns_on = name not in current().state.enabled
    plugin = catalogue.get(name)
    if turns_on:
        obstacles = tuple(catalogue.obstacles(name))
        along = tuple(one for one in catalogue.needs(name) if one not in current().state.enabled) if plugin else ()
    else:
        needing = [one for one in catalogue.needed_by(name) if one in current().state.enabled]
        along = tuple(needing)
        obstacles = (
            (_("Plugins that are on need it: %(names)s. Turn them off first.", names=", ".join(needing)),)
            if needing
            else ()
        )
    return Consequences(
        name=name,
        turns_on=turns_on,
        obstacles=obstacles,
        comes_along=along,
        pages=count_pages(plugin) if plugin else 0,
        hooks=tuple(hook for hook in sorted(table.specs) if name in table.implementers(hook)),
        acts=sum(1 for spec in all_acts().values() if spec.name.startswith(f"{name}.")),
        permissions=len(plugin.part("permissions", "PERMISSIONS") or ()) if plugin else 0,
        rows=count_rows(name) if not turns_on else 0,
    )


def count_pages(plugin: Installed) -> int:
    """How many pages a plugin has."""
    blueprint = plugin.part("views", "blueprint")
    return sum(1 for route in blueprint.rules if "GET" in route.methods) if blueprint is not None else 0


def count_rows(name: str) -> int:
    """How many records of a plugin this site keeps."""
    site = current_site()
    tables = [
        one for one in site.database.get_tables() if one.startswith(f"{name}_") and not one.endswith("_migration")
    ]
    return sum(site.database.execute_sql(f"SELECT count(*) FROM {quoted(one, site)}").fetchone()[0] for one in tables)  # noqa: S608


def switch_on(name: str, by: Actor, progress: Progress | None = None) -> Plugin:
    """Switch a plugin on, with all it requires; safe to run again after being stopped anywhere.

    Raises `Refused` naming what is missing or does not fit.
    """
    obstacles = catalogue.obstacles(name)
    if obstacles:
        raise Refused(" ".join(str(one) for one in obstacles))
    wanted = [one for one in (*catalogue.needs(name), name) if one not in current().state.enabled or one == name]
    for position, one in enumerate(wanted):
        if progress is not None:
            progress(position, len(wanted), one)
        plugin = catalogue.plugins[one]
        begin_switching_on(one, by=by)
        apply(current_site(), [(one, plugin.folder / "migrations")])
        finish_switching_on(one, by=by)
    return Plugin.get(Plugin.name == name)


@act("core.begin_switching_on", permission=PERMISSION)
def begin_switching_on(name: str, by: Actor) -> Plugin:
    """Note that a plugin is being installed; it is not met yet."""
    row = Plugin.get_or_none(Plugin.name == name) or Plugin(name=name)
    if row.state != ON:
        row.state = INSTALLING
        row.save()
    return row


@act("core.switch_on", permission=PERMISSION)
def finish_switching_on(name: str, by: Actor) -> Plugin:
    """Let the site meet the plugin from the next request on."""
    plugin: Installed = catalogue.plugins[name]
    row = Plugin.get(Plugin.name == name)
    row.state = ON
    row.code_version = plugin.manifest.version
    row.schema = latest_migration(plugin.folder)
    row.switched_at = clock.now()
    row.switched_by = by.uid
    row.quarantined_at = None
    row.faults = 0
    row.save()
    touch_revision()
    announce.plugin_switched(name=name, is_on=True, by=by)
    return row


@act("core.switch_off", permission=PERMISSION)
def switch_off(name: str, by: Actor) -> Plugin:
    """Switch a plugin off; its tables and journal lines stay.

    Raises `Refused` while plugins that are on require it, naming them.
    """
    row = Plugin.get_or_none(Plugin.name == name)
    if row is None or row.state == OFF:
        raise Refused(_("%(name)s is not on.", name=name))
    needing = [one for one in catalogue.needed_by(name) if one in current().state.enabled]
    if needing:
        raise Refused(_("Plugins that are on need it: %(names)s. Turn them off first.", names=", ".join(needing)))
    row.state = OFF
    row.switched_at = clock.now()
    row.switched_by = by.uid
    row.save()
    touch_revision()
    announce.plugin_switched(name=name, is_on=False, by=by)
    return row
