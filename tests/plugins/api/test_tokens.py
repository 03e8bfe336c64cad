"""Tokens: shown once, kept as a digest, never wider than their owner at the moment they are used (D-16)."""

import re

import pytest

from core.registry import switch_off, switch_on
from core.roles.grants import grant_permission, grant_role, grants_of, revoke_grant, role_named
from core.storage.journal.models import JournalRow
from core.testing.house import HOUSE, Visitor
from core.users import accounts
from core.users.accounts import UserDetails
from core.users.models import User
from plugins.api.models import Token
from tests.plugins.api.conftest import DEVICES, Program, Shop, device, secret_for

ME = "/api/v1/equipment/device?limit=1"


def why(answer) -> str:
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), answer.text
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="medley"')
    return str(answer.get_json()["detail"])


def visitor_of(shop: Shop, user: User) -> Visitor:
    return shop.house.visitor(shop.site, user)


def test_a_token_is_made_on_a_page_shown_once_and_revoked(shop: Shop):
    desk = visitor_of(shop, shop.admin)
    page = desk.get("/api/tokens/new")
    assert page.status_code == 200
    fields = {
        "name": "Laboratory link",
        "owner": shop.admin.uid,
        "days": "30",
        "sources": "127.0.0.0/8",
        "scopes": "equipment.view",
    }
    key = re.search(
        r'name="idempotency_key" type="hidden" value="([^"]+)"|name="idempotency_key"[^>]*value="([^"]+)"', page.text
    )
    assert key is not None
    made = desk.post("/api/tokens/new", {**fields, "idempotency_key": key[1] or key[2]})
    secret = re.search(r"mdl_[\w-]{43}", made.text)
    assert made.status_code == 200
    assert secret is not None
    again = desk.post("/api/tokens/new", {**fields, "idempotency_key": key[1] or key[2]})
    assert "mdl_" not in again.text
    assert secret[0] not in desk.get("/api/tokens/").text
    program = Program(shop.house, shop.site, secret[0])
    assert program.get(ME).status_code == 200
    assert program.post(DEVICES, device()).status_code == 403
    with shop.site.activate():
        token = Token.get(Token.name == "Laboratory link")
        stored = [str(value) for value in token.__data__.values()]
        assert not any(secret[0] in value for value in stored)
        assert token.seen_at is not None
        assert token.expires_at - token.made_at == 30 * 86400
        row = JournalRow.select().where(JournalRow.act == "api.create_token").order_by(JournalRow.id.desc()).first()
        assert "Laboratory link" in row.reason
        assert secret[0] not in row.reason
    desk.get(f"/api/tokens/{token.uid}/revoke")
    assert desk.post(f"/api/tokens/{token.uid}/revoke").status_code == 303
    assert why(program.get(ME)) == "This token was revoked."


def test_a_token_never_opens_what_its_owner_may_not_at_that_moment(shop: Shop):
    keeper = shop.person("storekeeper", "administrator")
    program = shop.token(keeper, "equipment.view", "equipment.manage")
    assert program.post(DEVICES, device()).status_code == 201
    with shop.site.activate():
        for grant in grants_of(keeper):
            revoke_grant(grant, "Moved", by=HOUSE)
    assert program.get(ME).status_code == 403
    with shop.site.activate():
        grant_role(keeper, role_named("administrator"), by=HOUSE)
        grant_role(keeper, role_named("storekeeper"), by=HOUSE)
    assert program.get(ME).status_code == 200
    narrow = shop.token(keeper, "equipment.view")
    found = program.get(ME).get_json()["items"][0]
    assert "price" not in found
    for method, path, body in (
        ("POST", DEVICES, device()), ("PATCH", f"{DEVICES}/{found['uid']}", {"note": "x"}),
        ("DELETE", f"{DEVICES}/{found['uid']}", {"reason": "x"}),
        ("POST", f"{DEVICES}/{found['uid']}/actions/repair", {}),
        ("GET", "/api/v1/core/people", None),
    ):  # fmt: skip
        answer = narrow.ask(method, path, body, If_Match='"1"')
        assert answer.status_code == 403, (method, path)
        assert answer.get_json()["permission"] in ("equipment.manage", "core.view_users")


