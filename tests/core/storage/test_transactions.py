"""All or nothing, and never half, whatever is swallowed on the way; on three engines."""

import threading
from contextlib import suppress
from typing import Any

import peewee
import pytest

from core.errors import Doomed, MedleyError, Misuse, Refused, Unavailable
from core.sites import Site, current
from core.storage import after_commit, atomic, savepoint, transactions
from core.storage.journal.models import JournalRow
from core.storage.transactions import is_retryable
from tests.core.storage.clinic import Person, Slip, do, write_slip
from tests.hospital import HOUSE, SOAK, at_once, rounds
from tests.servers import ENGINES

pytestmark = SOAK
# The engines with a server: a file does not hang up, and its writers come one at a time.
SERVED = ENGINES[1:]


def count(text: str) -> int:
    return int(Slip.select().where(Slip.text == text).count())


def locked(slip_id: int) -> Slip:
    """A slip that nobody else changes until the act ends."""
    slip: Slip = Slip.select().where(Slip.id == slip_id).for_update().get()
    return slip


def break_a_rule(code: str) -> None:
    """A database error: the second slip of one code."""
    Slip.create(code=code)
    Slip.create(code=code)


def test_a_swallowed_database_error_keeps_nothing_and_is_not_lost(clinic: Site):
    def body() -> None:
        Slip.create(text="before the error")
        with suppress(peewee.IntegrityError):
            break_a_rule("swallowed")

    with pytest.raises(Doomed):
        do(body, by=HOUSE)
    assert count("before the error") == 0
    assert (
        JournalRow.select()
        .where(JournalRow.act == "clinic.do", JournalRow.noun == "slip", JournalRow.reason == "x")
        .count()
        == 0
    )


def test_a_doomed_transaction_refuses_every_further_statement(clinic: Site):
    met: list[type[BaseException]] = []

    def body() -> None:
        with suppress(peewee.IntegrityError):
            break_a_rule("doomed")
        for statement in (lambda: Slip.create(text="after"), lambda: list(Slip.select())):
            try:
                statement()
            except MedleyError as refused:
                met.append(type(refused))

    with pytest.raises(Doomed):
        do(body, by=HOUSE)
    assert met == [Doomed, Doomed]
    assert count("after") == 0


def test_a_savepoint_takes_back_its_own_and_the_act_goes_on(clinic: Site):
    def body() -> None:
        Slip.create(text="kept")
        with suppress(peewee.IntegrityError), savepoint():
            Slip.create(text="taken back")
            break_a_rule("inside")
        Slip.create(text="kept too")

    before = JournalRow.select().count()
    do(body, by=HOUSE)
    assert (count("kept"), count("taken back"), count("kept too")) == (1, 0, 1)
    assert JournalRow.select().count() == before + 2


def test_an_error_swallowed_inside_a_savepoint_comes_out_of_it(clinic: Site):
    def body() -> str:
        try:
            with savepoint():
                Slip.create(text="in the savepoint")
                with suppress(peewee.IntegrityError):
                    break_a_rule("hidden")
        except Doomed:
            Slip.create(text="after the savepoint")
            return "told"
        return "not told"

    assert do(body, by=HOUSE) == "told"
    assert (count("in the savepoint"), count("after the savepoint")) == (0, 1)


def test_nested_savepoints_take_back_what_lies_in_them(clinic: Site):
    waiting: list[str] = []

    def body() -> None:
        with savepoint():
            Slip.create(text="outer")
            after_commit(lambda: waiting.append("outer"))
            with suppress(Refused), savepoint():
                Slip.create(text="inner")
                after_commit(lambda: waiting.append("inner"))
                with savepoint():
                    Slip.create(text="innermost, released")
                raise Refused
        with suppress(Refused), savepoint():
            Slip.create(text="second")
            raise Refused

    do(body, by=HOUSE)
    assert [count(text) for text in ("outer", "inner", "innermost, released", "second")] == [1, 0, 0, 0]
    assert waiting == ["outer"]


def test_a_record_saved_in_a_savepoint_that_failed_can_be_saved_again(clinic: Site):
    person = do(lambda: Person.create(name="Amara"), by=HOUSE)

    def body() -> None:
        person.name = "Amara N."
        with suppress(Refused), savepoint():
            person.save()
            raise Refused
        person.name = "Amara Nwosu"
        person.save()

    do(body, by=HOUSE)
    stored = Person.get_by_id(person.id)
    assert (stored.name, stored.version, person.version) == ("Amara Nwosu", 2, 2)


def test_a_record_made_in_a_savepoint_that_failed_is_made_by_the_next_save(clinic: Site):
    def body() -> Slip:
        slip = Slip(text="second try")
        with suppress(Refused), savepoint():
            slip.save()
            raise Refused
        slip.save()
        return slip

    slip = do(body, by=HOUSE)
    assert count("second try") == 1
    assert Slip.get(Slip.uid == slip.uid).id == slip.id


def test_what_waits_for_the_commit_runs_after_it_and_never_without_it(clinic: Site):
    heard: list[str] = []

    def body(fails: bool) -> None:
        Slip.create(text="announced")
        after_commit(lambda: heard.append(f"{count('announced')} stored, open: {current().transaction is not None}"))
        if fails:
            raise Refused

    with suppress(Refused):
        do(lambda: body(True), by=HOUSE)
    assert heard == []
    do(lambda: body(False), by=HOUSE)
    assert heard == ["1 stored, open: False"]


