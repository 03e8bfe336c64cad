"""Shared computers: locked by their owner, opened again by PIN there and nowhere else."""

import pytest

from core import clock
from core.errors import MedleyError, Refused
from core.sites import Site
from core.storage.journal.models import JournalRow
from core.users import accounts, credentials, locking, pins, sessions
from core.users.door import load_door
from core.users.models import Pin, Session, User
from core.users.policy import SignInPolicy, follow, policy
from tests.core.people import HOUSE, PASSWORD, at_once, in_processes, person, signed_in

DESK, PIN = "desk of the ward", "4071"


def with_pin(name: str, pin: str = PIN) -> User:
    user = person(name)
    pins.choose_pin(pin, PASSWORD, by=sessions.bare_actor(user))
    return user


def locked(user: User, resume_at: str = "") -> str:
    """Sign in and lock; the token the browser keeps."""
    token = signed_in(user)
    assert locking.lock(load_door(token).session_id, DESK, resume_at, by=sessions.bare_actor(user))
    return token


def only_here(token: str, desk: str = DESK) -> int:
    [one] = locking.locked_here(token, desk)
    return one.session_id


def test_a_locked_session_lets_nobody_in_until_its_owner_gives_the_pin(each_site: Site) -> None:
    jane = with_pin("jane")
    token = locked(jane, "/patients/01J/edit")
    assert load_door(token).why_not == "locked"
    assert [row.is_locked for row in sessions.sessions_of(jane)] == [True]
    opened = locking.unlock(only_here(token), PIN, token, DESK)
    assert opened.resume_at == "/patients/01J/edit"
    assert (load_door(opened.token).user_name, load_door(token).why_not) == ("Jane", "unknown")
    acts = [row.act for row in JournalRow.select().where(JournalRow.record_uid == jane.uid).order_by(JournalRow.id)]
    assert acts[-3:] == ["core.sign_in", "core.lock", "core.unlock"]


def test_the_pin_alone_opens_nothing_from_another_computer(site: Site) -> None:
    token = locked(with_pin("jane"))
    session_id = load_door(token).session_id
    for shown, desk in (("", ""), ("made up", "another desk"), ("", "another desk")):
        assert locking.locked_here(shown, desk) == []
        with pytest.raises(Refused):
            locking.unlock(session_id, PIN, shown, desk)


def test_colleagues_take_turns_on_one_computer(site: Site) -> None:
    jane, noor = with_pin("jane"), with_pin("noor", "5829")
    first, second = locked(jane), locked(noor)
    assert [one.name for one in locking.locked_here(second, DESK)] == ["Noor", "Jane"]
    back = locking.unlock(load_door(first).session_id, PIN, second, DESK)
    assert load_door(back.token).user_name == "Jane"
    assert [one.name for one in locking.locked_here(second, DESK)] == ["Noor"]


def test_a_session_left_alone_counts_as_locked_for_somebody_with_a_pin(site: Site) -> None:
    with clock.freeze():
        token, without = signed_in(with_pin("jane")), signed_in(person("noor"))
        assert locking.locked_here(token, "") == []
        clock.advance(minutes=15)
        assert load_door(token).why_not == "idle"
        assert locking.locked_here(without, "") == []
        locking.leave_here(token, DESK, by=sessions.bare_actor(person("omar")))
        assert only_here("", DESK) == load_door(token).session_id
        assert load_door(locking.unlock(only_here("", DESK), PIN, "", DESK).token).is_signed_in


def test_a_pin_opens_for_a_few_hours_only_and_never_past_the_shift(site: Site) -> None:
    with clock.freeze():
        token = locked(with_pin("jane"))
        clock.advance(minutes=policy().locked_minutes - 1)
        assert only_here(token)
        clock.advance(minutes=1)
        assert locking.locked_here(token, DESK) == []
        follow(SignInPolicy(hash_rounds=1, hash_memory_kib=8, locked_minutes=0))
        assert locking.locked_here(locked(with_pin("noor")), DESK) == []


