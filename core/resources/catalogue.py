"""What a noun consists of at the site being served, and what of it somebody may know or write.

Beside what its plugin declares stand the fields the site added (`core.resources.custom`), and the site's own
arrangement: which sections there are, what stands in them, what is asked in a form and what must be answered.
"""

from core.actors import Actor
from core.resources.custom.here import here
from core.resources.declaring import Fact, Resource, Section, Sort
from core.resources.nouns import resource_named, resource_of, resources_here


def facts_here(resource: Resource) -> dict[str, Fact]:
    """Every fact of a noun at this site: those declared, then those the site added."""
    return here(resource).facts


def sections_here(resource: Resource, in_form: bool = False) -> tuple[Section, ...]:
    """The sections of a noun as the site arranged them, custom fields in their places.

    `in_form` leaves out the facts the site does not ask for; on the page of a record they are shown all the same.
    """
    found = here(resource)
    return found.form_sections if in_form else found.sections


def facets_here(resource: Resource) -> tuple[str, ...]:
    """The facts a list can be narrowed by here."""
    return here(resource).facets


def orders_here(resource: Resource) -> dict[str, Sort]:
    """The sorts of a list here, the first being its own."""
    return here(resource).orders


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
        if fact.is_asked
        and (fact.once if fact.load is not None else True)
        and (verb == "create" or not fact.once)
        and (not fact.write or by.may(fact.write))
    }


def asked_here(resource: Resource, by: Actor, verb: str = "edit") -> dict[str, Fact]:
    """The facts a form asks this actor for: those they may write, without what the site leaves out of its forms."""
    hidden = here(resource).hidden
    return {name: fact for name, fact in writable(resource, by, verb).items() if name not in hidden}


__all__ = [
    "asked_here",
    "facets_here",
    "facts_here",
    "orders_here",
    "readable",
    "resource_named",
    "resource_of",
    "resources_here",
    "sections_here",
    "writable",
]
