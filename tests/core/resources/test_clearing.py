"""What served a page for some days is forgotten when they are over, and nothing before."""

import io

from core import clock
from core.jobs import enqueue
from core.resources.bulk.models import BulkOutcome, BulkRun
from core.resources.bulk.services import begin, mark
from core.resources.clearing import clear_lists
from core.resources.exporting.models import Export
from core.resources.exporting.services import ask_for_export
from core.resources.exporting.taking_out import order_of
from core.resources.importing.models import Import, ImportedRow, ImportProblem
from core.resources.importing.services import begin_import, begin_undo, map_columns, send_file
from core.resources.models import Count
from core.resources.narrowing import narrowed
from core.testing.house import HOUSE
from tests.core.resources.files.tables import filled, run_jobs

TABLES = (Export, Count, BulkRun, BulkOutcome, Import, ImportProblem)
ROWS = b"Name,Serial number,Kind\r\nPump,P-1,pump\r\nPump,P-2,pmup\r\n"


def imported(store, is_undone: bool) -> None:
    found = send_file(store.devices, "x.csv", io.BytesIO(ROWS), HOUSE)
    map_columns(found, store.devices, found.mapping, "both", False, by=HOUSE)
    run_jobs(store.site)
    begin_import(Import.get_by_id(found.id), by=HOUSE)
    run_jobs(store.site)
    if is_undone:
        begin_undo(Import.get_by_id(found.id), by=HOUSE)
        run_jobs(store.site)


def cleared(store) -> list[int]:
    """How many rows of each are left after the night's work."""
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        enqueue(clear_lists, by=HOUSE)
    run_jobs(store.site, with_scheduled=True)
    with store.site.activate(door="cli"):
        return [table.select().count() for table in TABLES]


def test_exports_counts_imports_and_what_came_of_them_go_with_their_time(store, monkeypatch):
    filled(store, 3)
    monkeypatch.setattr("core.resources.finding.EXACT_UNTIL", 2)
    store.visitor("storekeeper").get("/equipment/")
    keeper = store.visitor("storekeeper")
    keeper.get("/equipment/")
    assert keeper.post("/equipment/count", {"list": ""}).status_code == 303
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        order = order_of(store.devices, narrowed(store.devices, {}, HOUSE), ("name",), "csv", HOUSE)
        ask_for_export(order, by=HOUSE)
        run = mark(store.devices, [one.uid for one in store.model.select()], None, by=HOUSE)
        begin(run, store.devices, "act:repair", {}, HOUSE)
        imported(store, is_undone=False)
    before = cleared(store)
    assert all(before), "nothing goes before its time"
    with clock.freeze():
        clock.advance(days=2)
        assert [bool(one) for one in cleared(store)] == [True, False, True, True, True, True]
        clock.advance(days=6)
        assert [bool(one) for one in cleared(store)] == [False, False, False, False, True, True]
        clock.advance(days=23)
        assert not any(cleared(store))
        with store.site.activate(door="cli"):
            assert not ImportedRow.select().count()


def test_a_record_whose_import_was_taken_back_comes_in_again_long_afterwards(store):
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        imported(store, is_undone=True)
    with clock.freeze():
        clock.advance(days=31)
        assert cleared(store) == [0, 0, 0, 0, 1, 0]
        with store.site.activate(door="cli") as activation:
            activation.actor = HOUSE
            imported(store, is_undone=False)
            (device,) = store.model.select()
            assert not device.is_retired
