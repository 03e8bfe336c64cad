"""Whatever is sent: it is read, or refused in words; nothing comes of it that was not written, and nothing twice."""

import io
import random
import tracemalloc
import zipfile

import pytest

from core.errors import Refused
from core.resources.exporting.taking_out import order_of, pieces
from core.resources.files import open_sheet, shielded, unshielded
from core.resources.importing import writing
from core.resources.importing.hand import ByHand
from core.resources.importing.jobs import carry
from core.resources.importing.models import Import, ImportedRow, ImportProblem
from core.resources.importing.services import begin_import, map_columns, send_file, set_columns
from core.resources.narrowing import narrowed
from core.testing.house import HOUSE
from tests.core.resources.files.tables import filled, run_jobs
from tests.hospital import SOAK, rounds

pytestmark = SOAK
HEAD = "Name,Serial number,Kind\r\n"


def rows_of(count, first=0):
    return HEAD + "".join(f"Device {place},S-{place:05d},pump\r\n" for place in range(first, first + count))


@pytest.fixture
def at(store):
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        yield store


@pytest.mark.parametrize("text", ["=1", "'=1", "''=x", "+254", "-5", "@a", "\tx", "\rx", "plain", "'quoted", "", "'"])
def test_what_is_neutralised_reads_back_to_itself(text):
    assert unshielded(shielded(text)) == text
    assert shielded(text)[:1] not in tuple("=+-@\t\r")


def test_mutated_files_are_read_or_refused_in_words():
    tongue = random.Random(20261125)
    good = (rows_of(12) + '"a ""quoted"" one","multi\r\nline",pump\r\n').encode()
    for _count in range(rounds(300, 5000)):
        changed = bytearray(good)
        for _blow in range(tongue.randint(1, 8)):
            place = tongue.randrange(len(changed))
            way = tongue.random()
            if way < 0.4:
                changed[place] = tongue.randrange(256)
            elif way < 0.6:
                del changed[place : place + tongue.randint(1, 20)]
            elif way < 0.8:
                changed[place:place] = tongue.choice(
                    [b"\x00", b'"', b"\xff\xfe", b";", b"\t", b"\r", b"'", b"=cmd|", b"\xef\xbb\xbf"]
                )
            else:
                changed[place:place] = bytes(tongue.randrange(256) for _one in range(tongue.randint(1, 40)))
            changed = changed or bytearray(b"x")
        try:
            for row in open_sheet(io.BytesIO(bytes(changed))).rows():
                assert all(isinstance(cell, str) for cell in row.cells)
        except Refused as refusal:
            assert str(refusal)


def test_bombs_and_forgeries_are_refused():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"0" * (200 * 1024 * 1024))
    for content in (bomb.getvalue(), b"PK\x03\x04" + b"x" * 100, b"\xd0\xcf\x11\xe0old", b"", b"\r\n\r\n"):
        with pytest.raises(Refused):
            list(open_sheet(io.BytesIO(content)).rows())
    entities = io.BytesIO()
    with zipfile.ZipFile(entities, "w") as archive:
        archive.writestr("[Content_Types].xml", '<!DOCTYPE a [<!ENTITY b "c">]><Types>&b;</Types>')
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(Refused):
        open_sheet(io.BytesIO(entities.getvalue()))


def test_a_cell_of_100_kb_an_open_quotation_and_a_short_row(at):
    found = send_file(
        at.devices,
        "x.csv",
        io.BytesIO((HEAD + f"{'x' * 100_000},S-1,pump\r\nA,S-2\r\nB,S-3,pump,more\r\n").encode()),
        HOUSE,
    )
    set_columns(found, at.devices, found.mapping, "both", False, by=HOUSE)
    carry(Import.get_by_id(found.id), ByHand("core.test_import"), HOUSE, is_test=True)
    assert Import.get_by_id(found.id).counts["wrong"] == 3
    with pytest.raises(Refused):
        list(open_sheet(io.BytesIO((HEAD + 'A,"S-1,pump\r\n' * 3).encode())).rows())


class Killed(BaseException):
    """The worker was killed."""


def test_an_import_that_is_killed_goes_on_and_does_no_row_twice(at, monkeypatch):
    count = rounds(120, 2000)
    found = send_file(at.devices, "x.csv", io.BytesIO(rows_of(count).encode()), HOUSE)
    set_columns(found, at.devices, found.mapping, "add", False, by=HOUSE)
    monkeypatch.setattr(writing, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(writing, "FIRST_PACE", 1)
    steps = ByHand("core.run_import")
    real, tongue = writing.create_record, random.Random(7)

    def sometimes(*given, **more):
        if tongue.random() < 0.05:
            raise Killed
        return real(*given, **more)

    monkeypatch.setattr(writing, "create_record", sometimes)
    kills = 0
    while Import.get_by_id(found.id).state != "done":
        try:
            carry(Import.get_by_id(found.id), steps, HOUSE, is_test=False)
        except Killed:
            kills += 1
    assert kills > 1
    assert at.model.select().count() == count == ImportedRow.select().count()
    assert Import.get_by_id(found.id).counts["created"] == count


def test_no_transaction_of_an_import_is_long(at, monkeypatch):
    found = send_file(at.devices, "x.csv", io.BytesIO(rows_of(rounds(300, 5000)).encode()), HOUSE)
    set_columns(found, at.devices, found.mapping, "both", False, by=HOUSE)
    seen = []
    real = writing.Batch.write_some

    def timed(self, rows, outcomes):
        began = writing.clock.monotonic()
        real(self, rows, outcomes)
        seen.append((writing.clock.monotonic() - began, len(outcomes)))

    monkeypatch.setattr(writing.Batch, "write_some", timed)
    carry(Import.get_by_id(found.id), ByHand("core.run_import"), HOUSE, is_test=False)
    slow = [(seconds, rows) for seconds, rows in seen if rows > 1 and seconds > 2 * writing.SLICE_SECONDS]
    assert len(slow) <= len(seen) // 4, seen


def test_planted_errors_are_told_each_and_the_rest_comes_in_and_goes_again(at):
    count = rounds(500, 100_000)
    lines = rows_of(count).splitlines()
    planted = set(random.Random(3).sample(range(1, count + 1), count // 100))
    for place in planted:
        lines[place] = lines[place].replace(",pump", ",pmup")
    found = send_file(at.devices, "x.csv", io.BytesIO("\r\n".join(lines).encode()), HOUSE)
    map_columns(found, at.devices, found.mapping, "both", False, by=HOUSE)
    run_jobs(at.site)
    begin_import(Import.get_by_id(found.id), by=HOUSE)
    run_jobs(at.site)
    counts = Import.get_by_id(found.id).counts
    assert (counts["created"], counts["wrong"]) == (count - len(planted), len(planted))
    told = {one.line_number - 1 for one in writing_problems(found)}
    assert told == planted


def writing_problems(found):
    return list(ImportProblem.select().where(ImportProblem.import_id == found.id))


def test_an_export_keeps_memory_flat(store):
    filled(store, rounds(600, 1_000_000))
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        order = order_of(store.devices, narrowed(store.devices, {}, HOUSE), ("name", "serial", "note"), "csv", HOUSE)
        for _piece in pieces(order):
            break
        tracemalloc.start()
        for _piece in pieces(order):
            pass
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 6 * 1024**2
