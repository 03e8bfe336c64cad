"""Finding people: part of a name in any order, a number, a phone, a birth date, and any of them together.

Every condition is a token (`plugins.patients.tokens`). The rarest is walked, newest patient first, and the
others are looked up for each row met; so common names cost no more than rare ones. Somebody who may see few
patients walks those instead. What was found is read, checked against the names, and ordered by how well it fits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import phonenumbers

from core.actors import EVERYTHING, Actor
from core.errors import Forbidden
from core.roles import NO_ROWS, sight_of
from core.roles.visibility import places_of
from core.storage.journal.reads import disclosed
from core.storage.prepared import prepared
from core.texts import reader_locale
from plugins.patients.models import Identifier, Patient, SearchToken, Telecom
from plugins.patients.permissions import VIEW
from plugins.patients.romanising import romanised
from plugins.patients.services.asking import SHORTEST_PHONE, Question, understood
from plugins.patients.services.hits import Hit, Scope, read, read_by_id, score_of, with_reach
from plugins.patients.services.prepared import rows_of
from plugins.patients.services.reaching import phone_country
from plugins.patients.services.spelling import meant_by
from plugins.patients.spelling import sound_of
from plugins.patients.tokens import (
    birthday_token,
    day_token,
    month_token,
    number_token,
    pair_token,
    prefix_token,
    sound_pair_token,
    sound_token,
    word_token,
    year_token,
)

SHOWN = 25
# Rows of one token that are walked at most; a search that stops there says that there may be more.
MOST_WALKED = 4000
# A list shorter than this is worth walking whole, and a scope smaller than this drives the search.
SHORT = 1000
SMALL_SCOPE = 2500
MOST_NUMBERS = 60
ROUNDS = 4
MOST_PLACES = 400

NUMBER = 100
# Shorter words are still being typed.
SHORTEST_MISSPELT = 4


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search. `is_capped`: there may be more than these, so that typing on helps."""

    hits: tuple[Hit, ...] = ()
    is_capped: bool = False
    question: Question = field(default_factory=Question)


class Need(NamedTuple):
    """One thing that must be so: any of these tokens stands for it."""

    tokens: tuple[int, ...]


class Walk(NamedTuple):
    """What a round looks for: a year to be born in, what must be so, and shortcuts that stand for two at once."""

    needs: tuple[Need, ...]
    pairs: tuple[int, ...] = ()
    year: int | None = None


def find_patients(text: str, by: Actor, limit: int = SHOWN, kind: str = "search") -> Found:
    """People who fit what was typed, the best first and then the newest; the finding is journaled as a disclosure.

    Only patients the actor may see are met, counted or hinted at.
    """
    if not (by.may(VIEW) or any(VIEW in grant.permissions for grant in by.grants)):
        raise Forbidden(VIEW)
    question = understood(text, reader_locale())
    scope = scope_of(by)
    if question.is_empty or scope.condition is NO_ROWS:
        return Found(question=question)
    found = Search(question, scope, limit).run()
    disclosed(kind, [hit.uid for hit in found.hits], condition=text[:200])
    return found


def scope_of(by: Actor) -> Scope:
    """Whom the actor may see, told so that the search can use it."""
    sight = sight_of(Patient, by, VIEW)
    if sight.size != "some" or by.permissions is EVERYTHING:
        return Scope(sight.condition)
    places, _denied = places_of(by, VIEW)
    known = tuple(sorted(places)) if places is not None and len(places) <= MOST_PLACES else None
    return Scope(sight.condition, known, by.opened)


