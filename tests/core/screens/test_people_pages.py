"""People, roles and places as an administrator looks after them."""

import re

from core.places.models import Place
from core.roles.models import Grant, Role
from core.roles.rights import rights_book
from core.testing.house import HOUSE, PASSWORD
from core.users import accounts, sessions
from core.users.accounts import UserDetails
from core.users.models import User
from tests.core.screens.forms import send


def found(hospital, model, *condition):
    with hospital.site.activate(door="cli"):
        return model.get(*condition)


def test_opening_an_account_shows_its_link_once_and_sending_twice_opens_one(hospital, admin):
    facts = {"name": "Rita Reception", "sign_in": "rita", "role": "receptionist", "idempotency_key": "pressed-twice"}
    answers = [send(admin, "/people/new", **facts) for _time in range(2)]
    links = [re.search(r"http://[^\s\"<]+/choose-password/[\w-]+", answer.text).group(0) for answer in answers]
    assert len(set(links)) == 2  # the older one no longer works
    with hospital.site.activate(door="cli"):
        assert User.select().where(User.sign_in == "rita").count() == 1
        assert Grant.select().join(User, on=Grant.user == User.id).where(User.sign_in == "rita").count() == 1


def test_a_name_that_is_taken_is_an_error_beside_its_field(hospital, admin):
    answer = send(admin, "/people/new", name="X", sign_in=hospital.nurse.sign_in.upper())
    assert (answer.status_code, bool(re.search(r'id="sign_in-error".*already signs in', answer.text, re.DOTALL))) == (
        422,
        True,
    )


def test_people_are_found_by_name_and_no_name_stands_in_an_address(admin):
    admin.get("/people")
    answer = admin.post("/people/find", {"q": "NORA nurse"})
    assert "nora" not in answer.location.casefold()
    found = admin.get(answer.location).text
    assert "Nora Nurse" in found
    assert "Ada Admin</bdi></a>" not in found
    nobody = admin.post("/people/find", {"q": "zzz"})
    assert "Nothing here fits" in admin.get(nobody.location).text


def test_two_who_change_one_account_are_told_of_each_other(hospital, admin):
    path = f"/people/{hospital.nurse.uid}/edit"
    page = admin.get(path).text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)
    with hospital.site.activate(door="cli"):
        user = User.get(User.uid == hospital.nurse.uid)
        accounts.edit_user(user, UserDetails(sign_in=user.sign_in, name="Nora Changed"), by=HOUSE)
    mine = {"name": "Nora Mine", "sign_in": hospital.nurse.sign_in, "kind": "person", "version": version}
    clash = admin.post(path, mine)
    assert clash.status_code == 409
    assert "Nora Changed" in clash.text
    assert "Nora Mine" in clash.text
    assert 'name="version"' not in clash.text
    kept = {name: value for name, value in mine.items() if name != "version"}
    assert admin.post(path, kept).status_code == 303
    assert found(hospital, User, User.uid == hospital.nurse.uid).name == "Nora Mine"


def test_closing_says_what_follows_before_anything_happens(hospital, admin):
    path = f"/people/{hospital.nurse.uid}/close"
    assert "They can't sign in any more" in admin.get(path).text.replace("&#39;", "'")
    assert found(hospital, User, User.uid == hospital.nurse.uid).is_active
    admin.post(path)
    assert not found(hospital, User, User.uid == hospital.nurse.uid).is_active
    admin.get(f"/people/{hospital.nurse.uid}")
    admin.post(f"/people/{hospital.nurse.uid}/reopen")
    assert found(hospital, User, User.uid == hospital.nurse.uid).is_active


def test_a_role_is_given_at_a_place_for_a_time_and_taken_back_with_a_reason(hospital, admin):
    path = f"/people/{hospital.nurse.uid}"
    admin.get(f"{path}/grant")
    facts = {
        "role": "receptionist",
        "place": hospital.ward.uid,
        "from_on": "",
        "until_on": "2999-01-31",
        "reason": "Covers the desk",
    }
    assert admin.post(f"{path}/grant", facts).status_code == 303
    page = admin.get(path).text
    assert "Receptionist" in page
    assert "Harbour › Main" in page
    grant = found(hospital, Grant, Grant.place == hospital.ward)
    admin.get(f"{path}/grants/{grant.uid}/end")
    assert admin.post(f"{path}/grants/{grant.uid}/end", {"reason": " "}).status_code == 422
    assert admin.post(f"{path}/grants/{grant.uid}/end", {"reason": "Desk is staffed"}).status_code == 303
    assert "Taken back" in admin.get(f"{path}?past=1").text


def test_a_time_that_ends_before_it_begins_is_an_error_beside_its_field(hospital, admin):
    path = f"/people/{hospital.nurse.uid}/grant"
    admin.get(path)
    answer = admin.post(path, {"role": "doctor", "place": "", "from_on": "2030-02-01", "until_on": "2030-01-01"})
    assert (answer.status_code, 'id="until_on-error"' in answer.text) == (422, True)


def test_why_somebody_may_or_may_not_is_explained(hospital, admin):
    path = f"/people/{hospital.nurse.uid}"
    assert "They may: Open a record" in admin.get(f"{path}/rights?permission=core.break_glass").text
    admin.get(f"{path}/permission")
    admin.post(
        f"{path}/permission", {"permission": "core.break_glass", "effect": "deny", "place": "", "reason": "In training"}
    )
    page = admin.get(f"{path}/rights?permission=core.break_glass").text
    assert "They may not" in page
    assert "a denial wins" in page


