"""Files nobody wrote on purpose, from the wizard's first step to its test run: told in words, not stored.

What is not read is refused; of what is read each row is fit, or wrong with a reason.
"""

import io
import random
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Refused
from core.resources.files import write_xlsx
from core.resources.importing.hand import ByHand
from core.resources.importing.jobs import at_work, carry
from core.resources.importing.models import Import, ImportProblem
from core.resources.importing.services import send_file, set_columns
from core.testing.house import HOUSE
from tests.hospital import SOAK, rounds

pytestmark = SOAK
HEADS = ("Name", "Serial number", "Kind", "Price", "Bought on", "Can be moved", "Note")
ROWS = [
    ["Pump", "P-1", "pump", 12, "2024-05-06", "yes", "plain"],
    ['Bed "two"', "B-2", "bed", "1,5", "06.05.2024", "no", "several\r\nlines"],
    ["Ünïcode 病院", "=1+1", "scanner", "", "", "", "semi;colon, comma\tand tab"],
    *([f"Device {n}", f"D-{n}", "monitor", n, "2025-01-31", "yes", ""] for n in range(5)),
]
PIECES = (
    b"\x00", b'"', b"\xff\xfe", b"\xef\xbb\xbf", b";", b"\t", b",", b"|", b"\r", b"\n", b"\r\n", b"'", b"=c|'/C x'!A0",
    b"sep=;\r\n", b"\x1a", b"\x85", "\u2028".encode(), "\u202e".encode(), b"9" * 400, b"\xc3", b"\xed\xa0\x80",
    b"x" * 40_000,
)  # fmt: skip
SPOILS = (
    b"<", b">", b"&", b"</row>", b'<c t="s"><v>999999</v></c>', b'<c t="n"><v>1e999</v></c>', b'<c t="d"><v>x</v></c>',
    b'<c r="ZZZZ9"/>', b'<c r="A0"/>', b'<c t="e"><v>#REF!</v></c>', b"<f>1+1</f>", b"<v>NaN</v>", b"\x00", b"\xff",
    b'<row r="-1">', b'<row r="99999999">', b"<!--", b"]]>", b'<!DOCTYPE x [<!ENTITY a "b">]>&a;', b"&#0;", b"&lol;",
)  # fmt: skip


def spoilt(content: bytes, chance: random.Random, pieces: tuple[bytes, ...]) -> bytes:
    """The same with a few bytes or pieces exchanged, missing, doubled or put between."""
    changed = bytearray(content)
    for _blow in range(chance.randint(1, 6)):
        at, way = chance.randrange(len(changed) + 1), chance.random()
        if way < 0.25 and at < len(changed):
            changed[at] = chance.randrange(256)
        elif way < 0.45:
            del changed[at : at + chance.randint(1, 30)]
        elif way < 0.65:
            changed[at:at] = changed[at : at + chance.randint(1, 200)]
        elif way < 0.95:
            changed[at:at] = chance.choice(pieces)
        else:
            del changed[at:]
    return bytes(changed)


def csv_files(_folder: Path) -> Callable[[random.Random], bytes]:
    """A good file in some encoding and with some sign between its cells, spoilt."""

    def made(chance: random.Random) -> bytes:
        sign = chance.choice(",;\t|")
        lines = [sign.join(quoted(cell, chance) for cell in row) for row in [HEADS, *ROWS]]
        text = chance.choice(("\r\n", "\n", "\r")).join(lines)
        encoding = chance.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"))
        return spoilt(text.encode(encoding, "replace"), chance, PIECES)

    return made


def quoted(cell: object, chance: random.Random) -> str:
    """A cell between quotation marks, or as it is though it may need them."""
    return '"{}"'.format(str(cell).replace('"', '""')) if chance.random() < 0.6 else str(cell)


def xlsx_files(folder: Path) -> Callable[[random.Random], bytes]:
    """A good workbook whose archive was damaged, or one of its parts."""
    path = folder / "good.xlsx"
    write_xlsx(path, HEADS, [ROWS], lists=[["Kind", "pump", "bed"]])
    good = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        parts = {one.filename: archive.read(one) for one in archive.infolist()}
    likely = [
        name for name in parts if "sheet" in name or "shared" in name or name.endswith(("workbook.xml", "styles.xml"))
    ]

    def made(chance: random.Random) -> bytes:
        if chance.random() < 0.25:
            return spoilt(good, chance, PIECES)
        changed = dict(parts)
        name = chance.choice(likely if chance.random() < 0.8 else list(parts))
        if chance.random() < 0.1:
            del changed[name]
        else:
            changed[name] = spoilt(parts[name], chance, SPOILS)
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            for one, content in changed.items():
                archive.writestr(one, content)
        return written.getvalue()

    return made


@pytest.mark.parametrize("make", [csv_files, xlsx_files])
def test_no_file_breaks_the_wizard(store, tmp_path: Path, make: Callable[..., Callable[[random.Random], bytes]]):
    """5,000 files of each kind in a soak."""
    chance, made = random.Random(20261125), make(tmp_path)
    told: Counter[str] = Counter()
    slowest = 0.0
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        for number in range(rounds(80, 5000)):
            content = made(chance)
            began = time.process_time()
            told[tried(store.devices, content, number)] += 1
            slowest = max(slowest, time.process_time() - began)
        assert store.model.select().count() == 0, "a test run stores nothing"
        assert ImportProblem.select().where(ImportProblem.words == "").count() == 0
    assert told["refused"] and told["tested"], told
    assert slowest < 20, "seconds of the processor; one whose rows are a million lines apart takes longest"


def tried(devices, content: bytes, number: int) -> str:
    """What becomes of a file: refused, not fitting, or tried with every row accounted for."""
    try:
        found = send_file(devices, f"file {number}.csv", io.BytesIO(content), HOUSE)
    except Refused as refusal:
        assert str(refusal.fields.get("file") or refusal)
        return "refused"
    try:
        set_columns(found, devices, found.mapping, found.mode, False, by=HOUSE)
    except Refused as refusal:
        assert refusal.fields
        return "unmapped"
    with at_work(found.uid) as due:
        carry(due, ByHand("core.test_import"), HOUSE, is_test=True)
    done = Import.get_by_id(found.id)
    assert done.state == "tested" or (done.state == "failed" and done.error)
    counts = dict(done.counts)
    assert done.state == "failed" or counts.pop("rows", 0) == sum(counts.values())
    return str(done.state)
