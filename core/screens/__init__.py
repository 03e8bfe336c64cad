"""The core's own pages: signing in, one's account, people and roles, places, plugins, settings, jobs, the journal."""

from core.screens import (
    account,
    comments,
    custom_fields,
    drafts,
    emergency,
    fields_files,
    first_run,
    grants,
    history,
    home,
    jobs,
    journal,
    locking,
    palette,
    people,
    people_acts,
    people_shown,
    pick,
    places,
    plugins,
    roles,
    second_factor,
    settings,
    sign_in,
    workflows,
)
from core.screens.pages import blueprint

# Importing a module of pages adds them to the one blueprint of the core.
PAGES = (
    account,
    comments,
    custom_fields,
    drafts,
    emergency,
    fields_files,
    first_run,
    grants,
    history,
    home,
    jobs,
    journal,
    locking,
    palette,
    people,
    pick,
    people_acts,
    people_shown,
    places,
    plugins,
    roles,
    second_factor,
    settings,
    sign_in,
    workflows,
)
core_blueprints = (blueprint,)

__all__ = ["PAGES", "blueprint", "core_blueprints"]
