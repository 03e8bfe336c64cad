"""A row of a file as facts: each cell read by its kind, what can't be read told with what may have been meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.actors import Actor
from core.errors import Words
from core.resources.catalogue import facts_here, writable
from core.resources.declaring import Fact, Resource
from core.resources.files import SheetRow
from core.resources.files.numbering import Place, facts_of_lines, place_of
from core.resources.importing.models import SKIP, YES
from core.resources.kinds import Choice, Day, Relation, Unreadable, YesNo
from core.storage import is_uid
from core.texts import _

UID = "uid"
ADD, CHANGE, BOTH = "add", "change", "both"
MODES = (ADD, CHANGE, BOTH)
# Of these the same text comes again and again in a file; it is read once.
RECURRING = (Choice, YesNo, Relation, Day)
MOST_KNOWN = 20_000
DAMAGE = "\ufffd"
DAMAGED = _("Letters were damaged when the file was saved.")
NO_UID = _("This is not a uid.")
Answers = Mapping[tuple[int, str], str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a cell, or with the row as such when `head` is empty."""

    head: str
    content: str
    words: str
    fix: str = ""
    asks: str = ""


@dataclass(slots=True)
class Prepared:
    """A row that was read: its facts, those left empty, and what is wrong."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    uid: str = ""
    identity: tuple[Any, ...] | None = None
    problems: list[Problem] = field(default_factory=list)
    # The numbers the lines of the record have in the file, by the name of the lines.
    numbers: dict[str, list[int]] = field(default_factory=dict)
    confirmed: tuple[str, ...] = ()
    is_skipped: bool = False
    cells: SheetRow | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file that is a fact."""

    place: int
    head: str
    name: str
    fact: Fact | None
    line: Place | None = None


