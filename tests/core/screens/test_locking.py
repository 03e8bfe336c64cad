"""Locking a computer in the browser, and coming back to the page one was on."""

from urllib.parse import parse_qs, urlsplit

from core import clock
from core.testing.house import PASSWORD
from core.users import pins, sessions
from core.users.models import Session
from core.web.request import DESK_COOKIE

PIN = "4071"


def with_pin(hospital, user):
    """Somebody at a computer who has a PIN."""
    with hospital.site.activate(door="web"):
        pins.choose_pin(PIN, PASSWORD, by=sessions.bare_actor(user))
    return hospital.house.visitor(hospital.site, user)


def press_lock(visitor, page="/me"):
    visitor.get(page)
    data = {"csrf_token": visitor._token, "idle": ""}
    return visitor.open("POST", "/lock", data=data, headers={"Referer": f"http://{visitor.host}{page}"})


def unlock(visitor, person, pin=PIN, page="/locked"):
    visitor.get(page)
    return visitor.post(page, {"person": person, "pin": pin})


def session_of(hospital, user):
    with hospital.site.activate():
        return Session.select().where(Session.user == user).order_by(Session.id.desc()).get().id


def test_locked_pages_lead_to_the_pin_and_the_pin_back_to_the_page(hospital):
    visitor = with_pin(hospital, hospital.nurse)
    before = visitor.session
    assert press_lock(visitor, "/me/sessions").location == "/locked"
    led = visitor.get("/places")
    assert (urlsplit(led.location).path, parse_qs(urlsplit(led.location).query)) == ("/locked", {"next": ["/places"]})
    assert "Nora Nurse" in visitor.get("/locked").text
    number = session_of(hospital, hospital.nurse)
    wrong = unlock(visitor, number, "9999")
    assert wrong.status_code == 422
    assert "This is not the PIN" in wrong.text
    assert "9999" not in wrong.text
    answer = unlock(visitor, number)
    assert (answer.status_code, answer.location) == (303, "/me/sessions")
    assert visitor.session != before
    assert visitor.get("/me").status_code == 200
    assert visitor.get("/locked").location == "/"


def test_a_script_of_a_locked_page_is_told_that_nobody_is_signed_in(hospital):
    visitor = with_pin(hospital, hospital.nurse)
    press_lock(visitor)
    assert visitor.open("GET", "/me", headers={"Accept": "application/json"}).status_code == 401


def test_colleagues_share_a_computer_and_each_returns_to_their_own_page(hospital):
    visitor = with_pin(hospital, hospital.nurse)
    press_lock(visitor, "/me/rights")
    visitor.get("/sign-in")
    visitor.post("/sign-in", {"name": hospital.admin.sign_in, "password": PASSWORD})
    assert "Ada Admin" in visitor.get("/me").text
    with hospital.site.activate(door="web"):
        pins.choose_pin("5829", PASSWORD, by=sessions.bare_actor(hospital.admin))
    press_lock(visitor, "/people")
    page = visitor.get("/locked").text
    assert page.index("Ada Admin") < page.index("Nora Nurse")
    answer = unlock(visitor, session_of(hospital, hospital.nurse), page="/locked?next=/people")
    assert answer.location == "/me/rights", "where the nurse was, not where the administrator wanted to go"
    assert "Nora Nurse" in visitor.get("/me").text


def test_without_a_pin_the_button_shows_where_to_choose_one_and_time_signs_out(hospital, nurse):
    assert press_lock(nurse).location == "/me/pin"
    assert nurse.get("/me").status_code == 200
    nurse.get("/me")
    gone = nurse.open("POST", "/lock", data={"csrf_token": nurse._token, "idle": "1"})
    assert gone.location.startswith("/sign-in?why=idle")
    assert nurse.get("/me").location.startswith("/sign-in")


def test_left_alone_somebody_with_a_pin_is_locked_and_others_are_signed_out(hospital, admin):
    visitor = with_pin(hospital, hospital.nurse)
    with clock.freeze(clock.now()):
        clock.advance(minutes=16)
        assert visitor.get(visitor.get("/me").location).status_code == 200
        assert admin.get(admin.get("/me").location).location.startswith("/sign-in?why=idle")
        # A colleague signs in meanwhile: the one before can still come back.
        visitor.get("/sign-in")
        visitor.post("/sign-in", {"name": hospital.admin.sign_in, "password": PASSWORD})
        assert visitor.client.get_cookie(DESK_COOKIE, domain=visitor.host) is not None
        assert press_lock(visitor).location == "/me/pin"


def test_a_pin_is_chosen_with_the_password_and_taken_away_again(hospital, nurse):
    nurse.get("/me/pin")
    refused = nurse.post("/me/pin", {"pin": PIN, "repeat_pin": "4072", "password": PASSWORD})
    assert "not the same PIN" in refused.text
    refused = nurse.post("/me/pin", {"pin": PIN, "repeat_pin": PIN, "password": "wrong"})
    assert "not your password" in refused.text
    assert nurse.post("/me/pin", {"pin": PIN, "repeat_pin": PIN, "password": PASSWORD}).location == "/me"
    assert "Remove the PIN" in nurse.get("/me/pin").text
    assert nurse.post("/me/pin/remove").location == "/me/pin"
    assert "Remove the PIN" not in nurse.get("/me/pin").text


def test_nobody_is_sent_elsewhere_by_a_made_up_way_back(hospital):
    visitor = with_pin(hospital, hospital.nurse)
    visitor.get("/me")
    data = {"csrf_token": visitor._token}
    visitor.open("POST", "/lock", data=data, headers={"Referer": "https://elsewhere.example/x"})
    answer = unlock(visitor, session_of(hospital, hospital.nurse), page="/locked?next=//elsewhere.example")
    assert answer.location == "/"


def test_a_number_that_is_nobodys_here_is_refused(hospital):
    visitor = with_pin(hospital, hospital.nurse)
    press_lock(visitor)
    for person in ("", "0", "-1", "99999999999999999999", "Nora"):
        assert unlock(visitor, person).status_code == 422
