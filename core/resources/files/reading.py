"""Reading tables people send: whatever wrote them, the first line with something in it is the head."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from core.errors import Refused, Words
from core.resources.files.csv_source import CsvSource
from core.resources.files.rows import MOST_COLUMNS, SheetRow, Source
from core.resources.files.shielding import unshielded
from core.resources.files.xlsx_source import XlsxSource
from core.texts import _, n_

MOST_ROWS = 1_048_576
LONGEST_HEAD = 200
SPARE = 3
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
EMPTY = _("There is nothing in this file.")


@dataclass(slots=True)
class Sheet:
    """A table in a file. `remarks` say how it was understood, and what is odd about it."""

    kind: str
    heads: tuple[str, ...]
    head_at: int
    remarks: list[Words]
    source: Source

    @property
    def size(self) -> int:
        """About how many rows stand below the head."""
        return max(0, self.source.size - self.head_at)

    def rows(self) -> Iterator[SheetRow]:
        """The rows below the head; empty ones are passed over."""
        for count, row in enumerate(self.source.rows(len(self.heads) + SPARE)):
            if count > MOST_ROWS:
                raise Refused(_("The file has more than a million rows. Take it apart."))
            if row.number > self.head_at and not row.is_empty:
                yield clean(row, len(self.heads))


def clean(row: SheetRow, width: int) -> SheetRow:
    """The cells without their shields; what stands beyond the last column is wrong, empty cells there are not."""
    beyond = [cell for cell in row.cells[width:] if cell.strip()]
    wrong = {place: words for place, words in row.wrong.items() if place < width}
    if beyond:
        wrong[width] = _("There are more cells than columns: %(text)s", text=beyond[0][:60])
    return SheetRow(row.number, tuple(unshielded(cell) for cell in row.cells[:width]), wrong)


def sheet_of(kind: str, source: Source) -> Sheet:
    """The table of a source; raises `Refused` for one without a head."""
    for row in source.rows():
        if not row.is_empty:
            heads, remarks = heads_of(row)
            return Sheet(kind, heads, row.number, [*source.words, *remarks], source)
    raise Refused(EMPTY, fields={"file": EMPTY})


def heads_of(row: SheetRow) -> tuple[tuple[str, ...], list[Words]]:
    """The names of the columns, each its own; those without a name, or with the name of another, are told."""
    cells = [" ".join(unshielded(cell).split())[:LONGEST_HEAD] for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        words = _("The file has more than %(n)s columns.", n=MOST_COLUMNS)
        raise Refused(words, fields={"file": words})
    heads: list[str] = []
    nameless = doubled = 0
    taken = {cell for cell in cells if cell}
    for place, cell in enumerate(cells, start=1):
        name = cell
        if not name:
            nameless += 1
            name = free_name(str(_("Column %(n)s", n=place)), taken, place)
        elif name in heads:
            doubled += 1
            name = free_name(cell, taken, 2)
        taken.add(name)
        heads.append(name)
    return tuple(heads), head_remarks(nameless, doubled)


def free_name(name: str, taken: set[str], number: int) -> str:
    """A name no other column has."""
    if name not in taken:
        return name
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


def head_remarks(nameless: int, doubled: int) -> list[Words]:
    """What is odd about the names."""
    remarks: list[Words] = []
    if nameless:
        remarks.append(n_("One column has no name.", "%(n)s columns have no name.", nameless))
    if doubled:
        remarks.append(n_("Two columns share one name.", "%(n)s columns have the name of another.", doubled))
    return remarks


def first_rows(sheet: Sheet, most: int) -> list[SheetRow]:
    """Some rows to look at."""
    found: list[SheetRow] = []
    for row in sheet.rows():
        found.append(row)
        if len(found) == most:
            break
    return found


def samples_of(rows: Sequence[SheetRow], place: int, most: int = 3) -> list[str]:
    """What stands in a column, for example."""
    return list(dict.fromkeys(row.cell(place)[:40] for row in rows if row.cell(place).strip()))[:most]


def open_sheet(stream: BinaryIO) -> Sheet:
    """The table in a file; raises `Refused` for what is none. The stream is kept open while rows are read."""
    begin = stream.read(4)
    stream.seek(0)
    if begin == ZIP:
        return sheet_of("xlsx", XlsxSource(stream))
    if begin == OLD_EXCEL:
        words = _("This is an old Excel file (.xls), or one with a password. Save it as .xlsx or CSV without one.")
        raise Refused(words, fields={"file": words})
    return sheet_of("csv", CsvSource(stream))
