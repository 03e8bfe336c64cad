"""Money, rates and quantities: whole numbers in the column, exact decimals in Python, never floats."""

from decimal import Context, Decimal
from typing import Any

import peewee

from core.errors import Misuse, Refused
from core.storage.fields.numbers import BigIntegerField
from core.storage.fields.text import TextField, refusal
from core.storage.money import EXPONENTS, LARGEST, Money, exponent_of, major_units, minor_units
from core.texts import _

SCALE = 6
_EXACT = Context(prec=60)


class MinorUnits(int):
    """An amount as it stands in its column: cents, fils, whole yen. The record's currency says which."""

    __slots__ = ()


class CurrencyAccessor(peewee.FieldAccessor):
    """Keeps the amounts of a record what they are when its currency is set or changed."""

    def __set__(self, instance: Any, value: Any) -> None:
        before = instance.__data__.get(self.name)
        if before is not None and before != value:
            _unsettle(instance, self.name, before)
        super().__set__(instance, value)
        if value is not None:
            _settle(instance, self.name, value)


class CurrencyField(TextField):
    """The ISO 4217 code of the amounts in the same record."""

    accessor_class = CurrencyAccessor

    def __init__(self, **options: Any) -> None:
        options.pop("max_length", None)
        super().__init__(max_length=3, **options)

    def db_value(self, value: Any) -> Any:
        """Let only currencies in use through."""
        if isinstance(value, str) and value not in EXPONENTS:
            raise refusal(self.name, _("%(code)s is not a currency in use.", code=value))
        return super().db_value(value)


class MoneyAccessor(peewee.FieldAccessor):
    """Shows minor units as an amount of the record's currency, and takes amounts the same way."""

    def __get__(self, instance: Any, instance_type: Any = None) -> Any:
        if instance is None:
            return self.field
        held = instance.__data__.get(self.name)
        if not isinstance(held, MinorUnits):
            return held
        return major_units(held, self.field.currency_of(instance))

    def __set__(self, instance: Any, value: Any) -> None:
        field: MoneyField = self.field
        if isinstance(value, Money):
            value = field.unwrapped(instance, value)
        if value is not None and not isinstance(value, MinorUnits | peewee.Node):
            currency = instance.__data__.get(field.currency_field)
            value = field.checked(value) if currency is None else field.settled(value, currency)
        super().__set__(instance, value)


