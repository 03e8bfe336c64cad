"""XLSX files, which are archives anybody may have made: measured before they are opened, never followed outside.

Formulas are not evaluated, links to other files not followed, macros not looked at. Of merged cells the first has
the value.
"""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

import openpyxl

from core.errors import Refused, Words
from core.resources.files.rows import MOST_COLUMNS, SheetRow
from core.texts import _

MOST_ENTRIES = 2000
MOST_UNPACKED = 1024**3
MOST_OF_A_PART = 768 * 1024**2
MOST_TEXTS = 160 * 1024**2
MOST_STYLES = 16 * 1024**2
MOST_ROWS = 1_048_576
CHUNK = 256 * 1024
MERGED = re.compile(rb"<(?:\w{1,8}:)?mergeCell\s")
TAIL = 64
UNREADABLE = _("This file is damaged, or no Excel file. Open it in Excel and save it anew.")
TOO_LARGE = _("Unpacked, this file is too large.")
FORMULA = _("A formula stands here. Put its value in its place.")
FAULTS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
FAULTY = _("The spreadsheet shows an error here.")
# What a file that only looks like a workbook may trip.
BROKEN = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, LookupError, ValueError, TypeError, AttributeError, SyntaxError,
    ArithmeticError, NotImplementedError, RuntimeError, AssertionError,
)  # fmt: skip


def refused(words: Words, cause: BaseException | None = None) -> Refused:
    """The refusal of a file, for its field."""
    refusal = Refused(words, fields={"file": words})
    refusal.__cause__ = cause
    return refusal


class XlsxSource:
    """The first sheet of a workbook that is not hidden."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.words: list[Words] = []
        self.size = 0
        measure(stream)
        book = self.opened()
        try:
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                raise refused(UNREADABLE)
            self.title = str(sheets[0].title)
            self.size = min(int(sheets[0].max_row or 0), MOST_ROWS)
            path = str(sheets[0]._worksheet_path)
            self.words.append(_("Read from the sheet %(name)s.", name=self.title[:60]))
        except BROKEN as broken:
            raise refused(UNREADABLE, broken) from broken
        finally:
            book.close()
        if has_merged(stream, path):
            self.words.append(_("Some cells are merged: only the first of them has the value."))

    def opened(self) -> Any:
        """The workbook, for reading one row after another."""
        self.stream.seek(0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return openpyxl.load_workbook(self.stream, read_only=True, data_only=False, keep_links=False)
        except BROKEN as broken:
            raise refused(UNREADABLE, broken) from broken

    def rows(self, width: int = MOST_COLUMNS) -> Iterator[SheetRow]:
        """Every row that is in the file, with its number; of each not more than the first `width` cells."""
        book = self.opened()
        try:
            sheet = book[self.title]
            sheet.reset_dimensions()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for number, values in enumerate(sheet.iter_rows(max_col=width, values_only=True), start=1):
                    if number > MOST_ROWS:
                        raise refused(TOO_LARGE)
                    yield row_of(number, values)
        except BROKEN as broken:
            raise refused(UNREADABLE, broken) from broken
        finally:
            book.close()


def measure(stream: BinaryIO) -> None:
    """Refuse an archive that grows beyond bounds when it is unpacked."""
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
    except BROKEN as broken:
        raise refused(UNREADABLE, broken) from broken
    sizes = {part.filename: part.file_size for part in parts}
    limits = {"xl/sharedStrings.xml": MOST_TEXTS, "xl/styles.xml": MOST_STYLES}
    if len(parts) > MOST_ENTRIES or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise refused(TOO_LARGE)
    if any(size > limits.get(name, MOST_OF_A_PART) for name, size in sizes.items()):
        raise refused(TOO_LARGE)


def has_merged(stream: BinaryIO, path: str) -> bool:
    """Whether a sheet says that cells of it are merged."""
    try:
        with zipfile.ZipFile(stream) as archive, archive.open(path.lstrip("/")) as part:
            tail = b""
            while text := part.read(CHUNK):
                if MERGED.search(tail + text):
                    return True
                tail = text[-TAIL:]
    except BROKEN as broken:
        raise refused(UNREADABLE, broken) from broken
    return False


def row_of(number: int, values: tuple[Any, ...]) -> SheetRow:
    """The values as text. What begins with = is a formula: text that does has an apostrophe before it."""
    texts = ["" if value is None else value if type(value) is str else as_text(value) for value in values]
    wrong: dict[int, Words] = {}
    for place, text in enumerate(texts):
        if text[:1] in "=#" and text:
            if text[0] == "=":
                wrong[place] = FORMULA
            elif text in FAULTS:
                wrong[place] = FAULTY
    return SheetRow(number, tuple(texts), wrong)


def as_text(value: Any) -> str:
    """A value of a cell as somebody would have written it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = format(Decimal(format(value, ".15g")), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else str(getattr(value, "text", value))