class Search:
    """One search at work: rounds from the strictest reading of the question to the loosest, until enough is found."""

    def __init__(self, question: Question, scope: Scope, limit: int) -> None:
        self.question = question
        self.scope = scope
        self.limit = limit
        self.hits: dict[int, Hit] = {}
        self.is_capped = False
        self._scope_size: int | None = None

    def run(self) -> Found:
        """Look by number first, then by name and birth."""
        question = self.question
        if question.number or question.digits or question.email:
            names = tuple(word for word in question.words if word.isalpha())
            self.keep(by_number(question), Question(names), bonus=NUMBER)
        if question.whole:
            self.keep(owners(Identifier, Identifier.plain, question.whole), Question(), bonus=NUMBER)
        for walk in walks_for(question):
            if len(self.hits) >= self.limit:
                break
            self.round(walk)
        if not self.hits:
            self.round(by_spelling(question))
        if not self.hits:
            self.round(by_sound(question))
        if self.scope.opened:
            self.keep_opened()
        best = sorted(self.hits.values(), key=lambda hit: (-hit.score, -hit.id))
        is_capped = self.is_capped or len(best) > self.limit
        return Found(tuple(with_reach(best[: self.limit])), is_capped, question)

    def round(self, walk: Walk | None) -> None:
        """Walk until enough people are found, in as many steps as narrowings make necessary."""
        if walk is None:
            return
        want = self.limit * 2 + 1
        before = None
        for _round in range(ROUNDS):
            ids, more = self.walked(walk, want, before)
            self.keep(ids)
            if not more or len(self.hits) >= self.limit:
                self.is_capped = self.is_capped or more
                return
            before = min(ids) if ids else None
            if before is None:
                break
        self.is_capped = True

    def walked(self, walk: Walk, want: int, before: int | None) -> tuple[list[int], bool]:
        """Patients that have everything, newest first, and whether there may be more of them."""
        driver, floor = rarest(walk, is_bounded=self.scope.places is not None)
        if floor is not None and self.scope.places is not None and self.scope_is_small():
            ids = from_scope(walk, self.scope.places, want, before)
            return ids, len(ids) == want
        ids = from_token(walk, driver, floor, self.scope.places, want, before)
        return ids, floor is not None or len(ids) == want

    def scope_is_small(self) -> bool:
        """Whether so few patients are visible that walking them is cheaper than walking a common token."""
        if self._scope_size is None:
            self._scope_size = SMALL_SCOPE if patients_at(self.scope.places, SMALL_SCOPE) else 0
        return self._scope_size < SMALL_SCOPE

    def keep(self, ids: Iterable[int], question: Question | None = None, bonus: int = 0) -> None:
        """Read these patients, as far as they are visible, and keep those who really fit."""
        missing = [one for one in ids if one not in self.hits]
        if not missing:
            return
        for hit in read_by_id(missing, self.scope):
            fits = score_of(hit, question or self.question)
            if fits:
                hit.score = fits + bonus
                self.hits[hit.id] = hit

    def keep_opened(self) -> None:
        """People whose records were opened in an emergency lie outside the usual places."""
        for hit in read(Patient.uid.in_(sorted(self.scope.opened)), self.scope):
            fits = score_of(hit, self.question)
            if fits:
                hit.score = fits
                self.hits[hit.id] = hit


def walks_for(question: Question) -> Iterable[Walk]:
    """The readings of a question in names and dates: whole words first, then words begun."""
    days = when(question)
    words = question.words
    if words:
        pairs = pairs_of(words)
        yield Walk((*(Need((word_token(word),)) for word in words), *days), pairs, question.year)
        yield Walk((*(Need((prefix_token(word),)) for word in words), *days), pairs, question.year)
    elif days:
        yield Walk(days)
    elif question.year:
        yield Walk((Need((year_token(question.year),)),))


def by_spelling(question: Question) -> Walk | None:
    """A looser reading: each word may have a slip of the pen in it, or be of another script."""
    words = question.words
    if not any(len(word) >= SHORTEST_MISSPELT for word in words):
        return None
    needs = []
    for word in words:
        reading = romanised(word)
        meant = [word, *([reading] if reading else []), *(meant_by(word) if len(word) >= SHORTEST_MISSPELT else ())]
        tokens = {word_token(one) for one in meant} | ({prefix_token(word)} if len(word) < SHORTEST_MISSPELT else set())
        needs.append(Need(tuple(sorted(tokens))))
    return Walk((*needs, *when(question)), year=question.year)


def when(question: Question) -> tuple[Need, ...]:
    """What was said of the birth date, besides a year."""
    if question.days:
        return (Need(tuple(map(day_token, question.days))),)
    if question.month is not None and question.year is not None:
        return (Need((month_token(question.year, question.month),)),)
    return (Need((birthday_token(*question.birthday),)),) if question.birthday else ()


def by_sound(question: Question) -> Walk | None:
    """The loosest reading: words that sound alike."""
    sounds = [sound_of(word) or sound_of(romanised(word)) for word in question.words]
    if not sounds or not all(sounds):
        return None
    days = when(question)
    pairs = tuple(sound_pair_token(sounds[0], other) for other in sounds[1:3])
    return Walk((*(Need((sound_token(sound),)) for sound in sounds), *days), pairs, question.year)


def pairs_of(words: Sequence[str]) -> tuple[int, ...]:
    """The pair tokens of a question's words, the most telling kind for each pair."""
    long = [word for word in words if len(word) > 1][:3]
    return tuple(
        pair_token(word, other, 3 if len(word) > 2 and len(other) > 2 else 2)
        for position, word in enumerate(long)
        for other in long[position + 1 :]
    )


def rarest(walk: Walk, is_bounded: bool) -> tuple[tuple[int, ...], int | None]:
    """The tokens with the fewest rows, and the patient at which walking them stops (None: they are walked whole)."""
    choices = [(pair,) for pair in walk.pairs] + [need.tokens for need in walk.needs]
    if len(choices) == 1 and not is_bounded:
        return choices[0], None
    floors = {}
    for tokens in choices:
        floor = nth(tokens, SHORT)
        if floor is None:
            return tokens, None
        floors[tokens] = floor
    # The list whose thousandth row lies furthest back is the thinnest.
    thinnest = min(floors, key=floors.__getitem__)
    return thinnest, nth(thinnest, MOST_WALKED)


