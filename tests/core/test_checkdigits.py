"""A mistyped number is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core import checkdigits
from core.errors import Misuse

# Published examples: Wikipedia's Luhn and Verhoeff articles, ISO/IEC 7064, an ORCID, the NHS data dictionary,
# the example NPI of CMS with its prefix.
PUBLISHED = [
    ("luhn", "79927398713"),
    ("luhn", "80840 1234567893"),
    ("verhoeff", "2363"),
    ("verhoeff", "123451"),
    ("mod97", "79444"),
    ("mod11", "943 476 5919"),
    ("mod11-2", "0000-0002-1825-0097"),
    ("mod11-2", "079X"),
]


@pytest.mark.parametrize(("algorithm", "number"), PUBLISHED)
def test_published_numbers_are_valid(algorithm: str, number: str) -> None:
    assert checkdigits.validate(algorithm, number)
    size = 2 if algorithm == "mod97" else 1
    assert checkdigits.append(algorithm, number[:-size]) == number


@given(
    algorithm=some.sampled_from(list(checkdigits.ALGORITHMS)),
    number=some.from_regex(r"[0-9]{1,18}", fullmatch=True),
    place=some.integers(0, 17),
    other=some.integers(1, 9),
)
def test_every_single_wrong_digit_is_noticed(algorithm: str, number: str, place: int, other: int) -> None:
    if algorithm == "mod11":
        number, place = number[:9], place % 9
    try:
        whole = checkdigits.append(algorithm, number)
    except checkdigits.NoCheckDigit:
        return
    assert checkdigits.validate(algorithm, whole)
    place %= len(number)
    wrong = whole[:place] + str((int(whole[place]) + other) % 10) + whole[place + 1 :]
    assert not checkdigits.validate(algorithm, wrong)


@pytest.mark.parametrize("text", ["", "1", "12a4", "٣٤٥", "1_2", "+12"])
def test_what_is_no_number_is_invalid(text: str) -> None:
    assert not any(checkdigits.validate(algorithm, text) for algorithm in checkdigits.ALGORITHMS)


def test_a_number_without_a_check_digit_is_passed_over() -> None:
    without = [number for number in range(1000, 1100) if not has_check_digit(str(number))]
    assert 5 < len(without) < 15
    assert not any(checkdigits.validate("mod11", f"{number}{digit}") for number in without for digit in range(10))


def has_check_digit(number: str) -> bool:
    try:
        checkdigits.append("mod11", number)
    except checkdigits.NoCheckDigit:
        return False
    return True


def test_an_unknown_algorithm_is_a_mistake() -> None:
    with pytest.raises(Misuse):
        checkdigits.validate("mod12", "12")
