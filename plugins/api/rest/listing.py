"""Lists for programs: facets, order, sparse facts and cursors out of an address; words only out of a body.

What can't be read is refused and named, never left out: a program that asked for three conditions must not get the rows
of two.
"""

from collections.abc import Mapping
from typing import Any

from core.actors import Actor
from core.errors import Words
from core.resources import Fact, Resource, Unreadable, facts_here, readable
from core.resources.finding import Page, Query, cursor_of, page_of, query_of
from core.resources.kinds import Picked
from core.resources.narrowing import LONGEST_WORDS, Narrowing, first_sort, is_facet, readable_orders
from core.texts import _
from plugins.api.errors import Unfit, UnfitQuery
from plugins.api.rest.shapes import escaped, row_json, writers_for

FEWEST, MOST, USUAL = 1, 200, 50
LONGEST_FACET = 4000
YES_NO = {"true": True, "false": False}
OWN = frozenset({"sort", "fields", "limit", "cursor", "count", "retired"})
NO_SUCH = _("There is no such parameter.")


class Wanted:
    """What a program asks of a list, read part by part; what does not fit is gathered under its name."""

    def __init__(self, resource: Resource, by: Actor) -> None:
        self.resource = resource
        self.by = by
        self.known: dict[str, Fact] = readable(resource, by)
        self.wrong: dict[str, Words] = {}

    def facet(self, name: str, written: Any) -> tuple[str, Picked] | None:
        """One condition; None when it does not fit."""
        fact = self.known.get(name)
        if fact is None or not is_facet(self.resource, name):
            self.wrong[name] = NO_SUCH
            return None
        if not isinstance(written, str) or len(written) > LONGEST_FACET:
            self.wrong[name] = _("This must be text.")
            return None
        kind: Any = fact.kind
        try:
            return written, kind.pick(written)
        except Unreadable as unfit:
            self.wrong[name] = unfit.words
            return None

    def order(self, written: Any) -> tuple[str, bool]:
        """The sort and whether it falls."""
        usual = first_sort(self.resource)
        if written is None:
            return usual, self.resource.orders[usual].falls
        name = written.removeprefix("-") if isinstance(written, str) else ""
        orders = readable_orders(self.resource, self.by)
        if name not in orders:
            self.wrong["sort"] = _("One of %(names)s; with a - before it the largest first.", names=", ".join(orders))
            return usual, False
        return name, written.startswith("-")

    def names(self, written: Any) -> tuple[str, ...]:
        """The facts wanted; all that may be read when none are named."""
        if written is None:
            return tuple(self.known)
        asked = written.split(",") if isinstance(written, str) else written
        if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
            self.wrong["fields"] = _("Names of facts with commas between them.")
            return ()
        strange = [one for one in asked if one not in self.known]
        if strange or not asked:
            self.wrong["fields"] = _("There is no fact %(names)s.", names=", ".join(strange)[:200])
            return ()
        return tuple(dict.fromkeys(asked))

    def size(self, written: Any) -> int:
        """How many rows at most."""
        if written is None:
            return USUAL
        if isinstance(written, str) and written.isascii() and written.isdigit() and len(written) < 10:
            written = int(written)
        if not isinstance(written, int) or isinstance(written, bool) or not FEWEST <= written <= MOST:
            self.wrong["limit"] = _("A whole number from %(least)s to %(most)s.", least=FEWEST, most=MOST)
            return USUAL
        return written

    def yes(self, name: str, written: Any) -> bool:
        """Something that is so or not."""
        found = YES_NO.get(written) if isinstance(written, str) else written
        if written is not None and not isinstance(found, bool):
            self.wrong[name] = _("true or false.")
        return found is True


def listed(resource: Resource, asked: Mapping[str, list[str]], by: Actor) -> dict[str, Any]:
    """A page of a list, by the parameters of an address; raises `UnfitQuery`."""
    wanted = Wanted(resource, by)
    given = {name: values[0] for name, values in asked.items()}
    wanted.wrong |= {name: _("This came more than once.") for name, values in asked.items() if len(values) > 1}
    facets = {name: written for name, written in given.items() if name not in OWN}
    page, names, counts = page_for(wanted, given, facets, "")
    if page is None:
        raise UnfitQuery(wanted.wrong)
    return page_json(wanted, page, names, counts)


def searched(resource: Resource, body: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """The same with free text, out of a body, where personal words belong; raises `Unfit`."""
    wanted = Wanted(resource, by)
    facets = body.get("filter", {})
    words = body.get("words", "")
    if not isinstance(facets, dict):
        wanted.wrong["filter"] = _("This must be an object of facts and what they are narrowed to.")
        facets = {}
    if not isinstance(words, str) or len(words) > LONGEST_WORDS:
        wanted.wrong["words"] = _("Text of at most %(n)s letters.", n=LONGEST_WORDS)
    elif words and not resource.has_search:
        wanted.wrong["words"] = _("Nothing is found by words here.")
    wanted.wrong |= dict.fromkeys(body.keys() - OWN - {"filter", "words"}, NO_SUCH)
    wanted.wrong |= {
        name: _("Leave it out where nothing is asked.") for name in body.keys() & OWN if body[name] is None
    }
    page, names, counts = page_for(wanted, body, facets, words)
    if page is None:
        inside = facets.keys() & wanted.wrong.keys() - body.keys()
        found = {("/filter/" if name in inside else "/") + escaped(name): said for name, said in wanted.wrong.items()}
        raise Unfit(found)
    return page_json(wanted, page, names, counts)


def page_for(
    wanted: Wanted, given: Mapping[str, Any], facets: Mapping[str, Any], words: Any
) -> tuple[Page | None, tuple[str, ...], bool]:
    """The page asked for, or None when something does not fit; the facts of it, and whether rows are counted."""
    picked = {name: found for name, written in facets.items() if (found := wanted.facet(name, written)) is not None}
    sort, falls = wanted.order(given.get("sort"))
    names = wanted.names(given.get("fields"))
    narrowing = Narrowing(
        {name: written for name, (written, _found) in picked.items()},
        {name: found for name, (_written, found) in picked.items()},
        words.strip() if isinstance(words, str) else "", sort, falls, names, wanted.size(given.get("limit")),
        wanted.yes("retired", given.get("retired")),
    )  # fmt: skip
    counts = wanted.yes("count", given.get("count"))
    query = query_of(wanted.resource, narrowing, wanted.by)
    place = given.get("cursor")
    if place is not None and not is_place(query, place):
        wanted.wrong["cursor"] = _("This is no cursor of this list in this order.")
    if wanted.wrong:
        return None, names, counts
    return page_of(query, place or "", names, "api", counts), names, counts


def is_place(query: Query, place: Any) -> bool:
    """Whether a cursor leads somewhere in this list: with one that began anew a program would never end."""
    return isinstance(place, str) and place != "last" and cursor_of(query, place, 0) is not None


def page_json(wanted: Wanted, page: Page, names: tuple[str, ...], counts: bool) -> dict[str, Any]:
    """A page as programs get it."""
    writers = writers_for(facts_here(wanted.resource), names)
    found: dict[str, Any] = {
        "items": [row_json(row, writers) for row in page.rows],
        "next": page.next or None,
        "previous": page.previous or None,
    }
    if counts:
        found |= {"count": page.count, "count_is_exact": not page.is_more}
    return found
