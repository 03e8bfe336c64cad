"""Sums of money: exact, in one currency each, rounded in one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException
from fractions import Fraction
from functools import total_ordering

from core.errors import Misuse, Refused
from core.texts import _

EXACT = Context(prec=60)
LARGEST = Decimal(10) ** 15
LARGEST_MINOR = 2**63 - 1

# ISO 4217, list one (six-group.com, SIX Financial Information as maintenance agency): the active
# currencies by the number of decimals of their minor unit. Funds and metals without one are left out.
_CODES_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
        CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
        GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
        MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
        PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
        TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
        ANG BGN
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS = {code: exponent for exponent, codes in _CODES_BY_EXPONENT.items() for code in codes.split()}


def exponent_of(currency: str) -> int:
    """How many decimals a currency has; an unknown code is refused."""
    if currency not in EXPONENTS:
        raise Refused(_("%(code)s is not a currency in use.", code=currency))
    return EXPONENTS[currency]


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency. Mixing currencies raises `Misuse`; more decimals than it has, `Refused`."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        minor = minor_units(self.amount, self.currency)
        object.__setattr__(self, "amount", major_units(minor, self.currency))

    @classmethod
    def of_minor(cls, minor: int, currency: str) -> "Money":
        """An amount given in minor units: cents, fils, or whole yen."""
        return cls(major_units(minor, currency), currency)

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return minor_units(self.amount, self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money.of_minor(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money.of_minor(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money.of_minor(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other).amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def allocate(self, weights: Sequence[Decimal | int]) -> list["Money"]:
        """Share the amount out by weights, to the last minor unit.

        Largest remainder: each share is rounded down, and what is left over goes, one minor unit
        each, to the largest remainders, the earlier share first. The shares add up to the amount.
        """
        exact = [_checked_weight(weight) for weight in weights]
        total = sum(exact, Decimal(0))
        if total <= 0:
            raise Misuse("Shares need weights that add up to more than nothing.")
        sign, whole = (-1 if self.minor < 0 else 1), abs(self.minor)
        return [Money.of_minor(sign * share, self.currency) for share in _largest_remainder(whole, exact, total)]

    def _same(self, other: object) -> "Money":
        if not isinstance(other, Money):
            raise Misuse(f"Money goes with money only, not with {type(other).__name__}.")
        if other.currency != self.currency:
            raise Misuse(f"{self.currency} and {other.currency} don't mix.")
        return other


def minor_units(amount: Decimal | int, currency: str) -> int:
    """Turn an amount into minor units, exactly, or refuse it."""
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise Refused(_("An amount of money must be an exact number."))
    exact = Decimal(amount)
    if not exact.is_finite() or abs(exact) > LARGEST:
        raise Refused(_("This amount is too large."))
    scaled = exact.scaleb(exponent_of(currency), EXACT)
    if scaled != scaled.to_integral_value():
        raise Refused(_("%(code)s has %(count)s decimals, no more.", code=currency, count=exponent_of(currency)))
    if abs(scaled) > LARGEST_MINOR:
        raise Refused(_("This amount is too large."))
    return int(scaled)


def major_units(minor: int, currency: str) -> Decimal:
    """Turn minor units into the amount, with all the decimals its currency has."""
    return Decimal(minor).scaleb(-exponent_of(currency), EXACT)


def to_amount(quantity: Decimal | int, rate: Decimal | int, currency: str) -> Money:
    """Turn a quantity at a unit rate into money: the only place where Medley rounds.

    Half a minor unit is rounded up, away from zero (ROUND_HALF_UP), as people do it and as
    invoices are checked by hand.
    """
    if any(isinstance(number, bool) or not isinstance(number, Decimal | int) for number in (quantity, rate)):
        raise Misuse("Quantities and rates are exact numbers.")
    try:
        product = EXACT.multiply(Decimal(quantity), Decimal(rate))
        step = Decimal(1).scaleb(-exponent_of(currency))
        return Money(product.quantize(step, ROUND_HALF_UP, EXACT), currency)
    except DecimalException as unfit:
        raise Refused(_("This amount is too large.")) from unfit


def _checked_weight(weight: Decimal | int) -> Decimal:
    if isinstance(weight, bool) or not isinstance(weight, Decimal | int):
        raise Misuse("Weights are exact numbers.")
    exact = Decimal(weight)
    if not exact.is_finite() or exact < 0:
        raise Misuse("A weight is nothing or more.")
    return exact


def _largest_remainder(whole: int, weights: list[Decimal], total: Decimal) -> list[int]:
    exact = [Fraction(weight) * whole / Fraction(total) for weight in weights]
    shares = [share.numerator // share.denominator for share in exact]
    left = whole - sum(shares)
    ranked = sorted(range(len(weights)), key=lambda place: (shares[place] - exact[place], place))
    for place in ranked[:left]:
        shares[place] += 1
    return shares
