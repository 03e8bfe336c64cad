"""Shape and wording of what is asked at the register."""

from dataclasses import replace
from datetime import date
from typing import Any

from babel import Locale
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from core import checkdigits
from core.actors import Actor
from core.errors import Refused
from core.places.models import Place
from core.settings import settings_of
from core.texts import _, reader_locale
from core.web import MedleyForm
from core.web.forms import OneLine
from plugins.patients.models import IdentifierType, Patient, Relation
from plugins.patients.services.born import Birth, birth_said
from plugins.patients.services.details import (
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    NameDetails,
    PatientDetails,
    TelecomDetails,
)
from plugins.patients.services.family import KINDS as RELATIONS
from plugins.patients.services.family import RIGHTS, RelationDetails
from plugins.patients.services.identifiers import TypeDetails, identifier_types
from plugins.patients.services.numbered import numbered
from plugins.patients.wording import LANGUAGES, SEVERITIES, SEXES, USES, WAYS, birth_words


def line(label: Any, longest: int, *rules: Any, **options: Any) -> StringField:
    """A field of one line."""
    return StringField(label, [*rules, Length(max=longest), OneLine()], **options)


def choices_of(words: dict[str, Any], *codes: str) -> list[SelectChoice]:
    """Choices out of a table of words, all or only some."""
    return [SelectChoice(code, words[code]) for code in codes or words]


class PersonForm(MedleyForm):
    """A person's own facts."""

    name = line(_("Full name, as the person writes it"), 300, InputRequired())
    called = line(_("Called"), 120)
    born = line(_("Date of birth"), 60, description=_("Age alone will do: type 34"))
    sex = SelectField(_("Sex"))
    language = SelectField(_("Language"))

    def __init__(self, *facts: Any, **values: Any) -> None:
        super().__init__(*facts, **values)
        self.sex.choices = [SelectChoice("unknown", _("Not asked yet")), *choices_of(SEXES, "female", "male", "other")]
        self.language.choices = language_choices(str(self.language.object_data or ""))
        wanted = settings_of("patients")
        self.born.flags.required = wanted.asks_birth
        self.sex.flags.required = wanted.asks_sex

    def birth(self) -> Birth:
        """The birth date as understood, which is said back below the field."""
        found = birth_said(self.born.data or "")
        if found.on is not None:
            self.born.description = birth_words(found.on, found.precision)
        return found


class RegistrationForm(PersonForm):
    """A walk-in on one page, twelve fields at most. The button that says that it is another person sends `is_new`."""

    beside = MedleyForm.beside | {"is_new"}
    identifier_type = SelectField(_("Kind of number"))
    identifier = line(_("Number"), 120)
    phone = line(_("Mobile phone"), 60)
    area = line(_("Area or village"), 120)
    kin = line(_("Next of kin"), 300)
    relation = line(_("Relation"), 120)
    kin_phone = line(_("Their phone"), 60)

    def __init__(self, *facts: Any, **values: Any) -> None:
        super().__init__(*facts, **values)
        self.kinds = {kind.key: kind for kind in identifier_types(is_asked=True)}
        self.identifier_type.choices = [SelectChoice(key, kind.label) for key, kind in self.kinds.items()]
        if not self.identifier_type.data and self.kinds:
            self.identifier_type.data = next(iter(self.kinds))
        self.identifier_type.validate_choice = bool(self.kinds)
        if len(self.kinds) == 1:
            self.identifier.label.text = next(iter(self.kinds.values())).label
        self.phone.flags.required = settings_of("patients").asks_phone

    def details(self, place: Place | None) -> PatientDetails:
        """What was typed, for the service."""
        birth = self.birth()
        kind = self.kinds.get(self.identifier_type.data or "")
        contact = ContactDetails(self.kin.data or "", self.relation.data or "", phone=self.kin_phone.data or "")
        address = AddressDetails(area=self.area.data or "")
        return PatientDetails(
            name=self.name.data or "",
            called=self.called.data or "",
            sex=self.sex.data or "unknown",
            born_on=birth.on,
            born_precision=birth.precision,
            language=self.language.data or "",
            place=place,
            identifiers=(IdentifierDetails(kind, self.identifier.data),) if kind and self.identifier.data else (),
            telecoms=(TelecomDetails(self.phone.data),) if self.phone.data else (),
            addresses=(address,) if not address.is_empty else (),
            contacts=(contact,) if not contact.is_empty else (),
        )

    def details_so_far(self) -> PatientDetails:
        """What was typed, though some of it may not be readable yet."""
        try:
            return self.details(None)
        except Refused:
            self.born.data = ""
            return self.details(None)

    def show_refusal(self, refusal: Refused) -> None:
        """Put what parts refuse beside the field of this page."""
        renamed = {"born_on": "born", "contact_phone": "kin_phone"}
        super().show_refusal(
            Refused(refusal.message, {renamed.get(name, name): words for name, words in refusal.fields.items()})
        )


