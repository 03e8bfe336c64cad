"""The sorts of fields an administrator can choose, each a kind of the house held to the rules of one field."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from core.errors import Words
from core.resources.custom.wording import SiteText, in_languages
from core.resources.kinds import (
    Choice,
    Day,
    Decimals,
    Email,
    Kind,
    Line,
    LongText,
    Moment,
    MoneyAmount,
    Phone,
    Picked,
    Quantity,
    Relation,
    Several,
    Unreadable,
    Whole,
    YesNo,
)
from core.resources.kinds.base import MOST_PICKED, Asked
from core.resources.kinds.texts import LONGEST_LINE, LONGEST_TEXT
from core.roles import visible
from core.sites import current
from core.storage import is_uid, model_of
from core.texts import Text, _
from core.web.filters import day

# A mask says what stands at each place. It is compared sign by sign, so no text can make it slow.
SIGNS: dict[str, Callable[[str], bool]] = {"#": str.isdecimal, "@": str.isalpha, "*": str.isalnum}

KINDS: dict[str, Text] = {
    "line": _("Text on one line"),
    "text": _("Longer text"),
    "whole": _("Whole number"),
    "decimal": _("Decimal number"),
    "quantity": _("Quantity with a unit"),
    "money": _("Sum of money"),
    "yes_no": _("Yes or no"),
    "choice": _("One of a list"),
    "several": _("Several of a list"),
    "day": _("Day"),
    "moment": _("Day and time"),
    "email": _("E-mail address"),
    "phone": _("Telephone number"),
    "relation": _("Another record"),
}
# What a kind may become although values are there: every value of the first is one of the second.
WIDENINGS = frozenset(
    {("line", "text"), ("email", "line"), ("phone", "line"), ("email", "text"), ("phone", "text"),
     ("whole", "decimal"), ("choice", "several")}
)  # fmt: skip
FILTERABLE = frozenset(KINDS) - {"text"}
# What people type freely is no facet: the address of a list holds nothing personal. The search finds it.
FACETS = FILTERABLE - {"line", "email", "phone"}
SORTED = FILTERABLE - {"several", "relation"}
SEARCHED = frozenset({"line", "text", "email", "phone"})
UNIQUE = frozenset({"line", "whole", "email", "phone"})


class ShapedLine(Line):
    """Text on one line, of a shape where the field asks for one: `#` a digit, `@` a letter, `*` either."""

    def __init__(self, longest: int, shape: str = "") -> None:
        super().__init__(longest)
        self.shape = shape

    def read(self, written: str) -> Any:
        """The text, if it has the shape."""
        found = super().read(written)
        if found and self.shape and not has_shape(found, self.shape):
            raise Unreadable(_("This looks like %(shape)s.", shape=self.shape))
        return found


class BoundedQuantity(Quantity):
    """A quantity between two bounds."""

    def __init__(self, unit: str, places: int, least: Decimal | None, most: Decimal | None) -> None:
        super().__init__(unit, places, least)
        self.most = most


class BoundedMoney(MoneyAmount):
    """A sum of money between two bounds."""

    def __init__(self, least: Decimal | None, most: Decimal | None) -> None:
        super().__init__(least)
        self.most = most


class BoundedDay(Day):
    """A day between two others."""

    def __init__(self, least: date | None, most: date | None) -> None:
        self.least = least
        self.most = most

    def read(self, written: str) -> Any:
        """The day, if it is within its bounds."""
        found = super().read(written)
        if found is not None and self.least is not None and found < self.least:
            raise Unreadable(_("Not before %(day)s.", day=day(self.least)))
        if found is not None and self.most is not None and found > self.most:
            raise Unreadable(_("Not after %(day)s.", day=day(self.most)))
        return found


class KeepsRetired:
    """A field of choices that also takes what it began with: a choice that is no longer offered is not lost."""

    known: Mapping[str, Words] = {}
    choices: Any
    object_data: Any

    def keep_what_was(self) -> None:
        """Offer what the record has, although nobody else can choose it any more."""
        held = self.object_data if isinstance(self.object_data, list) else [self.object_data]
        offered = {choice.value for choice in self.choices}
        kept = [one for one in held if one in self.known.keys() - offered]
        self.choices = [*self.choices, *(SelectChoice(one, self.known[one]) for one in kept)]


class OneOf(KeepsRetired, SelectField):
    """One of the choices that are offered, or what the record has."""

    def __init__(self, *facts: Any, known: Mapping[str, Words], **options: Any) -> None:
        self.known = known
        super().__init__(*facts, **options)

    def process(self, formdata: Any, data: Any = None, **options: Any) -> None:
        """Look at what the record has before what was sent."""
        super().process(formdata, data, **options)
        self.keep_what_was()


class SomeOf(KeepsRetired, SelectMultipleField):
    """Any of the choices that are offered, and what the record has."""

    def __init__(self, *facts: Any, known: Mapping[str, Words], **options: Any) -> None:
        self.known = known
        super().__init__(*facts, **options)

    def process(self, formdata: Any, data: Any = None, **options: Any) -> None:
        """Look at what the record has before what was sent."""
        super().process(formdata, data, **options)
        self.keep_what_was()


class SiteChoice(Choice):
    """One of a list the site keeps. A retired choice is still understood, and no longer offered."""

    def __init__(self, choices: Mapping[str, Words], retired: Mapping[str, Words]) -> None:
        super().__init__(choices)
        self.known = {**choices, **retired}

    def ask(self, asked: Asked) -> Any:
        """A list to open."""
        offered = [SelectChoice("", _("Not given")), *(SelectChoice(*one) for one in self.choices.items())]
        rules = [InputRequired()] if asked.is_required else []
        return OneOf(asked.label, rules, choices=offered, description=asked.help, known=self.known)

    def words(self, value: Any) -> Words:
        """The words of a code, retired ones too."""
        return "" if value in (None, "") else self.known.get(value, value)

    def pick(self, written: str) -> Picked:
        """Codes, retired ones too: records may have them."""
        found = [part for part in written.split(",") if part in self.known][:MOST_PICKED]
        return Picked("in", tuple(found)) if found else super().pick(written)


class SiteSeveral(Several):
    """Several of a list the site keeps; a list can be narrowed to records that have any of them."""

    narrows = "choice"

    def __init__(self, choices: Mapping[str, Words], retired: Mapping[str, Words]) -> None:
        super().__init__(choices)
        self.known = {**choices, **retired}

    def ask(self, asked: Asked) -> Any:
        """A box to tick for each."""
        rules = [InputRequired()] if asked.is_required else []
        offered = [SelectChoice(*one) for one in self.choices.items()]
        return SomeOf(asked.label, rules, choices=offered, description=asked.help, known=self.known)

    def words(self, value: Any) -> Words:
        """The words, one after another."""
        return ", ".join(str(self.known.get(one, one)) for one in value or ())

    def pick(self, written: str) -> Picked:
        """Records that have any of these codes."""
        if written == "-":
            return Picked("empty")
        found = [part for part in written.split(",") if part in self.known][:MOST_PICKED]
        if not found:
            raise Unreadable(_("This is not one of the list."))
        return Picked("in", tuple(found))

    def picked_words(self, picked: Picked) -> Words:
        """The words of the codes."""
        return _("Not given") if picked.how == "empty" else self.words(picked.values)


class SiteRelation(Relation):
    """A record of another noun; kept, and compared, by its uid."""

    def pick(self, written: str) -> Picked:
        """Records by their uids, as far as the reader may see them."""
        if written == "-":
            return Picked("empty")
        uids = [part for part in written.split(",") if is_uid(part)][:MOST_PICKED]
        condition = visible(self.model, current().actor, self.permission)
        rows: Any = self.model.select(self.model.uid).where(self.model.uid.in_(uids or [""]), condition)
        found = tuple(sorted(one for (one,) in rows.tuples()))
        if not found:
            raise Unreadable(_("There is no such record, or it is not open to you."))
        return Picked("in", found)

    def picked_words(self, picked: Picked) -> Words:
        """What the records are called."""
        if picked.how == "empty":
            return _("Not given")
        return ", ".join(one.label for one in self.named(picked.values).values())

    def keys(self, value: Any) -> tuple[str, ...]:
        """Its uid."""
        return (value,) if isinstance(value, str) else super().keys(value)


def has_shape(text: str, shape: str) -> bool:
    """Whether a text has the letters and digits of a mask; every other sign of the mask stands for itself."""
    return len(text) == len(shape) and all(
        SIGNS[mask](sign) if mask in SIGNS else mask == sign for mask, sign in zip(shape, text, strict=True)
    )


def kind_for(kind: str, rules: Mapping[str, Any]) -> Kind:
    """The kind of a field, held to its rules."""
    return MAKERS[kind](rules)


def relation_of(rules: Mapping[str, Any]) -> Kind:
    """Records of another noun; where its plugin is not there, their uids as text."""
    plugin, _dot, noun = str(rules.get("to", "")).partition(".")
    model = model_of(plugin, noun)
    return SiteRelation(model, str(rules["named_by"]), rules.get("view") or None) if model is not None else Line()


def whole_bound(rules: Mapping[str, Any], name: str) -> int | None:
    """A bound of whole numbers."""
    written = bound(rules, name)
    return None if written is None else int(written)


def bound(rules: Mapping[str, Any], name: str) -> Decimal | None:
    """A bound of figures, as it was written."""
    written = rules.get(name)
    return None if written in (None, "") else Decimal(str(written))


def places_of(rules: Mapping[str, Any]) -> int:
    """How many decimals a figure may have."""
    return int(rules.get("places", 2))


def day_bound(rules: Mapping[str, Any], name: str) -> date | None:
    """A bound of days."""
    written = rules.get(name)
    return date.fromisoformat(written) if written else None


def choices_of(rules: Mapping[str, Any]) -> tuple[dict[str, Words], dict[str, Words]]:
    """The choices that are offered, and those that no longer are."""
    offered: dict[str, Words] = {}
    retired: dict[str, Words] = {}
    for one in rules.get("choices", ()):
        words = SiteText(str(one["title"]), in_languages(one.get("words"), "title"))
        (retired if one.get("retired") else offered)[str(one["code"])] = words
    return offered, retired


MAKERS: dict[str, Callable[[Mapping[str, Any]], Kind]] = {
    "line": lambda rules: ShapedLine(int(rules.get("longest", LONGEST_LINE)), str(rules.get("shape", ""))),
    "text": lambda rules: LongText(int(rules.get("longest", LONGEST_TEXT))),
    "whole": lambda rules: Whole(whole_bound(rules, "least"), whole_bound(rules, "most")),
    "decimal": lambda rules: Decimals(places_of(rules), bound(rules, "least"), bound(rules, "most")),
    "quantity": lambda rules: BoundedQuantity(
        str(rules.get("unit", "1")), places_of(rules), bound(rules, "least"), bound(rules, "most")
    ),
    "money": lambda rules: BoundedMoney(bound(rules, "least"), bound(rules, "most")),
    "yes_no": lambda _rules: YesNo(),
    "choice": lambda rules: SiteChoice(*choices_of(rules)),
    "several": lambda rules: SiteSeveral(*choices_of(rules)),
    "day": lambda rules: BoundedDay(day_bound(rules, "earliest"), day_bound(rules, "latest")),
    "moment": lambda _rules: Moment(),
    "email": lambda _rules: Email(),
    "phone": lambda _rules: Phone(),
    "relation": relation_of,
}

__all__ = [
    "FACETS",
    "FILTERABLE",
    "KINDS",
    "SEARCHED",
    "SORTED",
    "UNIQUE",
    "WIDENINGS",
    "has_shape",
    "kind_for",
]
