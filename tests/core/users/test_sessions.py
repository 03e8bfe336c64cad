"""Sessions: begun with a password, ended in many ways, and then dead at once."""

import pytest

from core import clock
from core.errors import NotFound, Refused
from core.places.services import retire_place
from core.roles.editing import edit_role
from core.roles.grants import role_named
from core.sites import Site
from core.storage.journal.models import JournalRow
from core.users import accounts, credentials, devices, sessions
from core.users.door import load_door
from core.users.models import Credential, Session
from core.users.policy import SignInPolicy, follow
from tests.core.people import HOUSE, PASSWORD, actor_of, in_processes, person, place, signed_in


def test_the_right_password_opens_a_session_under_any_spelling_of_the_name(each_site: Site) -> None:
    person("jane")
    answer = load_door(sessions.sign_in("  JANE ", PASSWORD, source="10.0.0.1").token)
    assert (answer.is_signed_in, answer.user_name) == (True, "Jane")


def test_the_token_itself_is_nowhere_in_the_database(site: Site) -> None:
    token = signed_in(person("jane"))
    assert Session.get().token_hash != token


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(site: Site) -> None:
    person("jane")
    answers = []
    for name in ("jane", "nobody"):
        with pytest.raises(Refused) as refused:
            sessions.sign_in(name, "wrong", source="10.0.0.1")
        answers.append((str(refused.value), refused.value.status, {k: str(v) for k, v in refused.value.fields.items()}))
    assert answers[0] == answers[1]


def test_a_closed_account_is_answered_like_a_wrong_password(site: Site) -> None:
    jane = person("jane")
    accounts.deactivate_user(jane, by=HOUSE)
    with pytest.raises(Refused, match="don't belong together"):
        sessions.sign_in("jane", PASSWORD, source="10.0.0.1")


def test_what_was_typed_as_a_name_is_not_kept(site: Site) -> None:
    with pytest.raises(Refused):
        sessions.sign_in("my secret password", "jane", source="10.0.0.1")
    row = JournalRow.select().order_by(JournalRow.id.desc()).get()
    assert (row.act, row.outcome, row.reason, row.record_uid) == ("core.sign_in", "refused", "unknown name", "")


def test_signing_in_and_being_refused_are_rows_of_the_journal(site: Site) -> None:
    jane = person("jane")
    with pytest.raises(Refused):
        sessions.sign_in("jane", "wrong", source="10.0.0.1")
    signed_in(jane)
    rows = JournalRow.select().where(JournalRow.act == "core.sign_in").order_by(JournalRow.id)
    assert [(row.outcome, row.reason, row.record_uid) for row in rows] == [
        ("refused", "wrong password", jane.uid),
        ("done", "", jane.uid),
    ]


def test_two_sign_ins_never_share_a_token(site: Site) -> None:
    jane = person("jane")
    assert signed_in(jane) != signed_in(jane)


def test_a_session_that_rests_too_long_is_over(each_site: Site) -> None:
    with clock.freeze():
        token = signed_in(person("jane"))
        clock.advance(minutes=14, seconds=59)
        assert load_door(token).is_signed_in
        clock.advance(seconds=1)
        assert load_door(token).why_not == "idle"


def test_use_keeps_a_session_awake_until_the_shift_is_over(site: Site) -> None:
    with clock.freeze():
        token = signed_in(person("jane"))
        for _round in range(6 * 12 - 1):
            clock.advance(minutes=10)
            answer = load_door(token)
            assert answer.is_signed_in
            sessions.seen(answer)
        clock.advance(minutes=10)
        assert load_door(token).why_not == "expired"


def test_use_is_noted_once_a_minute_at_most(site: Site) -> None:
    with clock.freeze():
        token = signed_in(person("jane"))
        first = load_door(token).last_seen_at
        clock.advance(seconds=59)
        sessions.seen(load_door(token))
        assert load_door(token).last_seen_at == first
        clock.advance(seconds=1)
        sessions.seen(load_door(token))
        assert load_door(token).last_seen_at == first + 60


def test_a_service_does_not_sign_in_like_a_person(site: Site) -> None:
    person("robot", kind="service")
    with pytest.raises(Refused, match="don't belong together"):
        sessions.sign_in("robot", PASSWORD, source="10.0.0.1")


def test_one_works_at_a_place_that_is_in_use(site: Site) -> None:
    north, jane = place("North"), person("jane")
    answer = load_door(signed_in(jane))
    sessions.choose_place(answer.session_id, north, by=actor_of(jane))
    retire_place(north, "closed", by=HOUSE)
    with pytest.raises(Refused):
        sessions.choose_place(answer.session_id, north, by=actor_of(jane))


def test_a_strangers_session_stays_where_it_is(site: Site) -> None:
    north, jane, tom = place("North"), person("jane"), person("tom")
    token = signed_in(jane)
    sessions.choose_place(load_door(token).session_id, north, by=actor_of(tom))
    assert load_door(token).place_id is None


