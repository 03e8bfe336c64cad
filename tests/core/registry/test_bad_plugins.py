"""A-20: a bad plugin does not take the hospital down.

A plugin runs inside the process and is not sandboxed: the boundary is who may install it. What is promised is that the
core goes on, that the plugin is named, and that it is set aside.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from core.errors import MedleyError, PluginFailed, Unavailable
from core.hooks import announce, collect
from core.registry import Plugin, catalogue, quarantine, restore_plugin, switch_off, switch_on
from core.sites import Site, current
from core.storage.journal.models import JournalRow
from core.testing.house import House, Visitor
from core.users import accounts
from core.users.accounts import UserDetails
from core.users.models import User
from tests.core.storage.clinic import Slip, do, write_slip
from tests.hospital import HOUSE, Workshop, at_once

EVERY_HOOK = """
    def fail():
        {fault}

    @hookimpl()
    def navigation():
        return fail()

    @hookimpl()
    def permissions():
        return fail()

    @hookimpl()
    def home_cards(by):
        return fail()

    @hookimpl()
    def palette_sources():
        return fail()

    @hookimpl()
    def plugin_switched(name, is_on, by):
        return fail()

    @hookimpl()
    def demo_data():
        return fail()
"""
FAULTS = {
    "raises": "raise ValueError('the plugin is broken')",
    "exits": "raise SystemExit(1)",
    "gives the wrong type": "return object()",
    "gives a huge answer": "return [None] * 3_000_000",
    "never stops giving": "return iter(int, 1)",
    "calls itself without end": "return fail()",
    "leaks threads": (
        "import threading\n        threading.Thread(target=threading.Event().wait, args=(30,), daemon=True).start()\n"
        "        1 / 0"
    ),
    "swallows what the core raises": (
        "from core.storage import TextField\n        from core.sites import current\n        try:\n"
        "            current().site.database.execute_sql('SELECT nonsense FROM nowhere')\n"
        "        except BaseException:\n            pass\n        return 7"
    ),
}


def signed_in(house: House, site: Site) -> Visitor:
    return house.visitor(site, house.person(site, "Ada Admin", "administrator"))


def the_core_works(visitor: Visitor, site: Site, name: str) -> None:
    """Pages, an act with its journal row, and switching."""
    for path in ("/", "/me"):
        assert visitor.get(path).status_code == 200, path
    with site.activate():
        accounts.create_user(UserDetails(sign_in=name, name=name), by=HOUSE)
        switch_on("neighbour", by=HOUSE)
        switch_off("neighbour", by=HOUSE)
    with site.activate():
        user = User.get(User.sign_in == name)
        assert JournalRow.select().where(JournalRow.record_uid == user.uid).count() == 1
        assert "neighbour" not in current().state.enabled


@pytest.mark.parametrize("fault", FAULTS)
def test_the_core_works_beside_a_plugin_that(
    fault: str, house: House, site: Site, workshop: Workshop, caplog: pytest.LogCaptureFixture
):
    workshop.small("bad", EVERY_HOOK.format(fault=FAULTS[fault]))
    workshop.install("bad")
    workshop.small("neighbour")
    workshop.install("neighbour")
    with site.activate():
        switch_on("bad", by=HOUSE)
    visitor = signed_in(house, site)
    with caplog.at_level(logging.ERROR):
        for number in range(2):
            the_core_works(visitor, site, f"person{number}")
    assert any("bad" in record.getMessage() for record in caplog.records)
    with site.activate() as activation:
        row = Plugin.get(Plugin.name == "bad")
        assert row.quarantined_at is not None
        assert row.last_fault
        assert activation.state.silent == {"bad"}
        assert Plugin.get(Plugin.name == "neighbour").faults == 0


PAGES = """
    from core.web import MedleyBlueprint

    blueprint = MedleyBlueprint("bad", __name__)


    @blueprint.get("/", permission="core.sign_in")
    def index():
        return "here"


    {more}
"""


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ('@blueprint.get("/", permission="core.sign_in")\n    def again():\n        return "twice"', "two pages"),
        (
            '@blueprint.post("/", permission="core.manage_users", endpoint="index")\n    def other(): ...',
            "overwriting",
        ),
    ],
)
def test_pages_that_stand_where_others_are_already_are_left_out(
    house: House, site: Site, workshop: Workshop, more: str, reason: str, caplog: pytest.LogCaptureFixture
):
    workshop.small("bad", views=PAGES.format(more=more))
    workshop.install("bad")
    workshop.small("neighbour")
    workshop.install("neighbour")
    with site.activate():
        switch_on("bad", by=HOUSE)
    visitor = signed_in(house, site)
    the_core_works(visitor, site, "person")
    assert visitor.get("/bad/").status_code == 404
    assert reason in catalogue.failures["bad"].reason


BARE = 'from core.web import MedleyBlueprint\nblueprint = MedleyBlueprint("bad", __name__)\n'


@pytest.mark.parametrize(
    ("views", "reason"),
    [
        (f'{BARE}@blueprint.get("/")\ndef x(): ...\n', "permission"),
        (f"{BARE}blueprint.before_app_request(print)\n", "every hospital"),
        (f"{BARE}blueprint.record(print)\n", "every hospital"),
        ("import nowhere\n", "nowhere"),
    ],
)
def test_what_may_not_be_registered_leaves_the_plugin_out(
    house: House, site: Site, workshop: Workshop, views: str, reason: str
):
    workshop.small("bad", views=views)
    workshop.offer("bad")
    workshop.small("neighbour")
    workshop.install("neighbour")
    catalogue.load()
    assert reason in catalogue.failures["bad"].reason
    the_core_works(signed_in(house, site), site, "person")


def test_a_panel_whose_template_is_not_there_is_a_small_box(house: House, site: Site, workshop: Workshop):
    panel = 'Panel(template="bad/nowhere.html", title="x")'
    workshop.small(
        "bad", f"from core.contributions import Panel\n\n\n@hookimpl()\ndef home_cards(by):\n    return [{panel}]\n"
    )
    workshop.install("bad")
    workshop.small("neighbour")
    workshop.install("neighbour")
    with site.activate():
        switch_on("bad", by=HOUSE)
    visitor = signed_in(house, site)
    for number in range(6):
        the_core_works(visitor, site, f"person{number}")
    with site.activate():
        assert Plugin.get(Plugin.name == "bad").faults >= 1


# ---- Hanging ----

RINGING = "from core.hooks import announcement\n\n\n@announcement()\ndef counter_rang(): ...\n"
IN_DATABASE = """
    sql = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n WHERE i < 1e9",
        "postgresql": "SELECT pg_sleep(20)",
        "mariadb": "SELECT SLEEP(20)",
    }
    current().site.database.execute_sql(sql[current().site.engine])
