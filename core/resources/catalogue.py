"""Which nouns a site has: those of the core and of the plugins that are on there."""

from core.actors import Actor
from core.errors import NotFound
from core.hooks import collect
from core.resources.declaring import Fact, Resource
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


def facts_here(resource: Resource) -> dict[str, Fact]:
    """Every fact of a noun at this site."""
    return resource.by_name


def readable(resource: Resource, by: Actor) -> dict[str, Fact]:
    """The facts this actor may know of."""
    return {name: fact for name, fact in facts_here(resource).items() if not fact.read or by.may(fact.read)}


def writable(resource: Resource, by: Actor, verb: str = "edit") -> dict[str, Fact]:
    """The facts this actor may write: in a form, a file or through the API. `verb` is create or edit."""
    needed = resource.acts.permission_to(verb)
    if not needed or not by.may(needed):
        return {}
    return {
        name: fact
        for name, fact in readable(resource, by).items()
        if fact.is_asked and fact.load is None and (not fact.write or by.may(fact.write))
    }
