"""What is stored comes back as it was, and compares alike, on all three engines."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import peewee
import pytest

from core import clock
from core.errors import Misuse, Refused
from core.sites import Site
from core.storage import keys
from core.storage.fields import (
    BigIntegerField,
    BooleanField,
    CurrencyField,
    DateField,
    EncryptedField,
    IntegerField,
    JSONField,
    MoneyField,
    QuantityField,
    RateField,
    SmallIntegerField,
    TextField,
    UTCDateTimeField,
    is_uid,
    new_uid,
)
from core.storage.keys import Keyring, SealBroken
from core.storage.model import Table
from core.storage.money import Money
from tests.core.storage.sites import site_at


class FieldSample(Table):
    uid = TextField(max_length=36, default=new_uid)
    name = TextField(max_length=20, null=True, unique=True)
    story = TextField(null=True)
    born_on = DateField(null=True)
    seen_at = UTCDateTimeField(null=True, index=True)
    is_member = BooleanField(null=True)
    small = SmallIntegerField(null=True)
    whole = IntegerField(null=True)
    big = BigIntegerField(null=True)
    facts = JSONField(null=True)
    paid = MoneyField(null=True)
    currency = CurrencyField(null=True)
    rate = RateField(null=True)
    quantity = QuantityField(null=True)
    national_number = EncryptedField(searchable=True, null=True)

    class Meta:
        plugin = "test"
        why = "a test"


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    keys.install(Keyring.create(tmp_path / "keys.toml"))
    made = site_at(database_url, tmp_path)
    with made.activate():
        FieldSample.create_table()
        yield made
    made.database.budget.close_idle()
    keys.install(None)


def back(**values: Any) -> FieldSample:
    made = FieldSample.create(**values)
    return FieldSample.get_by_id(made.id)


def test_names_that_differ_in_case_accent_or_trailing_space_are_different(site: Site) -> None:
    for name in ("Ann", "ann", "Ånn", "Ann ", "Anñ"):
        FieldSample.create(name=name)
    assert FieldSample.select().where(FieldSample.name == "Ann").count() == 1
    in_order = [row.name for row in FieldSample.select().order_by(FieldSample.name)]
    assert in_order == sorted(in_order)
    with pytest.raises(peewee.IntegrityError):
        FieldSample.create(name="ann")


def test_text_is_stored_composed_and_with_every_script(site: Site) -> None:
    sample = back(name="A\u030a", story="王小明 🙂 محمد O'Brien \\ % _")
    assert sample.name == "Å"
    assert sample.story == "王小明 🙂 محمد O'Brien \\ % _"
    assert FieldSample.select().where(FieldSample.name == "A\u030a").count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"name": "x" * 21},
        {"name": "a\x00b"},
        {"name": "\ud800"},
        {"name": 5},
        {"story": b"bytes"},
        {"is_member": 1},
        {"is_member": "yes"},
        {"small": 40_000},
        {"whole": 2**31},
        {"big": 2**63},
        {"whole": "5"},
        {"whole": 5.0},
        {"whole": True},
        {"born_on": "2020-01-01"},
        {"born_on": datetime(2020, 1, 1, tzinfo=UTC)},
        {"seen_at": "2020-01-01"},
        {"facts": 5},
        {"facts": "text"},
        {"facts": {"a": float("nan")}},
        {"facts": {"a": "\x00"}},
        {"facts": {"a": {1, 2}}},
        {"rate": 0.1},
        {"rate": Decimal("0.0000001")},
        {"rate": Decimal("NaN")},
        {"quantity": Decimal(10) ** 15},
        {"paid": 1.5, "currency": "KES"},
        {"paid": Decimal("1.005"), "currency": "KES"},
        {"currency": "JPY", "paid": Decimal("1.5")},
        {"paid": Decimal("Infinity"), "currency": "KES"},
        {"paid": Decimal(10) ** 15 + 1, "currency": "KES"},
        {"currency": "KRX"},
        {"national_number": "a\x00b"},
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_by_name_and_never_cut(values: dict[str, Any], tmp_path: Path) -> None:
    site = site_at(f"sqlite:///{tmp_path}/one.db", tmp_path)
    keys.install(Keyring.create(tmp_path / "keys.toml"))
    with site.activate(), pytest.raises(Refused) as refused:
        FieldSample.create_table()
        FieldSample.create(**values)
    assert set(refused.value.fields) < set(FieldSample._meta.fields)
    assert str(refused.value)


def test_a_moment_keeps_its_microseconds_and_comes_back_in_utc(site: Site) -> None:
    nairobi = timezone(timedelta(hours=3))
    moments = [
        datetime(2026, 3, 1, 3, 0, 0, 0, nairobi),
        datetime(2026, 3, 1, 0, 0, 0, 1, UTC),
        datetime(2026, 3, 1, 0, 0, 0, 999_999, UTC),
        datetime(999, 1, 1, tzinfo=UTC),
    ]
    for moment in moments:
        FieldSample.create(seen_at=moment)
    stored = [row.seen_at for row in FieldSample.select().order_by(FieldSample.seen_at)]
    assert stored == sorted(moments)
    assert all(moment.utcoffset() == timedelta(0) for moment in stored)
    after = FieldSample.select().where(FieldSample.seen_at > moments[1])
    assert [row.seen_at for row in after] == [moments[2]]
    assert FieldSample.select(peewee.fn.MAX(FieldSample.seen_at)).scalar() == moments[2]


def test_a_moment_without_zone_is_a_programming_mistake(site: Site) -> None:
    with pytest.raises(Misuse):
        FieldSample.create(seen_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_days_numbers_and_truths_come_back_as_they_were(site: Site) -> None:
    sample = back(
        born_on=date(1923, 2, 28), is_member=False, small=-32768, whole=2**31 - 1, big=-(2**63),
        rate=Decimal("0.000001"), quantity=Decimal("-12.5"),
    )  # fmt: skip
    assert (sample.born_on, sample.is_member) == (date(1923, 2, 28), False)
    assert (sample.small, sample.whole, sample.big) == (-32768, 2**31 - 1, -(2**63))
    assert (sample.rate, sample.quantity) == (Decimal("0.000001"), Decimal("-12.5"))
    assert FieldSample.select(FieldSample.quantity.total()).scalar() == Decimal("-12.5")
    assert FieldSample.select().where(FieldSample.born_on < date(1923, 3, 1)).count() == 1


def test_structured_facts_come_back_and_are_found_by_path(site: Site) -> None:
    facts = {"b": [1, 2.5, {"deep": True}], "a": "Ünï 🙂 \\u0000", "n": None, "big": 2**60}
    sample = back(facts=facts)
    assert sample.facts == facts
    assert back(facts=[1, "5"]).facts == [1, "5"]
    assert back(facts={}).facts == {}
    for condition in (FieldSample.facts["a"] == facts["a"], FieldSample.facts["b"][0] == 1,
                      FieldSample.facts["b"][2]["deep"] == True):  # noqa: E712  # fmt: skip
        assert [row.id for row in FieldSample.select().where(condition)] == [sample.id]


def test_an_amount_is_a_decimal_of_the_records_currency(site: Site) -> None:
    sample = back(paid=Decimal("12.5"), currency="KWD")
    assert (str(sample.paid), FieldSample.paid.money(sample)) == ("12.500", Money(Decimal("12.5"), "KWD"))
    assert FieldSample.select().where(FieldSample.paid == Money(Decimal("12.5"), "KWD")).count() == 1
    assert FieldSample.select(FieldSample.paid.total()).scalar() == 12_500
    assert str(back(currency="JPY", paid=Decimal(5)).paid) == "5"
    assert back(paid=Money(Decimal("7.10"), "KES")).currency == "KES"


def test_changing_the_currency_never_changes_the_figure(site: Site) -> None:
    sample = back(paid=Decimal(500), currency="JPY")
    sample.currency = "USD"
    sample.save()
    assert FieldSample.get_by_id(sample.id).paid == Decimal(500)
    with pytest.raises(Misuse):
        sample.paid = Money(Decimal(1), "EUR")


def test_an_amount_needs_a_currency_field(site: Site) -> None:
    with pytest.raises(Misuse):
        type("Lone", (peewee.Model,), {"paid": MoneyField()})
    with pytest.raises(Misuse):
        FieldSample.create(paid=Decimal(1))


def test_an_encrypted_value_is_unreadable_in_the_table_and_found_by_its_hash(site: Site) -> None:
    sample = back(national_number="29384756")
    other = back(national_number="11111111")
    assert sample.national_number == "29384756"
    row = FieldSample.select(FieldSample.national_number, FieldSample.national_number_hash).tuples().first()
    assert row[0].startswith("v1:") and "29384756" not in "".join(row)
    found = FieldSample.select().where(FieldSample.national_number.matches(" 29384756"))
    assert [one.id for one in found] == [sample.id]
    other.national_number = None
    other.save()
    assert FieldSample.get_by_id(other.id).national_number_hash is None
    with pytest.raises(Misuse):
        FieldSample.get(FieldSample.national_number == "29384756")


def test_a_ciphertext_moved_to_another_record_does_not_open(site: Site) -> None:
    first, second = back(national_number="1"), back(national_number="2")
    sealed = FieldSample.select(FieldSample.national_number).where(FieldSample.id == first.id).tuples().first()[0]
    FieldSample.update(national_number=sealed).where(FieldSample.id == second.id).execute()
    with pytest.raises(SealBroken):
        assert FieldSample.get_by_id(second.id).national_number
    healed = FieldSample.get_by_id(second.id)
    healed.national_number = "2"
    healed.save()
    assert FieldSample.get_by_id(second.id).national_number == "2"


def test_saving_an_unchanged_encrypted_value_changes_nothing(site: Site) -> None:
    sample = back(national_number="1")
    sample.national_number = "1"
    assert not sample.is_dirty()


def test_an_indexed_text_needs_a_length_every_engine_can_index() -> None:
    with pytest.raises(Misuse):
        TextField(index=True)
    with pytest.raises(Misuse):
        TextField(max_length=701, unique=True)


def test_uids_rise_even_when_the_clock_stands_or_goes_back() -> None:
    with clock.freeze(datetime(2026, 1, 1, tzinfo=UTC)):
        made = [new_uid() for _ in range(2000)]
        clock.advance(hours=-1)
        made += [new_uid() for _ in range(2000)]
    assert made == sorted(set(made))
    assert all(is_uid(uid) and uid[14] == "7" and uid[19] in "89ab" for uid in made)
    assert not is_uid("nonsense") and not is_uid(None) and not is_uid(made[0].upper() + "\n")
