"""The one door: who gets in, what is said to those who don't, and what every answer carries."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from core.config import Config
from core.errors import Busy, Conflict, Forbidden, Misuse, NeedsConfirmation, NotFound, Refused, Unavailable
from core.registry import switch_on
from core.sites import Site, current
from core.storage.journal.history import search_reads
from core.storage.journal.models import JournalRow
from core.testing.house import PASSWORD, House, Visitor
from core.web.request import SESSION_COOKIE
from tests.hospital import HOUSE, Workshop

VIEWS = """
    import peewee
    from flask import abort, request

    from core.acts import act
    from core.errors import Busy, Conflict, Forbidden, Misuse, NeedsConfirmation, NotFound, Refused, Unavailable
    from core.storage import atomic
    from core.storage.journal.reads import disclosed
    from core.web import OPEN, MedleyBlueprint, go, toast

    blueprint = MedleyBlueprint("trial", __name__)
    FAILURES = {
        "notfound": NotFound, "forbidden": lambda: Forbidden("trial.secret"), "refused": lambda: Refused("Taken."),
        "busy": lambda: Busy(7), "away": Unavailable, "misuse": lambda: Misuse("the secret of the house"),
        "conflict": lambda: Conflict(mine={"name": "Anna"}, theirs={"name": "Anne"}, by="system:test"),
        "sure": lambda: NeedsConfirmation("Discharge now?", detail="The bed becomes free.", confirm_as="meant"),
        "mistake": lambda: ValueError("patient Jane Roe, born 1950"),
        "lost": lambda: peewee.InterfaceError("connection lost"),
        "statement": lambda: peewee.ProgrammingError("SELECT secret FROM jane_roe"),
    }


    @blueprint.form("/fail/<how>", permission="core.sign_in")
    def fail(how):
        if request.form.get("meant"):
            return f"done with {sorted(request.form)}"
        raise FAILURES[how]()


    @blueprint.get("/abort/<int:code>", permission="core.sign_in")
    def stop(code):
        abort(code)


    @blueprint.post("/send", permission="core.sign_in")
    def send():
        return toast(go("core.home"), "Sent & done.")


    @blueprint.get("/left-open", permission="core.sign_in")
    def left_open():
        kept.append(atomic())
        kept[-1].__enter__()
        raise ValueError


    @blueprint.get("/chart", permission="core.sign_in")
    def chart():
        disclosed("record", [], subject_uid="p-1")
        return "the chart of somebody"


    @blueprint.get("/open", permission=OPEN)
    def open_page():
        return "open"


    kept = []
