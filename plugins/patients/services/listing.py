"""What lists of patients show beside the patient's own facts, and which patients a list's words stand for."""

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

import peewee

from core.storage.prepared import prepared
from core.texts import reader_locale
from plugins.patients.models import Address, Patient, SearchToken, Telecom
from plugins.patients.services.asking import understood
from plugins.patients.spelling import sound_of
from plugins.patients.tokens import day_token, number_token, prefix_token, sound_token, word_token, year_token

SHORTEST_SOUND = 4


def first_phones(ids: Sequence[int]) -> dict[int, str]:
    """The first phone number of each of these patients."""
    return dict(ways(list(ids), "phone")) if ids else {}


def first_emails(ids: Sequence[int]) -> dict[int, str]:
    """The first mail address of each of these patients."""
    return dict(ways(list(ids), "email")) if ids else {}


def areas(ids: Sequence[int]) -> dict[int, str]:
    """Where each of these patients lives, by area or town."""
    return {patient_id: area or city for patient_id, area, city in homes(list(ids))} if ids else {}


@prepared
def ways(ids: list[int], kind: str) -> Any:
    """Numbers or addresses of one kind, the first of each patient last."""
    return (
        Telecom.select(Telecom.patient, Telecom.value)
        .where(Telecom.patient.in_(ids), Telecom.kind == kind, Telecom.retired_at.is_null())
        .order_by(Telecom.id.desc())
        .tuples()
    )


@prepared
def homes(ids: list[int]) -> Any:
    """Addresses, the first of each patient last."""
    return (
        Address.select(Address.patient, Address.area, Address.city)
        .where(Address.patient.in_(ids), Address.retired_at.is_null())
        .order_by(Address.id.desc())
        .tuples()
    )


def words_condition(text: str) -> Any:
    """The condition that a patient has everything that was typed: beginnings of names, a birth date, a number."""
    question = understood(text, reader_locale())
    needed = [tokens_for(word) for word in question.words]
    if question.year:
        needed.append([year_token(question.year)])
    if question.days:
        needed.append([day_token(day) for day in question.days])
    conditions = [having(tokens) for tokens in needed]
    if question.whole:
        conditions.append(having([number_token(question.whole)]))
    return reduce(and_, conditions) if conditions else peewee.SQL("1 = 0")


def tokens_for(word: str) -> list[int]:
    """Any of these stands for a word of a name: itself, its beginning, its sound."""
    found = [word_token(word), prefix_token(word)]
    sound = sound_of(word) if len(word) >= SHORTEST_SOUND else ""
    return [*found, sound_token(sound)] if sound else found


def having(tokens: Sequence[int]) -> Any:
    """Patients with any of these tokens."""
    return Patient.id.in_(SearchToken.select(SearchToken.owner_id).where(SearchToken.token.in_(list(tokens))))
