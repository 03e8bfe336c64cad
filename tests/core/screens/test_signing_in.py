"""The ways in: name and password, a code, a recovery code, the first administrator, a link."""

import re

import pyotp

from core import clock
from core.roles.models import Role
from core.testing.house import HOUSE, PASSWORD, house_of
from core.users import credentials, first_run
from core.users.models import Session, User
from core.web.request import DEVICE_COOKIE

NEW = "eleven red kites over town"


def with_app(hospital, user):
    """Set up an authenticator app in the browser; the visitor, the seed and the codes shown."""
    visitor = hospital.house.visitor(hospital.site, user)
    visitor.get("/me/second-factor")
    page = visitor.post("/me/second-factor", {"step": "begin"}).text
    seed = re.search(r'data-m-copy="([A-Z2-7 ]+)"', page).group(1).replace(" ", "")
    assert 'src="data:image/svg+xml' in page
    answer = visitor.post("/me/second-factor", {"step": "confirm", "code": pyotp.TOTP(seed).at(clock.now())})
    codes = re.findall(r"<li><bdi>([a-z2-9]{5}-[a-z2-9]{5})</bdi></li>", answer.text)
    return visitor, seed, codes


def first_step(hospital, user):
    visitor = hospital.house.visitor(hospital.site)
    visitor.get("/sign-in")
    return visitor, visitor.post("/sign-in", {"name": user.sign_in, "password": PASSWORD})


def test_an_unknown_name_and_a_wrong_password_look_the_same(hospital):
    visitor = hospital.house.visitor(hospital.site)
    pages = []
    for name in (hospital.nurse.sign_in, "nobody.atall"):
        visitor.get("/sign-in")
        answer = visitor.post("/sign-in", {"name": name, "password": "not this one"})
        hidden = re.sub(r'value="[^"]*"|nonce="[^"]*"', "", answer.text)
        pages.append((answer.status_code, hidden))
    assert pages[0] == pages[1]
    assert "don&#39;t belong together" in pages[0][1] or "don't belong together" in pages[0][1]


def test_signing_in_leads_where_one_wanted_to_go(hospital):
    visitor = hospital.house.visitor(hospital.site)
    target = visitor.get("/people").location
    visitor.get(target)
    answer = visitor.open(
        "POST", target, data={"csrf_token": visitor._token, "name": hospital.admin.sign_in, "password": PASSWORD}
    )
    assert answer.location == "/people"


def test_ten_recovery_codes_are_shown_once(hospital):
    visitor, _seed, codes = with_app(hospital, hospital.nurse)
    assert len(set(codes)) == 10
    assert codes[0] not in visitor.get("/me/second-factor").text
    assert codes[0] not in visitor.get("/me/recovery-codes").text


def test_with_an_app_the_password_alone_opens_nothing(hospital):
    _visitor, seed, _codes = with_app(hospital, hospital.nurse)
    visitor, answer = first_step(hospital, hospital.nurse)
    assert answer.location == "/sign-in/code"
    assert visitor.get("/me").location == "/sign-in/code"
    before = visitor.session
    visitor.get("/sign-in/code")
    with clock.freeze(clock.now()):
        clock.advance(seconds=60)
        answer = visitor.post("/sign-in/code", {"code": pyotp.TOTP(seed).at(clock.now())})
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.session != before


def test_a_recovery_code_opens_once(hospital):
    _visitor, _seed, codes = with_app(hospital, hospital.nurse)
    for expected in (303, 422):
        visitor, _answer = first_step(hospital, hospital.nurse)
        visitor.get("/sign-in/code")
        assert visitor.post("/sign-in/code", {"code": codes[0]}).status_code == expected


