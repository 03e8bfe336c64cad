"""People who may be the same: how alike they are, of 100, and in what.

Candidates come from the search's tokens: born the same day, names begun or sounding alike and born within a year,
the same phone, the same number. Each is compared fact by fact; what is not known counts a little for, as it does
in life, and what differs counts against.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from rapidfuzz import fuzz

from core.actors import Actor
from core.errors import Refused
from core.roles import NO_ROWS
from core.settings import settings_of
from core.texts import Text, _
from plugins.patients.models import Address, Identifier, Patient, SearchToken, Telecom, ToldApart
from plugins.patients.services.details import (
    AddressDetails,
    IdentifierDetails,
    PatientDetails,
    TelecomDetails,
    lookup_of,
)
from plugins.patients.services.finding import scope_of
from plugins.patients.services.hits import Hit, Scope, read, with_reach
from plugins.patients.services.prepared import answered, rows_of
from plugins.patients.services.reaching import telecom_facts
from plugins.patients.spelling import sound_of, starts_of
from plugins.patients.tokens import day_token, pair_token, plain_number, sound_pair_token, word_token

MOST_CANDIDATES = 300
MOST_SHOWN = 5
MOST_OWNERS = 50
WEIGHTS = {
    "birth": {"name": 52, "born": 28, "phone": 12, "sex": 4, "area": 4},
    "phone": {"name": 48, "born": 22, "phone": 22, "sex": 4, "area": 4},
    "name": {"name": 64, "born": 14, "phone": 12, "sex": 5, "area": 5},
}
FIELDS = ("name", "born", "phone", "sex", "area")
UNKNOWN = {"born": 0.4, "phone": 0.35, "sex": 0.6, "area": 0.4}
AGAINST = {"born": 0.5, "phone": 0.0, "sex": 1.0, "area": 0.0}


@dataclass(frozen=True, slots=True)
class Compared:
    """One fact side by side. `likeness` runs from 0 to 1; None where one side does not know."""

    field: str
    label: Text
    mine: Any
    theirs: Any
    likeness: float | None

    @property
    def is_same(self) -> bool:
        """Whether both say the same."""
        return self.likeness is not None and self.likeness > 0.95


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Somebody in the register who may be the person at the desk."""

    hit: Hit
    score: int
    compared: tuple[Compared, ...]

    def __str__(self) -> str:
        born = self.hit.born_on.isoformat() if self.hit.born_on else "–"
        return str(
            _("%(score)s of 100: %(name)s, %(number)s, born %(born)s", score=self.score, name=self.hit.name,
              number=self.hit.number, born=born)
        )  # fmt: skip


def likely_duplicates(details: PatientDetails, by: Actor, limit: int = MOST_SHOWN) -> list[Duplicate]:
    """Patients the actor may see who may be this person, the likeliest first; asked while somebody still types."""
    scope = scope_of(by)
    if scope.condition is NO_ROWS:
        return []
    likely = Likely(details, scope)
    found = likely.among(candidates(details, likely.by_phone | likely.by_number, scope))
    return completed(details, found[:limit], likely.phones, likely.by_phone)


def alike_to(patient: Patient, by: Actor, limit: int = MOST_SHOWN) -> list[Duplicate]:
    """Others in the register who may be this patient, but for those who were told apart from them."""
    details = details_of(patient)
    apart = told_apart_from(patient.id) | {patient.id}
    found = likely_duplicates(details, by, limit + len(apart))
    return [one for one in found if one.hit.id not in apart][:limit]


def details_of(patient: Patient) -> PatientDetails:
    """A patient as they would be told at the desk."""
    held = Telecom.select().where(Telecom.patient == patient.id, Telecom.retired_at.is_null())
    homes = Address.select().where(Address.patient == patient.id, Address.retired_at.is_null())
    numbers = Identifier.select().where(Identifier.patient == patient.id, Identifier.retired_at.is_null())
    return PatientDetails(
        name=patient.name,
        sex=patient.sex,
        born_on=patient.born_on,
        born_precision=patient.born_precision,
        telecoms=tuple(TelecomDetails(one.value, one.kind) for one in held.order_by(Telecom.rank, Telecom.id)),
        addresses=tuple(AddressDetails(area=one.area, city=one.city) for one in homes.order_by(Address.id)),
        identifiers=tuple(IdentifierDetails(one.type, one.value) for one in numbers),
    )


def told_apart_from(patient_id: int) -> set[int]:
    """Whom somebody has told apart from a patient."""
    pairs = ToldApart.select(ToldApart.one, ToldApart.other)
    pairs = pairs.where((ToldApart.one == patient_id) | (ToldApart.other == patient_id), ToldApart.retired_at.is_null())
    return {one for pair in rows_of(pairs) for one in pair} - {patient_id}


