"""Facts of which there are only a few: yes or no, one of a list, several of a list."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rapidfuzz import process
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from core.errors import Words
from core.resources.kinds.base import Asked, Kind, Picked, Unreadable, trimmed
from core.texts import _

Choices = Mapping[str, Words] | Callable[[], Mapping[str, Words]]
LIKE = 70
YES = frozenset({"yes", "y", "true", "t", "1", "on", "x"})
NO = frozenset({"no", "n", "false", "f", "0", "off"})


class YesNo(Kind):
    """Something that is so or not."""

    name = "yes_no"
    narrows = "choice"

    def ask(self, asked: Asked) -> Any:
        """A box to tick."""
        return BooleanField(asked.label, description=asked.help)

    def answer(self, field: Any) -> Any:
        """Ticked or not."""
        return bool(field.data)

    def read(self, written: str) -> Any:
        """Yes and no in plain words, in the reader's language too."""
        text = trimmed(written).casefold()
        if not text:
            return None
        if text in YES or text == str(_("Yes")).casefold():
            return True
        if text in NO or text == str(_("No")).casefold():
            return False
        raise Unreadable(_("Write yes or no."))

    def from_json(self, value: Any) -> Any:
        """True or false."""
        if value is not None and not isinstance(value, bool):
            raise Unreadable(_("This must be true or false."))
        return value

    def schema(self) -> dict[str, Any]:
        """True or false."""
        return {"type": "boolean"}

    def words(self, value: Any) -> Words:
        """Yes or No."""
        return "" if value is None else _("Yes") if value else _("No")

    def keys(self, value: Any) -> tuple[str, ...]:
        """1 or 0."""
        return () if value is None else ("1" if value else "0",)

    def as_cell(self, value: Any) -> Any:
        """yes or no, as `read` takes it."""
        return "" if value is None else "yes" if value else "no"

    @property
    def choices(self) -> dict[str, Words]:
        """What a list can be narrowed to."""
        return {"yes": _("Yes"), "no": _("No")}


class Choice(Kind):
    """One of a list of codes, each with its words.

    `phases` gives codes a phase of the house's status grammar ("planned", "active", "done" …): such a fact is
    shown by shape, word and colour. `choices` may be a function, for lists that are the site's own.
    """

    name = "choice"
    narrows = "choice"

    def __init__(self, choices: Choices, phases: Mapping[str, str] | None = None) -> None:
        self._choices = choices
        self.phases: Mapping[str, str] = dict(phases or {})

    @property
    def choices(self) -> Mapping[str, Words]:
        """Codes and words."""
        return self._choices() if callable(self._choices) else self._choices

    def ask(self, asked: Asked) -> Any:
        """Two to four always in sight where one must be chosen, a list to open otherwise."""
        offered = [SelectChoice(code, words) for code, words in self.choices.items()]
        rules = [InputRequired()] if asked.is_required else []
        if asked.is_required and 2 <= len(offered) <= 4:
            return RadioField(asked.label, rules, choices=offered, description=asked.help)
        if not asked.is_required and "" not in self.choices:
            offered.insert(0, SelectChoice("", _("Not given")))
        return SelectField(asked.label, rules, choices=offered, description=asked.help)

    def asked_value(self, value: Any) -> Any:
        """The code."""
        return value or ""

    def answer(self, field: Any) -> Any:
        """The code that was chosen."""
        return field.data or ""

    def read(self, written: str) -> Any:
        """A code, or its words."""
        text = trimmed(written)
        if not text or text in self.choices:
            return text
        plain = text.casefold()
        by_words = {str(words).casefold(): code for code, words in self.choices.items()}
        by_words |= {code.casefold(): code for code in self.choices}
        if plain in by_words:
            return by_words[plain]
        like = process.extractOne(plain, list(by_words), score_cutoff=LIKE)
        fix = str(self.choices[by_words[like[0]]]) if like else ""
        raise Unreadable(_("This is not one of the list."), fix)

    def from_json(self, value: Any) -> Any:
        """A code and nothing else."""
        if value is None:
            return ""
        if not isinstance(value, str) or (value and value not in self.choices):
            raise Unreadable(_("This is not one of the list."))
        return value

    def schema(self) -> dict[str, Any]:
        """The codes."""
        return {"type": "string", "enum": list(dict.fromkeys(["", *self.choices]))}

    def unstored(self, kept: Any) -> Any:
        """The code, even one the list no longer has."""
        return kept or ""

    def words(self, value: Any) -> Words:
        """The words of a code; the code itself where the list no longer has it."""
        return "" if value in (None, "") else self.choices.get(value, value)

    def condition(self, column: Any, how: str, values: Sequence[Any]) -> Any:
        """Nothing chosen is stored as the empty text."""
        return column == "" if how == "empty" else super().condition(column, how, values)


class OfTheList:
    """A validator for several choices: each must be offered."""

    def __call__(self, form: Any, field: Any) -> None:
        if not set(field.data or ()) <= {choice.value for choice in field.choices}:
            raise ValidationError(str(_("This is not one of the list.")))


class Several(Choice):
    """Any number of a list of codes, kept as a list in a JSON column."""

    name = "choices"
    narrows = ""

    def ask(self, asked: Asked) -> Any:
        """A box to tick for each."""
        offered = [SelectChoice(code, words) for code, words in self.choices.items()]
        rules = [*([InputRequired()] if asked.is_required else []), OfTheList()]
        return SelectMultipleField(asked.label, rules, choices=offered, description=asked.help)

    def asked_value(self, value: Any) -> Any:
        """The codes."""
        return list(value or ())

    def answer(self, field: Any) -> Any:
        """The codes that were ticked."""
        return list(field.data or ())

    def read(self, written: str) -> Any:
        """Codes or words with semicolons between them."""
        return [one for one in (super(Several, self).read(part) for part in written.split(";")) if one]

    def from_json(self, value: Any) -> Any:
        """A list of codes."""
        if value is None:
            return []
        if not isinstance(value, list):
            raise Unreadable(_("This must be a list."))
        if not all(isinstance(one, str) and one in self.choices for one in value):
            raise Unreadable(_("This is not one of the list."))
        return list(dict.fromkeys(value))

    def as_json(self, value: Any) -> Any:
        """The codes."""
        return list(value or ())

    def schema(self) -> dict[str, Any]:
        """A list of codes."""
        return {"type": "array", "items": {"type": "string", "enum": list(self.choices)}}

    def unstored(self, kept: Any) -> Any:
        """The codes; a single one is left from a field that was one of a list."""
        return [kept] if isinstance(kept, str) else list(kept or ())

    def keys(self, value: Any) -> tuple[str, ...]:
        """Each code."""
        return tuple(dict.fromkeys(str(one) for one in value or ()))

    def words(self, value: Any) -> Words:
        """The words, one after another."""
        return ", ".join(str(Choice.words(self, one)) for one in value or ())

    def as_cell(self, value: Any) -> Any:
        """The codes with semicolons between them."""
        return ";".join(value or ())

    def pick(self, written: str) -> Picked:
        """A list is not narrowed by it."""
        raise Unreadable(_("A list can't be narrowed by this."))