"""
SWALLOWING = """
    began = time.monotonic()
    while time.monotonic() - began < 2.5:
        try:
            time.sleep(0.02)
        except BaseException:
            pass
"""
HANGS = {
    "in Python": "\n    for _ in range(400):\n        time.sleep(0.02)\n",
    "in the database": IN_DATABASE,
    "and swallows what would free it": SWALLOWING,
}
HANGING = "import time\nfrom core.sites import current\n\n\n@hookimpl()\ndef counter_rang():"


@pytest.fixture
def ringing(site_on: Site, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Site]:
    """A site on each engine with a plugin that hangs, and a watchdog with little patience."""
    monkeypatch.setattr(quarantine, "HANGS_AFTER_SECONDS", 0.5)

    def made(hang: str) -> Site:
        workshop.small("counter", hookspecs=RINGING)
        workshop.install("counter")
        workshop.small("bad", HANGING + HANGS[hang])
        workshop.install("bad")
        if not Slip.table_exists():
            site_on.database.create_tables([Slip])
        switch_on("counter", by=HOUSE)
        switch_on("bad", by=HOUSE)
        current().forget_state()
        return site_on

    yield made
    row = Plugin.get_or_none(Plugin.name == "bad")
    if row is not None and row.quarantined_at is not None:
        restore_plugin("bad", by=HOUSE)


@pytest.mark.parametrize("hang", HANGS)
def test_a_listener_that_hangs_loses_the_transaction_and_others_go_on(ringing: Callable[[str], Site], hang: str):
    site = ringing(hang)
    name = f"hangs {hang}"
    done: list[float] = []

    def body() -> None:
        Slip.create(text=name)
        announce.counter_rang()

    def work(index: int) -> Any:
        if index == 0:
            return do(body, by=HOUSE)
        time.sleep(0.1)
        began = time.monotonic()
        for number in range(5):
            write_slip(f"{name}: {index} {number}", by=HOUSE)
        return done.append(time.monotonic() - began)

    began = time.monotonic()
    results = at_once(site, 4, work)
    assert isinstance(results[0], (PluginFailed, Unavailable)), results[0]
    assert results[1:] == [None, None, None]
    assert max(done) < 3.5
    assert time.monotonic() - began < 8
    assert Slip.select().where(Slip.text == name).count() == 0
    while (row := Plugin.get(Plugin.name == "bad")).quarantined_at is None and time.monotonic() - began < 8:
        time.sleep(0.05)
    assert row.quarantined_at is not None
    assert "counter_rang" in row.last_fault
    current().forget_state()
    assert current().state.silent == {"bad"}


def test_nobody_else_is_hit_when_a_slow_listener_ends_just_in_time(
    site: Site, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
):
    """What frees a hanging listener is raised in its thread; it must not land after the listener has returned."""
    monkeypatch.setattr(quarantine, "HANGS_AFTER_SECONDS", 0.0)
    workshop.small("slow", "@hookimpl()\ndef navigation():\n    for _ in range(20000):\n        pass\n    return []\n")
    workshop.install("slow")
    with site.activate():
        switch_on("slow", by=HOUSE)
    stray: list[BaseException] = []

    def look(_index: int) -> None:
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            try:
                collect.navigation()
                current().faults.clear()
            except MedleyError:
                raise
            except BaseException as hit:  # noqa: BLE001  what must not come out
                stray.append(hit)
                return

    at_once(site, 3, look)
    assert stray == []


def test_the_watchdog_survives_what_goes_wrong_while_it_frees(
    site: Site, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(quarantine, "HANGS_AFTER_SECONDS", 0.2)

    def burst(_plugin: str) -> None:
        raise OSError

    monkeypatch.setattr(quarantine, "on_hang", [burst])
    body = "    for _ in range(150):\n        time.sleep(0.01)\n    return []\n"
    workshop.small("bad", f"import time\n\n\n@hookimpl()\ndef navigation():\n{body}")
    workshop.install("bad")
    with site.activate():
        switch_on("bad", by=HOUSE)
        for _round in range(2):
            began = time.monotonic()
            assert "bad" not in [item.endpoint.partition(".")[0] for item in collect.navigation()]
            assert time.monotonic() - began < 1.4
            with suppress(MedleyError):
                restore_plugin("bad", by=HOUSE)
            current().forget_state()
    assert any(thread.name == "watchdog" and thread.is_alive() for thread in threading.enumerate())
