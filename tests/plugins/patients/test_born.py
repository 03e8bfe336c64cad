"""What people say when they are asked when they were born."""

from datetime import UTC, date, datetime

import pytest

from core import clock
from core.errors import Refused
from plugins.patients.services.born import birth_said
from plugins.patients.wording import age_between, birth_words


@pytest.mark.parametrize(
    ("said", "day", "precision"),
    [
        ("2 Mar 1992", date(1992, 3, 2), "day"),
        ("02/03/1992", date(1992, 3, 2), "day"),
        ("1992-03-02", date(1992, 3, 2), "day"),
        ("02031992", date(1992, 3, 2), "day"),
        ("1992", date(1992, 1, 1), "year"),
        ("03/1992", date(1992, 3, 1), "month"),
        ("March 1992", date(1992, 3, 1), "month"),
        ("1992-03", date(1992, 3, 1), "month"),
        ("34", date(1992, 11, 23), "estimated"),
        ("٣٤", date(1992, 11, 23), "estimated"),
        ("34 years", date(1992, 11, 23), "estimated"),
        ("6 w", date(2026, 10, 12), "estimated"),
        ("10 days", date(2026, 11, 13), "estimated"),
        ("3 months", date(2026, 8, 24), "estimated"),
        ("", None, "day"),
    ],
)
def test_a_birth_is_understood(desk, said, day, precision):
    with clock.freeze(datetime(2026, 11, 23, 9, tzinfo=UTC)):
        assert birth_said(said) == (day, precision)


@pytest.mark.parametrize("said", ["soon", "126", "31/02/1992", "1066", "13/1992", "9999 d x", "-5", "1/1/3000", "2999"])
def test_what_can_not_be_a_birth_is_refused(desk, said):
    with pytest.raises(Refused) as refused:
        birth_said(said)
    assert "born" in refused.value.fields


def test_births_are_said_no_more_exactly_than_they_are_known():
    words = [birth_words(date(1992, 3, 2), precision) for precision in ("day", "month", "year", "estimated")]
    assert words == ["2 Mar 1992", "Mar 1992", "1992", "about 1992"]


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(2026, 11, 20), "3 days"),
        (date(2026, 5, 23), "6 months"),
        (date(1992, 11, 24), "33 years"),
        (date(1992, 11, 23), "34 years"),
    ],
)
def test_ages_are_told_as_clinicians_count(born, age):
    assert str(age_between(born, date(2026, 11, 23))) == age
