"""People found: what a list shows of them, and how well they fit what was asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import peewee

from core.roles import ALL_ROWS
from core.storage.prepared import prepared
from plugins.patients.models import Address, Patient, Telecom
from plugins.patients.romanising import romanised
from plugins.patients.services.asking import Question
from plugins.patients.services.prepared import rows_of
from plugins.patients.services.spelling import LONG, has_spelling, slips_between
from plugins.patients.spelling import sound_of

# What a word of the question is worth that is a whole word of the name, begins one, is one with a slip of the pen in
# it, or only sounds like one.
EXACT, BEGINS, NEAR, SOUNDS = 30, 20, 12, 8


@dataclass(slots=True)
class Hit:
    """One person found, with what tells them from others of the same name."""

    id: int
    uid: str
    number: str
    name: str
    called: str
    sex: str
    born_on: date | None
    born_precision: str
    is_deceased: bool
    words: str
    score: int = 0
    phone: str = ""
    area: str = ""


class Scope(NamedTuple):
    """Whom the searcher may see: a condition on patients, and the places it is limited to, if it is."""

    condition: Any
    places: tuple[int, ...] | None = None
    opened: frozenset[str] = frozenset()


COLUMNS = (
    Patient.id, Patient.uid, Patient.number, Patient.name, Patient.called, Patient.sex, Patient.born_on,
    Patient.born_precision, Patient.is_deceased, Patient.words,
)  # fmt: skip


def read(condition: Any, scope: Scope) -> list[Hit]:
    """Visible patients in use, with what a list shows of them."""
    query = Patient.select(*COLUMNS).where(condition, Patient.retired_at.is_null())
    if scope.condition is not ALL_ROWS:
        query = query.where(scope.condition)
    return [Hit(*row) for row in rows_of(query)]


def read_by_id(ids: Sequence[int], scope: Scope) -> list[Hit]:
    """Those of these patients who are visible and in use."""
    if scope.condition is ALL_ROWS:
        return [Hit(*row) for row in people_of(ids)]
    return read(Patient.id.in_(ids), scope)


def score_of(hit: Hit, question: Question) -> int:
    """How well somebody fits, from 0 for not at all: whole words before words begun, sounds last."""
    score = 1
    if question.year and (hit.born_on is None or hit.born_on.year != question.year):
        return 0
    if question.days and hit.born_on not in question.days:
        return 0
    if not fits_part(hit, question):
        return 0
    left = hit.words.split()
    for word in question.words:
        points, used = fit_of(word, left)
        if not points:
            return 0
        score += points
        left.remove(used)
    if question.words and hit.words.startswith(question.words[0]):
        score += 2
    return score


def fits_part(hit: Hit, question: Question) -> bool:
    """Whether somebody was born in the month, or on the day of any year, that was asked for."""
    if question.month is None and question.birthday is None:
        return True
    born, known = hit.born_on, hit.born_precision or "day"
    if born is None or known not in ("day", "month"):
        return False
    if question.month is not None and born.month != question.month:
        return False
    return question.birthday is None or (known == "day" and (born.month, born.day) == question.birthday)


def fit_of(word: str, words: list[str]) -> tuple[int, str]:
    """How one word of the question fits the words of a name, and which of them."""
    if word in words:
        return EXACT, word
    for one in words:
        if one.startswith(word):
            return BEGINS, one
    readings = [word, *filter(None, [romanised(word)])]
    slips = [(slips_between(reading, one), one) for reading in readings for one in words if has_spelling(one)]
    nearest = min(slips, default=(9, ""))
    if nearest[0] <= (2 if len(word) >= LONG else 1) and len(word) > 3:
        return NEAR - nearest[0], nearest[1]
    for sound in filter(None, map(sound_of, readings)):
        for one in words:
            if sound_of(one) == sound:
                return SOUNDS, one
    return 0, ""


def with_reach(hits: list[Hit]) -> list[Hit]:
    """Add phone and area, one statement for all."""
    found = {hit.id: hit for hit in hits}
    for owner, _rank, _id, phone, area, city in sorted(reach_of(list(found))) if found else ():
        hit = found[owner]
        hit.phone = hit.phone or phone
        hit.area = hit.area or area or city
    return hits


@prepared
def reach_of(ids):
    """The query for people's phones and where they live: whose, rank, id, phone, area, city; the first is shown."""
    none = peewee.SQL("''")
    phones = Telecom.select(Telecom.patient, Telecom.rank, Telecom.id, Telecom.value, none, none)
    phones = phones.where(Telecom.patient.in_(ids), Telecom.kind == "phone", Telecom.retired_at.is_null())
    homes = Address.select(Address.patient, peewee.SQL("0"), Address.id, none, Address.area, Address.city)
    return phones.union_all(homes.where(Address.patient.in_(ids), Address.retired_at.is_null())).tuples()


@prepared
def people_of(ids):
    """The query for patients in use, by their ids, where the reader sees everybody."""
    return Patient.select(*COLUMNS).where(Patient.id.in_(ids), Patient.retired_at.is_null()).tuples()