def test_a_closed_account_closes_its_tokens(shop: Shop):
    user = shop.person("administrator")
    program = shop.token(user)
    assert program.get(ME).status_code == 200
    with shop.site.activate():
        accounts.deactivate_user(User.get_by_id(user.id), by=HOUSE)
    assert why(program.get(ME)) == "The account this token belongs to is closed."


def test_a_token_is_over_after_its_days_and_good_from_its_networks_only(shop: Shop):
    over = shop.token(shop.admin, days=1)
    with shop.site.activate():
        Token.update(expires_at=Token.made_at).where(
            Token.id == Token.select().order_by(Token.id.desc()).first().id
        ).execute()
    assert why(over.get(ME)) == "This token is over. Make a new one."
    elsewhere = shop.token(shop.admin, sources=("10.1.0.0/16", "2001:db8::/32"))
    assert why(elsewhere.get(ME)) == "This token is not good from this address."
    here = shop.token(shop.admin, sources=("127.0.0.1",))
    assert here.get(ME).status_code == 200


def test_a_token_is_worth_nothing_at_another_hospital(shop: Shop):
    site = shop.house.site("lakeside", hosts=["lakeside"], plugins=["equipment", "api"])
    assert why(Program(shop.house, site, shop.program.secret).get(ME)) == "This token is not known here."
    with site.activate(), shop.site.activate():
        pass
    with shop.site.activate():
        rows = list(Token.select().dicts())
    with site.activate():
        owner = shop.house.person(site, "Lena Lake", "administrator")
    with site.activate(door="test"):
        Token.insert_many([{**row, "owner": owner.id, "id": row["id"]} for row in rows]).execute()
    assert why(Program(shop.house, site, shop.program.secret).get(ME)) == "This token is not known here."


@pytest.mark.parametrize(
    "sent", ["Bearer", "Bearer x", "Bearer mdl_", "Basic YTpi", "mdl_x", "Bearer mdl_" + "x" * 9000, "Bearer \xff"]
)
def test_what_is_no_token_opens_nothing(shop: Shop, sent: str):
    answer = Program(shop.house, shop.site).get(ME, Authorization=sent)
    assert why(answer)
    assert Program(shop.house, shop.site).get(ME).status_code == 401


def test_pages_for_people_do_not_open_for_a_token(shop: Shop):
    routes = shop.house.app.extensions["medley_routes"].values()
    pages = [one for one in routes if one.keys is None and "GET" in one.methods and "<" not in one.rule]
    assert len(pages) > 20
    for route in pages:
        prefix = "" if route.endpoint.startswith("core.") else f"/{route.endpoint.partition('.')[0]}"
        with_token, without = (
            shop.program.get(prefix + route.rule),
            Program(shop.house, shop.site).get(prefix + route.rule),
        )
        assert with_token.status_code == without.status_code, route.rule
        assert with_token.headers.get("Location") == without.headers.get("Location")
        assert route.permission == "open" or with_token.status_code in (302, 404), route.rule


def test_a_token_can_make_no_token(shop: Shop):
    for path in ("/api/tokens/", "/api/tokens/new", "/api/"):
        assert shop.program.get(path).status_code == 302


def test_nobody_hands_on_what_they_do_not_have(shop: Shop):
    nurse = shop.person("nurse", "administrator")
    desk = visitor_of(shop, nurse)
    desk.get("/api/tokens/new")
    fields = {"name": "Mine", "owner": nurse.uid, "days": "90", "scopes": "equipment.see_nothing"}
    assert desk.post("/api/tokens/new", fields).status_code == 422
    fields |= {"scopes": "core.sign_in"}
    assert desk.post("/api/tokens/new", fields).status_code == 422
    fields |= {"scopes": "equipment.view", "owner": shop.admin.uid}
    assert desk.post("/api/tokens/new", fields).status_code == 422
    for days, sources in (("0", ""), ("99999", ""), ("90", "nowhere"), ("90", "10.0.0.0/99")):
        sent = {**fields, "owner": nurse.uid, "days": days, "sources": sources}
        assert desk.post("/api/tokens/new", sent).status_code == 422, (days, sources)


