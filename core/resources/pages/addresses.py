"""Addresses of lists: the same list narrowed, ordered or leafed otherwise."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from core.actors import Actor
from core.resources.catalogue import orders_here
from core.resources.declaring import Resource
from core.resources.narrowing import Narrowing
from core.web.addresses import Addresses

# A page has a dozen addresses of the same list: the routes are asked once.
_addresses = Addresses()


def list_url(resource: Resource, narrowing: Narrowing, by: Actor, verb: str = "list", **also: Any) -> str:
    """Where a narrowing stands."""
    query: dict[str, Any] = {**narrowing.as_query(resource, by), **also}
    base = _addresses.to(resource.endpoint(verb))
    return f"{base}?{urlencode(query)}" if query else base


def sorted_url(resource: Resource, narrowing: Narrowing, by: Actor, sort: str) -> str:
    """The list ordered by this; the other way round when it is so already."""
    falls = not narrowing.falls if narrowing.sort == sort else orders_here(resource)[sort].falls
    return list_url(resource, replace(narrowing, sort=sort, falls=falls), by)


def sized_url(resource: Resource, narrowing: Narrowing, by: Actor, size: int) -> str:
    """The list with so many rows on a page."""
    return list_url(resource, replace(narrowing, size=size), by)
