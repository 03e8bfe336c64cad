"""What grants come to: here or elsewhere, now or later, and a denial always wins."""

from datetime import timedelta

import pytest

from core import clock
from core.actors import system_actor
from core.errors import Conflict, Forbidden, Refused
from core.roles import actor_for, editing, grants, must_enrol
from core.roles.defaults import SHIPPED_ROLES, ship_roles
from core.roles.explaining import effective_rights, explain
from core.roles.matrix import Guarded, as_markdown, matrix_of, shipped_matrix, site_matrix, undeclared
from core.roles.models import Role, RolePermission
from core.roles.rights import rights_book
from core.sites import Site
from core.users.door import load_door
from tests.core.people import HOUSE, actor_of, person, place, replace_place, signed_in

VIEW, MANAGE = "core.view_users", "core.manage_users"


def test_a_site_begins_with_the_shipped_roles_once(site: Site) -> None:
    assert {role.name for role in Role.select()} == set(SHIPPED_ROLES)
    assert ship_roles(by=HOUSE) == []


def test_a_role_gives_what_plugins_ship_for_it(each_site: Site) -> None:
    auditor, nurse = actor_of(person("ann", "auditor")), actor_of(person("bea", "nurse"))
    assert (auditor.may(VIEW), auditor.may(MANAGE), auditor.roles) == (True, False, ("auditor",))
    assert (nurse.may(VIEW), nurse.may("core.break_glass")) == (False, True)


def test_everybody_signed_in_may_look_after_their_account_and_nothing_else(site: Site) -> None:
    assert actor_of(person("ann")).permissions == {"core.sign_in"}


def test_a_grant_shows_at_the_next_request_of_the_same_session(each_site: Site) -> None:
    ann = person("ann")
    token = signed_in(ann)
    assert not actor_for(load_door(token)).may(VIEW)
    grants.grant_role(ann, grants.role_named("auditor"), by=HOUSE)
    assert actor_for(load_door(token)).may(VIEW)


def test_a_denial_wins_over_every_role(each_site: Site) -> None:
    ann = person("ann", "auditor", "administrator")
    person("ada", "administrator")
    grants.deny(ann, permission=VIEW, reason="on leave", by=HOUSE)
    by = actor_of(ann)
    assert (by.may(VIEW), by.may("core.view_journal")) == (False, True)


def test_a_whole_role_can_be_denied(site: Site) -> None:
    ann = person("ann", "auditor")
    grants.deny(ann, role=grants.role_named("auditor"), reason="under inquiry", by=HOUSE)
    assert actor_of(ann).permissions == {"core.sign_in"}


def test_a_grant_counts_between_its_times(site: Site) -> None:
    ann = person("ann")
    with clock.freeze():
        now = clock.now()
        grants.grant_role(
            ann, grants.role_named("auditor"), by=HOUSE,
            from_at=now + timedelta(hours=1), until_at=now + timedelta(hours=2),
        )  # fmt: skip
        held = []
        for _hour in range(3):
            held.append(actor_of(ann).may(VIEW))
            clock.advance(hours=1)
    assert held == [False, True, False]


def test_a_grant_at_a_place_holds_there_and_below(site: Site) -> None:
    north, south = place("North"), place("South")
    ward = place("Ward", "location", parent=north)
    ann = person("ann", "auditor", place=north)
    assert [actor_of(ann, here).may(VIEW) for here in (north, ward, south, None)] == [True, True, False, True]


def test_a_denial_at_a_place_holds_there_and_below(site: Site) -> None:
    north, south = place("North"), place("South")
    ward = place("Ward", "location", parent=north)
    ann = person("ann", "auditor")
    grants.deny(ann, permission=VIEW, place=north, reason="family", by=HOUSE)
    assert [actor_of(ann, here).may(VIEW) for here in (north, ward, south, None)] == [False, False, True, True]


def test_taking_a_role_away_ends_sessions_and_rights(each_site: Site) -> None:
    ann = person("ann", "auditor")
    token = signed_in(ann)
    grants.revoke_grant(grants.grants_of(ann)[0], "moved on", by=HOUSE)
    assert load_door(token).why_not == "ended"
    assert not actor_of(ann).may(VIEW)
    assert grants.grants_of(ann) == []
    assert len(grants.grants_of(ann, with_past=True)) == 1


def test_the_last_administrator_keeps_the_role(site: Site) -> None:
    ada = person("ada", "administrator")
    with pytest.raises(Refused, match="only administrator"):
        grants.revoke_grant(grants.grants_of(ada)[0], "by mistake", by=HOUSE)
    with pytest.raises(Refused, match="only administrator"):
        grants.deny(ada, permission=MANAGE, reason="by mistake", by=HOUSE)


def test_nobody_gives_rights_over_the_house_they_lack(site: Site) -> None:
    ann, bea = person("ann"), person("bea")
    grants.grant_permission(ann, "core.grant", by=HOUSE)
    with pytest.raises(Refused, match="don't have yourself"):
        grants.grant_role(bea, grants.role_named("administrator"), by=actor_of(ann))
    with pytest.raises(Refused, match="don't have yourself"):
        grants.grant_permission(ann, MANAGE, by=actor_of(ann))


def test_a_clerk_grants_nothing(site: Site) -> None:
    with pytest.raises(Forbidden):
        grants.grant_role(person("bea"), grants.role_named("nurse"), by=actor_of(person("ann", "receptionist")))


