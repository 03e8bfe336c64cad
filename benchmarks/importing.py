"""Bringing a list in: rows a second through the noun's own act, and how long its transactions keep others waiting."""

import io
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, part
from core import clock
from core.cli.serving import settle
from core.registry import Found, catalogue
from core.resources.importing import writing
from core.resources.importing.hand import ByHand
from core.resources.importing.jobs import carry
from core.resources.importing.models import Import
from core.resources.importing.services import send_file, set_columns
from core.testing.house import HOUSE, house_of

TITLE = "Importing devices of the example plugin from a CSV file, SQLite"
PER_SECOND, LONGEST_MS = 2000.0, 250.0
ROWS = 10_000
EXAMPLES = Path(__file__).parents[1] / "tests" / "examples"
HEAD = "Name,Serial number,Kind,Price,Bought on,Can be moved,Note\r\n"


def measure(engines: tuple[str, ...], patients: int | None = None) -> Iterator[Figure]:
    """The run that counts; the file is there already, as it is when somebody presses the button."""
    if "sqlite" not in engines:
        return
    sys.path.insert(0, str(EXAMPLES))
    count = patients or ROWS
    with tempfile.TemporaryDirectory() as folder, house_of(Path(folder)) as house:
        catalogue.add(Found("equipment", "medley_equipment"))
        devices = sys.modules["medley_equipment.resources"].DEVICES
        site = house.site(plugins=["equipment"])
        with site.activate(door="cli") as activation:
            activation.actor = HOUSE
            found = send_file(devices, "devices.csv", io.BytesIO(file_of(count)), HOUSE)
            set_columns(found, devices, found.mapping, "both", False, by=HOUSE)
            settle()  # as a server and a worker do before they begin
            seconds, cpu, steps = timed(Import.get_by_id(found.id))
    yield Figure("rows a second", count / seconds, "/s", PER_SECOND, at_most=False)
    yield Figure("rows a second of processor time", count / cpu, "/s")
    yield Figure("longest transaction but one in a hundred", 1000 * part(steps, 0.99), "ms", LONGEST_MS)


def file_of(count: int) -> bytes:
    """So many devices, no two alike."""
    lines = []
    for n in range(count):
        kind, day = "pump" if n % 2 else "bed", f"20{n % 20 + 5:02d}-0{n % 9 + 1}-1{n % 9}"
        lines.append(f"Infusion pump model {n},SN-{n:07d},{kind},{n % 900}.50,{day},yes,Bought for ward {n % 30}")
    return (HEAD + "\r\n".join(lines)).encode()


def timed(found: Import) -> tuple[float, float, list[float]]:
    """Seconds on the wall and of the processor, and those of each transaction."""
    steps: list[float] = []
    real = writing.Batch.chunk

    def chunk(self: Any, rows: Any, carrier: Any) -> int:
        began = clock.monotonic()
        done = real(self, rows, carrier)
        steps.append(clock.monotonic() - began)
        return done

    writing.Batch.chunk = chunk  # type: ignore[method-assign]
    began, used = time.monotonic(), time.process_time()
    carry(found, ByHand("core.run_import"), HOUSE, is_test=False)
    writing.Batch.chunk = real  # type: ignore[method-assign]
    return time.monotonic() - began, time.process_time() - used, steps
