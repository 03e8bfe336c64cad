"""An import at work: the test run, the run that counts, and taking it back. Each goes on where it was killed."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from core import clock
from core.actors import Actor
from core.errors import NotFound, Refused
from core.jobs import Run, job
from core.resources.catalogue import resource_named
from core.resources.declaring import Resource
from core.resources.files import Sheet, SheetRow, open_sheet
from core.resources.importing.models import (
    DONE,
    FAILED,
    STOPPED,
    TESTED,
    UNDONE,
    Import,
    ImportedRow,
    ImportProblem,
)
from core.resources.importing.rows import RowReader, plan_of, question
from core.resources.importing.template import examples_of, heads_of
from core.resources.importing.undoing import take_back
from core.resources.importing.writing import CHANGED, CREATED, Batch, Outcome, Steps
from core.sites import current_site
from core.storage.files import passing_file
from core.storage.journal.writer import insert_rows
from core.texts import _
from core.users.permissions import SIGN_IN

MOST_PROBLEMS = 100_000
PROBLEM_COLUMNS = ("import_id", "line_number", "head", "content", "words", "fix", "asks")
ROW_COLUMNS = ("import_id", "line_number", "outcome", "record_uid", "record_version", "words")
NO_FILE = _("The file is not kept any more. Send it again.")


@job("core.test_import", permission=SIGN_IN, lease_seconds=60)
def test_import(run: Run, uid: str) -> None:
    """Try a file: every row is written, looked at and taken back."""
    with at_work(uid) as found:
        carry(found, run, run.actor, is_test=True)


@job("core.run_import", permission=SIGN_IN, lease_seconds=60)
def run_import(run: Run, uid: str) -> None:
    """Bring the rows of a file in."""
    with at_work(uid) as found:
        carry(found, run, run.actor, is_test=False)


@job("core.undo_import", permission=SIGN_IN, lease_seconds=60)
def undo_import(run: Run, uid: str) -> None:
    """Take back what an import did."""
    with at_work(uid) as found:
        resource = resource_named(found.noun)
        is_over = take_back(found, resource, run, run.actor, stopping(found))
        end(found, UNDONE if is_over else STOPPED)


@contextmanager
def at_work(uid: str) -> Iterator[Import]:
    """The import; what its file is refused for is told on its page."""
    found = Import.get_or_none(Import.uid == uid)
    if found is None:
        raise NotFound
    try:
        yield found
    except Refused as refusal:
        end(found, FAILED, error=str(refusal.message)[:300])


def end(found: Import, state: str, **facts: Any) -> None:
    """Say how it ended."""
    Import.update(state=state, ended_at=clock.now(), **facts).where(Import.id == found.id).execute()


def stopping(found: Import) -> Callable[[], bool]:
    """Whether somebody wants it stopped, asked before each chunk."""
    return lambda: bool(Import.select(Import.is_stopping).where(Import.id == found.id).scalar())


def carry(found: Import, steps: Steps, by: Actor, is_test: bool, confirmed: tuple[str, ...] = ()) -> None:
    """Write the rows of a file, or try to; `confirmed` are questions that are answered with yes for every row."""
    resource = resource_named(found.noun)
    plan = replace(
        plan_of(resource, found.heads, found.mapping, found.mode, found.clears_empty, by), confirmed=confirmed
    )
    reader = RowReader(plan, answers_of(found))
    if steps.cursor is None:
        forget_problems(found, steps)
    batch = Batch(plan, reader, keeper(found, is_test), is_test)
    with opened(found) as sheet:
        total = int(found.counts.get("rows") or sheet.size)
        rows = without_example(resource, sheet, by)
        is_over = batch.carry(rows, steps, total, stopping(found))
    if is_over:
        end(found, TESTED if is_test else DONE, counts={**dict(batch.counts), "rows": batch.counts.total()})
    else:
        end(found, FAILED if is_test else STOPPED, counts={**dict(batch.counts), "rows": total})


@contextmanager
def opened(found: Import) -> Iterator[Sheet]:
    """The file of an import, as a table."""
    try:
        file = passing_file(found.file_uid, found.owner_uid)
    except NotFound as gone:
        raise Refused(NO_FILE) from gone
    with file.open() as stream:
        yield open_sheet(stream)


def answers_of(found: Import) -> dict[tuple[int, str], str]:
    """What was put right, by line and column."""
    columns = (ImportProblem.line_number, ImportProblem.head, ImportProblem.answer, ImportProblem.asks)
    answered = ImportProblem.select(*columns).where(
        ImportProblem.import_id == found.id, ImportProblem.answer.is_null(False)
    )
    rows: Any = answered.order_by(ImportProblem.id).tuples()
    return {(line, question(asks) if asks else head): answer for line, head, answer, asks in rows}


def forget_problems(found: Import, steps: Steps) -> None:
    """Begin: what was wrong before and was not put right is found again, after the row an earlier run came to."""
    at, counts = found.counts.get("resume") or (0, {})
    with steps.step():
        is_open = (ImportProblem.import_id == found.id) & ImportProblem.answer.is_null()
        ImportProblem.delete().where(is_open, ImportProblem.line_number > at).execute()
        steps.cursor = (at, counts)


def without_example(resource: Resource, sheet: Sheet, by: Actor) -> Iterator[SheetRow]:
    """The rows, but for the example of the empty template when somebody left it there."""
    example = dict(zip(heads_of(resource, by), examples_of(resource, by), strict=True))
    sample = tuple(example.get(head, "") for head in sheet.heads)
    for place, row in enumerate(sheet.rows()):
        if place or row.cells[: len(sample)] != sample or not any(sample):
            yield row


def keeper(found: Import, is_test: bool) -> Callable[[list[Outcome], Counter[str]], None]:
    """What stores the outcomes of a chunk: problems always, and what became of each row when it counts."""

    def keep(outcomes: list[Outcome], counts: Counter[str]) -> None:
        database = current_site().database
        problems = [
            (found.id, one.line, told.head, told.content, told.words, told.fix, told.asks)
            for one in outcomes
            for told in one.problems
        ]
        if problems and counts["wrong"] <= MOST_PROBLEMS:
            insert_rows(database, "core_import_problem", PROBLEM_COLUMNS, problems)
        if is_test:
            return
        rows = [
            (found.id, one.line, one.kind, one.record.uid, one.record.version, "")
            for one in outcomes
            if one.kind in (CREATED, CHANGED) and one.record is not None
        ]
        if rows:
            insert_rows(database, ImportedRow._meta.table_name, ROW_COLUMNS, rows)

    return keep
