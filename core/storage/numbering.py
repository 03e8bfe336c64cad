"""Numbers people read aloud: of patients, invoices, receipts.

Numbers that may have gaps do not queue: on PostgreSQL and MariaDB a process reserves ten at a time
outside the act's transaction. Gap-free numbers are given by the last statements of the act, so that
the one row they all come from is locked for the shortest time there is.
"""

import os
import string
import threading
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal, overload

from core import checkdigits, clock
from core.errors import Misuse, Refused
from core.sites import Site, current_site
from core.storage import fields
from core.storage.model import Table
from core.storage.transactions import Transaction, open_transaction
from core.texts import _

BLOCK = 10
PARTS = frozenset({"n", "year", "yy", "kind", "check"})


class NumberSeries(Table):
    """The next number of each series; one row for each place, kind and year it is counted by."""

    series = fields.TextField(max_length=80)
    kind = fields.TextField(max_length=40, default="")
    place = fields.TextField(max_length=36, default="")
    year = fields.IntegerField(default=0)
    next = fields.BigIntegerField(default=1)

    class Meta:
        table_name = "core_number_series"
        indexes = ((("series", "kind", "place", "year"), True),)
        why = "counters; the numbers themselves are journaled with the records that carry them"


@dataclass(frozen=True, slots=True)
class Series:
    """How the numbers of a series look.

    `pattern` may hold {n:06d}, {year}, {yy}, {kind} and {check}. A pattern with a year starts at one
    every year, in the site's zone. `check` names an algorithm of `core.checkdigits`; it is computed over
    all digits before it and stands where {check} is, or at the end.
    """

    name: str
    pattern: str = "{n}"
    check: str = ""

    def __post_init__(self) -> None:
        try:
            parts = {name for _text, name, _spec, _how in string.Formatter().parse(self.pattern) if name is not None}
            self.pattern.format(n=1, year=2000, yy="00", kind="", check="")
        except (ValueError, KeyError, IndexError, AttributeError) as wrong:
            raise Refused(_("%(pattern)s is not a pattern for numbers.", pattern=self.pattern)) from wrong
        if "n" not in parts or not parts <= PARTS:
            raise Refused(_("%(pattern)s is not a pattern for numbers.", pattern=self.pattern))
        if self.check and self.check not in checkdigits.ALGORITHMS:
            raise Misuse(f"series {self.name}: there is no check digit algorithm {self.check!r}")

    @property
    def is_yearly(self) -> bool:
        """Whether the count begins anew each year."""
        return "{year" in self.pattern or "{yy" in self.pattern

    def written(self, number: int, year: int, kind: str) -> str:
        """Write one number; raises `NoCheckDigit` for one that must be passed over."""
        facts = {"n": number, "year": year, "yy": f"{year % 100:02d}", "kind": kind}
        pattern = self.pattern
        if not self.check:
            return pattern.format(**facts, check="")
        if "{check}" not in pattern:
            pattern += "{check}"
        head = pattern.partition("{check}")[0].format(**facts)
        digits = "".join(filter(str.isdigit, head))
        check = checkdigits.append(self.check, digits)[len(digits) :]
        return pattern.format(**facts, check=check)


_series: dict[str, Series] = {}


def define_series(name: str, pattern: str = "{n}", check: str = "") -> Series:
    """State how the numbers of a series look by default; a plugin does so at import, beside its models."""
    _series[name] = Series(name, pattern, check)
    return _series[name]


@overload
def next_number(series: str, kind: str = "", place: Any = None, *, pattern: str = "") -> str: ...


@overload
def next_number(
    series: str, kind: str = "", place: Any = None, gapless: Literal[False] = False, pattern: str = ""
) -> str: ...


@overload
def next_number(
    series: str, kind: str = "", place: Any = None, *, gapless: Literal[True], pattern: str = ""
) -> "NumberPromise": ...


def next_number(
    series: str, kind: str = "", place: Any = None, gapless: bool = False, pattern: str = ""
) -> "str | NumberPromise":
    """Give the next number of a series, or, when it may have no gap, the promise of one.

    `place` is a place or its uid: each has its own count. `pattern` is the site's own, when it has
    one. A promise is bound to the record that will carry the number: `promise.bind(invoice, "number")`.
    """
    style = _series.get(series, Series(series))
    if pattern:
        style = Series(series, pattern, style.check)
    counter = Counter.of(style, kind, place)
    transaction = open_transaction()
    if gapless:
        return NumberPromise(counter, transaction)
    while True:
        number = _count_here(counter) if transaction.site.engine == "sqlite" else _blocks.take(counter)
        try:
            return counter.written(number)
        except checkdigits.NoCheckDigit:
            continue


def continue_from(series: str, number: int, kind: str = "", place: Any = None) -> None:
    """Go on from where an older system stopped: the next number is at least this one. Never goes back."""
    counter = Counter.of(_series.get(series, Series(series)), kind, place)
    reached = _count_here(counter)
    if reached > number:
        raise Refused(_("Numbers up to %(reached)s are given already.", reached=reached - 1))
    NumberSeries.update(next=number).where(counter.is_row()).execute()
    _blocks.forget()


