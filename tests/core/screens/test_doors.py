"""Sessions, cookies, tokens of forms and hosts, as a browser meets them (A-29)."""

import pytest

from core.sites import SiteDatabase
from core.testing.house import HOUSE, PASSWORD
from core.users import accounts, credentials
from core.web.request import SESSION_COOKIE


def second_visitor(hospital, user):
    """The same person at another computer."""
    return hospital.house.visitor(hospital.site, user)


def is_in(visitor) -> bool:
    return visitor.get("/me").status_code == 200


def test_the_session_is_a_new_one_after_signing_in(hospital):
    visitor = hospital.house.visitor(hospital.site)
    visitor.client.set_cookie(SESSION_COOKIE, "chosen-by-a-stranger", domain=visitor.host)
    visitor.sign_in(hospital.nurse.sign_in)
    first = visitor.session
    visitor.post("/sign-out")
    visitor.sign_in(hospital.nurse.sign_in)
    assert len({first, visitor.session, "chosen-by-a-stranger"}) == 3


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(hospital, nurse):
    thief = hospital.house.visitor(hospital.site)
    thief.client.set_cookie(SESSION_COOKIE, nurse.session, domain=thief.host)
    assert is_in(thief)
    nurse.post("/sign-out")
    assert not is_in(thief)


def test_closing_an_account_ends_its_sessions_at_the_next_click(hospital, nurse):
    with hospital.site.activate(door="cli"):
        accounts.deactivate_user(hospital.nurse, by=HOUSE)
    assert nurse.get("/me").status_code == 302


def test_a_new_password_ends_the_sessions_elsewhere(hospital, nurse):
    other = second_visitor(hospital, hospital.nurse)
    new = "four quiet boats at noon"
    answer = nurse.post("/me/password", {"old": PASSWORD, "password": new, "repeat_password": new})
    assert answer.status_code == 303
    assert (is_in(nurse), is_in(other)) == (True, False)


def test_a_session_ended_from_the_list_is_dead_and_says_so_gently(hospital, nurse):
    other = second_visitor(hospital, hospital.nurse)
    nurse.get("/me/sessions")
    nurse.post("/me/sessions/end-others")
    answer = other.get("/me")
    assert answer.location == "/sign-in?next=/me&why=ended"
    assert "Your session was ended" in other.get(answer.location).text


@pytest.mark.parametrize("path", ["/me/preferences", "/people/new", "/plugins/asking/on"])
def test_a_form_without_its_token_is_refused(path, admin):
    assert admin.post(path, {"csrf_token": ""}).status_code == 422
    assert "was open too long" in admin.post(path, {"csrf_token": "0" * 64}).text


def test_the_token_of_one_session_is_worth_nothing_in_another(hospital, admin):
    other = second_visitor(hospital, hospital.admin)
    admin.get("/me/preferences")
    other.get("/me/preferences")
    assert other.post("/me/preferences", {"csrf_token": admin._token, "theme": "dark"}).status_code == 422


def test_a_form_sent_from_another_site_is_refused(admin):
    admin.get("/me/preferences")
    answer = admin.post("/me/preferences", {"theme": "dark"}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, "another site" in answer.text) == (422, True)


def test_an_unknown_host_is_answered_without_touching_a_database(hospital, monkeypatch):
    visitor = hospital.house.visitor(hospital.site)

    def touched(*_args, **_facts):
        pytest.fail("a database was asked")

    monkeypatch.setattr(SiteDatabase, "execute_sql", touched)
    answer = visitor.get("/sign-in", base_url="http://elsewhere.example")
    assert answer.status_code == 404
    assert hospital.site.title not in answer.text


def test_a_cookie_of_one_hospital_is_worth_nothing_at_another(hospital, admin):
    other_site = hospital.house.site("hill")
    stranger = hospital.house.visitor(other_site)
    stranger.client.set_cookie(SESSION_COOKIE, admin.session, domain=stranger.host)
    assert stranger.get("/people").status_code == 302


def test_a_script_whose_session_is_over_is_told_so_and_not_sent_a_page(hospital):
    visitor = hospital.house.visitor(hospital.site)
    answer = visitor.get("/jobs/x/progress", headers={"Accept": "application/json"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\\\\evil", "http:evil"],
)
def test_signing_in_leads_to_no_other_site(target, hospital):
    visitor = hospital.house.visitor(hospital.site)
    visitor.get("/sign-in", query_string={"next": target})
    answer = visitor.open(
        "POST", "/sign-in", query_string={"next": target},
        data={"csrf_token": visitor._token, "name": hospital.nurse.sign_in, "password": PASSWORD},
    )  # fmt: skip
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_password_chosen_by_somebody_else_is_changed_before_anything(hospital):
    with hospital.site.activate(door="cli"):
        credentials.set_password(hospital.nurse, "lent for the first day only", by=HOUSE)
    visitor = hospital.house.visitor(hospital.site)
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"name": hospital.nurse.sign_in, "password": "lent for the first day only"})
    assert answer.location == "/me/password"
    assert visitor.get("/").location == "/me/password"
    assert "Choose a password of your own" in visitor.get("/me/password").text
    new = "seven lamps on the quay"
    answer = visitor.post(
        "/me/password", {"old": "lent for the first day only", "password": new, "repeat_password": new}
    )
    assert (answer.location, visitor.get("/").status_code) == ("/", 200)
