"""The rows that did not come in, as a file: as they were sent, with what is wrong in a column at the end."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from core.resources.files import csv_pieces
from core.resources.importing.jobs import opened
from core.resources.importing.models import Import, ImportProblem
from core.texts import _

CHUNK = 500


def rest_pieces(found: Import) -> Iterator[str]:
    """The file, piece by piece. It can be put right and sent again as it is."""
    with opened(found) as sheet:
        yield from csv_pieces([*sheet.heads, str(_("Error"))], rows_left(found, sheet), with_bom=True)


def rows_left(found: Import, sheet: Any) -> Iterator[list[list[str]]]:
    """The rows with something wrong that nobody put right."""
    wrong = errors_of(found)
    width = len(sheet.heads)
    left = ([*pad(row.cells, width), wrong[row.number]] for row in sheet.rows() if row.number in wrong)
    while some := list(islice(left, CHUNK)):
        yield some


def errors_of(found: Import) -> dict[int, str]:
    """What is wrong, by line."""
    columns = (ImportProblem.line_number, ImportProblem.head, ImportProblem.words)
    is_open = (ImportProblem.import_id == found.id) & ImportProblem.answer.is_null()
    rows: Any = ImportProblem.select(*columns).where(is_open).order_by(ImportProblem.id).tuples()
    told: dict[int, str] = {}
    for line, head, words in rows:
        said = f"{head}: {words}" if head else words
        told[line] = f"{told[line]} {said}" if line in told else said
    return told


def pad(cells: tuple[str, ...], width: int) -> list[str]:
    """The cells of a row, and empty ones where it was short."""
    return [*cells[:width], *[""] * (width - len(cells))]
