"""What selects of the core's forms offer, and what comes back from them."""

from datetime import date, datetime, time, timedelta

from babel import Locale, UnknownLocaleError

from core.errors import Refused
from core.places.models import Place
from core.places.tree import PlaceFact, place_tree
from core.registry import catalogue
from core.roles.defaults import label_of
from core.roles.models import Role
from core.roles.rights import rights_book
from core.sites import current_site
from core.storage import is_uid
from core.texts import Text, _, reader_locale

Choice = tuple[str, str | Text]
LANGUAGES = ("en", "ar", "de", "es", "fr", "hi", "pt", "sw", "zh")
KINDS_OF_ACCOUNT: dict[str, Text] = {
    "person": _("Person"),
    "service": _("Service: a program that calls"),
    "patient": _("Patient"),
    "proxy": _("Somebody acting for a patient"),
}
KINDS_OF_PLACE: dict[str, Text] = {
    "organisation": _("Organisation"),
    "facility": _("Facility"),
    "department": _("Department"),
    "location": _("Location: ward, room, store"),
}


def places_in_order() -> list[tuple[int, PlaceFact]]:
    """Every place in use with its depth, each after the one it lies in."""
    tree = place_tree()
    found: list[tuple[int, PlaceFact]] = []

    def walk(parent: int | None, depth: int) -> None:
        for fact in tree.children(parent):
            if not fact.is_retired:
                found.append((depth, fact))
                walk(fact.id, depth + 1)

    walk(None, 0)
    return found


def place_choices(nowhere: str | Text) -> list[Choice]:
    """The places in use under their full names, after a first line for none."""
    tree = place_tree()
    return [("", nowhere), *((fact.uid, tree.name_of(fact.id)) for _depth, fact in places_in_order())]


def place_of(uid: str, field: str = "place") -> Place | None:
    """The place chosen; None for the first line."""
    if not uid:
        return None
    found: Place | None = Place.get_or_none(Place.uid == uid) if is_uid(uid) else None
    if found is None:
        raise Refused(fields={field: _("There is no such place.")})
    return found


def role_choices() -> list[Choice]:
    """The roles in use, by what they are called."""
    roles = Role.select().where(Role.retired_at.is_null()).order_by(Role.id)
    return sorted(((role.name, label_of(role)) for role in roles), key=lambda one: str(one[1]).casefold())


def permission_choices() -> dict[str, list[Choice]]:
    """Every permission of the plugins that are on, under the plugin it belongs to."""
    groups: dict[str, list[Choice]] = {}
    for one in sorted(rights_book().permissions.values(), key=lambda found: found.name):
        groups.setdefault(plugin_title(one.name.partition(".")[0]), []).append((one.name, f"{one.label} ({one.name})"))
    return groups


def plugin_title(name: str) -> str:
    """What a plugin is called; the core is the house itself."""
    plugin = catalogue.get(name)
    if plugin is not None:
        return str(plugin.manifest.title)
    return str(_("The house itself")) if name == "core" else name.capitalize()


def language_choices(first: str | Text) -> list[Choice]:
    """The languages the house speaks, each under its own name."""
    own = current_site().locale
    offered = dict.fromkeys([*LANGUAGES, own, reader_locale()])
    return [("", first), *sorted(((code, language_name(code)) for code in offered), key=lambda one: one[1].casefold())]


def language_name(code: str) -> str:
    """A language in its own words."""
    try:
        name = Locale.parse(code).get_display_name(code)
    except (UnknownLocaleError, ValueError):
        return code
    return (name or code)[:1].upper() + (name or code)[1:]


def start_of(day: date | None) -> datetime | None:
    """The first moment of a day at this site."""
    return datetime.combine(day, time(), current_site().zone) if day is not None else None


def end_of(day: date | None) -> datetime | None:
    """The moment at which a day is over at this site."""
    try:
        return start_of(day + timedelta(days=1)) if day is not None else None
    except OverflowError as late:
        raise Refused(fields={"until_on": _("This day is too far away.")}) from late