@dataclass(frozen=True)
class Plan:
    """What is done with the rows of a file."""

    resource: Resource
    by: Actor
    columns: tuple[Column, ...]
    mode: str = ADD
    clears_empty: bool = False
    # The questions that are answered with yes for every row.
    confirmed: tuple[str, ...] = ()

    @property
    def identified_by(self) -> tuple[str, ...]:
        """The facts by which records that are there already are found; none when a column for one is missing."""
        given = {column.name for column in self.columns}
        named = self.resource.identified_by
        return named if named and set(named) <= given else ()

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lists of lines the file brings."""
        return tuple(dict.fromkeys(column.line.lines for column in self.columns if column.line is not None))

    @property
    def has_uid(self) -> bool:
        """Whether rows name records by their uid."""
        return any(column.name == UID for column in self.columns)

    def head_of(self, name: str) -> str:
        """The column of a fact; "" where there is none."""
        return next((column.head for column in self.columns if column.name == name), "")


def plan_of(
    resource: Resource, heads: list[str], mapping: Mapping[str, str], mode: str, clears_empty: bool, by: Actor
) -> Plan:
    """How a file is read. Columns of facts this actor may not write are left out."""
    facts = importable(resource, mode, by)
    columns = [
        Column(place, head, mapping[head], facts.get(mapping[head]), place_of(mapping[head]))
        for place, head in enumerate(heads)
        if mapping.get(head) in facts or mapping.get(head) == UID
    ]
    return Plan(resource, by, tuple(columns), mode, clears_empty)


def importable(resource: Resource, mode: str, by: Actor) -> dict[str, Fact]:
    """The facts a file may bring."""
    own = writable(resource, by, "edit" if mode == CHANGE else "create")
    return {**own, **facts_of_lines(resource, by)} if own else own


class RowReader:
    """Reads rows one after another, and remembers what it has read already."""

    def __init__(self, plan: Plan, answers: Answers | None = None) -> None:
        self.plan = plan
        self.answers = answers or {}
        self._known: dict[tuple[str, str], Any] = {}

    def prepared(self, row: SheetRow) -> Prepared:
        """A row as facts."""
        found = Prepared(row.number, confirmed=self.plan.confirmed, cells=row)
        if self.answers:
            self.hear(found)
        for column in self.plan.columns:
            answer = self.answers.get((row.number, column.head)) if self.answers else None
            text = row.cell(column.place) if answer is None else answer
            wrong = row.wrong.get(column.place) if answer is None and row.wrong else None
            if wrong is not None:
                found.problems.append(problem(column.head, text, wrong))
            elif DAMAGE in text:
                found.problems.append(problem(column.head, text, DAMAGED))
            else:
                self.take(found, column, text)
        self.gather_lines(found)
        beyond = row.wrong.get(len(row.cells)) if row.wrong else None
        if beyond is not None and self.answers.get((row.number, "")) is None:
            found.problems.append(problem("", "", beyond))
        found.identity = self.identity_of(found)
        return found

    def text_at(self, found: Prepared, head: str) -> str:
        """What stands in a column of a row, or what it was put right as."""
        answer = self.answers.get((found.line, head))
        place = next((column.place for column in self.plan.columns if column.head == head), None)
        if answer is not None or place is None or found.cells is None:
            return answer or ""
        return found.cells.cell(place)

    def hear(self, found: Prepared) -> None:
        """What was answered to the questions about a row."""
        for word in self.plan.resource.acts.confirms:
            answer = self.answers.get((found.line, question(word)))
            if answer == YES:
                found.confirmed = (*found.confirmed, word)
            found.is_skipped = found.is_skipped or answer == SKIP

    def take(self, found: Prepared, column: Column, text: str) -> None:
        """The fact of one cell."""
        stripped = text.strip()
        if column.fact is None:
            found.uid = stripped.lower()
            if stripped and not is_uid(found.uid):
                found.problems.append(problem(column.head, text, NO_UID))
            return
        if not stripped:
            if column.line is None or self.plan.clears_empty:
                found.empty.append(column.name)
            return
        try:
            found.values[column.name] = self.read(column, stripped)
        except Unreadable as unreadable:
            found.problems.append(problem(column.head, text, unreadable.words, unreadable.fix))

    def gather_lines(self, found: Prepared) -> None:
        """Put the cells of lines together, each line a mapping. Lines none of which is in the row are left alone."""
        for lines in self.plan.lines:
            held: dict[int, dict[str, Any]] = {}
            for column in self.plan.columns:
                if column.line is not None and column.line.lines == lines and column.name in found.values:
                    held.setdefault(column.line.number, {})[column.line.fact] = found.values.pop(column.name)
            for column in self.plan.columns:
                if column.line is not None and column.line.lines == lines and column.name in found.empty:
                    found.empty.remove(column.name)
                    if column.line.number in held and column.line.fact != UID:
                        held[column.line.number][column.line.fact] = self.read(column, "")
            if held or self.plan.clears_empty:
                found.numbers[lines] = sorted(held)
                found.values[lines] = [held[number] for number in sorted(held)]

    def read(self, column: Column, text: str) -> Any:
        """The value of a text."""
        kind: Any = column.fact.kind if column.fact is not None else None
        if not isinstance(kind, RECURRING):
            return kind.read(text)
        key = (column.name, text)
        if key in self._known:
            return self._known[key]
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        value = self._known[key] = kind.read(text)
        return value

    def identity_of(self, found: Prepared) -> tuple[Any, ...] | None:
        """What no other row may share: the uid, or the facts records are told apart by."""
        if found.uid:
            return (found.uid,)
        named = self.plan.identified_by
        if not named or any(name not in found.values for name in named):
            return None
        return tuple(comparable(found.values[name]) for name in named)

    def empty_values(self, names: list[str]) -> dict[str, Any]:
        """What stands for nothing in these facts."""
        facts = facts_here(self.plan.resource)
        return {name: facts[name].kind.read("") for name in names}  # type: ignore[union-attr]  # settled facts have one


def comparable(value: Any) -> Any:
    """A value as the column of a record has it: of another record, its key."""
    return getattr(value, "id", value)


def question(asks: str) -> str:
    """Where the answer to a question about a whole row stands among those to cells; no column has such a head."""
    return f"\x00{asks}"


def problem(head: str, content: str, words: Words, fix: str = "", asks: str = "") -> Problem:
    """A problem in plain text, for it outlives this language and this file."""
    plain = "".join(sign if sign.isprintable() else "\u00b7" for sign in content[:500])
    return Problem(head, plain, str(words)[:300], fix[:300], asks[:40])
