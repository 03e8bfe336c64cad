"""Two hospitals in one process never meet."""

import ast
import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from core.errors import Misuse, Refused
from core.registry import catalogue, switch_off, switch_on
from core.sites import Site, SiteDirectory, current, current_site, is_active
from core.storage import atomic
from core.storage.journal.models import JournalRow
from core.testing.house import House, Visitor
from core.users import accounts
from core.users.accounts import UserDetails
from core.users.models import User
from core.web.rendering import toast_signer
from core.web.request import DEVICE_COOKIE, SESSION_COOKIE, TOAST_COOKIE
from tests.hospital import HOUSE, SOAK, Workshop, rounds

pytestmark = SOAK

Pair = tuple[Site, Site]


@pytest.fixture
def pair(house: House) -> Pair:
    """Two hospitals of one house."""
    return house.site("north", title="North Hospital"), house.site("south", title="South Hospital")


def admin(house: House, site: Site) -> Visitor:
    return house.visitor(site, house.person(site, f"{site.name.title()} Admin", "administrator"))


# ---- Plugins ----


def addresses(app: Flask, plugin: str) -> list[tuple[str, str]]:
    """Every (method, address) of a plugin, arguments filled with something."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] == plugin:
            path = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?\w+>", "0190", rule.rule)
            found += [(method, path) for method in sorted(rule.methods or ()) if method not in {"HEAD", "OPTIONS"}]
    return found


def test_every_address_of_every_plugin_is_not_there_where_it_is_off(house: House, site: Site, workshop: Workshop):
    workshop.write("board")
    workshop.install("board")
    visitor = admin(house, site)
    plugins = [plugin.name for plugin in catalogue.in_order() if plugin.part("views", "blueprint") is not None]
    assert "board" in plugins
    tried = 0
    for plugin in plugins:
        for method, path in addresses(house.app, plugin):
            answer = visitor.post(path) if method == "POST" else visitor.open(method, path)
            assert answer.status_code == 404, (method, path, answer.status_code)
            tried += 1
    assert tried >= 2
    nowhere = visitor.get("/no-such-page/at-all")
    closed = visitor.get("/board/")
    scrub = re.compile(r"[0-9a-f]{16}|nonce=\"[^\"]*\"|value=\"[0-9a-f]{64}\"")
    assert scrub.sub("", closed.get_data(as_text=True)) == scrub.sub("", nowhere.get_data(as_text=True))


def test_a_plugin_is_on_at_one_hospital_and_off_at_the_next(house: House, pair: Pair, workshop: Workshop):
    workshop.write("board")
    workshop.install("board")
    north, south = pair
    with north.activate():
        switch_on("board", by=HOUSE)
    for _round in range(2):
        assert admin_page(house, north) == 200
        assert admin_page(house, south) == 404
        with north.activate() as here:
            assert "board" in here.state.enabled
        with south.activate() as there:
            assert "board" not in there.state.enabled
            assert "board_note" not in south.database.get_tables()
    with north.activate():
        switch_off("board", by=HOUSE)
    assert admin_page(house, north) == 404


def admin_page(house: House, site: Site) -> int:
    return admin_again(house, site).get("/board/").status_code


def admin_again(house: House, site: Site) -> Visitor:
    name = f"{site.name.title()} {random.randrange(10**9)}"
    return house.visitor(site, house.person(site, name, "administrator"))


def test_equal_revisions_of_two_hospitals_are_two_states(house: House, pair: Pair, workshop: Workshop):
    """What is remembered is remembered for one hospital, even when another has the very same revision."""
    workshop.write("board")
    workshop.install("board")
    with pair[0].activate():
        switch_on("board", by=HOUSE)
    for site in pair:
        with site.activate():
            site.database.execute_sql("UPDATE core_site_state SET revision = 'same'")
    for _round in range(2):
        assert [admin_page_of(site) for site in pair] == [True, False]


def admin_page_of(site: Site) -> bool:
    with site.activate() as activation:
        return "board" in activation.state.enabled


# ---- Who is who ----


def test_a_cookie_of_one_hospital_opens_nothing_at_another(house: House, pair: Pair):
    north, south = pair
    visitor = admin(house, north)
    house.person(south, "South Admin", "administrator")
    stranger = house.visitor(south)
    for name in (SESSION_COOKIE, DEVICE_COOKIE):
        stranger.client.set_cookie(name, visitor.session, domain=south.hosts[0])
    answer = stranger.get("/me")
    assert (answer.status_code, "/sign-in" in answer.headers["Location"]) == (302, True)
    assert visitor.get("/me").status_code == 200


def test_the_same_session_token_has_two_different_form_tokens(house: House, pair: Pair):
    north, south = pair
    here, there = admin(house, north), admin(house, south)
    here.get("/me")
    there.get("/me")
    assert here._token
    assert here._token != there._token
    there._token = here._token
    assert there.post("/sign-out").status_code == 422
    assert there.get("/me").status_code == 200


def test_a_toast_signed_by_one_hospital_says_nothing_at_another(house: House, pair: Pair):
    north, south = pair
    with north.activate():
        signed = toast_signer().dumps('{"text": "Hello from the north", "phase": "done", "undo_url": null}')
    for site, is_said in ((north, True), (south, False)):
        visitor = admin(house, site)
        visitor.client.set_cookie(TOAST_COOKIE, signed, domain=site.hosts[0])
        assert ("Hello from the north" in visitor.get("/").get_data(as_text=True)) is is_said


def test_keys_of_one_purpose_differ_by_hospital_and_purpose(pair: Pair):
    north = pair[0]
    assert len({site.derive(purpose) for site in pair for purpose in ("csrf", "toast")}) == 4
    assert north.derive("csrf") == north.derive("csrf")
    assert len(north.derive("csrf")) == 32


# ---- Hosts ----


def test_an_unknown_host_is_nobody_and_no_database_is_touched(house: House, pair: Pair):
    app = house.app
    house.directory.budget.close_idle()
    before = house.directory.budget.open
    for host in ("elsewhere.example", "north.localhost.evil.example", "", "north@evil", "[::1]:80"):
        answer = Client(app).get("/", headers={"Host": host} if host else {}, environ_overrides={"HTTP_HOST": host})
        assert answer.status_code in (400, 404), host
        assert "North" not in answer.get_data(as_text=True)
    assert house.directory.budget.open == before == 0


def test_a_host_is_found_whatever_its_case_and_port(house: House, pair: Pair):
    for host in ("north.localhost", "NORTH.LOCALHOST", "north.localhost:8000", "north.localhost."):
        found = house.directory.by_host(host)
        assert found is not None
        assert found.name == "north"


def test_two_hospitals_do_not_share_a_host(house: House, pair: Pair):
    with pytest.raises(Misuse, match="north"):
        house.directory.create("third", hosts=["north.localhost"])


def test_a_broken_file_stops_nobody_who_is_served_already(house: House, pair: Pair):
    (house.directory.folder / "broken.toml").write_text("title = ", "utf-8")
    (house.directory.folder / "south.toml").unlink()
    house.directory._looked_at = -10.0
    assert house.directory.by_host("north.localhost") is pair[0]
    house.directory._looked_at = -10.0
    assert house.directory.by_host("north.localhost") is pair[0]
    (house.directory.folder / "broken.toml").unlink()
    house.directory._looked_at = -10.0
    assert house.directory.by_host("south.localhost") is None
    with pytest.raises(Refused):
        house.directory.get("south")


def test_a_broken_file_is_named_at_the_start(house: House, pair: Pair):
    (house.directory.folder / "broken.toml").write_text(
        'title = "x"\nhosts = ["x"]\ndatabase = "oracle://x"\nsecret = "00"', "utf-8"
    )
    with pytest.raises(Misuse, match="broken"):
        SiteDirectory(house.config).all()


def test_a_hospital_whose_file_changed_is_read_again(house: House, pair: Pair):
    path = house.directory.folder / "north.toml"
    path.write_text(path.read_text("utf-8").replace("North Hospital", "Northern Hospital"), "utf-8")
    house.directory.look(at_once=True)
    assert house.directory.get("north").title == "Northern Hospital"
    assert house.directory.get("south") is pair[1]


# ---- Work ----


def test_another_hospital_is_not_entered_inside_an_open_transaction(pair: Pair):
    north, south = pair
    with north.activate(), atomic():
        with pytest.raises(Misuse, match="south"), south.activate():
            pass
        with north.activate():
            assert current().transaction is not None
    with north.activate(), south.activate():
        assert current_site() is south
    assert not is_active()


def test_nothing_crosses_between_hospitals_under_many_threads(house: House, pair: Pair):
    """Two hospitals, one process, sixteen threads, pages and writes at random."""
    visitors: dict[str, list[Visitor]] = {}
    for site in pair:
        user = house.person(site, f"Marker of {site.name}", "administrator")
        visitors[site.name] = [house.visitor(site, user) for _one in range(8)]
    others = {"north": "south", "south": "north"}
    crossed: list[Any] = []
    gate = threading.Barrier(16)

    def browse(site: Site, visitor: Visitor, seed: int) -> None:
        chance = random.Random(seed)
        gate.wait()
        for number in range(rounds(12, 400)):
            if chance.random() < 0.3:
                name = f"{site.name}-{seed}-{number}"
                with site.activate(door="test"):
                    accounts.create_user(UserDetails(sign_in=name, name=f"Marker of {site.name} {name}"), by=HOUSE)
                continue
            path = chance.choice(["/", "/me", "/nowhere", "/people"])
            answer = visitor.get(path)
            text = answer.get_data(as_text=True)
            if (
                answer.status_code >= 500
                or f"Marker of {others[site.name]}" in text
                or (path == "/me" and f"Marker of {site.name}" not in text)
            ):
                crossed.append((site.name, path, answer.status_code))

    threads = [
        threading.Thread(target=browse, args=(site, visitor, 10 * index + number))
        for index, site in enumerate(pair)
        for number, visitor in enumerate(visitors[site.name])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert crossed == []
    for site in pair:
        with site.activate(door="test"):
            names = [user.name for user in User.select()]
            assert not [name for name in names if others[site.name] in name]
            assert JournalRow.select().where(JournalRow.act == "core.create_user").count() == len(names)
    assert house.directory.budget.open <= house.config.max_connections


def test_a_streamed_answer_keeps_its_hospital_on_whichever_thread_it_is_sent(
    house: House, pair: Pair, workshop: Workshop
):
    """Two answers are sent piece by piece, in turn, by a thread that has served neither."""
    views = """
        from core.sites import current_site
        from core.users.models import User
        from core.web import MedleyBlueprint, current_actor, streamed

        blueprint = MedleyBlueprint("stream", __name__)


        @blueprint.get("/", permission="core.sign_in")
        def index():
            def pieces():
                for number in range(3):
                    names = ",".join(user.name for user in User.select())
                    yield f"{current_site().name} {current_actor().name}: {names}\\n"

            return streamed(pieces(), "text/plain")
    """
    workshop.small("stream", views=views)
    workshop.install("stream")
    answers = []
    for site in pair:
        with site.activate():
            switch_on("stream", by=HOUSE)
        visitor = admin(house, site)
        answers.append(visitor.open("GET", "/stream/", buffered=False))
    assert not is_active()
    pieces: list[list[str]] = [[], []]

    def send() -> None:
        for north, south in zip(answers[0].response, answers[1].response, strict=True):
            for sent, piece in zip(pieces, (north, south), strict=True):
                sent.append(piece if isinstance(piece, str) else piece.decode())

    sender = threading.Thread(target=send)
    sender.start()
    sender.join()
    assert pieces == [["north North Admin: North Admin\n"] * 3, ["south South Admin: South Admin\n"] * 3]
    for answer in answers:
        answer.close()


def test_connections_of_all_hospitals_come_out_of_one_budget(house: House, pair: Pair):
    budget = house.directory.budget
    for _round in range(3):
        for site in pair:
            with site.activate() as activation:
                assert activation.read_revision()
    assert budget.open == 2
    budget.close_idle()
    limit, budget.limit = budget.limit, 1
    try:
        for site in pair * 2:
            with site.activate() as activation:
                assert activation.read_revision()
                assert budget.open == 1
    finally:
        budget.limit = limit


def test_a_thread_that_waits_for_a_connection_gets_the_one_given_back(house: House, site: Site):
    """With one connection for all: whoever waits must not stop the holder from giving back."""
    house.directory.budget.close_idle()
    limit, house.directory.budget.limit = house.directory.budget.limit, 1
    served: list[float] = []

    def ask(hold: float) -> Callable[[], None]:
        def run() -> None:
            with site.activate() as activation:
                activation.read_revision()
                threading.Event().wait(hold)
                served.append(hold)

        return run

    try:
        threads = [threading.Thread(target=ask(0.05)) for _one in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        assert len(served) == 6
    finally:
        house.directory.budget.limit = limit
    assert house.directory.budget.open <= 1


CACHES = {"lru_cache", "cache"}
ASKS = {
    "current",
    "current_site",
    "execute",
    "execute_sql",
    "get_or_none",
    "get_by_id",
    "scalar",
    "first",
    "tuples",
    "dicts",
}


def outside_lambdas(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when a function does, without those it only hands on."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.Lambda | ast.FunctionDef):
            yield child
            yield from outside_lambdas(child)


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    return {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}


def test_nothing_a_database_says_is_remembered_for_the_whole_process():
    """A cached function that asks the site being served would tell one hospital what another one said."""
    root = Path(__file__).parents[2]
    leaking = [
        f"{path.relative_to(root)}: {node.name}"
        for folder in ("core", "plugins")
        for path in (root / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        and names_in(part for one in node.decorator_list for part in ast.walk(one)) & CACHES
        and names_in(part for line in node.body for part in (line, *outside_lambdas(line))) & ASKS
    ]
    assert leaking == []
