"""Every operation for every role (A-12), and no object across people or hospitals (A-13)."""

from typing import Any

import pytest

from core.places.services import PlaceDetails, add_place
from core.registry import catalogue
from core.resources import actions_here, resources_here
from core.roles.defaults import SHIPPED_ROLES
from core.roles.grants import grant_permission
from core.roles.matrix import shipped_matrix
from core.roles.permissions import CORE_PERMISSIONS
from core.storage.journal.history import search_reads
from core.storage.journal.models import JournalRow
from core.testing.house import HOUSE
from core.users.models import User
from plugins.api.rest.nouns import address_of
from tests.plugins.api.conftest import DEVICES, Program, Shop, device, secret_for

USE = "api.use"


def operations(resource: Any, uid: str) -> list[tuple[str, str, Any, str]]:
    """(method, path, body, permission) of everything that can be asked of a noun."""
    one, many, acts = address_of(resource, uid), address_of(resource), resource.acts
    found = [("GET", many, None, ""), ("POST", f"{many}/search", {}, ""), ("GET", one, None, "")]
    found += [("POST", many, {}, acts.permission_to("create"))] if acts.create else []
    found += [("PATCH", one, {}, acts.permission_to("edit"))] if acts.edit else []
    if acts.retire:
        found += [(method, path, {}, acts.permission_to("retire")) for method, path in
                  (("DELETE", one), ("POST", f"{one}/actions/retire"))]  # fmt: skip
    found += [("POST", f"{one}/actions/restore", {"x": 1}, acts.permission_to("restore"))] if acts.restore else []
    return [*found, *(("POST", f"{one}/actions/{act.name}", {"x": 1}, act.asks_for) for act in actions_here(resource))]


def expected(held: frozenset[str], resource: Any, permission: str) -> bool:
    """Whether somebody with these permissions passes."""
    may_view = resource.may_view in held or resource.may_view == "core.sign_in"
    is_create = permission and permission == resource.acts.permission_to("create") and resource.acts.create
    return (may_view or bool(is_create)) and (not permission or permission in held)


@pytest.mark.parametrize("role", sorted(SHIPPED_ROLES))
def test_each_role_passes_where_its_permissions_say_so(shop: Shop, role: str):
    """With a token for everything they may, and in a session; without the right to use the API nothing."""
    declared = [*CORE_PERMISSIONS]
    for plugin in catalogue.in_order():
        declared += plugin.part("permissions", "PERMISSIONS") or ()
    held = frozenset(shipped_matrix(declared)[role]) | {USE, "core.sign_in"}
    user = shop.person(role)
    bare = shop.house.visitor(shop.site, user)
    if USE not in shipped_matrix(declared)[role]:
        assert bare.get(DEVICES).status_code == 403
    with shop.site.activate():
        grant_permission(user, USE, by=HOUSE)
        nouns = [one for one in resources_here().values() if "api" in one.doors]
    shop.program.device()
    program, desk = shop.token(user), shop.house.visitor(shop.site, user)
    tried = 0
    for resource in nouns:
        with shop.site.activate():
            uid = resource.model.select().order_by(resource.model.id).first()
        if uid is None:
            continue
        for method, path, body, permission in operations(resource, uid.uid):
            may = expected(held, resource, permission)
            needs_view = path != address_of(resource) or method == "GET"
            if permission and not needs_view:
                may = permission in held
            answer = program.ask(method, path, body)
            assert (answer.status_code != 403) == may, (role, method, path, answer.status_code)
            assert answer.status_code < 500
            in_session = desk.open(method, path, json=body, headers={"X-CSRF-Token": desk._token})
            assert in_session.status_code == answer.status_code, (role, method, path)
            tried += 1
    assert tried > 20


def test_a_refusal_is_in_the_journal(shop: Shop):
    user = shop.person("nurse")
    with shop.site.activate():
        grant_permission(user, USE, by=HOUSE)
    answer = shop.token(user).post(DEVICES, device())
    assert answer.status_code == 403
    with shop.site.activate():
        row = JournalRow.select().where(JournalRow.request_id == answer.headers["X-Request-Id"]).first()
        assert (row.outcome, row.door, row.actor_uid, row.reason) == ("refused", "api", user.uid, "equipment.manage")


# Two hospitals, two wards.


@pytest.fixture(scope="module")
def wards(shop: Shop) -> dict[str, Any]:
    """A device in each of two wards and one at another hospital; a clerk who works in one ward."""
    with shop.site.activate():
        top = add_place(PlaceDetails("Harbour", "organisation"), by=HOUSE)
        east, west = (add_place(PlaceDetails(name, "facility"), by=HOUSE, parent=top) for name in ("East", "West"))
    clerk = shop.person("storekeeper", place=east)
    with shop.site.activate():
        grant_permission(clerk, USE, by=HOUSE)
    lake = opened_lake(shop)
    line = {"done_on": "2026-01-01", "what": "Secret of the ward"}
    return {
        "east": east, "west": west, "clerk": clerk, "lake": lake, "program": shop.token(clerk),
        "own": shop.program.device(place=east.uid, name="Own pump", services=[line]),
        "theirs": shop.program.device(place=west.uid, name="Their pump", services=[line]),
        "strange": lake.device(name="Strange pump", services=[line]),
    }  # fmt: skip


