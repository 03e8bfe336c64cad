"""Numbers are unique, and where the law says so, without a gap."""

import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import peewee
import pytest

from core import checkdigits, clock
from core.actors import Actor, system_actor
from core.acts import OPEN, act
from core.errors import Misuse, Refused
from core.sites import Site
from core.storage import fields
from core.storage.model import Table
from core.storage.numbering import NumberSeries, continue_from, define_series, next_number
from core.storage.transactions import atomic
from tests.core.storage.sites import site_at


class Receipt(Table):
    number = fields.TextField(max_length=40, null=True, unique=True)

    class Meta:
        plugin = "lot"
        why = "a test"


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    made = site_at(database_url, tmp_path)
    with made.activate():
        peewee.SchemaManager(NumberSeries, made.database).create_all()
        peewee.SchemaManager(Receipt, made.database).create_all()
        yield made
    made.database.budget.close_idle()


def taken(series: str, **facts: object) -> str:
    with atomic():
        return next_number(series, **facts)  # type: ignore[call-overload, no-any-return]


def at_once(count: int, work: Callable[[], None]) -> None:
    together = threading.Barrier(count)

    def start() -> None:
        together.wait()
        work()

    threads = [threading.Thread(target=start) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_numbers_follow_the_pattern_and_start_anew_each_year_of_the_site(site: Site) -> None:
    define_series("lot.yearly", "{kind}{year}-{n:04d}")
    site.zone = ZoneInfo("Africa/Nairobi")
    with clock.freeze(datetime(2026, 12, 31, 20, 0, tzinfo=UTC)):
        assert [taken("lot.yearly", kind="R") for _ in range(12)] == [f"R2026-{n:04d}" for n in range(1, 13)]
        assert taken("lot.yearly", kind="C") == "C2026-0001"
        clock.advance(hours=2)
        assert taken("lot.yearly", kind="R") == "R2027-0001"


def test_each_place_counts_for_itself(site: Site) -> None:
    assert [taken("lot.plain"), taken("lot.plain", place="north"), taken("lot.plain")] == ["1", "1", "2"]


@pytest.mark.parametrize("algorithm", list(checkdigits.ALGORITHMS))
def test_numbers_carry_a_check_digit(site: Site, algorithm: str) -> None:
    define_series("lot.checked", "MRN-{n:05d}", check=algorithm)
    numbers = [taken("lot.checked", kind=algorithm) for _ in range(25)]
    assert len(set(numbers)) == 25
    assert all(checkdigits.validate(algorithm, number.removeprefix("MRN-")) for number in numbers)


def test_a_site_may_have_its_own_pattern_and_only_a_sound_one(site: Site) -> None:
    assert taken("lot.plain", pattern="P{n:03d}") == "P001"
    for pattern in ("{n.__class__}", "{n", "{year}", "{other}{n}", "{0}{n}", "{n:q}"):
        with pytest.raises(Refused):
            taken("lot.plain", pattern=pattern)


def test_numbers_taken_at_once_are_all_different(site: Site) -> None:
    numbers: list[str] = []

    def work() -> None:
        for _ in range(12):
            with site.activate():
                numbers.append(taken("lot.raced"))

    at_once(8, work)
    assert len(numbers) == len(set(numbers)) == 96


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"], indirect=True)
def test_a_number_does_not_wait_for_another_act_to_end(site: Site) -> None:
    with atomic():
        first = next_number("lot.busy")
        seen: list[str] = []

        def other() -> None:
            with site.activate():
                seen.append(taken("lot.busy"))

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(5)
    assert first == "1"
    assert seen == ["2"]


def test_gap_free_numbers_have_no_gap_though_acts_fail(site: Site) -> None:
    chance = random.Random(7)

    @act("lot.issue", permission=OPEN)
    def issue(by: Actor) -> None:
        receipt = Receipt.create()
        next_number("lot.receipt", gapless=True, pattern="{n}").bind(receipt, "number")
        if chance.random() < 0.3:
            raise LookupError

    def work() -> None:
        for _ in range(15):
            with site.activate():
                try:
                    issue(by=system_actor("test"))
                except LookupError:
                    continue

    at_once(6, work)
    numbers = sorted(int(row.number) for row in Receipt.select())
    assert 40 < len(numbers) < 90
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_promise_becomes_a_number_at_the_end(site: Site) -> None:
    with atomic():
        receipt = Receipt.create()
        promise = next_number("lot.receipt", gapless=True)
        promise.bind(receipt, "number")
        assert receipt.number is None
        with pytest.raises(Misuse):
            str(promise)
    assert str(promise) == receipt.number == Receipt.get_by_id(receipt.id).number == "1"


def test_a_promise_must_go_to_a_record(site: Site) -> None:
    with pytest.raises(Misuse), atomic():
        next_number("lot.receipt", gapless=True)
    with atomic():
        next_number("lot.receipt", gapless=True).bind(Receipt.create(), "number")
    assert Receipt.get().number == "1"


def test_a_series_goes_on_from_an_older_system(site: Site) -> None:
    taken("lot.moved")
    with atomic():
        continue_from("lot.moved", 5000)
    assert taken("lot.moved") == "5000"
    with pytest.raises(Refused), atomic():
        continue_from("lot.moved", 4000)
