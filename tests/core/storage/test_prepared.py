"""A query whose statement is made once gives what Peewee would have given each time."""

from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.sites import Site
from core.storage.prepared import prepared
from tests.core.storage.clinic import Bill, Person, do
from tests.hospital import HOUSE

shapes: list[tuple[Any, ...]] = []


@prepared
def bills_of(person, totals, since, *notes):
    """Every way a value can come in."""
    shapes.append((totals and len(totals), since is not None, len(notes)))
    query = Bill.select().where(Bill.person == person)
    if totals is not None:
        query = query.where(Bill.total.in_(totals))
    if since is not None:
        query = query.where(Bill.created_at >= since)
    for note in notes:
        query = query.where(Bill.note != note)
    return query.order_by(Bill.total)


@prepared
def first_totals(number, offset):
    return Bill.select(Bill.total).order_by(Bill.total).limit(number).offset(offset).tuples()


@pytest.fixture
def person(clinic: Site) -> Person:
    shapes.clear()
    return do(with_bills, by=HOUSE)


def with_bills() -> Person:
    person = Person.create(name="Zahra Yılmaz")
    for total in range(1, 8):
        Bill.create(person=person, total=total, note=f"bill {total}")
    return person


def totals_of(rows: list[Bill]) -> list[int]:
    return [bill.total for bill in rows]


def test_records_come_back_as_records(person: Person):
    bills = bills_of(person.id, None, None)
    assert [type(bill) for bill in bills] == [Bill] * 7
    assert [bill.note for bill in bills[:2]] == ["bill 1", "bill 2"]
    assert bills[0].created_at.tzinfo is not None


@pytest.mark.parametrize("wanted", [[3], [3, 5], [3, 5, 6], [1, 2, 3, 4, 5], [99]])
def test_a_list_of_any_length_finds_its_values_and_no_others(person: Person, wanted: list[int]):
    assert totals_of(bills_of(person.id, wanted, None)) == [one for one in wanted if one < 8]


def test_values_are_stored_as_their_field_stores_them(person: Person):
    now = clock.now()
    assert len(bills_of(person.id, None, now - timedelta(hours=1))) == 7
    assert bills_of(person.id, None, now + timedelta(hours=1)) == []


def test_further_values_each_have_their_place(person: Person):
    assert totals_of(bills_of(person.id, None, None, "bill 1", "bill 7")) == [2, 3, 4, 5, 6]


def test_a_limit_is_a_value_too(person: Person):
    assert first_totals(2, 0)[:1] == first_totals(1, 0)
    assert first_totals(1, 1) == first_totals(2, 0)[1:]


def test_the_query_is_built_once_for_each_shape(person: Person):
    known = len(shapes)
    for totals in ([1, 2, 3], [4, 5, 6], [1, 2, 3, 4], [7, 8, 9]):
        bills_of(person.id, totals, None, "a", "b", "c")
    assert len(shapes) <= known + 1


def test_a_row_written_since_is_seen(person: Person):
    assert len(bills_of(person.id, None, None)) == 7
    do(lambda: Bill.create(person=person, total=8), by=HOUSE)
    assert len(bills_of(person.id, None, None)) == 8