def opened_lake(shop: Shop) -> Program:
    """Another hospital of the same house."""
    site = shop.house.site("lake", hosts=["lake"], plugins=["equipment", "api"])
    return Program(shop.house, site, secret_for(site, shop.house.person(site, "Lena Lake", "administrator")))


def plain(answer: Any) -> tuple[int, Any]:
    """An answer without what differs each time."""
    told = answer.get_json()
    told.pop("instance", None)
    return answer.status_code, told


def test_no_object_of_another_ward_or_hospital_opens(shop: Shop, wards: dict[str, Any]):
    """By URL, for every method; and what is not open looks like what is not there (A-13)."""
    program, nobody = wards["program"], "0190a0a0-0000-7000-8000-000000000000"
    own = f"{DEVICES}/{wards['own']['uid']}"
    assert program.get(own).status_code == 200
    for whose in ("theirs", "strange"):
        uid = wards[whose]["uid"]
        for method, end, body in (
            ("GET", "", None), ("GET", "?fields=name", None), ("PATCH", "", {"note": "x"}),
            ("DELETE", "", {"reason": "x"}),
            ("POST", "/actions/retire", {"reason": "x"}), ("POST", "/actions/restore", {}),
            ("POST", "/actions/repair", {}),
        ):  # fmt: skip
            there = program.ask(method, f"{DEVICES}/{uid}{end}", body, If_Match='"1"')
            not_there = program.ask(method, f"{DEVICES}/{nobody}{end}", body, If_Match='"1"')
            assert plain(there) == plain(not_there), (whose, method, end)
            assert there.status_code == 404
    assert shop.program.get(f"{DEVICES}/{wards['theirs']['uid']}").get_json() == wards["theirs"]


def test_every_noun_of_another_hospital_is_closed(shop: Shop, wards: dict[str, Any]):
    """Each object of the other hospital, whatever its noun, by everybody here."""
    tried = 0
    for line in wards["lake"].get("/api/v1").get_json()["nouns"]:
        mine = {one["uid"] for one in shop.program.get(f"{line['address']}?limit=200&retired=true").get_json()["items"]}
        for found in wards["lake"].get(f"{line['address']}?limit=200&retired=true").get_json()["items"]:
            assert found["uid"] not in mine
            for program in (shop.program, wards["program"]):
                assert program.get(f"{line['address']}/{found['uid']}").status_code in (403, 404)
                tried += 1
    assert tried > 20


def test_no_list_search_condition_or_cursor_leads_there(shop: Shop, wards: dict[str, Any]):
    program = wards["program"]
    hidden = {"Their pump", "Strange pump"}
    for sort in ("name", "-name", "bought", "newest", "-newest"):
        found = program.get(f"{DEVICES}?sort={sort}&limit=200&retired=true&count=true").get_json()
        assert [one["name"] for one in found["items"]] == ["Own pump"]
        assert found["count"] == 1
    for words in ("pump", "their", "strange"):
        found = program.post(f"{DEVICES}/search", {"words": words, "retired": True}).get_json()
        assert not hidden & {one["name"] for one in found["items"]}
    assert program.get(f"{DEVICES}?place={wards['west'].uid}").get_json()["items"] == []
    cursor = shop.program.get(f"{DEVICES}?limit=1").get_json()["next"]
    assert program.get(f"{DEVICES}?limit=1&cursor={cursor}").status_code == 422
    of_lake = wards["lake"]
    of_lake.device()
    cursor = of_lake.get(f"{DEVICES}?limit=1").get_json()["next"]
    assert shop.program.get(f"{DEVICES}?limit=1&cursor={cursor}").status_code == 422


def test_nothing_is_reached_through_a_body(shop: Shop, wards: dict[str, Any]):
    """A place of another hospital, a line of another record: refused, and nothing is moved."""
    program, own = wards["program"], wards["own"]
    with wards["lake"].site.activate():
        foreign = add_place(PlaceDetails("Lakeside", "organisation"), by=HOUSE)
    strange = program.post(DEVICES, device(place=foreign.uid))
    assert strange.status_code == 422
    assert strange.get_json()["errors"][0]["pointer"] == "/place"
    for whose in ("theirs", "strange"):
        line = wards[whose]["services"][0]["uid"]
        sent = {"services": [{"uid": line, "what": "Taken", "done_on": "2026-01-01"}]}
        answer = program.ask("PATCH", f"{DEVICES}/{own['uid']}", sent, If_Match=f'"{own["version"]}"')
        assert answer.status_code in (404, 422)
    assert shop.program.get(f"{DEVICES}/{own['uid']}").get_json() == own
    assert shop.program.get(f"{DEVICES}/{wards['theirs']['uid']}").get_json() == wards["theirs"]


def test_who_was_shown_whom_is_written_down(shop: Shop):
    """People are persons: a page of accounts, one account, and whom a grant names (A-14)."""
    with shop.site.activate():
        admin = User.get_by_id(shop.admin.id)
    for path in ("people?limit=5", f"people/{admin.uid}", "grants?limit=200&fields=user"):
        assert shop.program.get(f"/api/v1/core/{path}").status_code == 200
        with shop.site.activate():
            row = next(iter(search_reads({"actor_uid": admin.uid})))
        assert (row.kind, row.door) == ("api", "api"), path
        assert row.shown.startswith("core.user" if path.startswith("people") else "core.grant")
        assert admin.uid in row.uids
