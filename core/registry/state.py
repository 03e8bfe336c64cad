"""What hangs on a site's revision: the plugins that are on, set aside, or waiting for their upgrade."""

from pathlib import Path

from core.registry.catalogue import catalogue
from core.registry.models import OFF, ON, Plugin
from core.sites import Site, SiteState
from core.storage import rows


def load_state(revision: str) -> SiteState:
    """Read the plugins of the site being served, once for each revision."""
    if not revision:
        return SiteState("")
    known = rows(Plugin.select(Plugin.name, Plugin.state, Plugin.schema, Plugin.quarantined_at))
    enabled: set[str] = set()
    silent: set[str] = set()
    waiting: set[str] = set()
    for name, state, schema, quarantined_at in known:
        plugin = catalogue.get(name)
        if state != ON or plugin is None:
            continue
        enabled.add(name)
        if quarantined_at is not None:
            silent.add(name)
        if schema < latest_migration(plugin.folder):
            waiting.add(name)
    for name in enabled:
        needs = set(catalogue.needs(name))
        if needs & waiting or needs - enabled:
            waiting.add(name)
    return SiteState(revision, frozenset(enabled), frozenset(silent), frozenset(waiting))


def latest_migration(folder: Path) -> str:
    """The name of a plugin's newest migration, or "" when it has none."""
    return max((path.stem for path in (folder / "migrations").glob("[0-9]*.py")), default="")


def plugin_rows() -> dict[str, Plugin]:
    """What the site knows of each plugin, absent ones included."""
    return {row.name: row for row in Plugin.select()}


def state_word(name: str, state: SiteState, row: Plugin | None) -> str:
    """`on`, `off`, `installing`, `needs upgrade`, `set aside` or `missing`."""
    if row is not None and row.state == ON and catalogue.get(name) is None:
        return "missing"
    if name in state.waiting:
        return "needs upgrade"
    if name in state.silent:
        return "set aside"
    return row.state if row is not None else OFF


Site.load_state = staticmethod(load_state)