"""


@pytest.fixture
def trial(house: House, site: Site, workshop: Workshop) -> Visitor:
    """Somebody signed in where a plugin fails in every way there is."""
    workshop.small("trial", views=VIEWS)
    workshop.install("trial")
    with site.activate():
        switch_on("trial", by=HOUSE)
    return house.visitor(site, house.person(site, "Ada Admin", "administrator"))


def text_of(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


# ---- Errors ----


@pytest.mark.parametrize(
    ("how", "error"),
    [("notfound", NotFound), ("forbidden", Forbidden), ("refused", Refused), ("busy", Busy), ("away", Unavailable),
     ("misuse", Misuse), ("conflict", Conflict), ("sure", NeedsConfirmation)],
)  # fmt: skip
def test_each_way_of_failing_has_its_status_in_words_and_in_json(trial: Visitor, how: str, error: type[Any]):
    page = trial.get(f"/trial/fail/{how}")
    assert page.status_code == error.status
    assert page.mimetype == "text/html"
    problem = trial.get(f"/trial/fail/{how}", headers={"Accept": "application/json"})
    assert (problem.status_code, problem.mimetype) == (error.status, "application/problem+json")
    assert problem.get_json()["status"] == error.status
    assert re.fullmatch("[0-9a-f]{16}", problem.get_json()["instance"])


@pytest.mark.parametrize("how", ["mistake", "misuse", "statement"])
def test_a_mistake_shows_a_reference_and_nothing_else(trial: Visitor, how: str, caplog: pytest.LogCaptureFixture):
    page = trial.get(f"/trial/fail/{how}")
    assert page.status_code == 500
    text = text_of(page)
    reference = re.search(r"\b[0-9a-f]{16}\b", text)
    assert reference is not None
    assert reference.group() in caplog.text
    assert not re.search(r"Traceback|Jane|secret|\.py\b|line \d", text)


def test_a_database_that_went_away_is_503_and_says_when_to_come_back(trial: Visitor):
    page = trial.get("/trial/fail/lost")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert trial.get("/trial/fail/busy").headers["Retry-After"] == "7"


def test_the_missing_permission_is_named(trial: Visitor):
    assert "trial.secret" in text_of(trial.get("/trial/fail/forbidden"))


def test_a_conflict_shows_both_versions(trial: Visitor):
    text = text_of(trial.get("/trial/fail/conflict"))
    assert "Anna" in text
    assert "Anne" in text


def test_are_you_sure_sends_the_same_form_again_without_its_secrets(trial: Visitor):
    trial.get("/me")
    asked = trial.post("/trial/fail/sure", {"bed": "7", "bed2": "<8>", "password": "hush"})
    text = text_of(asked)
    assert asked.status_code == 409
    assert "Discharge now?" in text
    assert 'name="meant"' in text
    assert 'name="bed" value="7"' in text
    assert "&lt;8&gt;" in text
    assert "hush" not in text
    assert "done" in text_of(trial.post("/trial/fail/sure", {"bed": "7", "meant": "1"}))


@pytest.mark.parametrize("code", [400, 405, 413, 418])
def test_what_the_framework_refuses_looks_like_everything_else(trial: Visitor, code: int):
    page = trial.get(f"/trial/abort/{code}")
    assert page.status_code == code
    assert "<nav" in text_of(page)


def test_a_transaction_left_open_by_a_view_is_taken_back(trial: Visitor, site: Site):
    assert trial.get("/trial/left-open").status_code == 500
    with site.activate(door="test"):
        assert current().transaction is None
        switch_on("trial", by=HOUSE)
    assert trial.get("/me").status_code == 200


def test_an_answer_whose_reader_cannot_be_written_down_is_not_sent(trial: Visitor, site: Site):
    assert trial.get("/trial/chart").status_code == 200
    with site.activate(door="test"):
        assert len(search_reads({"subject_uid": "p-1"})) == 1
    reads = Path(site.database.database.removesuffix(".db") + "-reads.db")
    with sqlite3.connect(reads) as database:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON core_read BEGIN SELECT RAISE(ABORT, 'full'); END")
    page = trial.get("/trial/chart")
    assert page.status_code == 503
    assert "the chart" not in text_of(page)
    with sqlite3.connect(reads) as database:
        database.execute("DROP TRIGGER full")
    assert trial.get("/trial/chart").status_code == 200


# ---- Forged forms ----


def test_a_form_without_its_token_is_refused(trial: Visitor):
    trial.get("/me")
    assert trial.open("POST", "/trial/send", data={}).status_code == 422
    assert trial.open("POST", "/trial/send", data={"csrf_token": "0" * 64}).status_code == 422
    assert trial.post("/trial/send").status_code == 303


def test_a_token_of_another_session_is_worth_nothing(trial: Visitor, house: House, site: Site):
    other = house.visitor(site, house.person(site, "Other Person", "administrator"))
    other.get("/me")
    trial.get("/me")
    trial._token = other._token
    assert trial.post("/trial/send").status_code == 422


def test_a_form_from_another_site_is_refused_whatever_it_carries(trial: Visitor):
    trial.get("/me")
    for origin in ("https://evil.example", "http://harbour.evil.example", "http://harbour:8001", "file://"):
        assert trial.post("/trial/send", headers={"Origin": origin}).status_code == 422, origin
    assert trial.post("/trial/send", headers={"Origin": f"http://{trial.host}"}).status_code == 303


def test_a_script_may_send_the_token_in_a_header(trial: Visitor):
    trial.get("/me")
    answer = trial.open("POST", "/trial/send", headers={"X-CSRF-Token": trial._token})
    assert answer.status_code == 303


def test_signing_in_needs_the_token_of_its_own_page(house: House, site: Site):
    visitor = house.visitor(site)
    assert visitor.post("/sign-in", {"name": "a", "password": "b"}).status_code == 422
    visitor.get("/sign-in")
    wrong = visitor.post("/sign-in", {"name": "a", "password": "b"})
    assert "don&#39;t belong together" in text_of(wrong) or "don't belong together" in text_of(wrong)


# ---- Getting in ----


def test_who_is_not_signed_in_is_sent_to_the_door_and_back(trial: Visitor, house: House, site: Site):
    stranger = house.visitor(site)
    sent = stranger.get("/me?tab=1")
    assert sent.status_code == 302
    assert sent.headers["Location"].startswith("/sign-in?next=/me")
    assert stranger.get("/me", headers={"Accept": "application/json"}).status_code == 401
    assert stranger.get("/trial/open").status_code == 200


@pytest.mark.parametrize(
    "target",
    ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "evil.example", "\x00/me",
     "/%0d%0aX: y"],
)  # fmt: skip
def test_signing_in_leads_to_pages_of_this_house_only(trial: Visitor, house: House, site: Site, target: str):
    visitor = house.visitor(site)
    visitor.get("/sign-in")
    user = house.person(site, "Red Irect", "administrator")
    answer = visitor.open(
        "POST", "/sign-in", query_string={"next": target},
        data={"csrf_token": visitor._token, "name": user.sign_in, "password": PASSWORD},
    )  # fmt: skip
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "\n" not in location


def test_a_refused_page_is_a_row_in_the_journal(house: House, site: Site, workshop: Workshop):
    workshop.write("board")
    workshop.install("board")
    with site.activate():
        switch_on("board", by=HOUSE)
    visitor = house.visitor(site, house.person(site, "No Role"))
    assert visitor.get("/board/").status_code == 403
    with site.activate():
        row = JournalRow.select().where(JournalRow.outcome == "refused").order_by(JournalRow.id.desc()).first()
        assert (row.act, row.reason, row.door, row.source) == ("board.index", "board.view", "web", "127.0.0.1")


# ---- What every answer carries ----


@pytest.mark.parametrize("path", ["/", "/me", "/sign-in", "/nowhere", "/trial/fail/mistake", "/trial/open", "/healthz"])
def test_every_answer_says_what_a_browser_may_do_with_it(trial: Visitor, path: str):
    headers = trial.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_scripts_carry_a_nonce_that_is_new_each_time(trial: Visitor):
    nonces = set()
    for _round in range(3):
        answer = trial.get("/me")
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert nonce is not None
        assert set(re.findall(r'<script[^>]*\bnonce="([^"]+)"', text_of(answer))) <= {nonce.group(1)}
        nonces.add(nonce.group(1))
    assert len(nonces) == 3


def test_cookies_are_out_of_reach_of_scripts_and_tied_to_the_host_under_tls(house: House, site: Site):
    visitor = house.visitor(site)
    plain = visitor.get("/sign-in").headers.getlist("Set-Cookie")
    secure = visitor.get("/sign-in", base_url=f"https://{visitor.host}")
    for cookie in plain:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in secure.headers.getlist("Set-Cookie"))
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=")


def test_what_was_done_is_said_once(trial: Visitor):
    trial.get("/me")
    assert trial.post("/trial/send").status_code == 303
    assert "Sent &amp; done." in text_of(trial.get("/"))
    assert "Sent &amp; done." not in text_of(trial.get("/"))


# ---- Where a request comes from ----


def test_a_demo_is_served_to_this_machine_and_private_networks_only(house: House):
    demo = house.site("demo", demo=True)
    client = Client(house.app)
    base = f"http://{demo.hosts[0]}"
    for address, status in (
        ("127.0.0.1", 200), ("10.1.2.3", 200), ("192.168.1.9", 200), ("::1", 200), ("::ffff:10.0.0.1", 200),
        ("8.8.8.8", 404), ("2001:4860:4860::8888", 404), ("::ffff:8.8.8.8", 404), ("", 404), ("unix", 404),
    ):  # fmt: skip
        answer = client.get("/sign-in", base_url=base, environ_overrides={"REMOTE_ADDR": address})
        assert answer.status_code == status, address


def test_forwarded_headers_count_from_trusted_proxies_only(tmp_path: Path):
    config = Config(data_folder=tmp_path / "data", keys_file=tmp_path / "keys.toml", trusted_proxies=("10.9.0.0/16",))
    house = House(tmp_path, config)
    site = house.site()
    told = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": site.hosts[0]}
    for peer, is_believed in (("10.9.1.1", True), ("10.8.1.1", False), ("nonsense", False)):
        answer = Client(house.app).get(
            "/sign-in", base_url="http://inner.example" if is_believed else f"http://{site.hosts[0]}",
            headers=told, environ_overrides={"REMOTE_ADDR": peer},
        )  # fmt: skip
        assert answer.status_code == 200, peer
        assert ("Strict-Transport-Security" in answer.headers) is is_believed
    house.close()


def test_without_trusted_proxies_nobody_is_believed(house: House, site: Site):
    answer = house.visitor(site).get(
        "/sign-in", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    )
    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers


def test_the_session_cookie_is_new_at_each_sign_in(house: House, site: Site):
    user = house.person(site, "New Cookie", "administrator")
    visitor = house.visitor(site)
    visitor.client.set_cookie(SESSION_COOKIE, "planted-by-somebody", domain=visitor.host)
    visitor.sign_in(user.sign_in)
    assert visitor.session not in ("", "planted-by-somebody")
