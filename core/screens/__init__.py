"""The core's own pages: signing in, one's account, people and roles, places, plugins, settings, jobs, the journal."""

from core.screens import account, home, palette, sign_in
from core.screens.pages import blueprint

# Importing a module of pages adds them to the one blueprint of the core.
PAGES = (account, home, palette, sign_in)
core_blueprints = (blueprint,)

__all__ = ["PAGES", "blueprint", "core_blueprints"]