class IdentifyForm(RegistrationForm):
    """Who somebody is who was brought in unknown: asked as at the desk, but for what is known already."""

    def __init__(self, patient: Patient, **values: Any) -> None:
        super().__init__(obj=patient, **values)
        # The name that stands in is nobody's.
        if self.name.raw_data is None:
            self.name.data = ""
        if patient.born_on is not None:
            self.born.flags.required = False
            self.born.description = _("Left empty it stays: %(born)s", born=birth_words(patient.born_on, "estimated"))
        self.known = patient

    def details(self, place: Place | None) -> PatientDetails:
        """What was typed over what is known."""
        known = self.known
        typed = super().details(place)
        return replace(
            typed,
            born_on=typed.born_on or known.born_on,
            born_precision=typed.born_precision if typed.born_on else known.born_precision,
            preferred_way=known.preferred_way, further_languages=tuple(known.further_languages or ()),
            is_deceased=known.is_deceased, deceased_at=known.deceased_at,
            is_multiple_birth=known.is_multiple_birth, birth_order=known.birth_order,
        )  # fmt: skip


class EditForm(PersonForm):
    """The same facts, changed later, with the day somebody died."""

    preferred_way = SelectField(_("Best reached by"))
    is_deceased = BooleanField(_("Has died"))
    died_on = DateField(_("Died on"), [Optional()])

    def __init__(self, *facts: Any, **values: Any) -> None:
        super().__init__(*facts, **values)
        self.preferred_way.choices = choices_of(WAYS)

    def filled(self, patient: Patient) -> "EditForm":
        """Show what the register says now."""
        if self.born.raw_data is None and patient.born_on is not None:
            self.born.data = as_typed(patient.born_on, patient.born_precision)
        if self.died_on.raw_data is None and patient.deceased_at is not None:
            self.died_on.data = patient.deceased_at.date()
        return self

    def birth_of(self, patient: Patient) -> Birth:
        """The birth date; one that was not touched stays what it was."""
        kept = as_typed(patient.born_on, patient.born_precision) if patient.born_on else ""
        if (self.born.data or "") == kept:
            return Birth(patient.born_on, patient.born_precision or "day")
        return self.birth()

    show_refusal = RegistrationForm.show_refusal


class NameForm(MedleyForm):
    """A further name."""

    name = line(_("Name"), 300, InputRequired())
    use = SelectField(_("What for"), choices=choices_of(USES, "official", "maiden", "nickname", "old", "usual"))

    def details(self) -> NameDetails:
        """What was typed."""
        return NameDetails(self.name.data, self.use.data)


class IdentifierForm(MedleyForm):
    """A number and its kind."""

    type = SelectField(_("Kind of number"))
    identifier = line(_("Number"), 120, InputRequired())

    def __init__(self, *facts: Any, **values: Any) -> None:
        super().__init__(*facts, **values)
        self.kinds = {kind.key: kind for kind in identifier_types()}
        self.type.choices = [SelectChoice(key, kind.label) for key, kind in self.kinds.items()]

    def details(self) -> IdentifierDetails:
        """What was typed."""
        return IdentifierDetails(self.kinds[self.type.data], self.identifier.data)


class NumberForm(MedleyForm):
    """A number corrected."""

    identifier = line(_("Number"), 120, InputRequired())
    until_on = DateField(_("Holds until"), [Optional()])


class TelecomForm(MedleyForm):
    """A phone number or mail address."""

    kind = SelectField(_("Kind"), choices=[SelectChoice("phone", _("Phone")), SelectChoice("email", _("E-mail"))])
    phone = line(_("Number or address"), 200, InputRequired())
    use = SelectField(_("What for"), choices=choices_of(USES, "mobile", "home", "work"))

    def details(self) -> TelecomDetails:
        """What was typed."""
        return TelecomDetails(self.phone.data, self.kind.data, self.use.data)

    def show_refusal(self, refusal: Refused) -> None:
        """A mail address is typed in the same field as a number."""
        fields = {"phone" if name == "email" else name: words for name, words in refusal.fields.items()}
        super().show_refusal(Refused(refusal.message, fields))


class AddressForm(MedleyForm):
    """Where somebody lives."""

    lines = line(_("House and street"), 400)
    area = line(_("Area or village"), 120)
    district = line(_("District"), 120)
    city = line(_("Town"), 120)
    state = line(_("County or state"), 120)
    postal_code = line(_("Postal code"), 20)
    country = line(_("Country"), 60)

    def details(self) -> AddressDetails:
        """What was typed."""
        names = ("lines", "area", "district", "city", "state", "postal_code", "country")
        return AddressDetails(**{name: self[name].data or "" for name in names})


