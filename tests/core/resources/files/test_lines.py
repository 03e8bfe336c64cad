"""Lines of a record in a file: numbered columns that come back as they went out."""

import io
from datetime import date

import openpyxl
import pytest

from core.resources.importing.models import Import
from core.resources.importing.services import begin_import, map_columns, problems_of, send_file
from core.resources.writing import create_record, edit_record, lines_of
from core.testing.house import HOUSE
from tests.core.resources.files.tables import run_jobs
from tests.core.resources.files.test_export import exported, rows_of

COLUMNS = ("name", "serial", "kind", "services")
PUMP = {"name": "Pump", "kind": "pump"}
FIRST, SECOND = (
    {"done_on": date(2024, 1, 31), "what": "Oil, and =SUM(1)", "is_passed": True},
    {"done_on": date(2025, 2, 28), "what": "Filter “new”", "is_passed": False},
)


@pytest.fixture
def serviced(store):
    """A pump with two services, one with one, and a bed without any."""
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        for serial, services in (("P-1", [FIRST, SECOND]), ("P-2", [FIRST]), ("B-1", [])):
            create_record(store.devices, {**PUMP, "serial": serial, "services": services}, HOUSE)
    return store


def told(store):
    """The services of each device, and their uids."""
    (services,) = store.devices.lines
    found = {}
    for device in store.model.select().where(store.model.retired_at.is_null()):
        lines = lines_of(services, device)
        found[device.serial] = [(one.done_on, one.what, one.is_passed, one.uid) for one in lines]
    return found


def brought(store, name, content, mode="both", clears_empty=False):
    """Bring a file in, its columns as they were guessed."""
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        found = send_file(store.devices, name, io.BytesIO(content), HOUSE)
        map_columns(found, store.devices, found.mapping, mode, clears_empty, by=HOUSE)
        run_jobs(store.site)
        begin_import(Import.get_by_id(found.id), by=HOUSE)
        run_jobs(store.site)
        return Import.get_by_id(found.id)


def here(store):
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        return told(store)


def test_each_line_has_columns_of_its_own(serviced):
    found = rows_of(exported(serviced.visitor("administrator"), "sort=newest", columns=COLUMNS))
    assert found[0] == [
        "Name", "Serial number", "Kind",
        "Service 1: uid", "Service 1: Done on", "Service 1: What was done", "Service 1: Passed",
        "Service 2: uid", "Service 2: Done on", "Service 2: What was done", "Service 2: Passed",
    ]  # fmt: skip
    by_serial = {row[1]: row for row in found[1:]}
    assert by_serial["B-1"][3:] == [""] * 8
    assert by_serial["P-1"][4:7] == ["2024-01-31", "Oil, and =SUM(1)", "yes"]
    assert by_serial["P-1"][8:] == ["2025-02-28", "Filter “new”", "no"]


@pytest.mark.parametrize("file_format", ["csv", "excel_csv", "xlsx"])
def test_a_file_that_comes_back_changes_nothing(serviced, file_format):
    before = here(serviced)
    answer = exported(serviced.visitor("administrator"), columns=COLUMNS, file_format=file_format)
    done = brought(serviced, f"devices.{file_format[-4:]}", answer.data)
    assert done.counts["same"] == 3 and not done.counts.get("wrong"), problems(serviced, done)
    assert here(serviced) == before


def problems(store, done):
    with store.site.activate(door="cli"):
        return [(one.line_number, one.head, one.words) for one in problems_of(done)]


def test_at_another_hospital_the_same_file_enters_the_lines_anew(serviced):
    before = here(serviced)
    answer = exported(serviced.visitor("administrator"), columns=COLUMNS, file_format="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    for row in book.active.iter_rows(min_row=2):
        row[1].value = f"NEW-{row[1].value}"
    changed = io.BytesIO()
    book.save(changed)
    done = brought(serviced, "devices.xlsx", changed.getvalue())
    assert done.counts["created"] == 3, problems(serviced, done)
    after = here(serviced)
    for serial, lines in before.items():
        assert [one[:3] for one in after[f"NEW-{serial}"]] == [one[:3] for one in lines]


def test_a_changed_line_is_changed_a_new_one_is_added_and_one_that_is_missing_is_taken_away(serviced):
    first = here(serviced)["P-1"][0]
    head = "Serial number,Service 1: uid,Service 1: What was done,Service 7: Done on,Service 7: What was done\r\n"
    done = brought(
        serviced, "devices.csv", f"{head}P-1,{first[3]},Oil,2026-01-01,Battery\r\nP-2,,,,\r\n".encode(), "change"
    )
    assert not done.counts.get("wrong"), problems(serviced, done)
    after = here(serviced)
    assert [(one[0], one[1]) for one in after["P-1"]] == [(first[0], "Oil"), (date(2026, 1, 1), "Battery")]
    assert after["P-1"][0][3] == first[3]
    assert len(after["P-2"]) == 1  # a row without lines says nothing of them


def test_an_empty_cell_takes_lines_away_where_that_was_asked_for(serviced):
    content = b"Serial number,Service 1: uid,Service 1: What was done\r\nP-2,,\r\n"
    brought(serviced, "devices.csv", content, "change", clears_empty=True)
    assert here(serviced)["P-2"] == []


def test_what_is_wrong_in_a_line_is_told_beside_its_column(serviced):
    content = (
        "Name,Serial number,Kind,Service 2: Done on,Service 2: What was done,Service 3: Done on\r\n"
        "Pump,P-9,pump,31.31.2024,Oil,\r\nPump,P-8,pump,,Oil,\r\nPump,P-7,pump,2024-01-01,Oil,2024-01-02\r\n"
    )
    done = brought(serviced, "devices.csv", content.encode())
    told = problems(serviced, done)
    heads = [(line, head) for line, head, _words in told]
    assert heads == [(2, "Service 2: Done on"), (3, "Service 2: Done on"), (4, "")]
    assert told[2][2] == "Service 3: What was done: This is needed."
    assert "P-9" not in here(serviced)


def test_lines_that_are_not_named_stay_as_they_are(serviced):
    before = here(serviced)
    brought(serviced, "devices.csv", b"Serial number,Name\r\nP-1,Renamed\r\n", "change")
    assert here(serviced) == before
    with serviced.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        device = serviced.model.get(serviced.model.serial == "P-1")
        assert device.name == "Renamed"
        edit_record(serviced.devices, device, {"services": []}, HOUSE)
    assert here(serviced)["P-1"] == []