def test_showing_the_password_again_lasts_ten_minutes(site: Site) -> None:
    with clock.freeze():
        jane = person("jane")
        token = signed_in(jane)
        with pytest.raises(Refused):
            credentials.elevate("wrong", load_door(token).session_id, by=actor_of(jane))
        assert not sessions.is_elevated(load_door(token))
        credentials.elevate(PASSWORD, load_door(token).session_id, by=actor_of(jane))
        assert sessions.is_elevated(load_door(token))
        clock.advance(minutes=10)
        assert not sessions.is_elevated(load_door(token))


def test_a_role_may_ask_for_shorter_rests(site: Site) -> None:
    edit_role(role_named("pharmacist"), idle_minutes=5, by=HOUSE)
    with clock.freeze():
        token = signed_in(person("paul", "pharmacist"))
        clock.advance(minutes=5)
        assert load_door(token).why_not == "idle"


def test_signing_out_ends_the_session(site: Site) -> None:
    jane = person("jane")
    token = signed_in(jane)
    sessions.sign_out(token, by=actor_of(jane))
    assert load_door(token).why_not == "ended"


def test_closing_the_account_ends_its_sessions_everywhere(each_site: Site) -> None:
    jane = person("jane")
    tokens = [signed_in(jane), signed_in(jane)]
    accounts.deactivate_user(jane, by=HOUSE)
    assert {load_door(token).why_not for token in tokens} == {"ended"}


def test_changing_the_password_ends_the_other_sessions(site: Site) -> None:
    jane = person("jane")
    here, there = signed_in(jane), signed_in(jane)
    credentials.change_password(
        PASSWORD, "twelve red foxes by the sea", by=actor_of(jane), session_id=load_door(here).session_id
    )
    assert load_door(here).is_signed_in
    assert load_door(there).ended_because == "password changed"


def test_people_see_and_end_their_own_sessions(site: Site) -> None:
    jane = person("jane")
    here, there = load_door(signed_in(jane)), load_door(signed_in(jane))
    listed = sessions.sessions_of(jane, this_one=here.session_id)
    assert {(one.id, one.is_this_one) for one in listed} == {(here.session_id, True), (there.session_id, False)}
    sessions.end_session(there.session_id, by=actor_of(jane))
    assert there.session_id not in {one.id for one in sessions.sessions_of(jane)}


def test_nobody_ends_a_strangers_session(site: Site) -> None:
    answer = load_door(signed_in(person("jane")))
    with pytest.raises(NotFound):
        sessions.end_session(answer.session_id, by=actor_of(person("tom")))


def test_an_administrator_ends_all_sessions_of_a_user(site: Site) -> None:
    jane, admin = person("jane"), person("ada", "administrator")
    tokens = [signed_in(jane), signed_in(jane)]
    assert sessions.end_all_sessions(jane, by=actor_of(admin)) == 2
    assert not any(load_door(token).is_signed_in for token in tokens)


def why_not(token: str) -> str:
    """What another process' door says."""
    return load_door(token).why_not


def test_a_session_ended_here_is_dead_in_every_process(each_site: Site) -> None:
    jane = person("jane")
    token = signed_in(jane)
    assert in_processes(2, why_not, token) == ["", ""]
    accounts.deactivate_user(jane, by=HOUSE)
    assert in_processes(2, why_not, token) == ["ended", "ended"]


def test_the_door_tells_nothing_for_a_made_up_token(site: Site) -> None:
    for token in ("", "x", "é" * 5000, "\0", "\ud800"):
        assert not load_door(token).is_signed_in


def test_the_door_reads_the_revision_for_strangers_too(each_site: Site) -> None:
    assert load_door(None).revision == load_door("made up").revision != ""


def test_a_costlier_hash_is_made_when_the_user_next_signs_in(site: Site) -> None:
    jane = person("jane")
    before = Credential.get().password_hash
    follow(SignInPolicy(hash_rounds=2, hash_memory_kib=64))
    signed_in(jane)
    after = Credential.get().password_hash
    assert before != after
    assert "t=2" in after
    assert signed_in(jane)


def test_old_sessions_are_cleared_away(site: Site) -> None:
    with clock.freeze():
        signed_in(person("jane"))
        clock.advance(days=3)
        assert sessions.clear_away() == 1
        assert Session.select().count() == 0


def test_somebody_signing_in_is_told_of_failed_tries(site: Site) -> None:
    jane = person("jane")
    for _try in range(3):
        with pytest.raises(Refused):
            sessions.sign_in("jane", "wrong", source="10.0.0.1")
    assert sessions.sign_in("jane", PASSWORD, source="10.0.0.1").failed_before == 3
    assert sessions.sign_in(jane.sign_in, PASSWORD, source="10.0.0.1").failed_before == 0


def test_all_devices_are_forgotten_with_all_sessions(site: Site) -> None:
    jane = person("jane")
    by = actor_of(jane)
    sessions.end_all_sessions(jane, by=by)
    assert devices.devices_of(jane) == []
