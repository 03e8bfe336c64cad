"""The whole tree in memory: a hospital has hundreds of places, and every list asks which lie below which."""

from collections.abc import Iterable
from typing import NamedTuple

from core.places.models import Place
from core.sites import current


class PlaceFact(NamedTuple):
    """What the tree remembers of a place."""

    id: int
    uid: str
    parent_id: int | None
    kind: str
    name: str
    zone: str
    is_retired: bool


class PlaceTree:
    """Which place lies in which. It hangs on the site's revision and never changes itself."""

    def __init__(self, facts: Iterable[PlaceFact]) -> None:
        self.facts = {fact.id: fact for fact in facts}
        self._below: dict[int | None, list[int]] = {}
        self._subtrees: dict[int, frozenset[int]] = {}
        for fact in self.facts.values():
            self._below.setdefault(fact.parent_id, []).append(fact.id)

    def chain(self, place_id: int | None) -> tuple[int, ...]:
        """The place and all it lies in, innermost first."""
        found: list[int] = []
        while place_id is not None and place_id in self.facts and place_id not in found:
            found.append(place_id)
            place_id = self.facts[place_id].parent_id
        return tuple(found)

    def subtree(self, place_id: int) -> frozenset[int]:
        """The place and all that lie in it, those out of use too: their rows stay readable."""
        if place_id not in self._subtrees:
            found, waiting = {place_id}, [place_id]
            while waiting:
                below = [one for one in self._below.get(waiting.pop(), ()) if one not in found]
                found.update(below)
                waiting.extend(below)
            self._subtrees[place_id] = frozenset(found)
        return self._subtrees[place_id]

    def children(self, place_id: int | None) -> list[PlaceFact]:
        """The places directly inside, by name; for None the roots."""
        below = [self.facts[one] for one in self._below.get(place_id, ())]
        return sorted(below, key=lambda fact: (fact.name.casefold(), fact.id))

    def zone_of(self, place_id: int | None) -> str:
        """The time zone that holds at a place: its own or that of the nearest place above; "" is the site's."""
        return next((self.facts[one].zone for one in self.chain(place_id) if self.facts[one].zone), "")

    def name_of(self, place_id: int | None) -> str:
        """The place's name after those it lies in: `Kenyatta › Medicine › Ward 3`."""
        return " › ".join(self.facts[one].name for one in reversed(self.chain(place_id)))


def place_tree() -> PlaceTree:
    """The site's tree of places as of its present revision."""
    tree: PlaceTree = current().state.keep("core.places.tree", load_tree)
    return tree


def load_tree() -> PlaceTree:
    """Read the tree from the database."""
    return PlaceTree(
        PlaceFact(row.id, row.uid, row.parent_id, row.kind, row.name, row.zone, row.is_retired)
        for row in Place.select().order_by(Place.id)
    )


def subtree_ids(place_id: int) -> frozenset[int]:
    """Ids of a place and of everything in it."""
    return place_tree().subtree(place_id)
