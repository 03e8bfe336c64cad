"""Which nouns a site serves to programs, and under which address each stands."""

from typing import Any

from core.actors import Actor
from core.errors import Forbidden, NotFound
from core.resources import Action, Lines, Resource, actions_here, resources_here
from core.sites import current
from core.storage.journal.writer import note_refusal
from core.web import SIGNED_IN

PREFIX = "/api/v1"
# Acts every noun may have, at the place where a noun's own actions stand.
RETIRE, RESTORE = "retire", "restore"


def nouns_here() -> dict[tuple[str, str], Resource]:
    """The nouns by plugin and last part of the address; read once for each revision of the site."""
    found: dict[tuple[str, str], Resource] = current().state.keep("api.nouns", served)
    return found


def served() -> dict[tuple[str, str], Resource]:
    """Those that are declared for this door."""
    return {(one.plugin, segment_of(one)): one for one in resources_here().values() if "api" in one.doors}


def segment_of(resource: Resource) -> str:
    """The last part of an address: the path of a noun's pages, or what programs call it."""
    return resource.path.replace("/", "-") or resource.noun


def address_of(resource: Resource, uid: str = "") -> str:
    """Where a noun, or one record of it, is found."""
    address = f"{PREFIX}/{resource.plugin}/{segment_of(resource)}"
    return f"{address}/{uid}" if uid else address


def noun_at(plugin: str, segment: str) -> Resource:
    """The noun under an address; raises `NotFound` where the site does not have it."""
    found = nouns_here().get((plugin, segment))
    if found is None:
        raise NotFound
    return found


def require(by: Actor, permission: str, act: str) -> None:
    """Raise `Forbidden` unless this is held; that it was tried is journaled."""
    try:
        by.require(permission)
    except Forbidden:
        note_refusal(act, permission)
        raise


def open_nouns(by: Actor) -> list[Resource]:
    """The nouns somebody may read, by address."""
    return [one for _key, one in sorted(nouns_here().items(), key=lambda pair: pair[0]) if may_read(one, by)]


def may_read(resource: Resource, by: Actor) -> bool:
    """Whether somebody may see such records at all; what everybody signed in sees, each of their programs sees."""
    return resource.may_view == SIGNED_IN or by.may(resource.may_view)


def permissions_of(resource: Resource) -> list[str]:
    """Every permission something about a noun may ask for, reading first."""
    found = [resource.may_view]
    found += [resource.acts.permission_to(verb) for verb in ("create", "edit", "retire", "restore")]
    for one in actions_here(resource):
        found += [one.asks_for, *permissions_in(one)]
    found += permissions_in(resource)
    for lines in resource.lines:
        found += permissions_in(lines)
    return [name for name in dict.fromkeys(found) if name and name != SIGNED_IN]


def permissions_in(holder: Resource | Action | Lines) -> list[str]:
    """The permissions single facts ask for."""
    facts: tuple[Any, ...] = holder.facts
    return [name for fact in facts for name in (fact.read, fact.write) if name]