def weights_here() -> dict[str, int]:
    """How much of 100 each fact weighs at this site."""
    settings = settings_of("patients")
    if settings.weighs_most != "own":
        return WEIGHTS.get(settings.weighs_most, WEIGHTS["birth"])
    own = {name: getattr(settings, f"weight_of_{name}") for name in FIELDS}
    total = sum(own.values()) or 1
    return {name: round(weight * 100 / total) for name, weight in own.items()}


class Likely:
    """Somebody compared with many others: their phones and numbers are looked up once."""

    def __init__(self, details: PatientDetails, scope: Scope) -> None:
        self.details = details
        self.scope = scope
        self.phones = lookups_of(details)
        self.by_phone = set(owners_of_phones(self.phones))
        self.by_number = set(owners_of_numbers(details))

    def among(self, hits: Iterable[Hit], at_least: int | None = None) -> list[Duplicate]:
        """Those of these people who are alike enough, the likeliest first."""
        least = settings_of("patients").shows_duplicates_from if at_least is None else at_least
        weights = weights_here()
        found = []
        for hit in hits:
            compared = compare(self.details, hit, hit.id in self.by_phone if self.phones else None)
            score = max(scored(compared, weights), 95 if hit.id in self.by_number else 0)
            if score >= least:
                found.append(Duplicate(hit, score, tuple(compared)))
        return sorted(found, key=lambda one: (-one.score, -one.hit.id))


def candidates(details: PatientDetails, others: set[int], scope: Scope) -> list[Hit]:
    """Everybody worth comparing, at most a few hundred."""
    ids = set(others)
    tokens = tokens_for(details)
    if tokens:
        year = details.born_on.year if details.born_on else 0
        years = (0, year - 1, year, year + 1) if year else ()
        ids |= {owner for (owner,) in with_any_token(tokens, years, scope.places)}
    return read(Patient.id.in_(sorted(ids)), scope) if ids else []


def with_any_token(tokens: list[int], years: tuple[int, ...], places: tuple[int, ...] | None) -> list[tuple[Any, ...]]:
    """The newest patients with any of these tokens, of these years and places as far as they are given."""
    row = SearchToken

    def query() -> Any:
        condition = row.token.in_(tokens)
        condition = condition & row.born_year.in_(years) if years else condition
        condition = condition & row.place_id.in_(places) if places is not None else condition
        return row.select(row.owner_id).where(condition).order_by(row.owner_id.desc()).limit(MOST_CANDIDATES)

    shape = ("with_any_token", len(tokens), len(years), None if places is None else len(places))
    return answered(shape, query, [*tokens, *years, *(places or ()), MOST_CANDIDATES])


def tokens_for(details: PatientDetails) -> list[int]:
    """What somebody like this is found by: the day of birth, pairs of their names, pairs of sounds."""
    words = starts_of(details.name)[:4]
    found = set()
    if details.born_on is not None and details.born_precision == "day":
        found.add(day_token(details.born_on))
    if len(words) == 1:
        found.add(word_token(words[0]))
    for position, word in enumerate(words):
        for other in words[position + 1 :]:
            if min(len(word), len(other)) > 2:
                found.add(pair_token(word, other, 3))
            if sound_of(word) and sound_of(other):
                found.add(sound_pair_token(sound_of(word), sound_of(other)))
    return sorted(found)


def lookups_of(details: PatientDetails) -> list[str]:
    """The person's phones as the register compares them; what is still half typed is passed over."""
    found = []
    for telecom in details.telecoms:
        try:
            facts = telecom_facts(telecom)
        except Refused:
            continue
        lookup = lookup_of(telecom.kind, telecom.value, str(facts["e164"]))
        if lookup and telecom.kind == "phone" and len(lookup) >= 6:
            found.append(lookup)
    return found


def owners_of_phones(lookups: list[str]) -> Iterable[int]:
    """Patients with one of these phones; a family shares one, and a village may."""
    if not lookups:
        return ()

    def query() -> Any:
        held = (Telecom.lookup.in_(lookups), Telecom.retired_at.is_null())
        return Telecom.select(Telecom.patient).where(*held).limit(MOST_OWNERS)

    return [one for (one,) in answered(("phones", len(lookups)), query, [*lookups, MOST_OWNERS])]


