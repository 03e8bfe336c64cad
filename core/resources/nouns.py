"""Which nouns a site has: those of the core and of the plugins that are on there."""

from core.errors import NotFound
from core.hooks import collect
from core.resources.declaring import Resource
from core.sites import current
from core.storage import Model


def resources_here() -> dict[str, Resource]:
    """The nouns of the site being served, by key; collected once for each revision."""
    found: dict[str, Resource] = current().state.keep("resources", collected)
    return found


def collected() -> dict[str, Resource]:
    """Ask the plugins."""
    return {one.name: one for one in collect.resources() if isinstance(one, Resource)}


def resource_named(name: str) -> Resource:
    """One noun by its key; raises `NotFound` where the site does not have it."""
    found = resources_here().get(name)
    if found is None:
        raise NotFound
    return found


def resource_of(model: type[Model]) -> Resource | None:
    """The noun a model is listed as here, or None."""
    return resources_here().get(f"{model._meta.plugin}.{model._meta.noun}")