def test_an_error_after_the_commit_neither_undoes_the_act_nor_runs_it_twice(clinic: Site):
    runs: list[str] = []

    def body() -> None:
        runs.append("run")
        Slip.create(text="woken")
        after_commit(lambda: write_nothing())
        after_commit(lambda: runs.append("the next one"))

    def write_nothing() -> None:
        raise peewee.OperationalError(1213, "deadlock, somewhere else")

    do(body, by=HOUSE)
    assert runs == ["run", "the next one"]
    assert count("woken") == 1


def test_a_commit_that_fails_keeps_nothing_and_leaves_a_usable_connection(clinic: Site):
    def body() -> None:
        Slip.create(text="never committed")
        current().transaction.at_end(lambda: break_a_rule("at the end"))

    with pytest.raises(peewee.IntegrityError):
        do(body, by=HOUSE)
    assert current().transaction is None
    assert count("never committed") == 0
    write_slip("afterwards", by=HOUSE)
    assert count("afterwards") == 1


@pytest.mark.parametrize("hospital", SERVED, indirect=True)
def test_a_connection_lost_amid_an_act_is_said_in_plain_words_and_nothing_is_kept(clinic: Site):
    def body() -> None:
        Slip.create(text="cut off")
        clinic.database.cut(clinic.database.connection())
        Slip.create(text="after the cut")

    open_before = clinic.database.budget.open
    with pytest.raises(Unavailable):
        do(body, by=HOUSE)
    assert current().transaction is None
    assert count("cut off") == 0
    write_slip("with a new connection", by=HOUSE)
    assert clinic.database.budget.open <= max(open_before, 1)


@pytest.mark.parametrize("hospital", SERVED, indirect=True)
def test_a_connection_lost_at_the_commit_leaves_it_open_whether_it_was_stored(
    clinic: Site, monkeypatch: pytest.MonkeyPatch
):
    database = clinic.database
    cut = [*transactions.before_commit, lambda _transaction: database.cut(database.connection())]
    monkeypatch.setattr(transactions, "before_commit", cut)
    with pytest.raises(Unavailable, match="Look whether it was"):
        write_slip("who knows", by=HOUSE)


def test_a_transaction_nobody_ended_is_taken_back_when_the_hospital_is_left(clinic: Site):
    def leave_it_open() -> None:
        with clinic.activate(door="test") as activation:
            left = atomic()
            left.__enter__()
            activation.transaction.act = "clinic.do"
            Slip.create(text="left open")
            kept.append(left)

    kept: list[Any] = []
    worker = threading.Thread(target=leave_it_open)
    worker.start()
    worker.join()
    write_slip("nobody waits", by=HOUSE)
    assert (count("left open"), count("nobody waits")) == (0, 1)
    kept.clear()


def test_sites_are_not_entered_inside_each_others_transactions(clinic: Site, site: Site):
    with atomic(), pytest.raises(Misuse, match="open transaction"), site.activate():
        pass
    with site.activate() as other:
        assert other.site is site
    assert current().site is clinic


@pytest.mark.parametrize("hospital", SERVED, indirect=True)
def test_acts_that_lock_each_other_out_are_run_again(clinic: Site):
    """Two acts take the same two rows in opposite order with a pause between: one is a victim, both are done."""
    first, second = (write_slip(name, by=HOUSE) for name in ("left", "right"))
    runs: list[int] = []

    def cross(index: int) -> None:
        pair = [first.id, second.id] if index == 0 else [second.id, first.id]
        meeting = threading.Barrier(2) if index < 0 else gate

        def body() -> None:
            runs.append(index)
            one = locked(pair[0])
            one.text += f" {index}"
            one.save()
            with suppress(threading.BrokenBarrierError):
                meeting.wait(1)
            other = locked(pair[1])
            other.text += f" {index}"
            other.save()

        do(body, by=HOUSE)

    for _round in range(rounds(2, 20)):
        gate = threading.Barrier(2)
        runs.clear()
        assert at_once(clinic, 2, cross) == [None, None]
        assert len(runs) > 2, "no deadlock was provoked"
    for slip in (first, second):
        words = Slip.get_by_id(slip.id).text.split()
        assert words.count("0") == words.count("1") == rounds(2, 20)


def test_a_deadlock_inside_a_savepoint_cannot_be_swallowed(clinic: Site):
    """The engine has taken the whole transaction back already."""
    runs: list[int] = []

    def body() -> None:
        runs.append(1)
        Slip.create(text=f"try {len(runs)}")
        with suppress(peewee.OperationalError), savepoint():
            if len(runs) == 1:
                failure = peewee.OperationalError(1213, "Deadlock found when trying to get lock")
                current().transaction.statement_failed(failure)
                raise failure

    do(body, by=HOUSE)
    assert len(runs) == 2
    assert (count("try 1"), count("try 2")) == (0, 1)


def test_an_act_that_is_run_again_may_save_the_records_it_was_given(clinic: Site):
    person = do(lambda: Person.create(name="Given"), by=HOUSE)
    runs: list[int] = []

    def body() -> None:
        runs.append(1)
        person.name = f"Renamed {len(runs)}"
        person.save()
        if len(runs) == 1:
            failure = peewee.OperationalError(1213, "Deadlock found when trying to get lock")
            current().transaction.statement_failed(failure)
            raise failure

    do(body, by=HOUSE)
    assert Person.get_by_id(person.id).name == "Renamed 2"
    assert person.version == 2


def test_only_what_may_succeed_a_moment_later_is_tried_again():
    assert is_retryable(peewee.OperationalError(1213, "deadlock"))
    assert is_retryable(Doomed(peewee.OperationalError(1205, "lock wait")))
    assert not is_retryable(peewee.IntegrityError(1062, "duplicate"))
    assert not is_retryable(Refused())