def owners_of_numbers(details: PatientDetails) -> Iterable[int]:
    """Patients with one of these numbers."""
    plain = {plain_number(one.value): one.type.id for one in details.identifiers if plain_number(one.value)}
    if not plain:
        return ()

    def query() -> Any:
        columns = (Identifier.patient, Identifier.plain, Identifier.type)
        held = (Identifier.plain.in_(list(plain)), Identifier.retired_at.is_null())
        return Identifier.select(*columns).where(*held).limit(MOST_OWNERS)

    rows = answered(("numbers", len(plain)), query, [*plain, MOST_OWNERS])
    return [patient for patient, value, kind in rows if plain[value] == kind]


def compare(details: PatientDetails, hit: Hit, same_phone: bool | None) -> list[Compared]:
    """Fact by fact, as the clerk sees them side by side."""
    words = " ".join(starts_of(details.name))
    sexes_known = "unknown" not in (details.sex, hit.sex)
    return [
        Compared("name", _("Name"), details.name, hit.name, likeness_of_names(words, hit.words)),
        Compared("born", _("Born"), details.born_on, hit.born_on, likeness_of_births(details, hit)),
        Compared("phone", _("Phone"), None, None, None if same_phone is None else float(same_phone)),
        Compared("sex", _("Sex"), details.sex, hit.sex, float(details.sex == hit.sex) if sexes_known else None),
    ]


def likeness_of_names(mine: str, theirs: str) -> float:
    """Names in any order, with slips of the pen and words that only sound alike; more than half must agree."""
    written = fuzz.token_sort_ratio(mine, theirs) / 100
    some = fuzz.token_set_ratio(mine, theirs) / 100 if min(mine.count(" "), theirs.count(" ")) else 0
    heard = fuzz.token_sort_ratio(sounds_of(mine), sounds_of(theirs)) / 100 * 0.95
    best = max(written, some * 0.92, heard)
    return max(0.0, (best - 0.5) * 2)


def sounds_of(words: str) -> str:
    """The words by their sounds."""
    return " ".join(sound_of(word) or word for word in words.split())


def likeness_of_births(details: PatientDetails, hit: Hit) -> float | None:
    """The same day, day and month swapped, one figure wrong, or only the years near each other."""
    mine, theirs = details.born_on, hit.born_on
    if mine is None or theirs is None:
        return None
    if "estimated" in (details.born_precision, hit.born_precision):
        return max(0.0, 0.8 - 0.2 * abs(mine.year - theirs.year))
    if "year" in (details.born_precision, hit.born_precision):
        return 0.8 if mine.year == theirs.year else 0.0
    if mine == theirs:
        return 1.0
    if swapped(mine) == theirs or one_figure_apart(mine, theirs):
        return 0.7
    return 0.3 if abs(mine.year - theirs.year) <= 1 else 0.0


def swapped(day: date) -> date | None:
    """Day and month the other way round."""
    return date(day.year, day.day, day.month) if day.day <= 12 else None


def one_figure_apart(mine: date, theirs: date) -> bool:
    """Whether one figure of the date was read or typed wrong."""
    return sum(one != other for one, other in zip(mine.isoformat(), theirs.isoformat(), strict=True)) == 1


def scored(compared: Iterable[Compared], weights: dict[str, int]) -> int:
    """The likeness of two people, from 0 to 100."""
    score = 0.0
    for fact in compared:
        weight = weights[fact.field]
        if fact.likeness is None:
            score += weight * UNKNOWN[fact.field]
        elif fact.likeness == 0 and fact.field in AGAINST:
            score -= weight * AGAINST[fact.field]
        else:
            score += weight * fact.likeness
    score += weights["area"] * UNKNOWN["area"]
    return max(0, min(100, round(score)))


def completed(
    details: PatientDetails, found: list[Duplicate], phones: list[str], by_phone: set[int]
) -> list[Duplicate]:
    """Add phone and area to those who are shown, so that they can be compared by eye."""
    typed = next((one.value for one in details.telecoms if one.kind == "phone"), "")
    area = next((one.area or one.city for one in details.addresses if not one.is_empty), "")
    hits = {hit.id: hit for hit in with_reach([one.hit for one in found])}
    shown = []
    for one in found:
        hit = hits[one.hit.id]
        phone_alike = (1.0 if hit.id in by_phone else 0.0) if phones and hit.phone else None
        rows = (
            *(fact for fact in one.compared if fact.field != "phone"),
            Compared("phone", _("Phone"), typed, hit.phone, phone_alike),
            Compared("area", _("Area"), area, hit.area, likeness_of_areas(area, hit.area)),
        )
        shown.append(Duplicate(hit, one.score, rows))
    return shown


def likeness_of_areas(mine: str, theirs: str) -> float | None:
    """Whether two names of a place are one."""
    if not mine or not theirs:
        return None
    return fuzz.ratio(mine.casefold(), theirs.casefold()) / 100
