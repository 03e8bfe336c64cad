"""Forms: shape and wording of input, with what every form carries.

Hidden in each form are the token against forged forms, the key against sending twice, and, where it edits,
the version the person saw.
"""

import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask import g, request
from wtforms import Form, HiddenField
from wtforms.i18n import get_builtin_gnu_translations
from wtforms.validators import ValidationError

from core.errors import Refused
from core.texts import Text, _, reader_locale
from core.web.door import csrf_token

LONGEST = 10_000
LARGEST_NUMBER = 2**63 - 1
EARLIEST, LATEST = 1800, 2999
# Characters that change how the text round them reads: overrides and isolates of direction, and other controls.
FORBIDDEN = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"}


class Translations:
    """WTForms' own messages in the reader's language, by its catalogues and the house's."""

    def gettext(self, text: str) -> str:
        """One text."""
        ours = str(_(text))
        return ours if ours != text else str(messages_of_wtforms(reader_locale()).gettext(text))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """A counted text, with its `%d` left for WTForms to fill."""
        return str(messages_of_wtforms(reader_locale()).ngettext(one, many, number))


@lru_cache(maxsize=64)
def messages_of_wtforms(locale: str) -> Any:
    """The catalogue that comes with WTForms; English where it has none."""
    try:
        return get_builtin_gnu_translations([locale])
    except FileNotFoundError:
        return get_builtin_gnu_translations(["en"])


class MedleyForm(Form):
    """The root of every form. `form_errors` are those of the form as a whole."""

    idempotency_key = HiddenField()
    version = HiddenField()
    # What a page sends beside the fields: names of its buttons, answers to a question asked before.
    beside: frozenset[str] = frozenset({"confirmed"})

    class Meta:
        def get_translations(self, form: Form) -> Translations:
            """The house's own catalogues."""
            return Translations()

    def __init__(self, formdata: Any = None, obj: Any = None, **values: Any) -> None:
        if formdata is None and request.method == "POST":
            formdata = request.form
        super().__init__(formdata, obj=obj, **values)
        self.form_errors: list[str] = []
        if not self.idempotency_key.data:
            self.idempotency_key.data = secrets.token_urlsafe(18)
        if formdata is None and obj is not None:
            self.version.data = str(getattr(obj, "version", ""))

    @property
    def csrf_token(self) -> str:
        """The token against forged forms."""
        return csrf_token()

    @property
    def key(self) -> str:
        """The key against sending twice."""
        return str(self.idempotency_key.data)[:100]

    @property
    def seen_version(self) -> int | None:
        """The version of the record the person saw."""
        written = str(self.version.data or "")
        return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None

    def validated(self) -> bool:
        """Whether a sent form holds; unknown, doubled or unreadable input is an error beside its field."""
        if request.method != "POST":
            return False
        self.refuse_boundless_numbers()
        fits = self.validate()
        return self.refuse_strange_input() and fits

    def refuse_boundless_numbers(self) -> None:
        """Numbers no column could hold are an error before any validator counts with them."""
        for field in self:
            if is_boundless(field.data):
                field.data = None
                field.process_errors = [*field.process_errors, str(_("This number is too large."))]

    def refuse_strange_input(self) -> bool:
        """Nothing comes that was not asked for; single values come once, as text that can be stored, not too long."""
        fits = True
        for name, values in request.form.lists():
            field = self._fields.get(name)
            if field is None:
                if not self.is_part(name):
                    fits = self.complain("", _("Nothing was asked under the name %(name)s.", name=name[:40]))
                continue
            is_list = hasattr(field, "iter_choices") and getattr(field.widget, "multiple", False)
            if len(values) > 1 and not is_list and not hasattr(field, "entries"):
                fits = self.complain(name, _("This came more than once."))
            for value in values:
                complaint = strange(value)
                if complaint is not None:
                    fits = self.complain(name, complaint)
        return fits

    def is_part(self, name: str) -> bool:
        """Whether a name that is no field's own belongs to the form all the same."""
        if name == "csrf_token" or name in self.beside:
            return True
        whole, dash, _rest = name.partition("-")
        return bool(dash) and hasattr(self._fields.get(whole), "entries")

    def complain(self, name: str, words: str | Text) -> bool:
        """Put words beside a field, or above the form when there is no such field. Always False."""
        field = self._fields.get(name)
        if field is not None and field.type != "HiddenField":
            field.errors = [*field.errors, str(words)]
        else:
            self.form_errors.append(str(words))
        return False

    def show_refusal(self, refusal: Refused) -> None:
        """Show what a service refused beside the fields it names."""
        for name, words in refusal.fields.items():
            self.complain(name, words)
        if not refusal.fields:
            self.complain("", refusal.message)


def is_boundless(number: Any) -> bool:
    """Whether something is a number no column could hold."""
    if isinstance(number, int):
        return abs(number) > LARGEST_NUMBER
    return isinstance(number, Decimal) and not (number.is_finite() and abs(number) <= LARGEST_NUMBER)


def strange(value: str) -> Text | None:
    """What is wrong with a piece of text as such, or None."""
    if len(value) > LONGEST:
        return _("This is too long.")
    for character in value if not value.isascii() or not value.isprintable() else "":
        if character in FORBIDDEN or (unicodedata.category(character) in {"Cc", "Cs"} and character not in "\r\n\t"):
            return _("There is a character in this that can't be stored. Type it again.")
    return None


class OneLine:
    """A validator for names and numbers: no line breaks, and not only spaces."""

    def __call__(self, form: Form, field: Any) -> None:
        if any(character in (field.data or "") for character in "\r\n\t"):
            raise ValidationError(str(_("Write this on one line.")))


class SaneDay:
    """A validator for days near enough to be reckoned with."""

    def __call__(self, form: Form, field: Any) -> None:
        if field.data is not None and not is_sane(field.data):
            raise ValidationError(str(_("This day is too far away.")))


def is_sane(day: date) -> bool:
    """Whether a day lies where calendars and time zones can be trusted."""
    return EARLIEST <= day.year <= LATEST


@contextmanager
def form_page(form: MedleyForm, template: str, /, **facts: Any) -> Iterator[None]:
    """Come back to this page when the service refuses what was sent in the block.

    with form_page(form, "patients/register.html"):
        patient = register_patient(form.details(), by=by, idempotency_key=form.key)
        return go("patients.show", uid=patient.uid)
    """
    try:
        yield
    except Refused as refusal:
        form.show_refusal(refusal)
        g.form_page = (template, {"form": form, **facts})
        raise