def test_a_lost_second_factor_is_taken_away_with_a_reason_and_never_ones_own(hospital, admin):
    path = f"/people/{hospital.nurse.uid}/reset-second-factor"
    admin.get(path)
    assert admin.post(path, {"reason": ""}).status_code == 422
    assert admin.post(path, {"reason": "Known to me, badge seen"}).status_code == 303
    assert admin.post(f"/people/{hospital.admin.uid}/reset-second-factor", {"reason": "Mine"}).status_code == 422


def test_an_auditor_sees_people_and_changes_nobody(hospital):
    auditor = hospital.house.visitor(hospital.site, hospital.house.person(hospital.site, "Otto Auditor", "auditor"))
    page = auditor.get(f"/people/{hospital.nurse.uid}")
    assert page.status_code == 200
    assert "/edit" not in page.text
    assert auditor.post(f"/people/{hospital.nurse.uid}/close").status_code == 403


def test_what_a_role_may_do_is_ticked_and_holds_at_the_next_click(hospital, admin, nurse):
    assert nurse.get("/journal").status_code == 403
    role = found(hospital, Role, Role.name == "nurse")
    page = admin.get(f"/roles/{role.uid}")
    assert page.status_code == 200
    admin.open(
        "POST",
        f"/roles/{role.uid}",
        data={"csrf_token": admin._token, "permissions": ["core.view_journal", "core.break_glass"]},
    )
    assert nurse.get("/journal").status_code == 200
    assert "changed here" in admin.get(f"/roles/{role.uid}").text
    assert "core.view_journal" in matrix_of(hospital)["nurse"]


def matrix_of(hospital):
    with hospital.site.activate(door="cli"):
        return {role.name: role.permissions for role in rights_book().roles.values()}


def test_who_may_only_see_roles_can_not_save_them(hospital):
    auditor = hospital.house.visitor(hospital.site, hospital.house.person(hospital.site, "Otto Auditor", "auditor"))
    role = found(hospital, Role, Role.name == "nurse")
    assert 'type="submit" form="m-form"' not in auditor.get(f"/roles/{role.uid}").text
    assert auditor.post(f"/roles/{role.uid}", {"permissions": "core.grant"}).status_code == 403
    assert "core.grant" not in matrix_of(hospital)["nurse"]


def test_administrators_keep_the_keys_of_the_house(hospital, admin):
    role = found(hospital, Role, Role.name == "administrator")
    admin.get(f"/roles/{role.uid}")
    answer = admin.post(f"/roles/{role.uid}", {"permissions": "core.view_users"})
    assert (answer.status_code, "keep the permissions" in answer.text) == (422, True)


def test_a_role_of_ones_own_is_made_like_another_and_taken_out_of_use(hospital, admin):
    answer = send(admin, "/roles/new", label="Ward clerk", name="ward_clerk", like="nurse")
    assert "core.break_glass" in matrix_of(hospital)["ward_clerk"]
    admin.get(f"{answer.location}/retire")
    assert admin.post(f"{answer.location}/retire", {"reason": "Not needed"}).location == "/roles"
    assert "Ward clerk" in admin.get(f"{answer.location}/history").text


def test_the_matrix_shows_every_role(admin):
    page = admin.get("/roles/matrix").text
    assert all(words in page for words in ("Receptionist", "Storekeeper", "Switch plugins on and off"))


def test_a_place_is_added_inside_another_and_refused_where_it_can_not_lie(hospital, admin):
    admin.get("/places/new")
    wrong = admin.post("/places/new", {"name": "Ward 3", "kind": "organisation", "parent": hospital.ward.uid})
    assert (wrong.status_code, 'id="parent-error"' in wrong.text) == (422, True)
    right = admin.post("/places/new", {"name": "Ward 3", "kind": "location", "parent": hospital.ward.uid})
    assert right.status_code == 303
    assert "Ward 3" in admin.get("/places").text


def test_a_place_with_places_in_use_stays(hospital, admin):
    path = f"/places/{hospital.top.uid}/retire"
    admin.get(path)
    answer = admin.post(path, {"reason": "Sold"})
    assert (answer.status_code, "still in use: Main" in answer.text) == (422, True)
    assert not found(hospital, Place, Place.uid == hospital.top.uid).is_retired


def test_one_chooses_where_one_works_and_how_it_looks(hospital, nurse):
    nurse.get("/me")
    nurse.post("/me/place", {"place": hospital.ward.uid})
    assert "Harbour › Main" in nurse.get("/").text
    nurse.get("/me/preferences")
    nurse.post("/me/preferences", {"locale": "ar", "theme": "dark", "density": "compact", "default_place": ""})
    page = nurse.get("/").text
    assert 'data-bs-theme="dark"' in page
    assert 'data-m-density="compact"' in page
    assert 'lang="ar" dir="rtl"' in page


def test_the_sessions_of_another_end_at_once(hospital, admin, nurse):
    path = f"/people/{hospital.nurse.uid}/sessions"
    admin.get(path)
    with hospital.site.activate(door="cli"):
        (one,) = sessions.sessions_of(User.get(User.uid == hospital.nurse.uid))
    assert admin.post(f"{path}/{one.id}/end").status_code == 303
    assert nurse.get("/me").status_code == 302
    assert PASSWORD not in admin.get(path).text


def test_an_administrator_hires_clinicians_whose_emergency_right_is_not_theirs(hospital, admin):
    answer = send(admin, f"/people/{hospital.nurse.uid}/grant", role="doctor")
    assert answer.status_code == 303
    assert "core.break_glass" not in matrix_of(hospital)["administrator"]