def test_after_five_wrong_pins_only_the_password_opens(each_site: Site) -> None:
    jane = with_pin("jane")
    token = locked(jane)
    session_id = only_here(token)
    for _one in range(5):
        with pytest.raises(Refused) as refused:
            locking.unlock(session_id, "9999", token, DESK)
        assert "pin" in refused.value.fields
    with pytest.raises(Refused, match="too many wrong PINs"):
        locking.unlock(session_id, PIN, token, DESK)
    assert (load_door(token).why_not, load_door(token).ended_because) == ("ended", "too many wrong PINs")
    assert load_door(signed_in(jane)).is_signed_in, "the account itself is not locked"


def test_what_ends_a_session_ends_a_locked_one(site: Site) -> None:
    jane, noor, omar = (with_pin(name) for name in ("jane", "noor", "omar"))
    tokens = [locked(user) for user in (jane, noor, omar)]
    accounts.deactivate_user(jane, by=HOUSE)
    sessions.end_all_sessions(noor, by=HOUSE)
    credentials.set_password(omar, "nine slow herons by the ford", by=HOUSE)
    assert locking.locked_here(tokens[0], DESK) == []
    assert Pin.select().where(Pin.user == omar).count() == 0


def test_without_a_pin_nothing_is_locked(site: Site) -> None:
    jane = person("jane")
    token = signed_in(jane)
    assert not locking.lock(load_door(token).session_id, DESK, "", by=sessions.bare_actor(jane))
    assert load_door(token).is_signed_in


def test_nobody_locks_the_session_of_another(site: Site) -> None:
    jane, noor = with_pin("jane"), with_pin("noor")
    token = signed_in(noor)
    locking.lock(load_door(token).session_id, DESK, "", by=sessions.bare_actor(jane))
    assert load_door(token).is_signed_in


@pytest.mark.parametrize("pin", ["", "123", "1234", "9876", "0000", "1122", "1990", "12a4", "٤٠٧١", "4071" * 4, "-407"])
def test_a_pin_that_would_be_guessed_or_typed_nowhere_is_refused(site: Site, pin: str) -> None:
    with pytest.raises(Refused) as refused:
        pins.choose_pin(pin, PASSWORD, by=sessions.bare_actor(person("jane")))
    assert list(refused.value.fields) == ["pin"]


def test_choosing_a_pin_asks_for_the_password(site: Site) -> None:
    jane = person("jane")
    with pytest.raises(Refused) as refused:
        pins.choose_pin(PIN, "not this", by=sessions.bare_actor(jane))
    assert list(refused.value.fields) == ["password"]
    assert not pins.has_pin(jane)
    pins.choose_pin(PIN, PASSWORD, by=sessions.bare_actor(jane))
    assert PIN not in Pin.get().pin_hash
    pins.remove_pin(by=sessions.bare_actor(jane))
    assert not pins.has_pin(jane)


def guess(token: str, session_id: int) -> str:
    """One wrong try."""
    try:
        locking.unlock(session_id, "9999", token, DESK)
    except MedleyError as refused:
        return "looked at" if "pin" in getattr(refused, "fields", {}) else "not heard"
    return "opened"


def test_many_wrong_pins_at_once_are_no_more_than_five(each_site: Site) -> None:
    token = locked(with_pin("jane"))
    answers = at_once(8, lambda _number: guess(token, Session.get().id))
    assert answers.count("looked at") <= 5
    assert "opened" not in answers


def unlocked(token: str, session_id: int) -> str:
    """Open it, in a process of its own."""
    return "opened" if locking.unlock(session_id, PIN, token, DESK).token else ""


def test_of_two_right_pins_at_once_one_opens(each_site: Site) -> None:
    token = locked(with_pin("jane"))
    assert sorted(in_processes(2, unlocked, token, only_here(token))) == ["Refused", "opened"]
