"""CSV files as they are found: in some encoding, with some sign between the cells."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from core.errors import Refused, Words
from core.resources.files.rows import MOST_COLUMNS, SheetRow
from core.texts import _

SAMPLE = 64 * 1024
CHUNK = 256 * 1024
LINES_LOOKED_AT = 50
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NAMES = {
    "utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}  # fmt: skip
DELIMITERS = {",": _("commas"), ";": _("semicolons"), "\t": _("tabs"), "|": _("upright bars")}
# Of the letters beyond ASCII in a file that is nearly UTF-8, so many may be damaged.
DAMAGED = 0.1
ZEROS = 0.3
EXCEL_SAYS = "sep="
LONGEST_LINE = 16 * 1024 * 1024


class CsvSource:
    """A CSV file. The stream can be read from its beginning again and again."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.encoding = encoding_of(stream)
        self.size = 0
        sample = self.sample()
        self.first, self.delimiter = delimiter_of(sample)
        between = DELIMITERS[self.delimiter]
        read_as = _("Read as %(encoding)s, with %(between)s.", encoding=NAMES[self.encoding], between=between)
        self.words: list[Words] = [read_as]
        self.size = self.count_lines()

    def sample(self) -> str:
        """The beginning, as text."""
        self.stream.seek(0)
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        return decoder.decode(self.stream.read(SAMPLE))

    def count_lines(self) -> int:
        """How many lines there are at most: those within quotation marks are counted too."""
        self.stream.seek(0)
        found, end = 0, b"\n"
        while part := self.stream.read(CHUNK):
            found += max(part.count(b"\n"), part.count(b"\r"))
            end = part.rstrip(b"\x00")[-1:]
        return found + (end not in b"\r\n")

    def rows(self, width: int = MOST_COLUMNS) -> Iterator[SheetRow]:
        """Every record of the file, with the line it begins on; no cell is left out, whatever the `width`."""
        self.stream.seek(0)
        text = io.TextIOWrapper(self.stream, self.encoding, errors="replace", newline="")
        try:
            yield from self.records(text)
        finally:
            text.detach()

    def records(self, text: io.TextIOWrapper) -> Iterator[SheetRow]:
        """The records of a text."""
        lines = Lines(text)
        reader = csv.reader(lines, delimiter=self.delimiter)
        begins = 1
        try:
            for cells in reader:
                if lines.is_open:
                    raise csv.Error
                if begins > self.first:
                    yield SheetRow(begins, tuple(cells))
                begins = reader.line_num + 1
                lines.marks = 0
        except csv.Error as unreadable:
            words = _("Line %(n)s can't be read: is a quotation mark there that nothing closes?", n=begins)
            raise Refused(words, fields={"file": words}) from unreadable


class Lines:
    """The lines of a file, and whether it ended amid a quotation: all that followed would be one cell."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text = text
        self.marks = 0
        self.has_ended = False

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self.text.readline(LONGEST_LINE)
        if not line:
            self.has_ended = True
            raise StopIteration
        self.marks += line.count('"')
        return line

    @property
    def is_open(self) -> bool:
        """Whether the file has ended within quotation marks."""
        return self.has_ended and self.marks % 2 == 1


def encoding_of(stream: BinaryIO) -> str:
    """UTF-8 or UTF-16 where the bytes say so, and what Windows writes in the west of the world otherwise."""
    stream.seek(0)
    head = stream.read(SAMPLE)
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    wide = wide_encoding(head)
    if wide:
        return wide
    stream.seek(0)
    return "utf-8" if is_nearly_utf8(stream) else "cp1252"


def wide_encoding(head: bytes) -> str:
    """UTF-16 without its mark: every other byte of what is mostly ASCII is zero."""
    half = max(1, len(head) // 2)
    if head[1::2].count(0) / half > ZEROS and head[::2].count(0) / half < ZEROS / 10:
        return "utf-16-le"
    if head[::2].count(0) / half > ZEROS and head[1::2].count(0) / half < ZEROS / 10:
        return "utf-16-be"
    return ""


def is_nearly_utf8(stream: BinaryIO) -> bool:
    """Whether a file is UTF-8, a few damaged letters aside."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    damaged = beyond = 0
    while part := stream.read(CHUNK):
        text = decoder.decode(part)
        if text.isascii():
            continue
        damaged += text.count("\ufffd")
        beyond += sum(1 for sign in text if sign > "\x7f")
    if decoder.decode(b"", True):
        damaged, beyond = damaged + 1, beyond + 1
    return damaged <= beyond * DAMAGED


def delimiter_of(sample: str) -> tuple[int, str]:
    """How many lines only say how to read the others, and the sign between the cells.

    It is the one that gives most lines the same number of cells, and more than one.
    """
    first, _newline, _rest = sample.lstrip("\ufeff").partition("\n")
    said = first.strip().strip('"')
    if said.lower().startswith(EXCEL_SAYS) and said[len(EXCEL_SAYS) :] in DELIMITERS:
        return 1, said[len(EXCEL_SAYS) :]
    if said.lower() == EXCEL_SAYS:
        return 1, "\t"
    scores = {sign: score_of(sample, sign) for sign in DELIMITERS}
    return 0, max(scores, key=lambda sign: scores[sign])


def score_of(sample: str, delimiter: str) -> tuple[float, int]:
    """How well a sign divides the lines: how many agree, and into how many cells."""
    widths: Counter[int] = Counter()
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if any(cells):
                widths[len(cells)] += 1
            if widths.total() == LINES_LOOKED_AT:
                break
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, lines = widths.most_common(1)[0]
    return (lines / widths.total() if width > 1 else 0.0), width
