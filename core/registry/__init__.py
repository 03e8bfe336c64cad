"""Which plugins there are, which are on at a site, and what happens to one that fails."""

from core.registry.catalogue import Catalogue, Installed, catalogue
from core.registry.catching_up import catch_up, is_listening
from core.registry.loader import Found
from core.registry.manifest import Manifest
from core.registry.models import Plugin, Setting
from core.registry.quarantine import restore_plugin, settle_faults
from core.registry.state import load_state, plugin_rows, state_word
from core.registry.switching import Consequences, consequences, count_pages, switch_off, switch_on

__all__ = [
    "Catalogue",
    "Consequences",
    "Found",
    "Installed",
    "Manifest",
    "Plugin",
    "Setting",
    "catalogue",
    "catch_up",
    "consequences",
    "count_pages",
    "is_listening",
    "load_state",
    "plugin_rows",
    "restore_plugin",
    "settle_faults",
    "state_word",
    "switch_off",
    "switch_on",
]
