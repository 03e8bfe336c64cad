"""Which rows somebody may see: one condition, used by every list, search, export, report and page.

A row is seen when some grant holds the model's `view` permission where the row is, no denial takes it
away there, and no plugin narrows it out. Emergency access to one person lifts narrowings and places for
that person's rows, never a denial and never the need to hold the permission somewhere.
"""

from collections.abc import Callable
from functools import cache, reduce
from operator import and_, or_
from typing import Any, NamedTuple, TypeVar

import peewee

from core.actors import ANONYMOUS, EVERYTHING, Actor
from core.errors import Conflict, NotFound
from core.hooks import ask
from core.places.models import Place
from core.places.tree import place_tree, subtree_ids
from core.storage import EncryptedField, Model, is_uid
from core.storage.model import OWN_COLUMNS
from core.storage.prepared import prepared
from core.users.permissions import SIGN_IN

M = TypeVar("M", bound=Model)
ALL_ROWS: Any = peewee.SQL("1 = 1")
NO_ROWS: Any = peewee.SQL("1 = 0")
MOST_IDS = 500


class Sight(NamedTuple):
    """What an actor sees of a model: a condition, and a hint of how much it lets through.

    `size` is "all", "none" or "some"; `places` is how many places the rows are limited to, when they are.
    A search lets a small sight drive the query and filters a large one at the end.
    """

    condition: Any
    size: str
    places: int | None = None


def allowed(by: Actor, permission: str) -> bool:
    """Whether the actor may do this at the place where they are."""
    return by.may(permission)


def visible(model: type[Model], by: Actor, permission: str | None = None) -> Any:
    """The condition that leaves the rows of a model this actor may see; `ALL_ROWS` when that is every row.

    The permission is the model's `Meta.view`, else `<plugin>.view`, unless another is named.
    """
    return sight_of(model, by, permission).condition


def sight_of(model: type[Model], by: Actor, permission: str | None = None) -> Sight:
    """The condition of `visible`, with the hint how much it lets through."""
    if by.permissions is EVERYTHING:
        return Sight(ALL_ROWS, "all")
    meta: Any = model._meta
    asked = permission or getattr(meta, "view", "") or f"{meta.plugin}.view"
    if asked in by.denied or not holds_somewhere(by, asked):
        return Sight(NO_ROWS, "none")
    allowed_at, denied_at = places_of(by, asked)
    place_field = meta.fields[meta.place] if meta.place else None
    limits: list[Any] = []
    if place_field is not None and allowed_at is not None:
        limits.append(lies_in(place_field, allowed_at))
    narrowings = [one for one in ask.visibility_narrowings(model=model, by=by).answers if one is not None]
    condition = joined(limits + narrowings)
    if condition is not ALL_ROWS and by.opened:
        opened = about(model, by.opened)
        if opened is not None:
            condition = reduce(or_, [condition, opened])
    if place_field is not None and denied_at:
        refused = lies_in(place_field, denied_at)
        condition = joined([condition, place_field.is_null() | ~refused])
    size = "all" if condition is ALL_ROWS else "some"
    return Sight(condition, size, len(allowed_at) if limits and allowed_at is not None else None)


def get_visible(
    model: type[M], uid: str, by: Actor, version: int | str | None = None, permission: str | None = None
) -> M:
    """One record by its uid, if this actor may see it.

    Raises `NotFound` for what is not there, not visible or not even a uid, all alike; `Conflict` when the
    version the person saw is not the present one.
    """
    if not is_uid(uid):
        raise NotFound
    condition = visible(model, by, permission)
    if condition is NO_ROWS:
        raise NotFound
    if condition is ALL_ROWS:
        found: list[M] = by_uid(model)(uid)
    else:
        found = list(model.select().where(model.uid == uid, condition))
    if not found:
        raise NotFound
    record = found[0]
    if version not in (None, "") and str(record.version) != str(version):
        raise Conflict(theirs=shown_values(record), by=record.updated_by, at=record.updated_at)
    return record


@cache
def by_uid(model: type[Model]) -> Callable[[str], list[Any]]:
    """The query for one record of a model."""
    return prepared(lambda uid: model.select().where(model.uid == uid))


def holds_somewhere(by: Actor, permission: str) -> bool:
    """Whether any grant, here or elsewhere, holds the permission; what everybody may do hangs on no grant.

    What everybody who is signed in may see, a program with a key of theirs may see too.
    """
    if permission == SIGN_IN:
        return by.kind != ANONYMOUS.kind
    return by.may(permission) or any(permission in grant.permissions for grant in by.grants)


def places_of(by: Actor, permission: str) -> tuple[frozenset[int] | None, frozenset[int]]:
    """The places where the permission is held (None: everywhere), and those where it is denied."""
    holding = [grant for grant in by.grants if permission in grant.permissions]
    held: frozenset[int] | None = None
    if holding and all(grant.place is not None for grant in holding):
        held = frozenset().union(*(subtree_ids(grant.place) for grant in holding if grant.place is not None))
    denied: set[int] = set()
    for entry in by.denied:
        name, _at, place = entry.partition("@")
        if place and name == permission:
            denied |= subtree_ids(int(place))
    return held, frozenset(denied)


def lies_in(field: Any, places: frozenset[int]) -> Any:
    """The condition that a row's place is one of these; many are compared inside the database."""
    if len(places) <= MOST_IDS:
        return field.in_(sorted(places))
    tree = place_tree()
    tops = [one for one in places if tree.facts[one].parent_id not in places]
    paths = [row.path for row in Place.select(Place.path).where(Place.id.in_(tops))]
    below = reduce(or_, [(Place.path >= path) & (Place.path < f"{path[:-1]}0") for path in paths])
    return field.in_(Place.select(Place.id).where(below))


def about(model: type[Model], uids: frozenset[str]) -> Any:
    """The condition that a row is about one of these people, or None when the model is about nobody."""
    meta: Any = model._meta
    if not meta.subject:
        return None
    if meta.subject == "self":
        return model.uid.in_(sorted(uids))
    field = meta.fields[meta.subject]
    person = field.rel_model
    further = about(person, uids) if getattr(person._meta, "subject", "") not in ("", "self") else None
    condition = further if further is not None else person.uid.in_(sorted(uids))
    return field.in_(person.select(person.id).where(condition))


def joined(conditions: list[Any]) -> Any:
    """All of these conditions; `ALL_ROWS` when there are none."""
    real = [one for one in conditions if one is not ALL_ROWS]
    return reduce(and_, real) if real else ALL_ROWS


def shown_values(record: Model) -> dict[str, Any]:
    """A record's present values for the page that shows a conflict; sealed and custom fields are left out."""
    return {
        field.verbose_name or name: record.__data__.get(name)
        for name, field in record._meta.fields.items()
        if name not in OWN_COLUMNS
        and name != "custom"
        and not isinstance(field, (EncryptedField, peewee.ForeignKeyField))
    }
