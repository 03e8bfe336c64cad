"""Invented patients for the demo hospital: three hundred people of many naming cultures, entered through the acts."""

from datetime import date, timedelta
from random import Random

from core import checkdigits, clock
from core.actors import Actor
from core.places.models import Place
from core.sites import current_site
from core.texts import Text, _
from plugins.patients.demo_names import PEOPLES, People
from plugins.patients.models import IdentifierType, Patient
from plugins.patients.services.details import (
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    PatientDetails,
    TelecomDetails,
)
from plugins.patients.services.flags import flag_patient
from plugins.patients.services.identifiers import TypeDetails, add_identifier_type
from plugins.patients.services.registering import register_patient

HOW_MANY = 300
SEED = 1899
SHARES = {
    "kenyan": 34, "coastal": 20, "somali": 10, "indian": 9, "ethiopian": 5, "arabic": 3, "vietnamese": 4, "spanish": 4,
    "icelandic": 2, "chinese": 3, "ukrainian": 2, "indonesian": 2, "european": 2,
}  # fmt: skip
TYPES = (
    TypeDetails("national-id", str(_("National ID")), check_digit="luhn", shape="#########", code="NI", is_asked=True),
    TypeDetails("passport", str(_("Passport")), shape="@#######", code="PPN"),
    TypeDetails("health-fund", str(_("Health fund member")), code="SN"),
)
WARNINGS = (
    ("caution", _("Falls risk")), ("info", _("Needs an interpreter")), ("caution", _("Hard of hearing")),
    ("stop", _("Carries MRSA: gloves and gown")), ("info", _("Uses a wheelchair")),
)  # fmt: skip


def load_patients(by: Actor) -> str:
    """Fill the register; the same people each time."""
    chance = Random(SEED)
    kinds = demo_types(by)
    places = list(Place.select().where(Place.kind == "facility", Place.retired_at.is_null()).order_by(Place.id))
    weights = [SHARES[people.key] for people in PEOPLES]
    for number in range(HOW_MANY):
        people = chance.choices(PEOPLES, weights)[0]
        details = person(people, chance, kinds, number, chance.choice(places) if places else None)
        patient = register_patient(details, by=by, is_new=True, is_complete=False)
        if chance.random() < 0.08:
            warn(patient, chance, by)
    return str(_("%(count)s invented patients", count=HOW_MANY))


def demo_types(by: Actor) -> dict[str, IdentifierType]:
    """The kinds of identifiers of the demo hospital, made when they are not there."""
    known = {kind.key: kind for kind in IdentifierType.select()}
    return {details.key: known.get(details.key) or add_identifier_type(details, by=by) for details in TYPES}


def person(
    people: People, chance: Random, kinds: dict[str, IdentifierType], number: int, place: Place | None
) -> PatientDetails:
    """One invented person."""
    sex = chance.choice(("female", "female", "male"))
    name = people.name(chance, sex)
    born_on, precision = birth(chance)
    kin_sex = chance.choice(("female", "male"))
    relation = chance.choice(
        ("Mother", "Sister", "Daughter", "Wife") if kin_sex == "female" else ("Father", "Brother", "Son")
    )
    area = chance.choice(people.areas)
    has_phone = chance.random() < 0.9
    return PatientDetails(
        name=name,
        sex=sex,
        born_on=born_on,
        born_precision=precision,
        language=people.language if chance.random() < 0.8 else "en",
        place=place,
        identifiers=tuple(numbers(chance, kinds, number, born_on)),
        telecoms=(TelecomDetails(phone(number)),) if has_phone else (),
        addresses=(AddressDetails(area=area, city=current_site().place or "Mombasa"),),
        contacts=(ContactDetails(people.name(chance, kin_sex), relation, phone=phone(5000 + number)),),
    )


def birth(chance: Random) -> tuple[date, str]:
    """A birth date; one in eight knows the year alone, one in twelve only an age."""
    today = clock.today(current_site().zone)
    born_on = today - timedelta(days=int(min(95.0, abs(chance.gauss(0, 32))) * 365.25) + chance.randrange(1, 365))
    dice = chance.random()
    if dice < 0.125:
        return date(born_on.year, 1, 1), "year"
    return (
        (date(born_on.year, 7, 1) if born_on.year < today.year else born_on, "estimated")
        if dice < 0.2
        else (born_on, "day")
    )


def phone(number: int) -> str:
    """A mobile number in the block where no real ones are."""
    return f"0700 55{number // 1000 % 10} {number % 1000:03d}"


def numbers(chance: Random, kinds: dict[str, IdentifierType], number: int, born_on: date) -> list[IdentifierDetails]:
    """What somebody carries in the wallet: a national number, a passport, a member's card."""
    found = []
    if born_on.year < 2008 and chance.random() < 0.8:
        plain = checkdigits.append("luhn", f"{20_000_000 + number * 7919}")
        found.append(IdentifierDetails(kinds["national-id"], f"{plain[:4]} {plain[4:8]} {plain[8:]}"))
    if chance.random() < 0.1:
        found.append(IdentifierDetails(kinds["passport"], f"A{3_000_000 + number * 104_729 % 6_000_000:07d}"))
    if chance.random() < 0.4:
        found.append(IdentifierDetails(kinds["health-fund"], f"HF-{number * 37 % 1000:03d}-{number:04d}"))
    return found


def warn(patient: Patient, chance: Random, by: Actor) -> None:
    """Put one of the usual warnings on a chart."""
    severity, words = chance.choice(WARNINGS)
    flag_patient(patient, said(words), by=by, severity=severity)


def said(words: Text) -> str:
    """A text as it is written into the demo."""
    return str(words)
