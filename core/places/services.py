"""Building the tree of places and keeping it right."""

from dataclasses import dataclass
from zoneinfo import available_timezones

import peewee

from core.actors import Actor
from core.acts import act
from core.errors import Conflict, Refused
from core.places.models import KINDS, Place
from core.places.permissions import MANAGE_PLACES
from core.places.tree import place_tree
from core.sites import touch_revision
from core.storage import savepoint
from core.texts import _

MAY_LIE_IN = {
    "organisation": (None, "organisation"),
    "facility": (None, "organisation", "facility"),
    "department": ("organisation", "facility", "department"),
    "location": ("facility", "department", "location"),
}
DEEPEST = 10
LONGEST_NAME = 120
LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class PlaceDetails:
    """What a clerk says about a place. A code, when given, is the hospital's own and unique."""

    name: str
    kind: str = "location"
    code: str = ""
    zone: str = ""


@act("core.add_place", permission=MANAGE_PLACES)
def add_place(details: PlaceDetails, by: Actor, parent: Place | None = None) -> Place:
    """Add a place inside another, or as a root of the tree.

    Raises `Refused` when a place of that kind can't lie there: locations lie in departments and
    facilities, departments in facilities, facilities in an organisation.
    """
    details = checked(details)
    refuse_wrong_parent(details.kind, parent)
    place = Place(
        parent=parent,
        kind=details.kind,
        name=details.name,
        code=details.code or None,
        zone=details.zone,
    )
    place.path = f"{parent.path if parent is not None else '/'}{place.uid}/"
    save_unless_taken(place)
    touch_revision()
    return place


@act("core.edit_place", permission=MANAGE_PLACES)
def edit_place(place: Place, details: PlaceDetails, by: Actor, version: int | None = None) -> Place:
    """Change a place's name, code or time zone; its kind and where it lies stay."""
    refuse_stale(place, version)
    details = checked(details, place)
    place.name = details.name
    place.code = details.code or None
    place.zone = details.zone
    save_unless_taken(place)
    touch_revision()
    return place


@act("core.rename_place", permission=MANAGE_PLACES)
def rename_place(place: Place, name: str, by: Actor, version: int | None = None) -> Place:
    """Give a place another name."""
    details = PlaceDetails(name=name, kind=place.kind, code=place.code or "", zone=place.zone)
    return edit_place(place, details, by=by, version=version)


@act("core.retire_place", permission=MANAGE_PLACES)
def retire_place(place: Place, reason: str, by: Actor, version: int | None = None) -> None:
    """Take a place out of use. Refused while something in it is in use; what happened there stays readable."""
    refuse_stale(place, version)
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why the place is no longer used.")})
    in_use = [fact.name for fact in place_tree().children(place.id) if not fact.is_retired]
    if in_use:
        raise Refused(_("These places lie in it and are still in use: %(names)s.", names=", ".join(in_use[:10])))
    place.retire(reason.strip())
    touch_revision()


@act("core.restore_place", permission=MANAGE_PLACES)
def restore_place(place: Place, by: Actor) -> None:
    """Use a place again."""
    if place.parent_id is not None and place.parent.is_retired:
        raise Refused(_("The place it lies in, %(name)s, is out of use.", name=place.parent.name))
    place.restore()
    touch_revision()


def places_in_use() -> list[Place]:
    """Every place in use, each after the one it lies in."""
    return list(Place.select().where(Place.retired_at.is_null()).order_by(Place.path))


def checked(details: PlaceDetails, place: Place | None = None) -> PlaceDetails:
    """The details in their stored form; raises `Refused` naming each field that is wrong."""
    name, code, zone = details.name.strip(), details.code.strip(), details.zone.strip()
    wrong = {}
    if not name:
        wrong["name"] = _("Give the place a name.")
    elif len(name) > LONGEST_NAME:
        wrong["name"] = _("Use at most %(most)s characters.", most=LONGEST_NAME)
    if details.kind not in KINDS:
        wrong["kind"] = _("Choose a kind of place.")
    if len(code) > LONGEST_CODE:
        wrong["code"] = _("Use at most %(most)s characters.", most=LONGEST_CODE)
    elif code and is_taken(code, place):
        wrong["code"] = _("Another place has this code.")
    if zone and zone not in available_timezones():
        wrong["zone"] = _("There is no such time zone.")
    if wrong:
        raise Refused(fields=wrong)
    return PlaceDetails(name, details.kind, code, zone)


def save_unless_taken(place: Place) -> None:
    """Save, or refuse when another place was given the code at the same moment."""
    try:
        with savepoint():
            place.save()
    except peewee.IntegrityError as clash:
        if place.code and is_taken(place.code, place):
            raise Refused(fields={"code": _("Another place has this code.")}) from clash
        raise


def is_taken(code: str, place: Place | None) -> bool:
    """Whether another place already has this code."""
    return Place.select(Place.id).where(Place.code == code, Place.id != ((place.id if place else None) or 0)).exists()


def refuse_wrong_parent(kind: str, parent: Place | None) -> None:
    """Keep the order of the tree, and its depth."""
    if parent is not None and parent.is_retired:
        raise Refused(fields={"parent": _("This place is out of use.")})
    if (parent.kind if parent is not None else None) not in MAY_LIE_IN[kind]:
        raise Refused(fields={"parent": _("A place of this kind can't lie there.")})
    if parent is not None and parent.path.count("/") > DEEPEST:
        raise Refused(fields={"parent": _("Places can't be nested deeper than this.")})


def refuse_stale(place: Place, version: int | None) -> None:
    """Raise `Conflict` when the place was changed since the person saw it."""
    if version is not None and place.version != version:
        theirs = {"name": place.name, "code": place.code, "zone": place.zone}
        raise Conflict(theirs=theirs, by=place.updated_by, at=place.updated_at)
