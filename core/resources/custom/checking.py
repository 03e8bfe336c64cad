"""What an administrator says about a field, and whether it holds together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from core.errors import Refused, Words
from core.resources.custom.kinds import FILTERABLE, KINDS, SEARCHED, SIGNS, UNIQUE, kind_for
from core.resources.kinds import Unreadable
from core.resources.kinds.columns import NAMES
from core.resources.kinds.texts import LONGEST_LINE, LONGEST_TEXT
from core.resources.nouns import resources_here
from core.roles.rights import rights_book
from core.texts import _

NAME = re.compile(r"x_[a-z][a-z0-9_]{0,37}")
CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")
# UCUM is case sensitive and has no spaces: mg, mL, mm[Hg], 10*9/L, {score}.
UNIT = re.compile(r"[!-~]{1,30}")
MOST_CHOICES, LONGEST_SHAPE, LONGEST_TITLE, LONGEST_HELP, MOST_PLACES = 300, 60, 120, 300, 6
# What each kind asks the administrator besides title and help.
RULES_OF: dict[str, tuple[str, ...]] = {
    "line": ("longest", "shape"),
    "text": ("longest",),
    "whole": ("least", "most"),
    "decimal": ("least", "most", "places"),
    "quantity": ("least", "most", "places", "unit"),
    "money": ("least", "most"),
    "choice": ("choices",),
    "several": ("choices",),
    "day": ("earliest", "latest"),
    "relation": ("to",),
}


@dataclass(frozen=True, slots=True)
class FieldDetails:
    """What an administrator decides about a field.

    `rules` holds what its kind asks for (`RULES_OF`) and `default`, written as a person would type it. A choice is
    `{"code", "title", "words", "retired"}`. `words` maps languages to `{"title", "help"}`.
    """

    title: str
    kind: str
    help: str = ""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    is_required: bool = False
    is_sensitive: bool = False
    is_restricted: bool = False
    is_filterable: bool = False
    is_unique: bool = False
    is_searched: bool = False
    read_roles: tuple[str, ...] = ()
    write_roles: tuple[str, ...] = ()


def checked_details(details: FieldDetails, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The rules as they are kept; raises `Refused` naming each thing that does not hold.

    `before` are the rules of the field so far: a choice that was there stays known, as one that is retired.
    """
    wrong: dict[str, Words] = {}
    if not details.title.strip() or len(details.title) > LONGEST_TITLE:
        wrong["title"] = _("Say what people call it, in at most %(n)s letters.", n=LONGEST_TITLE)
    if len(details.help) > LONGEST_HELP:
        wrong["help"] = _("At most %(n)s letters.", n=LONGEST_HELP)
    if details.kind not in KINDS:
        raise Refused(fields={**wrong, "kind": _("Choose one of the list.")})
    wrong |= wrong_languages(details.words)
    wrong |= wrong_flags(details)
    kept = kept_rules(details, before or {}, wrong)
    if wrong:
        raise Refused(fields=wrong)
    if details.rules.get("default") not in (None, ""):
        kept["default"] = kept_default(details, kept)
    return kept


def kept_rules(details: FieldDetails, before: Mapping[str, Any], wrong: dict[str, Words]) -> dict[str, Any]:
    """The rules this kind asks for; what is wrong is noted under their names."""
    kept: dict[str, Any] = {}
    for name in RULES_OF.get(details.kind, ()):
        written = details.rules.get(name)
        try:
            value = READERS[name](written, details.kind, before)
        except Unreadable as unreadable:
            wrong[name] = unreadable.words
            continue
        if value not in (None, ""):
            kept[name] = value
    wrong |= wrong_order(kept)
    if details.kind == "relation" and "to" in kept:
        resource = resources_here()[kept["to"]]
        kept |= {"named_by": named_by(resource), "view": resource.may_view}
    return kept


def kept_default(details: FieldDetails, rules: Mapping[str, Any]) -> Any:
    """What a new record begins with, as it is stored."""
    if details.kind == "relation":
        raise Refused(fields={"default": _("A field that points at a record begins empty.")})
    kind = kind_for(details.kind, rules)
    try:
        return kind.stored(kind.read(str(details.rules["default"])))
    except Unreadable as unreadable:
        raise Refused(fields={"default": unreadable.words}) from unreadable


def wrong_languages(words: Mapping[str, Mapping[str, str]]) -> dict[str, Words]:
    """What is wrong with the texts in other languages."""
    for language, texts in words.items():
        if not LANGUAGE.fullmatch(language):
            return {"words": _("%(language)s is not a language.", language=language[:20])}
        if any(len(str(text)) > LONGEST_HELP for text in texts.values()):
            return {"words": _("At most %(n)s letters.", n=LONGEST_HELP)}
    return {}


def wrong_flags(details: FieldDetails) -> dict[str, Words]:
    """What is asked of a field that its kind, or its secrecy, does not allow."""
    wrong: dict[str, Words] = {}
    for name, kinds in (("is_filterable", FILTERABLE), ("is_unique", UNIQUE), ("is_searched", SEARCHED)):
        if not getattr(details, name):
            continue
        if details.kind not in kinds:
            wrong[name] = _("A field of this kind can't do that.")
        elif details.is_sensitive:
            wrong[name] = _("What is encrypted can be neither found nor compared.")
    if details.is_searched and details.is_restricted:
        wrong["is_searched"] = _("The search is everybody's; this field is not.")
    known = {role.name for role in rights_book().roles.values()}
    for name in ("read_roles", "write_roles"):
        if not set(getattr(details, name)) <= known:
            wrong[name] = _("There is no such role.")
    return wrong