class MoneyField(BigIntegerField):
    """An amount of money: BIGINT minor units in the column, `Decimal` in Python.

    The currency is that of the record's `currency_field`, a `CurrencyField` of the same model. A
    float, NaN, an amount over 10^15 or with more decimals than the currency has is refused at the
    moment it is set. In queries compare with `Money`; `total()` comes back as `MinorUnits`.
    """

    accessor_class = MoneyAccessor

    def __init__(self, currency_field: str = "currency", **options: Any) -> None:
        self.currency_field = currency_field
        if options.get("default") not in (None, 0):
            raise Misuse("A MoneyField's default is nothing or zero: other amounts depend on the currency.")
        if options.get("default") == 0:
            options["default"] = MinorUnits(0)
        super().__init__(**options)

    def bind(self, model: type[peewee.Model], name: str, set_attribute: bool = True) -> None:
        """Join the model, which must say in which currency."""
        declared = getattr(model, self.currency_field, None)
        if not isinstance(declared, CurrencyField):
            raise Misuse(f"{model.__name__}.{name} needs a CurrencyField named {self.currency_field!r} in its model.")
        super().bind(model, name, set_attribute)

    def db_value(self, value: Any) -> Any:
        """Write minor units; only zero needs no currency."""
        if value is None or isinstance(value, peewee.Node):
            return value
        if isinstance(value, Money):
            return value.minor
        if isinstance(value, MinorUnits) or (isinstance(value, int | Decimal) and value == 0):
            return int(value)
        raise Misuse(f"{self.name}: an amount without a currency can't be stored or compared; use Money.")

    def python_value(self, value: Any) -> Any:
        """Read minor units, which the record's accessor turns into an amount."""
        return None if value is None else MinorUnits(value)

    def total(self) -> peewee.Function:
        """The sum of the column in a query, in minor units: group by the currency."""
        return peewee.fn.SUM(self).converter(self.python_value)

    def currency_of(self, record: Any) -> str:
        """The currency of a record's amounts."""
        currency = record.__data__.get(self.currency_field)
        if currency is None:
            raise Misuse(f"{type(record).__name__}.{self.name} was read without its {self.currency_field}.")
        return str(currency)

    def money(self, record: Any) -> Money | None:
        """The amount of a record together with its currency."""
        amount = getattr(record, self.name)
        return None if amount is None else Money(amount, self.currency_of(record))

    def unwrapped(self, record: Any, money: Money) -> MinorUnits:
        """Take the amount out of `Money`, which must be of the record's currency or bring it along."""
        held = record.__data__.get(self.currency_field)
        if held is None:
            setattr(record, self.currency_field, money.currency)
        elif held != money.currency:
            raise Misuse(f"{self.name}: the record's amounts are in {held}, not {money.currency}.")
        return MinorUnits(money.minor)

    def checked(self, value: Any) -> Decimal:
        """An amount whose currency is not known yet."""
        return _exact_number(value, self.name)

    def settled(self, value: Any, currency: str) -> MinorUnits:
        """An amount in the record's currency, or a refusal naming the field."""
        exact = _exact_number(value, self.name)
        try:
            return MinorUnits(minor_units(exact, currency))
        except Refused as refused:
            raise refusal(self.name, refused.message) from refused


class ScaledField(BigIntegerField):
    """An exact number with up to six decimals, stored as a whole number of millionths.

    Differences in SQL are exact, and so is `total()`; a product of two columns carries the scale twice.
    """

    def db_value(self, value: Any) -> Any:
        """Write millionths; more decimals than six are refused, not rounded."""
        if value is None or isinstance(value, peewee.Node):
            return value
        scaled = _exact_number(value, self.name).scaleb(SCALE, _EXACT)
        if scaled != scaled.to_integral_value():
            raise refusal(self.name, _("At most six decimals can be kept."))
        return super().db_value(int(scaled))

    def python_value(self, value: Any) -> Any:
        """Read millionths as an exact number."""
        return None if value is None else Decimal(int(value)).scaleb(-SCALE, _EXACT)

    def total(self) -> peewee.Function:
        """The sum of the column in a query, as an exact number."""
        return peewee.fn.SUM(self).converter(self.python_value)


class RateField(ScaledField):
    """A unit price, tax rate or exchange rate. It becomes money only through `to_amount`."""


class QuantityField(ScaledField):
    """How much of something, in its own unit."""


def _exact_number(value: Any, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refusal(name, _("This must be an exact number."))
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact) > LARGEST:
        raise refusal(name, _("This number is too large."))
    return exact


def _amounts(record: Any, currency_field: str) -> list[MoneyField]:
    fields = record._meta.sorted_fields
    return [field for field in fields if isinstance(field, MoneyField) and field.currency_field == currency_field]


def _settle(record: Any, currency_field: str, currency: str) -> None:
    """Now that the currency is known, turn amounts set before into its minor units."""
    for field in _amounts(record, currency_field):
        held = record.__data__.get(field.name)
        if isinstance(held, Decimal):
            record.__data__[field.name] = field.settled(held, currency)


def _unsettle(record: Any, currency_field: str, currency: str) -> None:
    """Before the currency changes, turn minor units back into amounts: 500 yen are not 5 dollars."""
    if exponent_of(currency) == 0 and not _amounts(record, currency_field):
        return
    for field in _amounts(record, currency_field):
        held = record.__data__.get(field.name)
        if isinstance(held, MinorUnits):
            record.__data__[field.name] = major_units(held, currency)
            record._dirty.add(field.name)
