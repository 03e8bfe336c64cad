"""Bringing lists in: tried first, the good rows taken, the bad ones told, and all of it taken back."""

import io

import openpyxl
import pytest

from core.actors import Actor
from core.resources.importing.models import Import, ImportedRow, ImportProblem
from core.resources.importing.services import (
    accept_fixes,
    begin_import,
    begin_undo,
    map_columns,
    problems_of,
    put_right,
    send_file,
)
from core.storage.journal.history import history_of
from core.testing.house import HOUSE
from tests.core.resources.files.tables import run_jobs

HEAD = "Name,Serial number,Kind,Price\r\n"
GUESSED = {"Name": "name", "Serial number": "serial", "Kind": "kind", "Price": "price"}


@pytest.fixture
def at(store):
    """The site, entered."""
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        yield store


def sent(store, text, name="devices.csv", by: Actor = HOUSE):
    content = text if isinstance(text, bytes) else text.encode()
    return send_file(store.devices, name, io.BytesIO(content), by)


def fresh(found):
    return Import.get_by_id(found.id)


def tried(store, text, mode="both", mapping=None, **facts):
    found = sent(store, text)
    map_columns(found, store.devices, mapping or found.mapping, mode, facts.get("clears_empty", False), by=HOUSE)
    run_jobs(store.site)
    return fresh(found)


def imported(store, text, mode="both", **facts):
    found = tried(store, text, mode, **facts)
    begin_import(found, by=HOUSE)
    run_jobs(store.site)
    return fresh(found)


def names(store):
    model = store.model
    return {one.serial: one.name for one in model.select().where(model.retired_at.is_null())}


def test_the_columns_are_known_by_their_names_and_remembered_the_next_time(at):
    assert sent(at, HEAD + "Pump,P-1,pump,12\r\n").mapping == GUESSED
    other = "Gerät,Seriennummer,Art\r\nPump,P-1,pump\r\n"
    mapping = {"Gerät": "name", "Seriennummer": "serial", "Art": "kind"}
    assert sent(at, other).mapping == {}
    tried(at, other, mapping=mapping)
    assert sent(at, other).mapping == mapping


def test_a_test_run_saves_nothing_and_tells_every_error_with_line_column_value_and_fix(at):
    found = tried(at, HEAD + "Pump,P-1,pump,12\r\nBed,B-1,bedd,1\r\n,B-2,bed,x\r\nBed,P-1,bed,3\r\n")
    assert names(at) == {}
    assert found.state == "tested"
    assert {name: found.counts.get(name, 0) for name in ("created", "wrong", "rows")} == {
        "created": 1, "wrong": 3, "rows": 4,
    }  # fmt: skip
    told = [(one.line_number, one.head, one.content, one.fix) for one in problems_of(found)]
    assert told == [
        (3, "Kind", "bedd", "Bed"),
        (4, "Price", "x", ""),
        (5, "Serial number", "P-1", ""),
    ]


def test_good_rows_come_in_and_what_was_put_right_does_too(at):
    found = tried(at, HEAD + "Pump,P-1,pump,12\r\nBed,B-1,bedd,1\r\nBed,B-2,bed,x\r\n")
    assert accept_fixes(found, by=HOUSE) == 1
    (left,) = problems_of(found)
    put_right(found, at.devices, left.id, "17.50", by=HOUSE)
    begin_import(fresh(found), by=HOUSE)
    run_jobs(at.site)
    assert names(at) == {"P-1": "Pump", "B-1": "Bed", "B-2": "Bed"}
    assert fresh(found).counts["created"] == 3
    record = at.model.get(at.model.serial == "B-2")
    assert record.price_minor if hasattr(record, "price_minor") else record.price
    assert history_of(record.uid)[0].row.act == "equipment.create_device"


