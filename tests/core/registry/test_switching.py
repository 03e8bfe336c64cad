"""Switching plugins on and off at a site that goes on working."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.actors import ANONYMOUS
from core.errors import Forbidden, Refused
from core.registry import (
    Plugin,
    catalogue,
    consequences,
    plugin_rows,
    restore_plugin,
    state_word,
    switch_off,
    switch_on,
)
from core.registry.quarantine import count_faults
from core.registry.upgrading import upgrade
from core.sites import Site, SiteDirectory, current
from core.storage.journal.models import JournalRow
from core.testing.house import House
from tests.core.storage.clinic import do
from tests.hospital import HOUSE, ROOT, Workshop

SECOND = '''
"""One more table."""

from core.storage.fields import TextField
from core.storage.migrations import FrozenRecord, Steps


class Pin(FrozenRecord):
    """A pin."""

    text = TextField(max_length=500)

    class Meta:
        table_name = "board_pin"


def up(migrator, db):
    """Make the table."""
    Steps(migrator, db).create_tables(Pin)
'''


@pytest.fixture
def board(site: Site, workshop: Workshop) -> Path:
    """The scaffold as the plugin `board`, installed."""
    package = workshop.write("board")
    workshop.install("board")
    return package


def enabled(site: Site) -> frozenset[str]:
    """What a request would find on."""
    with site.activate() as activation:
        return activation.state.enabled


def word(site: Site, name: str) -> str:
    with site.activate() as activation:
        return state_word(name, activation.state, plugin_rows().get(name))


def test_a_plugin_switched_on_has_its_tables_and_is_met(site: Site, board: Path):
    assert "board" not in enabled(site)
    with site.activate():
        row = switch_on("board", by=HOUSE)
        assert (row.state, row.schema, row.code_version) == ("on", "0001_board", "0.1.0")
        assert "board_note" in site.database.get_tables()
        assert JournalRow.select().where(JournalRow.act == "core.switch_on").count() >= 1
    assert "board" in enabled(site)
    with site.activate():
        assert switch_on("board", by=HOUSE).state == "on"


def test_only_those_who_may_switch(site: Site, board: Path):
    with site.activate(), pytest.raises(Forbidden):
        switch_on("board", by=ANONYMOUS)
    assert "board" not in enabled(site)


def test_what_it_requires_is_switched_on_with_it(site: Site, workshop: Workshop):
    workshop.small("bottom")
    workshop.install("bottom")
    workshop.small("top", needs='requires={"bottom": ">=1"}')
    workshop.install("top")
    with site.activate():
        assert consequences("top").comes_along == ("bottom",)
        switch_on("top", by=HOUSE)
    assert {"top", "bottom"} <= enabled(site)
    with site.activate(), pytest.raises(Refused, match="top"):
        switch_off("bottom", by=HOUSE)
    with site.activate():
        assert not consequences("top").obstacles
        assert "top" in str(consequences("bottom").obstacles[0])
        switch_off("top", by=HOUSE)
        current().forget_state()
        switch_off("bottom", by=HOUSE)
    assert not {"top", "bottom"} & enabled(site)


def test_what_is_missing_is_named(site: Site, workshop: Workshop):
    workshop.small("top", needs='requires={"nowhere": ">=1"}')
    workshop.install("top")
    with site.activate(), pytest.raises(Refused, match="nowhere"):
        switch_on("top", by=HOUSE)
    assert word(site, "top") == "off"


def test_a_plugin_switched_off_keeps_its_rows(site: Site, board: Path, workshop: Workshop):
    with site.activate():
        switch_on("board", by=HOUSE)
        workshop.module("board", "services").write_note("stays", by=HOUSE)
        switch_off("board", by=HOUSE)
        with pytest.raises(Refused):
            switch_off("board", by=HOUSE)
    assert "board" not in enabled(site)
    with site.activate():
        switch_on("board", by=HOUSE)
        assert [note.text for note in workshop.module("board", "models").Note.select()] == ["stays"]


def test_switching_on_that_was_killed_half_way_is_finished_by_the_next_try(
    house: House, site: Site, workshop: Workshop
):
    """The process is really killed inside the second migration of the plugin."""
    package = workshop.write("board")
    calm = 'Path(__file__).with_name("calm")'
    deadly = SECOND.replace("    Steps(", f"    if not {calm}.exists():\n        os._exit(9)\n    Steps(")
    deadly = deadly.replace("from core", "import os\nfrom pathlib import Path\n\nfrom core", 1)
    (package / "migrations" / "0002_pins.py").write_text(deadly, "utf-8")
    workshop.offer("board")
    command = [sys.executable, "-c", "from core.cli import main; main()", "plugin", "enable", "board"]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{package.parent}",
        "MEDLEY_DATA_FOLDER": str(house.config.data_folder),
        "MEDLEY_KEYS_FILE": str(house.config.keys_file),
    }
    assert subprocess.run(command, env=environment, cwd=ROOT, capture_output=True).returncode == 9
    workshop.install("board")
    assert (word(site, "board"), "board" in enabled(site)) == ("installing", False)
    (package / "migrations" / "calm").touch()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "board is on.")
    assert (word(site, "board"), "board" in enabled(site)) == ("on", True)
    with site.activate():
        assert {"board_note", "board_pin"} <= set(site.database.get_tables())


def test_a_plugin_whose_code_is_gone_counts_as_off_and_its_row_stays(site: Site, board: Path, workshop: Workshop):
    with site.activate():
        switch_on("board", by=HOUSE)
    workshop.forget()
    assert word(site, "board") == "missing"
    with site.activate():
        current().forget_state()
        site._state = None
        assert "board" not in current().state.enabled
        assert Plugin.get(Plugin.name == "board").state == "on"
        assert "board_note" in site.database.get_tables()


def test_what_needs_an_upgrade_waits_and_so_does_what_requires_it(site: Site, board: Path, workshop: Workshop):
    workshop.small("rider", needs='requires={"board": ">=0.1"}')
    workshop.install("rider")
    with site.activate():
        switch_on("rider", by=HOUSE)
    (board / "migrations" / "0002_pins.py").write_text(SECOND, "utf-8")
    site._state = None
    with site.activate() as activation:
        assert activation.state.waiting == {"board", "rider"}
    assert word(site, "rider") == "needs upgrade"
    upgrade(site)
    with site.activate() as activation:
        assert activation.state.waiting == frozenset()
        assert "board_pin" in site.database.get_tables()


def test_five_faults_set_a_plugin_aside_on_that_site_only_and_one_click_restores_it(
    house: House, site: Site, board: Path
):
    other = house.site("second")
    for one in (site, other):
        with one.activate():
            switch_on("board", by=HOUSE)
    with site.activate():
        for number in range(5):
            assert Plugin.get(Plugin.name == "board").quarantined_at is None, number
            count_faults("board", 1, "ValueError in navigation", by=HOUSE)
    assert (word(site, "board"), word(other, "board")) == ("set aside", "on")
    with site.activate():
        row = Plugin.get(Plugin.name == "board")
        assert (row.faults, row.last_fault) == (5, "ValueError in navigation")
        restore_plugin("board", by=HOUSE)
        with pytest.raises(Refused):
            restore_plugin("board", by=HOUSE)
    assert word(site, "board") == "on"


def test_another_process_knows_at_its_next_request(house: House, site: Site, board: Path):
    """A second directory has its own sites, states and connections, as a second server process has."""
    other_process = SiteDirectory(house.config)
    there = other_process.get(site.name)
    for turn_on in (True, False, True):
        with site.activate():
            (switch_on if turn_on else switch_off)("board", by=HOUSE)
        assert ("board" in enabled(there)) is turn_on
        assert ("board" in enabled(site)) is turn_on
    other_process.budget.close_idle()


def test_a_switch_that_is_taken_back_was_never_seen(site: Site, board: Path):
    def body() -> None:
        switch_off("board", by=HOUSE)
        assert "board" not in current().state.enabled
        raise Refused

    with site.activate():
        switch_on("board", by=HOUSE)
        with pytest.raises(Refused):
            do(body, by=HOUSE)
        assert "board" in current().state.enabled
    assert "board" in enabled(site)


def test_what_a_switch_would_do_is_said_before(site: Site, board: Path):
    with site.activate():
        before = consequences("board")
        assert (before.turns_on, before.pages, before.acts, before.permissions) == (True, 1, 1, 2)
        assert "navigation" in before.hooks
        switch_on("board", by=HOUSE)
        assert consequences("board").turns_on is False
    assert catalogue.get("board") is not None
