"""Bringing a site's tables to the code that is installed: before the restart, on all sites, or at first set-up."""

from pathlib import Path

from core import __version__
from core.actors import Actor, system_actor
from core.acts import act
from core.hooks import announce
from core.registry.catalogue import catalogue
from core.registry.models import ON, Plugin
from core.registry.state import latest_migration
from core.sites import Site, touch_revision
from core.storage.migrations import Script, apply, pending, refuse_older_code
from core.storage.migrations.running import Progress

CORE_MIGRATIONS = Path(__file__).parents[1] / "migrations"


def rooms_of(site: Site) -> list[tuple[str, Path]]:
    """The core and the plugins that are on at a site, each after those it requires, with their scripts."""
    rooms = [("core", CORE_MIGRATIONS)]
    with site.activate(door="cli"):
        is_new = "core_plugin" not in site.database.get_tables()
        names = set() if is_new else {row.name for row in Plugin.select().where(Plugin.state == ON)}
    return rooms + [
        (plugin.name, plugin.folder / "migrations")
        for plugin in catalogue.in_order()
        if plugin.name in names and (plugin.folder / "migrations").is_dir()
    ]


def upgrade(site: Site, kind: str = "before", dry_run: bool = False, progress: Progress | None = None) -> list[Script]:
    """Run what a site's tables still lack, and let it meet what was waiting. Returns the scripts run."""
    rooms = rooms_of(site)
    if dry_run:
        return pending(site, rooms)
    refuse_older_code(site, __version__)
    done = apply(site, rooms[:1], kind, progress=progress)  # type: ignore[arg-type]
    rooms = rooms_of(site)
    done += apply(site, rooms[1:], kind, progress=progress)  # type: ignore[arg-type]
    with site.activate(door="cli"):
        note_schemas(by=system_actor("upgrade"))
    return done


@act("core.note_schemas", permission="core.manage_plugins")
def note_schemas(by: Actor) -> None:
    """Write down which tables each plugin has now, so that it counts as upgraded."""
    changed: list[str] = []
    for row in Plugin.select().where(Plugin.state == ON):
        plugin = catalogue.get(row.name)
        if plugin is None:
            continue
        now_there = (latest_migration(plugin.folder), plugin.manifest.version)
        if (row.schema, row.code_version) != now_there:
            row.schema, row.code_version = now_there
            row.save()
            changed.append(row.name)
    if changed:
        touch_revision()
    for name in changed:
        announce.plugin_switched(name=name, is_on=True, by=by)
