"""A list as a hospital has it: long, in Excel, one row in a hundred wrong in some way, and it can be taken back."""

import io
import random
import resource
import time
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Run
from core.resources.files import write_xlsx
from core.resources.importing.models import Import, ImportedRow, ImportProblem
from core.resources.importing.services import begin_import, begin_undo, map_columns, send_file
from core.testing.house import HOUSE
from tests.core.resources.files.tables import run_jobs
from tests.hospital import SOAK, rounds

pytestmark = SOAK
HEADS = ("Name", "Serial number", "Kind", "Price", "Bought on")
# Ways a row can be wrong: its column, what stands there, and what the house suggests instead.
ERRORS = (
    ("Kind", "pmup", "Pump"),
    ("Name", "", ""),
    ("Price", "twelve", ""),
    ("Price", "-5", ""),
    ("Bought on", "2026-02-30", "2026-02-28"),
    ("Serial number", "S-000000", ""),  # the first row has it
)


def listed(count: int) -> tuple[list[list[Any]], dict[int, tuple[str, str, str]]]:
    """So many devices as rows of a file, and by their lines what is wrong with those that are."""
    rows: list[list[Any]] = [[f"Pump {n}", f"S-{n:06d}", "pump", n % 900, "2024-05-06"] for n in range(count)]
    planted = {}
    for place in random.Random(3).sample(range(1, count), count // 100):
        wrong = ERRORS[place % len(ERRORS)]
        rows[place][HEADS.index(wrong[0])] = wrong[1]
        planted[place + 2] = wrong
    return rows, planted


def told_about(found: Import) -> dict[int, tuple[str, str, str]]:
    """What the import says is wrong, by line; each line once."""
    problems = list(ImportProblem.select().where(ImportProblem.import_id == found.id))
    assert all(one.words for one in problems)
    told = {one.line_number: (one.head, one.content, one.fix) for one in problems}
    assert len(told) == len(problems)
    return told


def test_a_long_list_comes_in_but_for_what_is_wrong_and_goes_again(store, tmp_path: Path, monkeypatch, capsys):
    """100,000 rows of an XLSX file in a soak, a thousand of them wrong: each is told with its line and column."""
    count = rounds(600, 100_000)
    rows, planted = listed(count)
    write_xlsx(tmp_path / "devices.xlsx", HEADS, [rows])
    seen: list[tuple[int, int]] = []
    real = Run.progress

    def told(run: Run, done: int, total: int | None = None, words: Any = "") -> None:
        seen.append((done, total or 0))
        real(run, done, total, words)

    monkeypatch.setattr(Run, "progress", told)
    took = {}

    def done(step: str) -> Import:
        began = time.monotonic()
        run_jobs(store.site)
        took[step] = time.monotonic() - began
        assert seen == sorted(seen) and len(seen) > 2 and seen[-1][0] == seen[-1][1], "the bar only moves forwards"
        seen.clear()
        return Import.get_by_id(found.id)

    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        content = io.BytesIO((tmp_path / "devices.xlsx").read_bytes())
        found = send_file(store.devices, "devices.xlsx", content, HOUSE)
        map_columns(found, store.devices, found.mapping, "both", False, by=HOUSE)
        tested = done("test run")
        assert store.model.select().count() == 0
        assert told_about(tested) == planted
        begin_import(tested, by=HOUSE)
        brought = done("import")
        assert told_about(brought) == planted
        counts = {"created": count - len(planted), "wrong": len(planted), "rows": count}
        assert (brought.state, dict(brought.counts)) == ("done", counts)
        assert ImportedRow.select().where(ImportedRow.import_id == found.id).count() == count - len(planted)
        in_use = store.model.select().where(store.model.retired_at.is_null())
        assert in_use.count() == count - len(planted)
        begin_undo(brought, by=HOUSE)
        undone = done("undo")
        assert (undone.state, undone.counts["undone"]) == ("undone", count - len(planted))
        assert in_use.count() == 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with capsys.disabled():
        if count > 600:
            print(f"\n{count} rows: { ({step: round(one) for step, one in took.items()}) } s, {peak} MiB at most")  # noqa: T201  a soak's figures


@pytest.mark.parametrize("mode", ["add", "both"])
def test_the_same_list_twice_enters_nobody_twice(store, mode: str):
    count = rounds(40, 2000)
    text = "Name,Serial number,Kind\r\n" + "".join(f"Pump {n},S-{n},pump\r\n" for n in range(count))
    outcomes = []
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        for _time in range(2):
            found = send_file(store.devices, "x.csv", io.BytesIO(text.encode()), HOUSE)
            map_columns(found, store.devices, found.mapping, mode, False, by=HOUSE)
            run_jobs(store.site)
            begin_import(Import.get_by_id(found.id), by=HOUSE)
            run_jobs(store.site)
            outcomes.append(Import.get_by_id(found.id).counts)
        assert store.model.select().count() == count == outcomes[0]["created"]
        assert outcomes[1] == {"rows": count, ("wrong" if mode == "add" else "same"): count}