def wrong_order(rules: Mapping[str, Any]) -> dict[str, Words]:
    """Bounds that leave nothing between them."""
    if "least" in rules and "most" in rules and Decimal(rules["least"]) > Decimal(rules["most"]):
        return {"most": _("The most is less than the least.")}
    if "earliest" in rules and "latest" in rules and rules["earliest"] > rules["latest"]:
        return {"latest": _("The last day is before the first.")}
    if len(rules.get("shape", "")) > int(rules.get("longest", LONGEST_SHAPE)):
        return {"shape": _("The shape is longer than the text may be.")}
    return {}


def named_by(resource: Any) -> str:
    """The column that names records of a noun."""
    fields = resource.model._meta.fields
    named = resource.by_name.get(resource.named_by)
    if named is not None and named.column in fields:
        return str(named.column)
    return next((name for name in NAMES if name in fields), "uid")


# How each rule is read.


def read_longest(written: Any, kind: str, before: Mapping[str, Any]) -> int | None:
    """How many letters fit."""
    most = LONGEST_LINE if kind == "line" else LONGEST_TEXT
    found = whole(written)
    if found is not None and not 1 <= found <= most:
        raise Unreadable(_("Between 1 and %(most)s.", most=most))
    return found


def read_places(written: Any, kind: str, before: Mapping[str, Any]) -> int | None:
    """How many decimals there are."""
    found = whole(written)
    if found is not None and not 0 <= found <= MOST_PLACES:
        raise Unreadable(_("Between 0 and %(most)s.", most=MOST_PLACES))
    return found


def read_shape(written: Any, kind: str, before: Mapping[str, Any]) -> str:
    """A mask."""
    shape = str(written or "").strip()
    if len(shape) > LONGEST_SHAPE:
        raise Unreadable(_("At most %(n)s letters.", n=LONGEST_SHAPE))
    if shape and not set(shape) & SIGNS.keys():
        raise Unreadable(_("# stands for a digit, @ for a letter, * for either."))
    return shape


def read_bound(written: Any, kind: str, before: Mapping[str, Any]) -> str:
    """A bound of figures, kept as text so that none is rounded."""
    if written in (None, ""):
        return ""
    try:
        found = Decimal(str(written))
    except InvalidOperation as unreadable:
        raise Unreadable(_("This is not a number.")) from unreadable
    if not found.is_finite() or abs(found) >= 10**15:
        raise Unreadable(_("This number is too large."))
    if kind == "whole" and found != found.to_integral_value():
        raise Unreadable(_("This must be a whole number."))
    return format(found, "f")


def read_unit(written: Any, kind: str, before: Mapping[str, Any]) -> str:
    """A unit of UCUM."""
    unit = str(written or "").strip()
    if not UNIT.fullmatch(unit):
        raise Unreadable(_("Write a unit of UCUM: mg, mL, mm[Hg], 10*9/L."))
    return unit


def read_day(written: Any, kind: str, before: Mapping[str, Any]) -> str:
    """A bound of days."""
    if written in (None, ""):
        return ""
    try:
        return (written if isinstance(written, date) else date.fromisoformat(str(written))).isoformat()
    except ValueError as unreadable:
        raise Unreadable(_("Write the day as 2026-11-23.")) from unreadable


def read_to(written: Any, kind: str, before: Mapping[str, Any]) -> str:
    """A noun of this site."""
    if written not in resources_here():
        raise Unreadable(_("Choose one of the list."))
    return str(written)


def read_choices(written: Any, kind: str, before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The choices; those that were there and are left out stay known, and are offered no more."""
    found: dict[str, dict[str, Any]] = {}
    for one in written or ():
        code, title = str(one.get("code", "")).strip(), str(one.get("title", "")).strip()
        if not CODE.fullmatch(code):
            raise Unreadable(_("A code has small letters, digits, hyphens and underscores: %(code)s", code=code[:60]))
        if not title or len(title) > LONGEST_TITLE:
            raise Unreadable(_("Say what %(code)s is called.", code=code))
        if code in found:
            raise Unreadable(_("The code %(code)s is there twice.", code=code))
        found[code] = {"code": code, "title": title, "words": one.get("words") or {}}
        if one.get("retired"):
            found[code]["retired"] = True
    for one in before.get("choices", ()):
        found.setdefault(one["code"], {**one, "retired": True})
    if len(found) > MOST_CHOICES:
        raise Unreadable(_("At most %(n)s of them.", n=MOST_CHOICES))
    if not any(not one.get("retired") for one in found.values()):
        raise Unreadable(_("Write at least one choice."))
    return list(found.values())


def whole(written: Any) -> int | None:
    """A whole number, or nothing."""
    if written in (None, ""):
        return None
    if not str(written).isascii() or not str(written).isdigit():
        raise Unreadable(_("This must be a whole number."))
    return int(str(written)[:9])


READERS: dict[str, Any] = {
    "longest": read_longest,
    "places": read_places,
    "shape": read_shape,
    "least": read_bound,
    "most": read_bound,
    "unit": read_unit,
    "earliest": read_day,
    "latest": read_day,
    "to": read_to,
    "choices": read_choices,
}
