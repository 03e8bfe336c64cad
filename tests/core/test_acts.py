"""Acts: permission, nesting, being run again, and being asked twice."""

from dataclasses import dataclass
from typing import Any

import peewee
import pytest

from core.actors import ANONYMOUS, Actor
from core.acts import ALREADY_DONE, act, all_acts
from core.errors import Busy, Forbidden, KeyReused, Misuse, NotFound, Refused
from core.sites import Site, current
from core.storage.journal.models import IdempotencyKey, JournalRow
from tests.core.storage.clinic import Slip, do, write_slip
from tests.core.storage.conftest import clinic
from tests.hospital import HOUSE, SOAK, at_once, rounds

pytestmark = SOAK

__all__ = ["clinic"]
CLERK = Actor("person", "clerk-1", "Clerk", frozenset({"clinic.write_slip", "clinic.pay"}))


@dataclass
class Payment:
    amount: int
    tags: frozenset[str] = frozenset()


@act("clinic.pay")
def pay(payment: Payment, by: Actor) -> Slip:
    """Take money."""
    slip: Slip = Slip.create(text=f"paid {payment.amount}")
    return slip


@act("clinic.pay_nothing", permission="clinic.pay")
def pay_nothing(by: Actor) -> None:
    """Leave a trace that is not the result."""
    Slip.create(text="nothing")


@act("clinic.refuse", permission="open")
def refuse(times: list[int], by: Actor) -> Slip:
    """Refuse the first time."""
    times.append(1)
    if len(times) == 1:
        raise Refused
    slip: Slip = Slip.create(text="in the end")
    return slip


def test_an_act_is_done_by_those_who_may(clinic: Site):
    assert write_slip("by the clerk", by=CLERK).created_by == "clerk-1"
    with pytest.raises(Forbidden) as refusal:
        write_slip("by nobody", by=ANONYMOUS)
    assert refusal.value.permission == "clinic.write_slip"
    assert Slip.select().where(Slip.text == "by nobody").count() == 0


def test_a_nested_act_joins_the_outer_one_and_asks_for_its_own_permission(clinic: Site):
    def body() -> None:
        Slip.create(text="outer")
        pay(Payment(5), by=CLERK)
        assert current().transaction.act == "clinic.do"
        with pytest.raises(Forbidden):
            pay(Payment(6), by=ANONYMOUS)
        raise Refused

    with pytest.raises(Refused):
        do(body, by=HOUSE)
    assert Slip.select().where(Slip.text.in_(["outer", "paid 5"])).count() == 0


def test_a_nested_acts_row_carries_its_own_verb_and_actor(clinic: Site):
    slip = do(lambda: pay(Payment(7), by=CLERK), by=HOUSE)
    row = JournalRow.get(JournalRow.record_uid == slip.uid)
    assert row.act == "clinic.pay"
    assert current().actor is ANONYMOUS


def test_the_same_key_with_the_same_facts_answers_with_the_first_result(clinic: Site):
    first = pay(Payment(10, frozenset("abcdef")), by=CLERK, idempotency_key="key-10")
    again = pay(Payment(10, frozenset("fedcba")), by=CLERK, idempotency_key="key-10")
    assert first == again
    assert Slip.select().where(Slip.text == "paid 10").count() == 1


def test_the_same_key_with_other_facts_is_refused_and_points_at_the_first(clinic: Site):
    first = pay(Payment(11), by=CLERK, idempotency_key="key-11")
    with pytest.raises(KeyReused) as reused:
        pay(Payment(12), by=CLERK, idempotency_key="key-11")
    assert reused.value.result_uid == first.uid
    assert Slip.select().where(Slip.text == "paid 12").count() == 0


def test_another_persons_key_is_another_key(clinic: Site):
    other = Actor("person", "clerk-2", "Other", CLERK.permissions)
    assert pay(Payment(13), by=CLERK, idempotency_key="k") != pay(Payment(13), by=other, idempotency_key="k")


def test_a_refusal_binds_nothing(clinic: Site):
    times: list[int] = []
    with pytest.raises(Refused):
        refuse(times, by=HOUSE, idempotency_key="refused once")
    times[:] = [1]
    assert refuse(times, by=HOUSE, idempotency_key="refused once").text == "in the end"


def test_sixteen_at_once_with_one_key_make_one_payment(clinic: Site):
    for number in range(rounds(2, 50)):
        amount = 1000 + number
        results = at_once(
            clinic,
            16,
            lambda _index, amount=amount: pay(Payment(amount), by=CLERK, idempotency_key=f"at once {amount}").uid,
        )
        assert len(set(results)) == 1
        assert isinstance(results[0], str), results[0]
        assert Slip.select().where(Slip.text == f"paid {amount}").count() == 1


def test_an_act_without_a_record_as_result_says_that_it_was_done(clinic: Site):
    assert pay_nothing(by=CLERK, idempotency_key="nothing") is None
    assert pay_nothing(by=CLERK, idempotency_key="nothing") is ALREADY_DONE
    assert Slip.select().where(Slip.text == "nothing").count() == 1


def test_a_repeat_whose_result_is_gone_says_so(clinic: Site):
    slip = pay(Payment(14), by=CLERK, idempotency_key="key-14")
    do(slip.delete_instance, by=HOUSE)
    with pytest.raises(NotFound):
        pay(Payment(14), by=CLERK, idempotency_key="key-14")


@pytest.mark.parametrize("key", ["nul\x00", "x" * 5000, "\ud800", "ключ", "' OR 1=1 --"])
def test_a_strange_key_is_a_key_like_any_other(clinic: Site, key: str):
    first = pay(Payment(15), by=CLERK, idempotency_key=key)
    assert pay(Payment(15), by=CLERK, idempotency_key=key) == first


def test_what_was_asked_is_not_to_be_guessed_from_the_kept_digest(clinic: Site):
    pay(Payment(16), by=CLERK, idempotency_key="key-16")
    kept = IdempotencyKey.get(IdempotencyKey.request_key == "key-16")
    assert len(kept.digest) == 64
    with_other_secret = clinic.secret
    clinic.secret = b"another".ljust(32)
    try:
        with pytest.raises(KeyReused):
            pay(Payment(16), by=CLERK, idempotency_key="key-16")
    finally:
        clinic.secret = with_other_secret


def test_an_act_is_run_five_times_at_most_and_then_told_to_be_busy(clinic: Site):
    runs: list[int] = []

    def body() -> None:
        runs.append(1)
        failure = peewee.OperationalError(1213, "Deadlock found when trying to get lock")
        current().transaction.statement_failed(failure)
        raise failure

    with pytest.raises(Busy) as told:
        do(body, by=HOUSE)
    assert isinstance(told.value.__cause__, peewee.OperationalError)
    assert len(runs) == 5
    assert current().transaction is None
    assert current().actor is ANONYMOUS


def test_a_clash_of_the_acts_own_is_not_taken_for_a_repeat(clinic: Site):
    write_slip("x", by=HOUSE)

    def body() -> None:
        Slip.create(code="own clash")
        Slip.create(code="own clash")

    with pytest.raises(peewee.IntegrityError):
        do(body, by=HOUSE)
    assert Slip.select().where(Slip.code == "own clash").count() == 0


def test_an_act_takes_an_actor_and_has_one_name():
    def without(text: str) -> Any:
        return text

    with pytest.raises(Misuse, match="by"):
        act("clinic.without")(without)
    assert all_acts()["clinic.pay"].summary == "Take money."
