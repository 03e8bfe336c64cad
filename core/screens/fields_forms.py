"""The forms by which an administrator describes a custom field, each asking what its kind needs to know."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from core.errors import Refused, Words
from core.resources import resources_here
from core.resources.custom.checking import RULES_OF, FieldDetails
from core.resources.custom.kinds import FILTERABLE, KINDS, SEARCHED, UNIQUE, WIDENINGS, kind_for
from core.resources.custom.models import CustomField
from core.screens.choices import offered, role_choices
from core.texts import Text, _
from core.web import MedleyForm
from core.web.forms import OneLine

LONGEST_CHOICES = 20_000
SHORT = [Length(max=60), OneLine()]
# What each kind is for, where somebody chooses one.
KIND_WORDS: dict[str, tuple[str, Text]] = {
    "line": ("tag", _("A name, a code, a room. Can be held to a shape.")),
    "text": ("file-earmark-text", _("Notes of several lines.")),
    "whole": ("list", _("A count.")),
    "decimal": ("graph-up", _("A figure with decimals.")),
    "quantity": ("droplet-half", _("A figure with a unit of UCUM: mg, mm[Hg].")),
    "money": ("cash-coin", _("An amount in the hospital's currency.")),
    "yes_no": ("check2-square", _("One box to tick.")),
    "choice": ("list-check", _("Codes with their words; one is chosen.")),
    "several": ("check2-circle", _("Codes with their words; any number.")),
    "day": ("calendar3", _("A day of the calendar.")),
    "moment": ("clock", _("A day and the time on the wall.")),
    "email": ("envelope", _("Checked to be an address.")),
    "phone": ("telephone", _("Checked by the numbering plans.")),
    "relation": ("link-45deg", _("Somebody or something else the house knows.")),
}


def rule_fields() -> dict[str, Any]:
    """The question of each rule; made anew for each form class."""
    hint = _("One choice a line: code, a colon, its words. Other languages after a bar: s: Small | de: Klein")
    return {
        "longest": StringField(_("Letters at most"), SHORT),
        "shape": StringField(
            _("Shape"), SHORT, description=_("# is a digit, @ a letter, * either: @@-### fits AB-123.")
        ),
        "least": StringField(_("Not less than"), SHORT),
        "most": StringField(_("Not more than"), SHORT),
        "places": StringField(_("Decimals at most"), SHORT, description=_("2 unless you say otherwise.")),
        "unit": StringField(_("Unit"), [InputRequired(), *SHORT], description=_("As UCUM writes it: mg, mL, mm[Hg].")),
        "earliest": StringField(_("Not before"), SHORT, description=_("As 2026-11-23.")),
        "latest": StringField(_("Not after"), SHORT, description=_("As 2026-11-23.")),
        "choices": TextAreaField(
            _("Choices"), [InputRequired(), Length(max=LONGEST_CHOICES)], description=hint, render_kw={"rows": 8}
        ),
        "to": SelectField(_("Records of"), [InputRequired()]),
    }


class FieldForm(MedleyForm):
    """What every field is asked. `rules` are the names of its kind's own questions."""

    rules: tuple[str, ...] = ()
    title = StringField(_("What people call it"), [InputRequired(), Length(max=120), OneLine()])
    help = StringField(_("Help under the field"), [Length(max=300), OneLine()])
    languages = TextAreaField(
        _("In other languages"),
        [Length(max=4000)],
        description=_("One a line: de: Zimmer. Help after a bar: de: Zimmer | Wie an der Tür."),
        render_kw={"rows": 2},
    )
    default = StringField(_("New records begin with"), [Length(max=300), OneLine()])
    is_required = BooleanField(
        _("Must be filled in"),
        description=_("Records that are there already stay as they are until somebody edits them."),
    )
    is_sensitive = BooleanField(
        _("Encrypt it"), description=_("Only the roles below read and write it. It can be neither found nor compared.")
    )
    is_restricted = BooleanField(_("Only the roles below read and write it"))
    read_roles = SelectMultipleField(
        _("Who reads it"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    write_roles = SelectMultipleField(
        _("Who writes it"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.read_roles.choices = role_choices()
        self.write_roles.choices = role_choices()
        if "to" in self:
            self["to"].choices = offered(
                sorted(((name, one.title) for name, one in resources_here().items()), key=lambda pair: str(pair[1]))
            )

    def details(self, kind: str) -> FieldDetails:
        """What was said, as the act takes it."""
        rules: dict[str, Any] = {name: self[name].data or "" for name in self.rules}
        if "choices" in rules:
            rules["choices"] = read_choices(rules["choices"])
        if "default" in self:
            rules["default"] = self.default.data or ""
        flags = {name: bool(self[name].data) for name in FLAGS if name in self}
        return FieldDetails(
            self.title.data or "", kind, self.help.data or "", read_languages(self.languages.data or ""), rules,
            read_roles=tuple(self.read_roles.data or ()), write_roles=tuple(self.write_roles.data or ()), **flags,
        )  # fmt: skip


FLAGS = ("is_required", "is_sensitive", "is_restricted", "is_filterable", "is_unique", "is_searched")


def form_for(kind: str, field: CustomField | None = None) -> type[FieldForm]:
    """The form of a field of this kind, new or there already."""
    asked = rule_fields()
    own: dict[str, Any] = {name: asked[name] for name in RULES_OF.get(kind, ())}
    own["rules"] = tuple(own)
    if kind in FILTERABLE:
        own["is_filterable"] = BooleanField(
            _("Lists go by it"),
            description=_("They can be put in its order, and narrowed by it unless it is typed freely."),
        )
    if kind in UNIQUE:
        own["is_unique"] = BooleanField(_("No two records have the same"))
    if kind in SEARCHED:
        own["is_searched"] = BooleanField(_("The search finds records by it"))
    if kind in ("relation", "yes_no", "several"):
        own["default"] = None
    if field is None:
        own["name"] = StringField(
            _("Short name"),
            [InputRequired(), Length(max=40), OneLine()],
            description=_("For files and programs: x_ and small letters. It stays as it is."),
            default="x_",
        )
    else:
        kinds = [kind, *sorted(new for old, new in WIDENINGS if old == kind)]
        own["kind"] = SelectField(_("Kind"), choices=[SelectChoice(one, KINDS[one]) for one in kinds])
    return type("OneFieldForm", (FieldForm,), own)


def groups_of(form: FieldForm) -> list[tuple[Words, Words, list[tuple[str, int]]]]:
    """The sections of the form, as far as it asks for them."""
    first = [("title", 8), ("name", 4), ("kind", 4), ("help", 12), ("languages", 12)]
    wide = {"choices", "to"}
    rules = [(name, 12 if name in wide else 4) for name in form.rules] + [("default", 6)]
    finding = [("is_filterable", 12), ("is_unique", 12), ("is_searched", 12)]
    access = [("is_sensitive", 12), ("is_restricted", 12), ("read_roles", 6), ("write_roles", 6)]
    wanted: list[tuple[Words, Words, list[tuple[str, int]]]] = [
        ("", "", first),
        (_("What may be written"), "", [("is_required", 12), *rules]),
        (_("Finding"), "", finding),
        (_("Who may know it"), _("Unless something is ticked here, whoever sees the record sees the field."), access),
    ]
    kept = [(title, help_words, [one for one in names if one[0] in form]) for title, help_words, names in wanted]
    return [one for one in kept if one[2]]


def data_of(field: CustomField) -> dict[str, Any]:
    """A field as its form is given it."""
    rules: dict[str, Any] = field.rules or {}
    data: dict[str, Any] = {name: getattr(field, name) for name in ("title", "kind", "help", *FLAGS)}
    data |= {name: written for name, written in rules.items() if name != "default"}
    if "choices" in rules:
        data["choices"] = write_choices(rules["choices"])
    if "default" in rules:
        kind = kind_for(field.kind, rules)
        data["default"] = str(kind.as_cell(kind.unstored(rules["default"])))
    data["languages"] = write_languages(field.words or {})
    return data | {"read_roles": field.read_roles or [], "write_roles": field.write_roles or []}


# Lists and languages as lines of text.


def read_choices(text: str) -> list[dict[str, Any]]:
    """`s: Small | de: Klein` a line."""
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        first, *others = line.split("|")
        code, colon, title = first.partition(":")
        if not colon:
            raise Refused(fields={"choices": _("Write a code, a colon and its words: %(line)s", line=line[:60])})
        words = {language: {"title": said} for language, said in (pair_of(one, "choices") for one in others)}
        found.append({"code": code.strip(), "title": title.strip(), "words": words})
    return found


def write_choices(choices: Iterable[Mapping[str, Any]]) -> str:
    """The same the other way round; those no longer offered are left out."""
    lines = []
    for one in choices:
        if one.get("retired"):
            continue
        others = [f"{language}: {texts.get('title', '')}" for language, texts in (one.get("words") or {}).items()]
        lines.append(" | ".join([f"{one['code']}: {one['title']}", *others]))
    return "\n".join(lines)


def read_languages(text: str) -> dict[str, dict[str, str]]:
    """`de: Zimmer | Wie an der Tür.` a line."""
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.strip():
            first, _bar, said = line.partition("|")
            language, title = pair_of(first, "languages")
            found[language] = {"title": title, "help": said.strip()}
    return found


def write_languages(words: Mapping[str, Mapping[str, str]]) -> str:
    """The same the other way round."""
    return "\n".join(
        f"{language}: {texts.get('title', '')}" + (f" | {texts['help']}" if texts.get("help") else "")
        for language, texts in words.items()
    )


def pair_of(text: str, name: str) -> tuple[str, str]:
    """`de: Klein` as language and words."""
    language, colon, said = text.partition(":")
    if not colon or not language.strip() or not said.strip():
        raise Refused(fields={name: _("Write a language, a colon and its words: %(line)s", line=text.strip()[:60])})
    return language.strip(), said.strip()
