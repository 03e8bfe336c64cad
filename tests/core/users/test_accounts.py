"""Accounts: opened, changed and closed by administrators; preferences are one's own."""

import pytest

from core.errors import Conflict, Forbidden, NotFound, Refused, TooManyTries
from core.roles.first_administrator import create_first_administrator
from core.sites import Site
from core.storage.journal.models import JournalContent, JournalRow
from core.users import accounts, credentials, first_run, sessions
from core.users.accounts import Preferences, UserDetails
from core.users.door import load_door
from core.users.models import Credential, User
from tests.core.people import HOUSE, PASSWORD, actor_of, at_once, person, signed_in

NEW = "twelve red foxes by the sea"


def test_a_name_is_taken_in_any_capitals(each_site: Site) -> None:
    person("jane")
    with pytest.raises(Refused) as refused:
        accounts.create_user(UserDetails("JANE", "Another Jane"), by=HOUSE)
    assert set(refused.value.fields) == {"sign_in"}


def test_one_name_asked_for_eight_times_at_once_is_given_once(each_site: Site) -> None:
    results = at_once(8, lambda index: accounts.create_user(UserDetails("jane", f"Jane {index}"), by=HOUSE))
    assert sum(isinstance(one, User) for one in results) == 1
    assert sum(isinstance(one, Refused) for one in results) == 7


def test_every_wrong_field_is_named(site: Site) -> None:
    with pytest.raises(Refused) as refused:
        accounts.create_user(UserDetails("two words", " ", email="no", kind="robot", locale="??"), by=HOUSE)
    assert set(refused.value.fields) == {"sign_in", "name", "email", "kind", "locale"}


def test_clerks_open_no_accounts(site: Site) -> None:
    with pytest.raises(Forbidden):
        accounts.create_user(UserDetails("tom", "Tom"), by=actor_of(person("jane", "receptionist")))


def test_two_administrators_do_not_overwrite_each_other(site: Site) -> None:
    seen = person("jane").version
    accounts.edit_user(User.get(), UserDetails("jane", "Jane Wanjiku"), by=HOUSE, version=seen)
    with pytest.raises(Conflict):
        accounts.edit_user(User.get(), UserDetails("jane", "Jane W."), by=HOUSE, version=seen)


def test_a_new_sign_in_name_replaces_the_old_one(site: Site) -> None:
    jane = person("jane")
    accounts.edit_user(jane, UserDetails("j.wanjiku", "Jane"), by=HOUSE)
    assert signed_in(jane)
    assert accounts.user_named("jane") is None


def test_nobody_closes_their_own_account(site: Site) -> None:
    ada = person("ada", "administrator")
    with pytest.raises(Refused):
        accounts.deactivate_user(ada, by=actor_of(ada))


def test_the_last_administrators_account_stays_open(site: Site) -> None:
    ada = person("ada", "administrator")
    with pytest.raises(Refused, match="only administrator"):
        accounts.deactivate_user(ada, by=HOUSE)
    person("ben", "administrator")
    accounts.deactivate_user(ada, by=HOUSE)
    assert not User.get_by_id(ada.id).is_active


def test_a_closed_account_opens_again_with_its_password(site: Site) -> None:
    jane = person("jane")
    accounts.deactivate_user(jane, by=HOUSE)
    accounts.reactivate_user(jane, by=HOUSE)
    assert load_door(signed_in(jane)).is_signed_in


def test_people_set_their_own_language_and_theme(site: Site) -> None:
    jane = person("jane")
    accounts.change_preferences(Preferences(locale="sw", theme="dark", density="compact"), by=actor_of(jane))
    answer = load_door(signed_in(jane))
    assert (answer.locale, answer.theme, answer.density) == ("sw", "dark", "compact")


def test_no_password_hash_is_kept_in_the_journal(site: Site) -> None:
    person("jane")
    assert not any("argon2" in row.content for row in JournalContent.select())


def test_changing_a_password_asks_for_the_old_one(site: Site) -> None:
    jane = person("jane")
    with pytest.raises(Refused) as refused:
        credentials.change_password("wrong", NEW, by=actor_of(jane))
    assert set(refused.value.fields) == {"old"}
    credentials.change_password(PASSWORD, NEW, by=actor_of(jane))
    assert signed_in(jane, NEW)


def test_a_password_that_was_set_by_another_must_be_changed(site: Site) -> None:
    jane = person("jane")
    credentials.set_password(jane, NEW, by=HOUSE)
    assert sessions.sign_in("jane", NEW, source="10.0.0.1").must_change_password


def test_an_invitation_lets_its_user_choose_a_password_once(site: Site) -> None:
    jane = accounts.create_user(UserDetails("jane", "Jane"), by=HOUSE)
    secret = credentials.invite(jane, by=HOUSE)
    credentials.choose_password(secret, NEW)
    assert signed_in(jane, NEW)
    with pytest.raises(NotFound):
        credentials.choose_password(secret, NEW)


def test_an_invitation_used_eight_times_at_once_works_once(each_site: Site) -> None:
    jane = accounts.create_user(UserDetails("jane", "Jane"), by=HOUSE)
    secret = credentials.invite(jane, by=HOUSE)
    results = at_once(8, lambda index: credentials.choose_password(secret, f"{NEW} {index}"))
    assert sum(isinstance(one, User) for one in results) == 1
    assert sum(isinstance(one, NotFound) for one in results) == 7
    assert Credential.select().count() == 1


def test_a_second_invitation_voids_the_first(site: Site) -> None:
    jane = person("jane")
    first, second = credentials.invite(jane, by=HOUSE), credentials.invite(jane, by=HOUSE)
    with pytest.raises(NotFound):
        credentials.invited(first)
    assert credentials.invited(second).uid == jane.uid


def test_the_first_administrator_is_made_with_the_printed_secret(each_site: Site) -> None:
    secret = first_run.make_first_run_secret(by=HOUSE)
    ada = create_first_administrator(secret, UserDetails("ada", "Ada"), PASSWORD)
    assert actor_of(ada).may("core.manage_users")
    with pytest.raises(NotFound):
        create_first_administrator(secret, UserDetails("eve", "Eve"), PASSWORD)
    with pytest.raises(Refused):
        first_run.make_first_run_secret(by=HOUSE)


def test_of_eight_first_administrators_at_once_there_is_one(each_site: Site) -> None:
    secret = first_run.make_first_run_secret(by=HOUSE)
    results = at_once(8, lambda index: create_first_administrator(secret, UserDetails(f"ada{index}", "Ada"), PASSWORD))
    assert sum(isinstance(one, User) for one in results) == 1
    assert User.select().count() == 1


def test_guessing_the_old_password_is_slowed_down(site: Site) -> None:
    by = actor_of(person("jane"))
    with pytest.raises(TooManyTries):
        for _try in range(8):
            with pytest.raises(Refused):
                credentials.change_password("wrong", NEW, by=by)


def test_accounts_are_in_the_journal(site: Site) -> None:
    jane = person("jane")
    acts = {row.act for row in JournalRow.select().where(JournalRow.record_uid == jane.uid)}
    assert {"core.create_user", "core.password_kept"} <= acts