def test_rows_change_what_is_there_and_leave_alone_what_is_the_same(at):
    imported(at, HEAD + "Pump,P-1,pump,12\r\nBed,B-1,bed,1\r\n")
    found = imported(at, HEAD + "Pump two,P-1,pump,\r\nBed,B-1,bed,1\r\nCot,C-1,bed,2\r\n")
    assert {name: found.counts.get(name, 0) for name in ("created", "changed", "same")} == {
        "created": 1, "changed": 1, "same": 1,
    }  # fmt: skip
    pump = at.model.get(at.model.serial == "P-1")
    assert pump.name == "Pump two" and pump.price is not None, "an empty cell leaves what is there"
    imported(at, HEAD + "Pump two,P-1,pump,\r\n", clears_empty=True)
    assert at.model.get(at.model.serial == "P-1").price is None


def test_only_adding_refuses_what_is_there_and_only_changing_what_is_not(at):
    imported(at, HEAD + "Pump,P-1,pump,12\r\n")
    assert imported(at, HEAD + "Other,P-1,pump,12\r\nBed,B-1,bed,1\r\n", "add").counts["wrong"] == 1
    found = imported(at, HEAD + "Renamed,P-1,pump,12\r\nNew,N-1,bed,1\r\n", "change")
    assert (found.counts["wrong"], found.counts["changed"]) == (1, 1)
    assert names(at) == {"P-1": "Renamed", "B-1": "Bed"}


def test_an_import_is_taken_back_except_what_changed_since(at):
    imported(at, HEAD + "Pump,P-1,pump,12\r\n")
    found = imported(at, HEAD + "Pump two,P-1,pump,13\r\nBed,B-1,bed,1\r\nCot,C-1,bed,2\r\n")
    cot = at.model.get(at.model.serial == "C-1")
    at.devices.acts.edit(cot, {"name": "Cot, mended"}, by=HOUSE)
    begin_undo(found, by=HOUSE)
    run_jobs(at.site)
    assert fresh(found).state == "undone"
    assert names(at) == {"P-1": "Pump", "C-1": "Cot, mended"}
    assert str(at.model.get(at.model.serial == "P-1").price) in ("1200", "12.00", "12")
    (left,) = ImportedRow.select().where(ImportedRow.import_id == found.id, ImportedRow.words != "")
    assert left.record_uid == cot.uid

    again = imported(at, HEAD + "Bed anew,B-1,bed,1\r\n")
    assert again.counts["created"] == 1 and names(at)["B-1"] == "Bed anew"


def test_an_exported_file_comes_in_again_unchanged(store):
    boss = store.visitor("administrator")
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        imported(store, "Name,Serial number,Kind\r\n=1+1,P-1,pump\r\n'quoted,P-2,bed\r\n+254 700,P-3,bed\r\n")
    names_of = ("name", "serial", "kind", "state", "is_mobile", "place", "bought_on", "price", "note", "uid")
    for shape in ("csv", "xlsx", "excel_csv"):
        boss.get("/equipment/export")
        answer = boss.post("/equipment/export", {"list": "", "column": list(names_of), "file_format": shape})
        with store.site.activate(door="cli") as activation:
            activation.actor = HOUSE
            found = imported(store, answer.data)
            assert dict(found.counts) == {"same": 3, "rows": 3}, [one.words for one in problems_of(found)]


def test_a_workbook_is_read_without_running_anything_in_it(at):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Name", "Serial number", "Kind", "Bought on"])
    sheet.append(["Pump", 1234, "Pump", "2026-02-03"])
    sheet.append(["=1+1", "S-2", "pump", None])
    sheet.merge_cells("A4:A5")
    sheet["A4"], sheet["B4"], sheet["C4"], sheet["B5"], sheet["C5"] = "Bed", "S-3", "bed", "S-4", "bed"
    written = io.BytesIO()
    book.save(written)
    found = imported(at, written.getvalue())
    assert any("merged" in words for words in found.remarks)
    assert names(at) == {"1234": "Pump", "S-3": "Bed"}
    assert {(one.line_number, one.head) for one in problems_of(found)} == {(3, "Name"), (5, "")} or {
        (one.line_number, one.head) for one in problems_of(found)
    } == {(3, "Name"), (5, "Name")}


def test_what_an_actor_may_not_write_is_no_column(store, as_person):
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        keeper = as_person(store.site, "storekeeper")
        activation.actor = keeper
        found = sent(store, HEAD + "Pump,P-1,pump,12\r\n", by=keeper)
        assert "Price" not in found.mapping
        assert ImportProblem.select().count() == 0