@dataclass(frozen=True, slots=True)
class Counter:
    """One row of the table: a series counted by kind, place and year."""

    style: Series
    kind: str
    place: str
    year: int

    @classmethod
    def of(cls, style: Series, kind: str, place: Any) -> "Counter":
        """The counter for today, at the site's own calendar."""
        uid = "" if place is None else str(getattr(place, "uid", place))
        return cls(style, kind, uid, clock.today(current_site().zone).year)

    @property
    def row_key(self) -> tuple[str, str, str, int]:
        """What names the row."""
        return (self.style.name, self.kind, self.place, self.year if self.style.is_yearly else 0)

    def is_row(self) -> Any:
        """The condition that finds the row."""
        series, kind, place, year = self.row_key
        table = NumberSeries
        return (table.series == series) & (table.kind == kind) & (table.place == place) & (table.year == year)

    def written(self, number: int) -> str:
        """The number as people see it."""
        return self.style.written(number, self.year, self.kind)


class NumberPromise:
    """A gap-free number that will be given as one of the last statements of the act."""

    def __init__(self, counter: Counter, transaction: Transaction) -> None:
        self.counter = counter
        self.number: str | None = None
        self._bound: tuple[Any, str] | None = None
        transaction.at_end(self._keep)

    def bind(self, record: Any, column: str) -> "NumberPromise":
        """Say which record carries the number, and where; until the act ends the column holds what it holds."""
        if self._bound is not None:
            raise Misuse("a promised number goes to one record")
        self._bound = (record, column)
        return self

    def __str__(self) -> str:
        if self.number is None:
            raise Misuse("a gap-free number is known when the act has ended; refer to the record by its uid")
        return self.number

    def _keep(self) -> None:
        if self._bound is None:
            raise Misuse(f"{self.counter.style.name}: a gap-free number was asked for and given to no record")
        record, column = self._bound
        while self.number is None:
            try:
                self.number = self.counter.written(_count_here(self.counter))
            except checkdigits.NoCheckDigit:
                continue
        setattr(record, column, self.number)
        record.save()


class _Blocks:
    """Numbers this process has reserved and not yet given out.

    The key holds the site's revision: a restored backup brings a new one, and what was reserved
    before it is forgotten.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Give up what is reserved; a forked child must not give out its parent's numbers."""
        self._lock = threading.Lock()
        self._left: dict[tuple[Any, ...], range] = {}

    def take(self, counter: Counter) -> int:
        site = current_site()
        revision = site._state.revision if site._state is not None else ""
        key = (site.name, site.database_url, revision, *counter.row_key)
        with self._lock:
            left = self._left.get(key)
            if not left:
                first = _reserve(site, counter)
                left = range(first, first + BLOCK)
            self._left[key] = left[1:]
            return left[0]


_blocks = _Blocks()
os.register_at_fork(after_in_child=_blocks.forget)


RAISE_BY_ONE = "UPDATE core_number_series SET next = next + 1 WHERE series = ? AND kind = ? AND place = ? AND year = ?"
READ_NEXT = "SELECT next FROM core_number_series WHERE series = ? AND kind = ? AND place = ? AND year = ?"
ONE_MORE = {"?": RAISE_BY_ONE, "%s": RAISE_BY_ONE.replace("?", "%s")}
REACHED = {"?": READ_NEXT, "%s": READ_NEXT.replace("?", "%s")}


def _count_here(counter: Counter) -> int:
    """Take one number inside the current transaction, which holds the row until it ends."""
    database = current_site().database
    raised = database.execute_sql(ONE_MORE[database.param], counter.row_key)
    if not raised.rowcount:
        _make_row(counter)
        database.execute_sql(ONE_MORE[database.param], counter.row_key)
    return int(database.execute_sql(REACHED[database.param], counter.row_key).fetchone()[0]) - 1


def _make_row(counter: Counter) -> None:
    series, kind, place, year = counter.row_key
    row = {"series": series, "kind": kind, "place": place, "year": year, "next": 1}
    insert = NumberSeries.insert(row)
    if current_site().engine == "mariadb":
        insert.on_conflict_ignore().execute()
    else:
        target = (NumberSeries.series, NumberSeries.kind, NumberSeries.place, NumberSeries.year)
        insert.on_conflict(action="IGNORE", conflict_target=target).execute()


# Reserving ten at a time, in a statement of its own on another connection than the act's.

POSTGRESQL_RESERVE = (
    "INSERT INTO core_number_series (series, kind, place, year, next) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT (series, kind, place, year) DO UPDATE SET next = core_number_series.next + %s RETURNING next"
)
MARIADB_INSERT = "INSERT IGNORE INTO core_number_series (series, kind, place, year, next) VALUES (%s, %s, %s, %s, 1)"
MARIADB_RESERVE = (
    "UPDATE core_number_series SET next = LAST_INSERT_ID(next + %s)"
    " WHERE series = %s AND kind = %s AND place = %s AND year = %s"
)


def _reserve(site: Site, counter: Counter) -> int:
    database = site.database
    connection = database._connect()
    try:
        with closing(connection.cursor()) as cursor:
            if site.engine == "postgresql":
                cursor.execute(POSTGRESQL_RESERVE, (*counter.row_key, BLOCK + 1, BLOCK))
            else:
                if not cursor.execute(MARIADB_RESERVE, (BLOCK, *counter.row_key)):
                    cursor.execute(MARIADB_INSERT, counter.row_key)
                    cursor.execute(MARIADB_RESERVE, (BLOCK, *counter.row_key))
                cursor.execute("SELECT LAST_INSERT_ID()")
            return int(cursor.fetchone()[0]) - BLOCK
    finally:
        database._close(connection)
