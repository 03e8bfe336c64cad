"""What a reader wants to see of a list: facets, words, order, columns. It stands in the address, with nothing personal.

Words somebody typed and the place in a list (which may be a name) are sealed: readable at this site, by whoever they
were sealed for, and by nobody else.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from werkzeug.datastructures import MultiDict

from core.actors import Actor
from core.resources.catalogue import facets_here, facts_here, orders_here, readable
from core.resources.declaring import Resource, Sort
from core.resources.kinds import Picked, Unreadable
from core.sites import current_site

SIZES = (25, 50, 100)
LONGEST_WORDS = 200
ENDS = ("from", "until")
LONGEST_TOKEN = 2000
NONCE = 12


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list is narrowed to and how it is shown.

    `facets` maps names of facts to what was written for them; `picked` to what that means. Facets nobody declared,
    facts the reader may not know of and values that can't be read are left out, never guessed.
    """

    facets: Mapping[str, str] = field(default_factory=dict)
    picked: Mapping[str, Picked] = field(default_factory=dict)
    words: str = ""
    sort: str = ""
    falls: bool = False
    columns: tuple[str, ...] = ()
    size: int = SIZES[0]
    with_retired: bool = False
    unread: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing is narrowed."""
        return not self.picked and not self.words and not self.with_retired

    def without(self, name: str) -> "Narrowing":
        """The same without one facet."""
        facets = {one: written for one, written in self.facets.items() if one != name}
        picked = {one: found for one, found in self.picked.items() if one != name}
        return replace(self, facets=facets, picked=picked)

    def order_of(self, resource: Resource) -> tuple[Sort, bool]:
        """The sort it names and whether the largest come first."""
        sort = orders_here(resource)[self.sort]
        return sort, self.falls

    def as_query(self, resource: Resource, by: Actor) -> dict[str, str]:
        """Everything of it that is not as it would be anyway, for an address."""
        query = dict(self.facets)
        sort = orders_here(resource)[self.sort]
        if self.sort != first_sort(resource) or self.falls != sort.falls:
            query["sort"] = f"-{self.sort}" if self.falls else self.sort
        if self.columns != resource.shown_first:
            query["cols"] = ",".join(self.columns)
        if self.size != SIZES[0]:
            query["rows"] = str(self.size)
        if self.words:
            query["find"] = seal({"words": self.words}, resource, by)
        if self.with_retired:
            query["as"] = "all"
        return query

    def as_json(self) -> dict[str, Any]:
        """For a saved view, a job or a bulk act: what `narrowed` reads back."""
        kept: dict[str, Any] = {"facets": dict(self.facets), "words": self.words, "columns": list(self.columns)}
        kept |= {"sort": f"-{self.sort}" if self.falls else self.sort, "size": self.size}
        return {**kept, "with_retired": self.with_retired}


def first_sort(resource: Resource) -> str:
    """The order of a list nobody chose another for."""
    return next(iter(orders_here(resource)))


def query_in(address: MultiDict[str, str]) -> dict[str, str]:
    """An address as one value for each name: what forms send apart (several ticks, from and until) is put together."""
    query: dict[str, str] = {}
    for name, values in address.lists():
        whole, dash, end = name.rpartition("-")
        if dash and end in ENDS:
            low, high = (address.get(f"{whole}-{one}", "").strip() for one in ENDS)
            if low or high:
                query[whole] = f"{low}..{high}"
        else:
            query[name] = ",".join(value for value in values if value)
    return query


def narrowing_of(resource: Resource, address: MultiDict[str, str], by: Actor) -> Narrowing:
    """What an address asks for. It can be anything: what does not fit is left out."""
    query = query_in(address)
    words = str((unseal(query.get("find", ""), resource, by) or {}).get("words", ""))
    facets = {name: query[name] for name in facets_here(resource) if query.get(name)}
    kept = {
        "facets": facets,
        "words": words,
        "sort": query.get("sort", ""),
        "columns": [name for name in query.get("cols", "").split(",") if name],
        "size": query.get("rows", ""),
        "with_retired": query.get("as") == "all",
    }
    return narrowed(resource, kept, by)


def narrowed(resource: Resource, kept: Mapping[str, Any], by: Actor) -> Narrowing:
    """A narrowing out of what was kept of one, by the rights of its reader now."""
    known = readable(resource, by)
    facets, picked, unread = {}, {}, []
    for name, written in (kept.get("facets") or {}).items():
        fact = known.get(name)
        if fact is None or not isinstance(written, str) or not is_facet(resource, name):
            continue
        try:
            picked[name] = fact.kind.pick(written)  # type: ignore[union-attr]  # settled facts have a kind
            facets[name] = written
        except Unreadable:
            unread.append(name)
    written_sort = str(kept.get("sort") or "")
    name = written_sort.removeprefix("-")
    if name not in readable_orders(resource, by):
        name, falls = first_sort(resource), orders_here(resource)[first_sort(resource)].falls
    else:
        falls = written_sort.startswith("-")
    columns = tuple(one for one in kept.get("columns") or () if one in known)
    size = int(kept["size"]) if str(kept.get("size") or "") in {str(one) for one in SIZES} else SIZES[0]
    return Narrowing(
        facets, picked, str(kept.get("words") or "")[:LONGEST_WORDS].strip(), name, falls,
        columns or tuple(one for one in resource.shown_first if one in known), size,
        bool(kept.get("with_retired")), tuple(unread),
    )  # fmt: skip


def is_facet(resource: Resource, name: str) -> bool:
    """Whether a list can be narrowed by this fact."""
    return name in facets_here(resource)


def readable_orders(resource: Resource, by: Actor) -> dict[str, Sort]:
    """The sorts whose column the reader may know: an order would tell what it hides."""
    known = readable(resource, by)
    columns = {fact.column for fact in known.values()}
    hidden = {fact.column for fact in facts_here(resource).values()} - columns
    hidden |= facts_here(resource).keys() - known.keys()
    return {name: sort for name, sort in orders_here(resource).items() if (sort.by or sort.name) not in hidden}


# What is sealed.


def seal(facts: Mapping[str, Any], resource: Resource, by: Actor) -> str:
    """Facts nobody can read out of an address."""
    written = json.dumps(facts, separators=(",", ":"), ensure_ascii=False).encode()
    nonce = nonce_for(written)
    sealed = AESGCM(current_site().derive("lists")).encrypt(nonce, written, bound_to(resource, by))
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def nonce_for(written: bytes) -> bytes:
    """Worked out of the text by a key of its own, so that the same place in a list has the same address."""
    return hmac.new(current_site().derive("lists nonce"), written, hashlib.sha256).digest()[:NONCE]


def unseal(token: str, resource: Resource, by: Actor) -> dict[str, Any] | None:
    """The facts again; None for a token that is strange, from elsewhere or somebody else's."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        plain = AESGCM(current_site().derive("lists")).decrypt(raw[:NONCE], raw[NONCE:], bound_to(resource, by))
        found = json.loads(plain)
    except (ValueError, InvalidTag, UnicodeError):
        return None
    return found if isinstance(found, dict) else None


def bound_to(resource: Resource, by: Actor) -> bytes:
    """Whose token it is, and for which list."""
    return f"{resource.name}:{by.uid}".encode()
