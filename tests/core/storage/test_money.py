"""Money adds up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import Misuse, Refused
from core.storage.money import EXPONENTS, Money, to_amount

KES = "KES"
currencies = some.sampled_from(["JPY", "KES", "KWD", "CLF"])
minors = some.integers(-(10**14), 10**14)  # twice as much still fits


def test_every_currency_has_the_decimals_iso_4217_gives_it() -> None:
    assert (EXPONENTS["JPY"], EXPONENTS["KES"], EXPONENTS["KWD"], EXPONENTS["CLF"]) == (0, 2, 3, 4)
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)


@given(currency=currencies, minor=minors, weights=some.lists(some.integers(0, 10**6), min_size=1, max_size=12))
def test_shares_add_up_to_the_amount_and_are_fair(currency: str, minor: int, weights: list[int]) -> None:
    amount = Money.of_minor(minor, currency)
    if not sum(weights):
        with pytest.raises(Misuse):
            amount.allocate(weights)
        return
    shares = amount.allocate(weights)
    assert sum(share.minor for share in shares) == minor
    exact = [minor * weight / sum(weights) for weight in weights]
    assert all(abs(share.minor - fair) <= 1 + abs(fair) * 1e-9 for share, fair in zip(shares, exact, strict=True))
    assert [share.minor for share in (-amount).allocate(weights)] == [-share.minor for share in shares]


def test_what_is_left_over_goes_to_the_largest_remainder_then_the_first() -> None:
    assert [share.minor for share in Money(Decimal(1), KES).allocate([1, 1, 1])] == [34, 33, 33]
    assert [share.minor for share in Money(Decimal("0.05"), KES).allocate([1, 3])] == [1, 4]


@given(currency=currencies, minor=minors)
def test_minor_units_and_amounts_are_the_same_money(currency: str, minor: int) -> None:
    money = Money.of_minor(minor, currency)
    assert money.minor == minor
    assert Money(money.amount, currency) == money
    assert (money + money - money, bool(money)) == (money, minor != 0)


def test_currencies_never_mix() -> None:
    shillings, dollars = Money(Decimal(5), KES), Money(Decimal(5), "USD")
    for wrong in (lambda: shillings + dollars, lambda: shillings - dollars, lambda: shillings < dollars):
        with pytest.raises(Misuse):
            wrong()
    assert shillings != dollars
    assert shillings < Money(Decimal(6), KES)


@pytest.mark.parametrize("amount", [0.5, "5", True, Decimal("NaN"), Decimal("0.005"), Decimal(10) ** 15 * 2])
def test_what_is_no_exact_amount_is_refused(amount: object) -> None:
    with pytest.raises(Refused):
        Money(amount, KES)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quantity", "rate", "currency", "amount"),
    [
        ("3", "0.335", KES, "1.01"),
        ("1", "0.005", KES, "0.01"),
        ("-1", "0.005", KES, "-0.01"),
        ("1", "0.0049999", KES, "0.00"),
        ("2.5", "1", "JPY", "3"),
        ("0.333333", "3", "KWD", "1.000"),
        ("-0.001", "1", KES, "0.00"),
    ],
)
def test_a_rate_becomes_an_amount_by_rounding_half_up(quantity: str, rate: str, currency: str, amount: str) -> None:
    assert to_amount(Decimal(quantity), Decimal(rate), currency) == Money(Decimal(amount), currency)


def test_rounding_refuses_floats_and_what_is_too_large() -> None:
    with pytest.raises(Misuse):
        to_amount(0.1, Decimal(1), KES)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        to_amount(Decimal(10) ** 12, Decimal(10) ** 12, KES)