class ContactForm(MedleyForm):
    """Somebody to call."""

    name = line(_("Name"), 300)
    relation = line(_("Relation"), 120)
    contact_phone = line(_("Phone"), 60)
    email = line(_("E-mail"), 200)
    address = line(_("Address"), 400)

    def details(self) -> ContactDetails:
        """What was typed."""
        return ContactDetails(
            self.name.data or "", self.relation.data or "", phone=self.contact_phone.data or "",
            email=self.email.data or "", address=self.address.data or "",
        )  # fmt: skip


class RelationForm(MedleyForm):
    """Whom a patient belongs to: another patient by number, or somebody by name."""

    kind = SelectField(_("They are"))
    number = line(_("Their record number"), 40, description=_("If they are in the register"))
    person = line(_("Or their name"), 300)
    contact_phone = line(_("Phone"), 60)
    may_decide = BooleanField(RIGHTS["may_decide"])
    may_see = BooleanField(RIGHTS["may_see"])
    may_collect = BooleanField(RIGHTS["may_collect"])
    from_on = DateField(_("From"), [Optional()])
    until_on = DateField(_("Until"), [Optional()])
    note = line(_("Note"), 300, description=_("The paper that says so, its number"))

    def __init__(self, *facts: Any, **values: Any) -> None:
        super().__init__(*facts, **values)
        self.kind.choices = [SelectChoice(code, kind.label) for code, kind in RELATIONS.items()]

    def details(self, by: Actor, held: Relation | None = None) -> RelationDetails:
        """What was typed; a relation that is changed stays with whom it was."""
        other = numbered(self.number.data or "", by)
        if self.number.data and other is None:
            raise Refused(fields={"number": _("There is no record of this number.")})
        known = held.contact if held is not None else None
        new = ContactDetails(
            self.person.data or "", str(RELATIONS[self.kind.data].label), phone=self.contact_phone.data or ""
        )
        contact = None if other is not None else known or (new if not new.is_empty else None)
        return RelationDetails(
            self.kind.data, other, contact, self.from_on.data, self.until_on.data, self.may_decide.data,
            self.may_see.data, self.may_collect.data, self.note.data or "",
        )  # fmt: skip


class FlagForm(MedleyForm):
    """A warning."""

    text = line(_("What everybody must know"), 200, InputRequired())
    severity = SelectField(_("How serious"), choices=choices_of(SEVERITIES, "caution", "stop", "info"))
    until_on = DateField(_("Until"), [Optional()], description=_("Left empty it stays until it is lifted."))


class KindForm(MedleyForm):
    """A kind of identifier."""

    label = line(_("What people call it"), 120, InputRequired())
    short = line(
        _("Key"), 40, InputRequired(), Regexp(r"^[a-z0-9_-]+$"), description=_("For imports; small letters, it stays.")
    )
    shape = line(_("Looks like"), 60, description=_("# a digit, @ a letter, * either. Left empty it can be anything."))
    check_digit = SelectField(_("Check digit"))
    system = line(_("System (URI)"), 200, description=_("How FHIR names it."))
    is_unique = BooleanField(_("One person alone can have it"), default=True)
    is_asked = BooleanField(_("Asked for when somebody is registered"))

    def __init__(self, *facts: Any, **values: Any) -> None:
        super().__init__(*facts, **values)
        self.check_digit.choices = [
            SelectChoice("", _("None")),
            *(SelectChoice(name, name.capitalize()) for name in sorted(checkdigits.ALGORITHMS)),
        ]

    def details(self, kind: IdentifierType | None = None) -> TypeDetails:
        """What was typed."""
        return TypeDetails(
            key=kind.key if kind else self.short.data,
            label=self.label.data,
            system=self.system.data or "",
            code=kind.code if kind else "",
            check_digit=self.check_digit.data,
            shape=self.shape.data or "",
            is_unique=kind.is_unique if kind else self.is_unique.data,
            is_asked=self.is_asked.data,
        )

    def show_refusal(self, refusal: Refused) -> None:
        """The key has a name of its own here."""
        fields = {"short" if name == "key" else name: words for name, words in refusal.fields.items()}
        super().show_refusal(Refused(refusal.message, fields))


def language_choices(held: str) -> list[SelectChoice]:
    """The languages offered, named in the reader's, and the one already held whatever it is."""
    names = Locale.parse(reader_locale().replace("-", "_")).languages
    codes = [*LANGUAGES, *([held] if held and held not in LANGUAGES else [])]
    known = sorted(((names.get(code, code).capitalize(), code) for code in codes), key=lambda pair: pair[0].casefold())
    return [SelectChoice("", _("Not asked yet")), *(SelectChoice(code, name) for name, code in known)]


def as_typed(born_on: date, precision: str) -> str:
    """A birth date as it is shown in a field, to be typed over."""
    return birth_words(born_on, precision) if precision != "estimated" else born_on.isoformat()