def test_the_same_role_is_not_given_twice(site: Site) -> None:
    ann = person("ann", "nurse")
    with pytest.raises(Refused, match="already"):
        grants.grant_role(ann, grants.role_named("nurse"), by=HOUSE)


def test_the_site_edits_a_role_and_everybody_in_it_follows(each_site: Site) -> None:
    nurse = person("nan", "nurse")
    token = signed_in(nurse)
    role = grants.role_named("nurse")
    editing.set_role_permissions(role, {VIEW}, by=HOUSE, version=role.version)
    by = actor_for(load_door(token))
    assert (by.may(VIEW), by.may("core.break_glass")) == (True, False)
    with pytest.raises(Conflict):
        editing.set_role_permissions(grants.role_named("nurse"), set(), by=HOUSE, version=1)


def test_only_what_differs_from_the_shipped_role_is_kept(site: Site) -> None:
    role = grants.role_named("auditor")
    shipped = rights_book().names_of("auditor")
    editing.set_role_permissions(role, shipped | {"core.view_jobs"}, by=HOUSE)
    assert RolePermission.select().count() == 1
    editing.set_role_permissions(role, shipped, by=HOUSE)
    assert RolePermission.select().count() == 0


def test_administrators_keep_the_keys_of_the_house(site: Site) -> None:
    with pytest.raises(Refused, match="Administrators keep"):
        editing.set_role_permissions(grants.role_named("administrator"), {VIEW}, by=HOUSE)


def test_a_site_makes_and_retires_roles_of_its_own(site: Site) -> None:
    role = editing.create_role("porter", "Porter", {VIEW}, by=HOUSE)
    ann = person("ann", "porter")
    assert actor_of(ann).may(VIEW)
    with pytest.raises(Refused, match="One grant"):
        editing.retire_role(role, "no porters", by=HOUSE)
    grants.revoke_grant(grants.grants_of(ann)[0], "no porters", by=HOUSE)
    editing.retire_role(Role.get_by_id(role.id), "no porters", by=HOUSE)
    with pytest.raises(Refused):
        grants.role_named("porter")
    with pytest.raises(Refused, match="comes with Medley"):
        editing.retire_role(grants.role_named("nurse"), "no nurses", by=HOUSE)


def test_who_must_set_up_a_second_factor_may_do_nothing_else(site: Site) -> None:
    editing.edit_role(grants.role_named("auditor"), needs_second_factor=True, by=HOUSE)
    ann = person("ann", "auditor")
    answer = load_door(signed_in(ann))
    assert must_enrol(answer)
    assert actor_for(answer).permissions == {"core.sign_in"}
    with_code = answer._replace(second_factor_at=1)
    assert not must_enrol(with_code)
    assert actor_for(with_code).may(VIEW)


def test_nobody_is_an_actor_without_a_session(site: Site) -> None:
    assert actor_for(load_door(None)).kind == "anonymous"
    assert not actor_for(load_door("made up")).may("core.sign_in")


def test_why_and_why_not_is_said(site: Site) -> None:
    north = place("North")
    ann = person("ann", "auditor", place=north)
    assert explain(ann, VIEW, north).is_held
    assert str(explain(ann, VIEW, place("South")).summary) == "It is granted, but not here or not now."
    assert str(explain(ann, MANAGE).summary) == "No role or grant of this user holds it."
    grants.deny(ann, permission=VIEW, reason="under inquiry", by=HOUSE)
    found = explain(ann, VIEW, north)
    assert (found.is_held, str(found.summary)) == (False, "A denial stands against it, and a denial wins.")
    assert [(one.is_denial, one.role, one.place) for one in found.reasons] == [
        (False, "Auditor", "North"),
        (True, "", "Everywhere"),
    ]


def test_the_explanation_agrees_with_the_door(site: Site) -> None:
    north, south = place("North"), place("South")
    ann = person("ann", "auditor", place=north)
    person("ada", "administrator")
    grants.grant_permission(ann, MANAGE, by=HOUSE, place=south)
    grants.deny(ann, permission="core.view_journal", place=south, reason="x", by=HOUSE)
    answer = load_door(signed_in(ann))
    for here in (north, south, None):
        by = actor_for(replace_place(answer, here))
        assert effective_rights(ann, here).permissions == by.permissions
        for name in rights_book().permissions:
            assert explain(ann, name, here).is_held == by.may(name), (name, here)


def test_people_with_the_same_grants_share_one_answer(site: Site) -> None:
    ann, bea = person("ann", "nurse"), person("bea", "nurse")
    first, second = actor_of(ann), actor_of(bea)
    assert first.permissions is second.permissions


def test_the_matrix_says_which_roles_pass_where(site: Site) -> None:
    guarded = [Guarded("route", "users.index", VIEW), Guarded("act", "core.sign_in", "open")]
    rows = matrix_of(guarded, site_matrix())
    assert rows[0].roles == set(SHIPPED_ROLES)
    assert rows[1].roles == {"administrator", "auditor"}
    assert matrix_of(guarded, shipped_matrix(())) == rows
    assert "| route | `users.index` | `core.view_users` | yes |  | yes |" in as_markdown(
        rows, ["administrator", "nurse", "auditor"]
    )
    assert undeclared([Guarded("route", "x", "nobody.knows")], ()) == [Guarded("route", "x", "nobody.knows")]


def test_the_house_itself_may_everything(site: Site) -> None:
    assert system_actor("test").may("any.thing")
