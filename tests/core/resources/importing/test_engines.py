"""Bringing in, taking out and doing in bulk, on every engine the house runs on."""

import io

import pytest

from core.resources.bulk.services import begin, mark
from core.resources.exporting.taking_out import order_of, pieces
from core.resources.importing.models import Import
from core.resources.importing.services import begin_import, begin_undo, map_columns, send_file
from core.resources.narrowing import narrowed
from core.testing.house import HOUSE
from tests.core.resources.files.tables import run_jobs
from tests.servers import ENGINES, require

ROWS = "Name,Serial number,Kind,Price\r\nPümp,P-1,pump,12.50\r\nBed,B-1,bedd,1\r\nBed,B-2,bed,\r\nBed,B-2,bed,\r\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_list_comes_in_goes_out_and_is_changed_in_bulk(engine, servers, equipment, house):
    require(engine, servers)
    url = servers.url(engine)
    site = house.site(url=url, plugins=["equipment"])
    with site.activate(door="cli") as activation:
        activation.actor = HOUSE
        found = send_file(equipment, "x.csv", io.BytesIO(ROWS.encode()), HOUSE)
        map_columns(found, equipment, found.mapping, "both", False, by=HOUSE)
    run_jobs(site)
    with site.activate(door="cli") as activation:
        activation.actor = HOUSE
        tested = Import.get_by_id(found.id)
        assert (tested.counts["created"], tested.counts["wrong"]) == (2, 2)
        assert equipment.model.select().count() == 0
        begin_import(tested, by=HOUSE)
    run_jobs(site)
    with site.activate(door="cli") as activation:
        activation.actor = HOUSE
        order = order_of(equipment, narrowed(equipment, {}, HOUSE), ("serial", "name", "price"), "csv", HOUSE)
        assert sorted("".join(pieces(order)).split("\r\n")) == sorted(
            ["Serial number,Name,Price", "P-1,Pümp,12.50", "B-2,Bed,", ""]
        )
        uids = [one.uid for one in equipment.model.select()]
        run = begin(mark(equipment, uids, None, by=HOUSE), equipment, "act:repair", {}, HOUSE)
        assert run.counts == {"done": 2}
        begin_undo(Import.get_by_id(found.id), by=HOUSE)
    run_jobs(site)
    with site.activate(door="cli"):
        undone = Import.get_by_id(found.id)
        assert (undone.state, undone.counts["left"]) == ("undone", 2), "both were changed since"
    site.database.budget.close_idle()
    servers.drop(url)