def test_a_remembered_computer_is_not_asked_again_for_thirty_days(hospital):
    _visitor, _seed, codes = with_app(hospital, hospital.nurse)
    visitor, _answer = first_step(hospital, hospital.nurse)
    visitor.get("/sign-in/code")
    answer = visitor.post("/sign-in/code", {"code": codes[1], "remember": "y"})
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(DEVICE_COOKIE))
    assert f"Max-Age={30 * 24 * 3600}" in cookie
    assert "HttpOnly" in cookie
    visitor.get("/me")
    visitor.post("/sign-out")
    visitor.get("/sign-in")
    assert visitor.post("/sign-in", {"name": hospital.nurse.sign_in, "password": PASSWORD}).location == "/"


def test_a_code_with_nobody_waiting_leads_back_to_the_door(hospital):
    assert hospital.house.visitor(hospital.site).get("/sign-in/code").location == "/sign-in"


def test_an_idle_session_ends_and_says_so(hospital, nurse):
    with clock.freeze(clock.now()):
        clock.advance(seconds=16 * 60)
        answer = nurse.get("/me/preferences")
        assert answer.location == "/locked?next=/me/preferences"
        answer = nurse.get(answer.location)
        assert answer.location == "/sign-in?why=idle&next=/me/preferences"
        assert "nothing was done for a while" in nurse.get(answer.location).text


def test_the_first_administrator_is_made_with_the_printed_secret(tmp_path):
    with house_of(tmp_path) as house:
        site = house.site()
        with site.activate(door="cli"):
            secret = first_run.make_first_run_secret(by=HOUSE)
        visitor = house.visitor(site)
        visitor.get("/first-run")
        facts = {"name": "Ida First", "sign_in": "ida", "password": NEW, "repeat_password": NEW}
        wrong = visitor.post("/first-run", {**facts, "secret": "made up"})
        assert (wrong.status_code, "prints another" in wrong.text) == (422, True)
        assert visitor.post("/first-run", {**facts, "secret": secret}).location == "/sign-in?why=chosen"
        visitor.get("/sign-in")
        assert visitor.post("/sign-in", {"name": "ida", "password": NEW}).location == "/"
        assert "First steps" in visitor.get("/").text
        assert house.visitor(site).get("/first-run").status_code == 404


def test_a_link_lets_somebody_choose_a_password_once(hospital):
    with hospital.site.activate(door="cli"):
        secret = credentials.invite(hospital.nurse, by=HOUSE)
    visitor = hospital.house.visitor(hospital.site)
    visitor.get(f"/choose-password/{secret}")
    differs = visitor.post(f"/choose-password/{secret}", {"password": NEW, "repeat_password": NEW + "!"})
    assert (differs.status_code, "not the same as above" in differs.text) == (422, True)
    weak = visitor.post(f"/choose-password/{secret}", {"password": "short", "repeat_password": "short"})
    assert weak.status_code == 422
    assert visitor.post(f"/choose-password/{secret}", {"password": NEW, "repeat_password": NEW}).status_code == 303
    assert visitor.get(f"/choose-password/{secret}").status_code == 404


def test_a_role_that_asks_for_it_leads_to_the_second_factor_first(hospital, admin):
    with hospital.site.activate(door="cli"):
        role = Role.get(Role.name == "nurse")
    admin.get(f"/roles/{role.uid}/edit")
    admin.post(f"/roles/{role.uid}/edit", {"label": "Nurse", "needs_second_factor": "y", "idle_minutes": ""})
    visitor = hospital.house.visitor(hospital.site, hospital.nurse)
    assert visitor.get("/").location == "/me/second-factor"
    assert visitor.get("/me/second-factor").status_code == 200


def test_a_session_tells_its_computer_in_words(hospital):
    visitor = hospital.house.visitor(hospital.site)
    visitor.get("/sign-in")
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"
    visitor.post("/sign-in", {"name": hospital.nurse.sign_in, "password": PASSWORD}, headers={"User-Agent": agent})
    with hospital.site.activate(door="cli"):
        rows = list(Session.select().join(User).where(User.uid == hospital.nurse.uid))
    assert [row.device for row in rows] == ["Chrome, Windows"]
