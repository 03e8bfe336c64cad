"""The second factor: set up with a code, asked for at the door, each code good once."""

from datetime import timedelta

import pyotp
import pytest

from core import clock
from core.errors import Forbidden, Refused, TooManyTries
from core.sites import Site
from core.storage.journal.models import JournalContent, JournalRow
from core.users import second_factor, sessions
from core.users.door import load_door
from core.users.models import RecoveryCode, Totp, User
from tests.core.people import PASSWORD, actor_of, at_once, in_processes, person


def enrolled(user: User) -> tuple[str, tuple[str, ...]]:
    """The seed and recovery codes of somebody who has set up an app."""
    by = sessions.bare_actor(user)
    seed = second_factor.enrol(by=by).seed
    codes = second_factor.confirm(code_of(seed), by=by)
    clock.advance(seconds=30)
    return seed, codes


def code_of(seed: str, steps: int = 0) -> str:
    """The code the app shows now, or some steps from now."""
    return pyotp.TOTP(seed).generate_otp(int(clock.now().timestamp()) // 30 + steps)


def first_step(name: str = "jane") -> str:
    """The token after the password, before the code."""
    begun = sessions.sign_in(name, PASSWORD, source="10.0.0.1", device="Firefox")
    assert begun.needs_second_factor
    return begun.token


def test_setting_up_gives_an_address_for_the_app_and_ten_codes(site: Site) -> None:
    by = sessions.bare_actor(person("jane"))
    with clock.freeze():
        enrolment = second_factor.enrol(by=by)
        assert enrolment.uri.startswith("otpauth://totp/North%20Hospital:jane?secret=")
        assert second_factor.enrol(by=by) == enrolment
        assert len(set(second_factor.confirm(code_of(enrolment.seed), by=by))) == 10


def test_nothing_counts_before_a_first_code(site: Site) -> None:
    jane = person("jane")
    second_factor.enrol(by=sessions.bare_actor(jane))
    assert not sessions.has_second_factor(jane)
    with pytest.raises(Refused):
        second_factor.confirm("000000", by=sessions.bare_actor(jane))


def test_the_password_alone_opens_only_the_page_for_the_code(each_site: Site) -> None:
    with clock.freeze():
        seed, _codes = enrolled(person("jane"))
        token = first_step()
        assert load_door(token).why_not == "second_factor"
        done = second_factor.complete_sign_in(token, code_of(seed))
        assert load_door(done.token).is_signed_in
        assert not load_door(token).is_signed_in


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_half_a_minute(site: Site, steps: int, is_right: bool) -> None:
    with clock.freeze():
        seed, _codes = enrolled(person("jane"))
        clock.advance(minutes=5)
        token = first_step()
        if is_right:
            assert second_factor.complete_sign_in(token, code_of(seed, steps))
        else:
            with pytest.raises(Refused):
                second_factor.complete_sign_in(token, code_of(seed, steps))


def test_a_code_is_taken_once(site: Site) -> None:
    with clock.freeze():
        seed, _codes = enrolled(person("jane"))
        code = code_of(seed)
        second_factor.complete_sign_in(first_step(), code)
        with pytest.raises(Refused):
            second_factor.complete_sign_in(first_step(), code)


def test_an_older_code_is_not_taken_after_a_newer_one(site: Site) -> None:
    with clock.freeze():
        seed, _codes = enrolled(person("jane"))
        clock.advance(minutes=5)
        second_factor.complete_sign_in(first_step(), code_of(seed, 1))
        with pytest.raises(Refused):
            second_factor.complete_sign_in(first_step(), code_of(seed))


def test_the_same_code_eight_times_at_once_is_taken_once(each_site: Site) -> None:
    with clock.freeze():
        seed, _codes = enrolled(person("jane"))
        tokens = [first_step() for _tab in range(8)]
        code = code_of(seed)
        results = at_once(8, lambda index: second_factor.complete_sign_in(tokens[index], code))
    assert sum(isinstance(one, sessions.SignIn) for one in results) == 1
    assert all(isinstance(one, (sessions.SignIn, Refused, TooManyTries)) for one in results)


def test_the_same_code_from_eight_places_at_once_is_taken_once(each_site: Site) -> None:
    with clock.freeze():
        seed, _codes = enrolled(person("jane"))
        tokens = [first_step() for _tab in range(8)]
        code = code_of(seed)
        results = at_once(
            8, lambda index: second_factor.complete_sign_in(tokens[index], code, source=f"10.0.1.{index}")
        )
    assert sum(isinstance(one, sessions.SignIn) for one in results) == 1
    assert sum(isinstance(one, Refused) for one in results) == 7


def signed_in_with(token: str, code: str) -> str:
    """One browser's second step, in a process of its own."""
    return "in" if second_factor.complete_sign_in(token, code).token else ""


def test_a_code_is_taken_once_among_many_processes(each_site: Site) -> None:
    with clock.freeze(clock.now() - timedelta(minutes=2)):
        seed, _codes = enrolled(person("jane"))
    token = first_step()
    answers = in_processes(4, signed_in_with, token, code_of(seed))
    assert answers.count("in") == 1
    assert set(answers) <= {"in", "Refused", "TooManyTries"}


def test_a_recovery_code_works_once_also_when_typed_twice_at_once(each_site: Site) -> None:
    with clock.freeze():
        _seed, codes = enrolled(person("jane"))
        tokens = [first_step(), first_step()]
        typed = codes[3].upper().replace("-", " ")
        results = at_once(2, lambda index: second_factor.complete_sign_in(tokens[index], typed))
        assert sum(isinstance(one, sessions.SignIn) for one in results) == 1
        assert second_factor.codes_left(User.get(User.sign_in_key == "jane")) == 9


def test_recovery_codes_are_kept_as_hashes(site: Site) -> None:
    with clock.freeze():
        _seed, codes = enrolled(person("jane"))
    assert not {row.code_hash for row in RecoveryCode.select()} & {code.replace("-", "") for code in codes}


def test_the_seed_is_readable_neither_in_the_table_nor_in_the_journal(site: Site) -> None:
    with clock.freeze():
        seed, _codes = enrolled(person("jane"))
    stored = site.database.execute_sql("SELECT seed FROM core_totp").fetchone()[0]
    assert seed not in stored
    assert not any(seed in row.content for row in JournalContent.select())


def test_guessing_codes_is_stopped(site: Site) -> None:
    with clock.freeze():
        enrolled(person("jane"))
        heard = 0
        token = first_step()
        for number in range(60):
            try:
                second_factor.complete_sign_in(token, f"{number:06d}")
            except TooManyTries:
                clock.advance(seconds=4)
            except Refused:
                heard += 1
        assert heard <= second_factor.throttling.CODES.window


def test_a_remembered_browser_is_not_asked_again_for_thirty_days(site: Site) -> None:
    with clock.freeze():
        seed, _codes = enrolled(person("jane"))
        done = second_factor.complete_sign_in(first_step(), code_of(seed), remember_device=True)
        again = sessions.sign_in("jane", PASSWORD, source="10.0.0.1", device_token=done.device_token)
        assert not again.needs_second_factor
        assert load_door(again.token).second_factor_at is not None
        clock.advance(days=31)
        late = sessions.sign_in("jane", PASSWORD, source="10.0.0.1", device_token=done.device_token)
        assert late.needs_second_factor


def test_a_remembered_browser_is_of_use_to_its_user_only(site: Site) -> None:
    with clock.freeze():
        seed, _codes = enrolled(person("jane"))
        enrolled(person("tom"))
        done = second_factor.complete_sign_in(first_step(), code_of(seed), remember_device=True)
        assert sessions.sign_in("tom", PASSWORD, source="10.0.0.1", device_token=done.device_token).needs_second_factor


def test_another_administrator_resets_a_lost_second_factor(site: Site) -> None:
    with clock.freeze():
        jane, admin = person("jane"), person("ada", "administrator")
        enrolled(jane)
        by = actor_of(admin)
        second_factor.reset_second_factor(jane, "passport seen at the desk", by=by)
        assert not sessions.sign_in("jane", PASSWORD, source="10.0.0.1").needs_second_factor
        assert Totp.select().count() == 0
    row = JournalRow.get(JournalRow.act == "core.reset_second_factor", JournalRow.change == "noted")
    assert (row.actor_uid, row.record_uid) == (admin.uid, jane.uid)


def test_nobody_resets_their_own_second_factor(site: Site) -> None:
    ada = person("ada", "administrator")
    with pytest.raises(Refused):
        second_factor.reset_second_factor(ada, "lost it", by=actor_of(ada))


def test_a_clerk_resets_nobodys(site: Site) -> None:
    jane, clerk = person("jane"), person("tom", "receptionist")
    with pytest.raises(Forbidden):
        second_factor.reset_second_factor(jane, "asked nicely", by=actor_of(clerk))


def test_the_first_step_does_not_wait_for_ever(site: Site) -> None:
    with clock.freeze():
        seed, _codes = enrolled(person("jane"))
        token = first_step()
        clock.advance(minutes=5)
        with pytest.raises(Refused, match="too long"):
            second_factor.complete_sign_in(token, code_of(seed))