def test_a_service_gets_its_token_from_those_who_could_give_it_its_rights(shop: Shop):
    """Somebody who may give roles hands on what the service holds; somebody who may not, only what they hold too."""
    with shop.site.activate():
        details = UserDetails(sign_in="lab.link", name="Laboratory link", kind="service")
        service = accounts.create_user(details, by=HOUSE)
        for name in ("equipment.manage", "api.use"):
            grant_permission(service, name, by=HOUSE)
    keeper = shop.person()
    with shop.site.activate():
        for name in ("api.use", "api.manage_tokens", "equipment.view"):
            grant_permission(keeper, name, by=HOUSE)
    fields = {"name": "Link", "owner": service.uid, "days": "90", "scopes": "equipment.manage"}
    clerk = visitor_of(shop, keeper)
    clerk.get("/api/tokens/new")
    assert clerk.post("/api/tokens/new", fields).status_code == 422
    desk = visitor_of(shop, shop.admin)
    assert "Laboratory link" in desk.get("/api/tokens/new").text
    assert desk.post("/api/tokens/new", {**fields, "scopes": "core.manage_users"}).status_code == 422
    secret = re.search(r"mdl_[\w-]{43}", desk.post("/api/tokens/new", fields).text)
    assert secret is not None
    program = Program(shop.house, shop.site, secret[0])
    assert program.post(DEVICES, device()).status_code == 201
    assert program.get(ME).status_code == 403


def test_others_tokens_look_as_if_they_were_not_there(shop: Shop):
    with shop.site.activate():
        token = Token.select().order_by(Token.id).first()
    clerk = visitor_of(shop, shop.person("nurse"))
    assert clerk.get("/api/tokens/").status_code == 403
    assert clerk.get(f"/api/tokens/{token.uid}/revoke").status_code == 403


def test_a_session_may_read_and_writes_with_the_token_of_its_pages(shop: Shop):
    desk = visitor_of(shop, shop.admin)
    assert desk.get(ME).status_code == 200
    forged = desk.open("POST", DEVICES, json=device())
    assert forged.status_code == 422
    assert forged.mimetype == "application/problem+json"
    made = desk.open("POST", DEVICES, json=device(), headers={"X-CSRF-Token": desk._token})
    assert made.status_code == 201, made.text
    strange = desk.open("GET", ME, headers={"Authorization": "Bearer mdl_nothing"})
    assert strange.status_code == 401


def test_what_a_token_did_is_in_the_journal(shop: Shop):
    found = shop.program.device()
    with shop.site.activate():
        row = JournalRow.select().where(JournalRow.record_uid == found["uid"]).first()
        assert (row.door, row.actor_uid, row.act) == ("api", shop.admin.uid, "equipment.create_device")
        assert re.fullmatch(r"127\.0\.0\.1 mdl_[\w-]{6}", row.source)


def test_off_means_not_there_for_those_with_a_token_too(shop: Shop):
    with shop.site.activate():
        switch_off("api", by=HOUSE)
    try:
        assert shop.program.get(ME).status_code == 404
        assert Program(shop.house, shop.site).get("/api/openapi.json").status_code == 404
    finally:
        with shop.site.activate():
            switch_on("api", by=HOUSE)
    assert shop.program.get(ME).status_code == 200
    bare = shop.house.site("barelake", hosts=["barelake"], plugins=["equipment"])
    assert Program(shop.house, bare, secret_for(shop.site, shop.admin)).get(ME).status_code == 404
