"""Many records in few statements, each with its row in the journal."""

import pytest

from core.actors import system_actor
from core.acts import act
from core.errors import Misuse
from core.registry import Setting
from core.sites import Site
from core.storage.bulk import change_where, insert_records
from core.storage.journal.history import history_of

BY = system_actor("test")


@act("core.fill_settings", permission="core.manage_settings")
def fill(number, by):
    """Many settings at once."""
    return insert_records(Setting(plugin="sample", name=f"n{one}", value={"value": one}) for one in range(number))


@act("core.change_many_settings", permission="core.manage_settings")
def change(condition, values, by):
    """The same value in many settings."""
    return change_where(Setting, condition, values)


@pytest.fixture
def entered(site: Site):
    with site.activate():
        yield site


def test_each_record_of_a_bulk_has_its_row_in_the_journal(entered: Site) -> None:
    made = fill(450, by=BY)
    assert Setting.select().where(Setting.plugin == "sample").count() == 450
    (row,) = history_of(made[301].uid)
    assert (row.row.change, row.row.act, row.content["name"]) == ("created", "core.fill_settings", [None, "n301"])


def test_only_what_changes_is_changed_and_journaled_and_versions_rise(entered: Site) -> None:
    made = fill(250, by=BY)
    with_seven = Setting.plugin == "sample"
    assert change(with_seven, {"value": {"value": 7}}, by=BY) == 249
    assert [len(history_of(made[one].uid)) for one in (6, 7, 249)] == [2, 1, 2]
    assert Setting.get(Setting.uid == made[6].uid).version == 2
    assert Setting.get(Setting.uid == made[7].uid).version == 1
    assert history_of(made[6].uid)[0].content == {"value": ['{"value":6}', '{"value":7}']}


def test_a_bulk_that_fails_leaves_nothing(entered: Site) -> None:
    fill(3, by=BY)
    with pytest.raises(Exception, match="UNIQUE"):
        fill(250, by=BY)
    assert Setting.select().where(Setting.plugin == "sample").count() == 3


def test_outside_an_act_nothing_is_written(entered: Site) -> None:
    with pytest.raises(Misuse):
        insert_records([Setting(plugin="sample", name="a", value={})])
    with pytest.raises(Misuse):
        change(Setting.plugin == "sample", {"version": 9}, by=BY)
