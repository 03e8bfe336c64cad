"""Rows into records: some hundreds in one transaction, each by the noun's own act.

A few rows at a time are written together. When one of them is refused they are all taken back and written once more,
each in a savepoint of its own, so that the one is left out alone. What became of each row, how far the file is read
and the records themselves are stored together, so that an import that is killed goes on where it was and does no row
twice.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Protocol

import peewee

from core import clock
from core.errors import Busy, Doomed, MedleyError, NeedsConfirmation, Refused, Unavailable
from core.resources.catalogue import facts_here, writable
from core.resources.declaring import Fact, column_of
from core.resources.files import SheetRow
from core.resources.files.numbering import facts_of_lines
from core.resources.importing.models import ImportedRow
from core.resources.importing.rows import ADD, CHANGE, UID, Plan, Prepared, Problem, RowReader, comparable, problem
from core.resources.writing import create_record, edit_record, restore_record
from core.roles.visibility import sight_of
from core.storage import Model, savepoint, tentatively
from core.storage.transactions import open_transaction
from core.texts import _

AT_ONCE = 500
FIRST_PACE = 50
# So many rows are written together before it is known that they all fit.
TOGETHER = 16
# So long may one transaction write rows; storing the journal and the commit come on top.
SLICE_SECONDS = 0.06
CREATED, CHANGED, SAME, WRONG, SKIPPED = "created", "changed", "same", "wrong", "skipped"
UNDONE = "undone"
ENDING = (Busy, Doomed, Unavailable)


class Rehearsed(MedleyError):
    """A test run came to its end; the transaction is taken back."""


class Steps(Protocol):
    """What carries rows on: a job at work, or a command."""

    cursor: Any

    def step(self) -> AbstractContextManager[Any]:
        """A transaction that also stores the cursor."""

    def progress(self, done: int, total: int | None = None, words: Any = "") -> None:
        """Say how far it is."""


@dataclass(slots=True)
class Outcome:
    """What became of one row."""

    line: int
    kind: str
    record: Model | None = None
    problems: list[Problem] = field(default_factory=list)


class Batch:
    """The rows of one file on their way. `keep` stores the outcomes of a chunk in its transaction."""

    def __init__(
        self,
        plan: Plan,
        reader: RowReader,
        keep: Callable[[list[Outcome], Counter[str]], None],
        is_test: bool = False,
    ) -> None:
        self.plan = plan
        self.reader = reader
        self.keep = keep
        self.is_test = is_test
        self.seen: dict[tuple[Any, ...], int] = {}
        self.pace = FIRST_PACE
        self.together = TOGETHER
        self.facts: dict[str, Any] = {}
        self.counts: Counter[str] = Counter()

    def carry(self, rows: Iterator[SheetRow], steps: Steps, total: int, is_stopped: Callable[[], bool]) -> bool:
        """Write every row after the cursor; False when somebody stopped it."""
        at, counts = steps.cursor or (0, {})
        self.counts = Counter(counts)
        while some := list(islice(rows, AT_ONCE)):
            prepared = [self.prepared(row) for row in some]
            waiting = [one for one in prepared if one.line > at]
            while waiting:
                if is_stopped():
                    return False
                done = self.chunk(waiting, steps)
                waiting = waiting[done:]
                steps.progress(self.counts.total(), max(total, self.counts.total()))
        return True

    def prepared(self, row: SheetRow) -> Prepared:
        """A row as facts; one that names the record of an earlier row is wrong."""
        found = self.reader.prepared(row)
        if found.identity is not None:
            first = self.seen.setdefault(found.identity, found.line)
            if first != found.line:
                words = _("Line %(n)s is about the same record.", n=first)
                found.problems.append(problem(self.identity_head(), "", words))
        return found

    def identity_head(self) -> str:
        """The column that tells records apart."""
        named = self.plan.identified_by
        return self.plan.head_of("uid") or (self.plan.head_of(named[0]) if named else "")

    def chunk(self, rows: Sequence[Prepared], steps: Steps) -> int:
        """Write rows for a moment; how many were."""
        outcomes: list[Outcome] = []
        try:
            with steps.step():
                self.write_some(rows, outcomes)
                if self.is_test:
                    raise Rehearsed
                self.settle(outcomes, steps)
        except Rehearsed:
            with steps.step():
                self.settle(outcomes, steps)
        return len(outcomes)

    def write_some(self, rows: Sequence[Prepared], outcomes: list[Outcome]) -> None:
        """Write as many rows as a moment allows."""
        until = clock.monotonic() + SLICE_SECONDS
        some = rows[: self.pace]
        present = present_records(self.plan, some)
        while len(outcomes) < len(some):
            few = some[len(outcomes) : len(outcomes) + self.together]
            outcomes += self.written_together(few, present, until) or self.written_apart(few, until)
            if clock.monotonic() > until:
                self.pace = max(1, len(outcomes))
                return
        self.pace = min(AT_ONCE, self.pace * 2)

    def written_together(
        self, rows: Sequence[Prepared], present: dict[tuple[Any, ...], Any], until: float
    ) -> list[Outcome]:
        """Write rows as if nothing were wrong with any of them; none was when one is refused."""
        outcomes: list[Outcome] = []
        fitting = [self.known_problems(row, present) for row in rows]
        try:
            with tentatively():
                for row, problems in zip(rows, fitting, strict=True):
                    record = present.get(row.identity) if row.identity is not None else None
                    outcomes.append(self.left_out(row, problems) if problems else self.written(row, record))
                    if clock.monotonic() > until:
                        break
        except (Busy, Unavailable):
            raise
        except Exception:
            if open_transaction().is_fatal:
                raise
            self.together = max(1, self.together // 2)
            return []
        self.together = min(TOGETHER, self.together * 2)
        return outcomes

    def written_apart(self, rows: Sequence[Prepared], until: float) -> list[Outcome]:
        """Write the same rows each in a savepoint of its own, the records they are about as they are stored."""
        outcomes: list[Outcome] = []
        present = present_records(self.plan, rows)
        for row in rows:
            outcomes.append(self.outcome_of(row, present))
            if clock.monotonic() > until:
                break
        return outcomes

    def settle(self, outcomes: list[Outcome], steps: Steps) -> None:
        """Store what became of the rows, and how far the file is read."""
        counts = self.counts.copy()
        counts.update(one.kind for one in outcomes)
        self.keep(outcomes, counts)
        steps.cursor = (outcomes[-1].line, dict(counts))
        self.counts = counts

    def outcome_of(self, row: Prepared, present: dict[tuple[Any, ...], Any]) -> Outcome:
        """Write one row, or say why not."""
        record = present.get(row.identity) if row.identity is not None else None
        problems = self.known_problems(row, present)
        if problems:
            return self.left_out(row, problems)
        try:
            with savepoint():
                return self.written(row, record)
        except ENDING:
            raise
        except MedleyError as refusal:
            problems = self.refused(refusal, row)
        except peewee.IntegrityError:
            words = _("Another record has this already, perhaps one that is not open to you.")
            problems = [problem(self.identity_head(), "", words)]
        except peewee.DataError:
            problems = [problem("", "", _("The database can't store this row."))]
        return self.left_out(row, problems)

    def left_out(self, row: Prepared, problems: Sequence[Problem]) -> Outcome:
        """A row that stays outside; what is wrong with a column is told with what stands there."""
        told = [
            problem(one.head, self.reader.text_at(row, one.head), one.words, one.fix, one.asks)
            if one.head and not one.content
            else one
            for one in problems
        ]
        return Outcome(row.line, WRONG, problems=told)

    def known_problems(self, row: Prepared, present: dict[tuple[Any, ...], Any]) -> list[Problem]:
        """What speaks against a row before it is written."""
        if row.is_skipped:
            return []
        record = present.get(row.identity) if row.identity is not None else None
        return row.problems or self.refusals(row, record)

    def refusals(self, row: Prepared, record: Any) -> list[Problem]:
        """What speaks against a row before it is tried."""
        mode, head = self.plan.mode, self.identity_head()
        if record is None:
            if mode == CHANGE or row.uid:
                return [problem(head, row.uid, _("There is no such record, or it is not open to you."))]
            return []
        if record.is_retired and not was_undone(record):
            return [problem(head, "", _("It was taken out of use. Bring it back first."))]
        if mode == ADD and not record.is_retired:
            return [problem(head, "", _("There is one already."))]
        return []

    def written(self, row: Prepared, record: Any) -> Outcome:
        """The record of a row, entered, changed or left as it was."""
        plan = self.plan
        if row.is_skipped:
            return Outcome(row.line, SKIPPED)
        if record is None:
            return Outcome(row.line, CREATED, self.created(row))
        if record.is_retired:
            restore_record(plan.resource, record, plan.by)
            return Outcome(row.line, CREATED, self.changed(record, self.anew(row)))
        values = dict(row.values)
        if plan.clears_empty:
            values |= self.reader.empty_values(row.empty)
        before = record.version
        record = self.changed(record, values)
        return Outcome(row.line, CHANGED if record.version != before else SAME, record)

    def created(self, row: Prepared) -> Model:
        """A new record."""
        plan = self.plan
        return create_record(
            plan.resource, self.as_new(row), plan.by, facts=self.writable("create"), confirmed=row.confirmed
        )

    def as_new(self, row: Prepared) -> dict[str, Any]:
        """What a row says of a record that is not there: its lines are new too, whatever uid they had elsewhere."""
        fresh = {
            name: [{fact: one for fact, one in line.items() if fact != UID} for line in row.values[name]]
            for name in row.numbers
        }
        return {**row.values, **fresh}

    def changed(self, record: Any, values: dict[str, Any]) -> Any:
        """A record with these facts."""
        plan = self.plan
        facts = self.writable("edit")
        return edit_record(plan.resource, record, values, plan.by, version=record.version, facts=facts) or record

    @cached_property
    def writable_lines(self) -> dict[str, Fact]:
        """The columns of lines as facts, for what a file should have brought."""
        return facts_of_lines(self.plan.resource, self.plan.by)

    def writable(self, verb: str) -> Any:
        """The facts that may be written, worked out once for a file."""
        if verb not in self.facts:
            self.facts[verb] = writable(self.plan.resource, self.plan.by, verb)
        return self.facts[verb]

    def anew(self, row: Prepared) -> dict[str, Any]:
        """All facts of a record that is entered once more: nothing of its former life stays."""
        facts = {one.name: one.fact for one in self.plan.columns if one.fact is not None and one.line is None}
        return {**self.reader.empty_values([name for name in facts if name not in row.values]), **row.values}

    def refused(self, refusal: MedleyError, row: Prepared) -> list[Problem]:
        """What an act said no to, beside the columns it is about."""
        if isinstance(refusal, Refused) and refusal.fields:
            told = [(column_named(name, row), words) for name, words in refusal.fields.items()]
            return [problem(self.plan.head_of(name), "", self.said(name, words)) for name, words in told]
        if isinstance(refusal, NeedsConfirmation):
            can_be_said = refusal.confirm_as in self.plan.resource.acts.confirms
            words = f"{refusal.message} {refusal.detail}"
            return [problem("", "", words, asks=refusal.confirm_as if can_be_said else "")]
        return [problem("", "", refusal.message)]

    def said(self, name: str, words: Any) -> str:
        """What is wrong with a fact; one that no column brings is named."""
        fact = facts_here(self.plan.resource).get(name) or self.writable_lines.get(name)
        return str(words) if self.plan.head_of(name) or fact is None else f"{fact.label}: {words}"


def column_named(field: str, row: Prepared) -> str:
    """What an act calls `services-0-done_on`, as the column of that line is called."""
    lines, _dash, rest = field.partition("-")
    position, _dash, fact = rest.partition("-")
    numbers = row.numbers.get(lines, ())
    if not (position.isascii() and position.isdigit() and int(position) < len(numbers)):
        return field
    return f"{lines}.{numbers[int(position)]}.{fact}"


def present_records(plan: Plan, rows: Sequence[Prepared]) -> dict[tuple[Any, ...], Any]:
    """The records these rows are about, as far as they are there and open to whoever brings the file."""
    model = plan.resource.model
    sight = sight_of(model, plan.by, plan.resource.may_view).condition
    found: dict[tuple[Any, ...], Any] = {}
    uids = [row.uid for row in rows if row.uid]
    if uids:
        found |= {(one.uid,): one for one in model.select().where(model.uid.in_(uids), sight)}
    named = plan.identified_by
    keys = [row.identity for row in rows if row.identity is not None and not row.uid]
    if named and keys:
        columns = [column_of(plan.resource, facts_here(plan.resource)[name]) for name in named]
        first: Any = columns[0]
        wanted = sorted({key[0] for key in keys}, key=str)
        for one in model.select().where(first.in_(wanted), sight):
            found[tuple(comparable(one.__data__.get(column.name)) for column in columns)] = one
    return found


def was_undone(record: Any) -> bool:
    """Whether a record is out of use because the import that made it was taken back."""
    return bool(
        ImportedRow.select().where(ImportedRow.record_uid == record.uid, ImportedRow.outcome == UNDONE).exists()
    )
