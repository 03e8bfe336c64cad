"""Writing tables: CSV as RFC 4180 has it, piece by piece; XLSX row by row, with memory for one row."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from core.resources.files.shielding import shielded

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a file is called, and how its type is.
FORMATS = {"csv": CSV_TYPE, "excel_csv": CSV_TYPE, "xlsx": XLSX_TYPE}
# Excel opens a CSV file as UTF-8 only when it begins with this.
BOM = "\ufeff"
# Rows of one sheet, as Excel has them, and the digits it keeps of a number.
ROWS_OF_A_SHEET = 1_048_576
DIGITS = 15
LONGEST_CELL = 32_767
FIRST_DAY = date(1900, 3, 1)
WIDTHS = (8, 40)
Rows = Iterable[list[Any]]


def csv_pieces(head: Sequence[str], chunks: Iterable[Rows], with_bom: bool = False) -> Iterator[str]:
    """A table as text: its head, then a piece for each chunk of rows."""
    yield (BOM if with_bom else "") + csv_text([list(head)])
    for rows in chunks:
        yield csv_text(rows)


def csv_text(rows: Rows) -> str:
    """Rows as lines of a CSV file."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([as_text(cell) for cell in row] for row in rows)
    return written.getvalue()


def as_text(cell: Any) -> str:
    """A cell of a CSV file. Numbers and days are harmless and stand as they are."""
    if isinstance(cell, str):
        return shielded(cell)
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def write_xlsx(
    target: Path, head: Sequence[str], chunks: Iterable[Rows], title: str = "", lists: Sequence[Sequence[str]] = ()
) -> int:
    """Write a table to a file and return how many rows it has. A second sheet holds `lists`, a column for each.

    Text is written as text and never as a formula or a link.
    """
    as_text_only = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    options = {"constant_memory": True, **as_text_only}
    done = 0
    with xlsxwriter.Workbook(str(target), options) as book:
        writer = SheetWriter(book, head, title)
        for rows in chunks:
            for row in rows:
                writer.write(row)
                done += 1
        if lists:
            write_lists(book, lists)
    return done


class SheetWriter:
    """Writes rows under each other, and begins another sheet where Excel's ends."""

    def __init__(self, book: Any, head: Sequence[str], title: str) -> None:
        self.book = book
        self.head = list(head)
        self.title = title
        self.bold = book.add_format({"bold": True, "bottom": 1})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.at = ROWS_OF_A_SHEET
        self.sheet: Any = None
        self.begin_sheet()

    def begin_sheet(self) -> None:
        """A sheet with its head, which stays in sight."""
        self.sheet = self.book.add_worksheet()
        self.sheet.freeze_panes(1, 0)
        for column, words in enumerate(self.head):
            low, high = WIDTHS
            self.sheet.set_column(column, column, min(high, max(low, len(words) + 4)))
            self.sheet.write_string(0, column, shielded(words), self.bold)
        self.at = 1

    def write(self, row: Sequence[Any]) -> None:
        """One row."""
        if self.at >= ROWS_OF_A_SHEET:
            self.begin_sheet()
        for column, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, (int, Decimal)) and not isinstance(cell, bool) and fits_a_number(cell):
                self.sheet.write_number(self.at, column, cell)
            elif isinstance(cell, date) and cell >= FIRST_DAY:
                self.sheet.write_datetime(self.at, column, cell, self.day)
            else:
                self.sheet.write_string(self.at, column, as_text(cell)[:LONGEST_CELL])
        self.at += 1


def fits_a_number(value: int | Decimal) -> bool:
    """Whether Excel keeps all digits of a number."""
    return len(Decimal(value).normalize().as_tuple().digits) <= DIGITS


def write_lists(book: Any, lists: Sequence[Sequence[str]]) -> None:
    """A sheet of what may be written in which column."""
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bottom": 1})
    longest = max(len(one) for one in lists)
    for row in range(longest):
        for column, one in enumerate(lists):
            if row < len(one):
                sheet.write_string(row, column, shielded(one[row]), bold if row == 0 else None)
