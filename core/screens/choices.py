"""What selects of the core's forms offer, and what comes back from them."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from babel import Locale, UnknownLocaleError
from wtforms.fields.choices import SelectChoice

from core.errors import Refused, Words
from core.places.models import Place
from core.places.tree import PlaceFact, place_tree
from core.registry import catalogue
from core.roles.defaults import label_of
from core.roles.models import Role
from core.roles.rights import rights_book
from core.sites import current_site
from core.storage import is_uid
from core.texts import Text, _, reader_locale, spoken_languages

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


def offered(pairs: Iterable[tuple[str, Words]], first: Words | None = None) -> list[SelectChoice]:
    """Values and their words as a field's choices, after a first line for none when there is one."""
    lines = [SelectChoice(value, words) for value, words in pairs]
    return lines if first is None else [SelectChoice("", first), *lines]


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


def place_choices(nowhere: Words) -> list[SelectChoice]:
    """The places in use under their full names, after a first line for none."""
    tree = place_tree()
    return offered(((fact.uid, tree.name_of(fact.id)) for _depth, fact in places_in_order()), nowhere)


def place_of(uid: str, field: str = "place") -> Place | None:
    """The place chosen; None for the first line."""
    if not uid:
        return None
    found: Place | None = Place.get_or_none(Place.uid == uid) if is_uid(uid) else None
    if found is None:
        raise Refused(fields={field: _("There is no such place.")})
    return found


def role_choices(first: Words | None = None) -> list[SelectChoice]:
    """The roles in use, by what they are called."""
    roles = Role.select().where(Role.retired_at.is_null()).order_by(Role.id)
    return offered(sorted(((role.name, label_of(role)) for role in roles), key=lambda one: one[1].casefold()), first)


def permission_choices() -> list[SelectChoice]:
    """Every permission of the plugins that are on, under the plugin it belongs to."""
    return [
        SelectChoice(one.name, f"{one.label} ({one.name})", optgroup=plugin_title(one.name.partition(".")[0]))
        for one in sorted(rights_book().permissions.values(), key=lambda found: found.name)
    ]


def plugin_title(name: str) -> str:
    """What a plugin is called; the core is the house itself."""
    plugin = catalogue.get(name)
    if plugin is not None:
        return str(plugin.manifest.title)
    return str(_("The house itself")) if name == "core" else name.capitalize()


def language_choices(first: Words) -> list[SelectChoice]:
    """The languages the house speaks, each under its own name."""
    own = current_site().locale
    codes = dict.fromkeys([*spoken_languages(), own, reader_locale()])
    return offered(sorted(((code, language_name(code)) for code in codes), key=lambda one: one[1].casefold()), first)


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
    return start_of(day + timedelta(days=1)) if day is not None else None