def nth(tokens: tuple[int, ...], position: int) -> int | None:
    """The patient at this position of a token's rows, newest first; None when there are fewer."""
    found = row_at(tokens, position)
    return found[0][0] if found else None


@prepared
def row_at(tokens, position):
    """The query for the row at a position of a token's."""
    rows = SearchToken.select(SearchToken.owner_id).where(is_one_of(SearchToken.token, tokens))
    return rows.order_by(SearchToken.owner_id.desc()).offset(position).limit(1).tuples()


@prepared
def patients_at(places, position):
    """The query for whether there are more patients than this at some places."""
    return Patient.select(Patient.id).where(Patient.place.in_(places)).offset(position).limit(1).tuples()


def from_token(
    walk: Walk,
    driver: tuple[int, ...],
    floor: int | None,
    places: tuple[int, ...] | None,
    want: int,
    before: int | None,
) -> list[int]:
    """Walk one token's rows and look the others up."""
    # A floor is of use only where nothing else bounds the walk.
    stop = floor if walk.year is None and places is None else None
    others = (need.tokens for need in walk.needs if need.tokens != driver)
    return [one for (one,) in walk_of(driver, walk.year, places, stop, before, want, *others)]


@prepared
def walk_of(driver, year, places, floor, before, want, *others):
    """The query that walks one token's rows and looks the others up."""
    row = SearchToken.alias("d")
    condition = is_one_of(row.token, driver)
    if year is not None:
        condition &= row.born_year == year
    if places is not None:
        condition &= is_one_of(row.place_id, places)
    if floor is not None:
        condition &= row.owner_id >= floor
    if before is not None:
        condition &= row.owner_id < before
    for tokens in others:
        condition &= has_token(tokens, row.owner_id)
    return row.select(row.owner_id).where(condition).order_by(row.owner_id.desc()).limit(want).tuples()


def from_scope(walk: Walk, places: tuple[int, ...], want: int, before: int | None) -> list[int]:
    """Walk the few patients somebody may see and look every token up."""
    return [one for (one,) in scope_walk(places, walk.year, before, want, *(need.tokens for need in walk.needs))]


@prepared
def scope_walk(places, year, before, want, *needs):
    """The query that walks the patients of some places and looks tokens up."""
    condition = Patient.place.in_(places)
    if before is not None:
        condition &= Patient.id < before
    for tokens in needs:
        condition &= has_token(tokens, Patient.id, year)
    return Patient.select(Patient.id).where(condition).order_by(Patient.id.desc()).limit(want).tuples()


def has_token(tokens: Sequence[Any], patient: Any, year: Any = None) -> Any:
    """The condition that a patient has a token; a subquery that answers a value is never turned into a join."""
    other = SearchToken.alias("o")
    condition = is_one_of(other.token, tokens) & (other.owner_id == patient)
    if year is not None:
        condition &= other.born_year == year
    return patient == other.select(other.owner_id).where(condition).limit(1)


def is_one_of(column: Any, values: Sequence[Any]) -> Any:
    """`=` for one value, which every planner understands best."""
    return column == values[0] if len(values) == 1 else column.in_(values)


def by_number(question: Question) -> list[int]:
    """Patients by record number, identifier, the end of a phone number, or mail address."""
    found: list[int] = []
    if question.number:
        token = SearchToken.token == number_token(question.number)
        found += [one for (one,) in rows_of(SearchToken.select(SearchToken.owner_id).where(token).limit(5))]
        found += owners(Identifier, Identifier.plain, question.number)
    for digits in phone_ends(question.digits):
        found += owners(Telecom, Telecom.lookup, digits[::-1])
    if question.email:
        found += owners(Telecom, Telecom.lookup, question.email)
    return list(dict.fromkeys(found))


def owners(model: Any, column: Any, start: str) -> list[int]:
    """Patients with a record of this kind that begins like this; short beginnings must be the whole."""
    condition = column == start if len(start) < 4 else (column >= start) & (column < f"{start}\U0010fffd")
    in_use = model.retired_at.is_null()
    query = model.select(model.patient).where(condition, in_use).order_by(column, model.id).limit(MOST_NUMBERS)
    return [one for (one,) in rows_of(query)]


def phone_ends(digits: str) -> list[str]:
    """What a phone number may end with, whether it was typed with a country, a zero before it, or neither."""
    bare = digits.lstrip("0")
    ends = [bare] if len(bare) >= SHORTEST_PHONE else [digits] if len(digits) >= SHORTEST_PHONE else []
    code = calling_code(phone_country())
    if code and bare.startswith(code) and len(bare) > len(code) + SHORTEST_PHONE:
        ends.append(bare.removeprefix(code).lstrip("0"))
    return ends


@lru_cache(maxsize=300)
def calling_code(country: str) -> str:
    """The code of a country in phone numbers."""
    return str(phonenumbers.country_code_for_region(country) or "") if country else ""


__all__ = ["Found", "Hit", "find_patients"]
