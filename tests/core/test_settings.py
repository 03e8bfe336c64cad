"""A plugin's settings at a site: defaults, answers, refusals, and who is right at which moment."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from core.actors import ANONYMOUS
from core.errors import Conflict, Forbidden, Refused
from core.registry import Setting, switch_on
from core.settings import change_settings, setting_rows, settings_of, settings_version
from core.sites import Site, current
from core.storage.journal.models import JournalRow
from tests.core.storage.clinic import do
from tests.hospital import HOUSE, Workshop

SETTINGS = """
    from wtforms import BooleanField, IntegerField, StringField
    from wtforms.validators import InputRequired, NumberRange

    from core.settings import PluginSettings


    class Settings(PluginSettings):
        shown = IntegerField("Shown", [InputRequired(), NumberRange(1, 50)], default=20)
        title = StringField("Title", [InputRequired()], default="Board")
        is_open = BooleanField("Open", default=True)
"""


@pytest.fixture
def board(site: Site, workshop: Workshop) -> Callable[[], Site]:
    """A site with the plugin `board`, which asks three things."""
    workshop.small("board", settings=SETTINGS)
    workshop.install("board")
    with site.activate():
        switch_on("board", by=HOUSE)
    return lambda: site


def test_what_a_site_has_not_decided_has_its_default(board: Callable[[], Site]):
    with board().activate():
        found = settings_of("board")
        assert (found.shown, found.title, found.is_open) == (20, "Board", True)


def test_one_answer_is_changed_and_the_others_stay(board: Callable[[], Site]):
    with board().activate():
        change_settings("board", {"shown": 5}, by=HOUSE)
        change_settings("board", {"is_open": False}, by=HOUSE)
        found = settings_of("board")
        assert (found.shown, found.title, found.is_open) == (5, "Board", False)
        assert setting_rows("board")["shown"].updated_by == "system:test"


@pytest.mark.parametrize("values", [{"shown": 51}, {"shown": "many"}, {"title": ""}, {"shwon": 5}])
def test_an_answer_that_does_not_fit_is_refused_and_nothing_is_stored(
    board: Callable[[], Site], values: dict[str, object]
):
    with board().activate():
        with pytest.raises(Refused):
            change_settings("board", {"is_open": False, **values}, by=HOUSE)
        assert settings_of("board").is_open is True
        assert setting_rows("board") == {}


def test_settings_are_changed_by_those_who_may(board: Callable[[], Site]):
    with board().activate(), pytest.raises(Forbidden):
        change_settings("board", {"shown": 5}, by=ANONYMOUS)


def test_a_change_is_a_row_with_both_values(board: Callable[[], Site]):
    with board().activate():
        change_settings("board", {"shown": 5}, by=HOUSE)
        change_settings("board", {"shown": 6}, by=HOUSE)
        row = JournalRow.select().where(JournalRow.noun == "setting").order_by(JournalRow.id.desc()).first()
        assert (row.act, row.record_version) == ("core.change_settings", 2)


def test_whoever_saw_older_settings_is_told(board: Callable[[], Site]):
    with board().activate():
        change_settings("board", {"shown": 5}, by=HOUSE)
        seen = settings_version("board")
        change_settings("board", {"shown": 6}, by=HOUSE)
        with pytest.raises(Conflict):
            change_settings("board", {"shown": 7}, by=HOUSE, version=seen)


def test_other_requests_see_a_change_at_once_and_none_that_was_taken_back(board: Callable[[], Site]):
    site = board()

    def change_and_look(fails: bool) -> None:
        change_settings("board", {"shown": 7}, by=HOUSE)
        assert settings_of("board").shown == 7
        if fails:
            raise Refused

    for fails, shown in ((True, 20), (False, 7)):
        with site.activate():
            assert settings_of("board").shown == 20
            with suppress(Refused):
                do(lambda fails=fails: change_and_look(fails), by=HOUSE)
            assert settings_of("board").shown == shown
        with site.activate():
            assert settings_of("board").shown == shown


def test_nothing_read_amid_uncommitted_writes_is_remembered_for_others(board: Callable[[], Site]):
    """An act writes, reads what hangs on the revision before it touches the revision, and fails."""
    site = board()

    def body() -> None:
        Setting.create(plugin="board", name="shown", value={"value": 3})
        current().forget_state()
        assert settings_of("board").shown == 3
        raise Refused

    with site.activate(), suppress(Refused):
        do(body, by=HOUSE)
    with site.activate():
        assert settings_of("board").shown == 20


def test_a_plugin_that_asks_nothing_has_no_settings(site: Site):
    with site.activate(), pytest.raises(Refused):
        settings_of("nothing")
