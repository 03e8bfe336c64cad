"""Taking lists out: exactly what is filtered, safely, journaled, and to whom it belongs."""

import csv
import io

import openpyxl

from core.resources.exporting import taking_out
from core.roles.editing import set_role_permissions
from core.roles.grants import role_named
from core.roles.rights import rights_book
from core.storage.journal.history import search_journal
from core.testing.house import HOUSE
from tests.core.resources.files.tables import filled, run_jobs


def exported(visitor, state="", columns=("name", "serial", "kind"), file_format="csv", **also):
    visitor.get(f"/equipment/export?{state}")
    data = {"list": state, "column": list(columns), "file_format": file_format, **also}
    return visitor.post("/equipment/export", data)


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True), newline="")))


def test_a_list_is_taken_out_as_it_is_filtered_and_ordered(store):
    filled(store, 30)
    boss = store.visitor("administrator")
    found = rows_of(exported(boss, "kind=pump&sort=-name"))
    assert found[0] == ["Name", "Serial number", "Kind"]
    names = [row[0] for row in found[1:]]
    assert names == sorted(names, reverse=True) and len(names) == 15
    assert {row[2] for row in found[1:]} == {"pump"}


def test_what_a_spreadsheet_would_run_is_neutralised_in_both_kinds_of_file(store):
    filled(store, 1, name="=HYPERLINK(1)", note="@sum")
    boss = store.visitor("administrator")
    assert rows_of(exported(boss, columns=("name", "note")))[1] == ["'=HYPERLINK(1)", "'@sum"]
    book = openpyxl.load_workbook(io.BytesIO(exported(boss, columns=("name",), file_format="xlsx").data))
    cell = book.active["A2"]
    assert (cell.value, cell.data_type) == ("'=HYPERLINK(1)", "s")


def test_excel_gets_its_mark(store):
    filled(store, 1)
    assert exported(store.visitor("administrator"), file_format="excel_csv").data.startswith(b"\xef\xbb\xbf")


def test_who_may_not_export_is_told_so_and_who_may_not_see_a_fact_never_gets_it(store):
    filled(store, 2, price="1200")
    assert exported(store.visitor("storekeeper")).status_code == 403
    with store.site.activate(door="cli"):
        held = rights_book().roles[role_named("storekeeper").id].permissions
        set_role_permissions(role_named("storekeeper"), {*held, "core.export"}, by=HOUSE)
    keeper = store.visitor("storekeeper")
    assert rows_of(exported(keeper, columns=("name", "price")))[0] == ["Name"]
    assert "price" not in keeper.get("/equipment/export").get_data(as_text=True)


def test_an_export_is_in_the_journal(store):
    filled(store, 2)
    exported(store.visitor("administrator"), "kind=pump")
    with store.site.activate(door="cli"):
        happened = search_journal({"act": "core.note_export"}) or search_journal({"act": "core.export"})
        assert happened[0].content["rows"] == "equipment.device kind=pump"
        assert happened[0].row.actor_uid == store.people["administrator"].uid


def test_a_large_list_is_written_by_a_job_and_fetched_by_whoever_asked(store, monkeypatch):
    filled(store, 30)
    monkeypatch.setattr(taking_out, "AT_ONCE", 10)
    boss = store.visitor("administrator")
    answer = exported(boss, file_format="xlsx")
    assert answer.status_code == 303
    where = answer.location
    assert "being written" in boss.get(where).get_data(as_text=True)
    run_jobs(store.site)
    assert "The file is ready" in boss.get(where).get_data(as_text=True)
    book = openpyxl.load_workbook(io.BytesIO(boss.get(f"{where}/file").data), read_only=True)
    assert len(list(book.active.iter_rows())) == 31
    other = store.house.person(store.site, "Another One", "administrator")
    assert store.house.visitor(store.site, other).get(f"{where}/file").status_code == 404


def test_columns_are_kept_for_another_time(store):
    filled(store, 1)
    boss = store.visitor("administrator")
    answer = exported(boss, columns=("serial", "uid"), keep="y", title="For the inventory")
    page = boss.get(answer.location).get_data(as_text=True)
    assert "For the inventory" in page
    assert 'id="column-serial" value="serial" checked' in page
    assert 'id="column-name" value="name" checked' not in page
