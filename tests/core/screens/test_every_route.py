"""Every page asks for its stated permission, and every answer carries the headers that protect it (A-12, A-29)."""

import re

import pytest

from core.contributions import Permission
from core.registry import catalogue
from core.roles.defaults import SHIPPED_ROLES
from core.roles.matrix import shipped_matrix
from core.web import OPEN, SIGNED_IN
from tests.core.screens.routes import PARTING, addresses

OPEN_PAGES = {"core.sign_in", "core.sign_in_code", "core.first_run", "core.choose_password", "core.locked"} | {
    "core.manifest",
    "core.service_worker",
    "core.offline",
}


def test_only_these_pages_are_open_to_strangers(shared_hospital):
    routes = shared_hospital.house.app.extensions["medley_routes"].values()
    assert {
        route.endpoint for route in routes if route.permission == OPEN and route.endpoint.startswith("core.")
    } == OPEN_PAGES


def test_a_stranger_is_sent_to_the_door(shared_hospital):
    visitor = shared_hospital.house.visitor(shared_hospital.site)
    visitor.get("/sign-in")
    for route, method, path in addresses(shared_hospital.house.app):
        answer = visitor.open(method, path, data={"csrf_token": visitor._token} if method == "POST" else None)
        if not route.endpoint.startswith("core."):
            assert answer.status_code == 404, path  # switched off: as if it were not there
        elif route.permission == OPEN:
            assert answer.status_code in (200, 303, 404, 422), path
        else:
            assert (answer.status_code, answer.location.split("?")[0]) == (302, "/sign-in"), path


@pytest.mark.parametrize("role", sorted(SHIPPED_ROLES))
def test_each_role_passes_where_the_matrix_says_so(role, shared_hospital):
    house, site = shared_hospital.house, shared_hospital.site
    declared: list[Permission] = [
        one for plugin in catalogue.in_order() for one in plugin.part("permissions", "PERMISSIONS") or ()
    ]
    held = shipped_matrix(declared)[role]
    visitor = house.visitor(site, house.person(site, f"Person {role}", role))
    for route, method, path in addresses(house.app, name="nobody", plugin="core", noun="user"):
        if route.endpoint in PARTING or not route.endpoint.startswith("core."):
            continue
        visitor.get("/me/sessions")
        answer = visitor.open(method, path, data={"csrf_token": visitor._token} if method == "POST" else None)
        passes = route.permission in (OPEN, SIGNED_IN) or route.permission in held
        assert (answer.status_code != 403) == passes, (method, path, answer.status_code)
        assert answer.status_code < 500, (method, path)


def test_every_page_carries_its_headers(shared_hospital):
    house, site = shared_hospital.house, shared_hospital.site
    with_session = house.visitor(site, shared_hospital.admin)
    for visitor in (house.visitor(site), with_session):
        for _route, method, path in addresses(
            house.app, uid=shared_hospital.nurse.uid, name="nobody", plugin="core", noun="user"
        ):
            if method != "GET":
                continue
            answer = visitor.get(path)
            headers = answer.headers
            policy = headers["Content-Security-Policy"]
            nonce = re.search(r"script-src 'nonce-([\w-]+)' 'strict-dynamic'", policy)
            assert nonce, path
            assert "unsafe-inline" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["Cache-Control"] == "no-store", path
            assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")
            if answer.status_code == 200 and answer.mimetype == "text/html":
                scripts = re.findall(r"<script[^>]*>", answer.text)
                assert scripts
                assert all(f'nonce="{nonce.group(1)}"' in script for script in scripts), path
                assert not re.search(r"\son\w+=|\sstyle=|javascript:", answer.text), path


def test_two_answers_never_share_a_nonce(shared_hospital):
    visitor = shared_hospital.house.visitor(shared_hospital.site)
    first, second = (visitor.get("/sign-in").headers["Content-Security-Policy"] for _time in range(2))
    assert first != second


def test_over_tls_the_browser_is_told_to_stay_there(shared_hospital):
    visitor = shared_hospital.house.visitor(shared_hospital.site)
    answer = visitor.get("/sign-in", base_url=f"https://{visitor.host}")
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    cookies = answer.headers.getlist("Set-Cookie")
    assert all(cookie.startswith("__Host-") and "Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)
