"""Nothing typed or sent makes a page fail, and what is refused stores nothing (A-26).

Each form of the core is opened as an administrator, filled as it comes, and sent with one nasty value in one
field at a time.
"""

import re

import pytest
from werkzeug.datastructures import MultiDict

from core.roles.models import Grant, Role
from core.storage.journal.models import JournalRow
from core.testing.house import HOUSE, house_of
from core.users import credentials
from core.users.policy import follow, policy
from tests.core.screens.conftest import hospital_in
from tests.core.screens.forms import fields_of
from tests.core.screens.routes import PARTING, addresses

NASTY = {
    "empty": "",
    "spaces": "   ",
    "nul": "a\x00b",
    "bell": "a\x07b",
    "right to left": "abc\u202etxt",
    "isolate": "\u2066abc\u2069",
    "long": "x" * 9_999,
    "too long": "x" * 100_000,
    "lines": "one\r\ntwo",
    "markup": "<script>alert(1)</script>",
    "quote": "'\"; DROP TABLE core_user; --",
    "percent": "%s %(name)s {0} {{7*7}}",
    "number": "9" * 400,
    "negative": "-1",
    "float": "1e309",
    "nan": "NaN",
    "date": "0001-01-01",
    "last day": "9999-12-31",
    "no date": "2026-02-31",
    "uid": "00000000-0000-7000-8000-000000000000",
    "other letters": "Ω≈ç√∫ 李伟 ١٢٣ 👩‍⚕️ e\u0301",
    "path": "../../../../etc/passwd",
}
OWN = {"csrf_token"}
# What a page without a form of its own is sent.
POSTED = {
    "core.plugins_off": ["all"],
    "core.people_search": ["q"],
    "core.palette_search": ["q"],
    "core.me_place": ["place"],
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    before = policy()
    with house_of(tmp_path_factory.mktemp("nasty")) as house:
        hospital = hospital_in(house)
        with hospital.site.activate(door="cli"):
            hospital.secret = credentials.invite(hospital.nurse, by=HOUSE)
            hospital.grant = Grant.get(Grant.user == hospital.nurse).uid
            hospital.role = Role.get(Role.name == "nurse").uid
        yield hospital
    follow(before)


def uid_for(world, endpoint: str) -> str:
    """A record the page is about."""
    kind = endpoint.removeprefix("core.").split("_")[0]
    return {"people": world.nurse.uid, "roles": world.role, "places": world.ward.uid}.get(kind, world.nurse.uid)


def forms(world):
    """Every page that takes a form."""
    for route, method, _path in addresses(world.house.app):
        if method == "POST" and route.endpoint.startswith("core.") and route.endpoint not in PARTING:
            found = addresses(
                world.house.app, uid=uid_for(world, route.endpoint), grant=world.grant, secret=world.secret,
                name="patients", plugin="core", noun="user",
            )  # fmt: skip
            yield route, next(path for one, way, path in found if (one.endpoint, way) == (route.endpoint, "POST"))


def stored(world) -> int:
    """How many changes of records the journal knows."""
    with world.site.activate(door="cli"):
        return JournalRow.select().where(JournalRow.change != "noted").count()


def page_of(visitor, route, path) -> MultiDict[str, str]:
    """The fields a page's form has."""
    found = fields_of(visitor.get(path).text) if "GET" in route.methods else MultiDict()
    visitor.get("/me/preferences") if "GET" not in route.methods else None
    for name in POSTED.get(route.endpoint, ["idempotency_key", "version"]):
        found.setdefault(name, "")
    return found


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_typed_makes_a_page_fail(nasty, world):
    visitor = world.house.visitor(world.site, world.admin)
    stranger = world.house.visitor(world.site)
    stranger.get("/sign-in")
    for route, path in forms(world):
        who = stranger if route.permission == "open" else visitor
        for name in list(page_of(who, route, path)):
            if name in OWN:
                continue
            values = page_of(who, route, path)
            values.setlist(name, [NASTY[nasty]])
            values.setlist("csrf_token", [who._token])
            before = stored(world)
            answer = who.open("POST", path, data=values)
            assert answer.status_code < 500, (path, name, answer.status_code)
            if answer.status_code == 422:
                assert stored(world) == before, (path, name)
            if answer.mimetype == "text/html":
                assert "<script>alert(1)" not in answer.text, (path, name)
                assert "Traceback" not in answer.text


def test_a_single_value_sent_twice_is_an_error_beside_its_field(world):
    visitor = world.house.visitor(world.site, world.admin)
    visitor.get("/places/new")
    values = MultiDict(
        [("csrf_token", visitor._token), ("name", "One"), ("name", "Two"), ("kind", "facility"), ("parent", "")]
    )
    before = stored(world)
    answer = visitor.open("POST", "/places/new", data=values)
    assert (answer.status_code, stored(world)) == (422, before)
    assert re.search(r'id="name-error".*?This came more than once', answer.text, re.DOTALL)
    last = MultiDict(
        [*[pair for pair in values.items(multi=True) if pair[0] != "csrf_token"], ("csrf_token", values["csrf_token"])]
    )
    assert visitor.open("POST", "/places/new", data=last).status_code == 422, "whatever comes last"


def test_a_field_nobody_asked_for_is_named_and_nothing_is_saved(world):
    before = stored(world)
    visitor = world.house.visitor(world.site, world.admin)
    page = fields_of(visitor.get(f"/people/{world.nurse.uid}/edit").text)
    page.update({"is_active": "", "uid": "x", "created_by": "me", "id": "1"})
    page["csrf_token"] = visitor._token
    answer = visitor.open("POST", f"/people/{world.nurse.uid}/edit", data=page)
    assert (answer.status_code, stored(world)) == (422, before)
    assert "Nothing was asked under the name created_by" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/people/%00",
        "/people/%F0%28",
        "/roles/" + "a" * 5000,
        "/history/a/b/%00",
        "/journal/1",
        "/plugins/..%2f",
        "/settings/%3C",
        "/break-glass/a/b/c",
    ],
)
def test_no_address_makes_a_page_fail(path, world):
    visitor = world.house.visitor(world.site, world.admin)
    assert visitor.get(path).status_code in (403, 404)


@pytest.mark.parametrize(
    "query",
    [
        "before=" + "9" * 18,
        "before=-1",
        "actor=%00",
        "since=9999-12-31&until=9999-12-31",
        "subject=x&subject=y",
        "act=" + "a" * 900,
        "door=%E2%80%AE",
    ],
)
def test_no_question_in_an_address_makes_the_journal_fail(query, world):
    visitor = world.house.visitor(world.site, world.admin)
    for path in ("/journal", "/journal/reads"):
        assert visitor.get(f"{path}?{query}").status_code in (200, 422), path


def test_a_form_larger_than_any_is_refused(world):
    visitor = world.house.visitor(world.site, world.admin)
    answer = visitor.open(
        "POST",
        "/places/new",
        data=b"name=" + b"x" * (17 * 1024 * 1024),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 413
