"""Writing a list to a file: its rows as they are filtered, a few hundred at a time, and who was shown in them."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.actors import Actor
from core.errors import Forbidden, Refused
from core.resources.catalogue import facts_here, readable
from core.resources.declaring import Resource
from core.resources.disclosing import condition_words, disclose
from core.resources.exporting.lines import LinesTaken, lines_taken
from core.resources.files import CSV_TYPE, FORMATS, csv_pieces, write_xlsx
from core.resources.finding import Query, Row, conditions, flat, query_of, walk
from core.resources.narrowing import Narrowing
from core.roles.permissions import EXPORT
from core.roles.visibility import NO_ROWS
from core.storage.files import Content, store_of_site
from core.storage.journal.reads import flush_reads
from core.storage.journal.writer import note
from core.texts import _

UID = "uid"
AT_ONCE = 5000
CHUNK = 500
LARGEST_FILE = 4 * 1024**3
BOM_FORMATS = frozenset({"excel_csv"})


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be taken out: which rows, which columns, in which shape."""

    resource: Resource
    query: Query
    columns: tuple[str, ...]
    file_format: str
    lines: tuple[LinesTaken, ...] = ()

    @property
    def heads(self) -> list[str]:
        """The names of the columns as the reader knows them; lines stand behind the record's own."""
        facts = facts_here(self.resource)
        own = ["uid" if name == UID else str(facts[name].label) for name in self.own]
        return [*own, *(head for one in self.lines for head in one.heads)]

    @property
    def own(self) -> list[str]:
        """The columns of the records themselves."""
        apart = {one.lines.name for one in self.lines}
        return [name for name in self.columns if name not in apart]

    @property
    def names(self) -> list[str]:
        """The facts to ask for."""
        return [name for name in self.own if name != UID]

    @property
    def media_type(self) -> str:
        """The type of the file."""
        return FORMATS[self.file_format]

    @property
    def file_name(self) -> str:
        """What the file is called."""
        ending = "csv" if self.media_type == CSV_TYPE else "xlsx"
        return f"{self.resource.noun.replace('_', '-')}.{ending}"


def permission_to_export(resource: Resource) -> str:
    """The right to take a list out, besides that of seeing it."""
    return resource.may_export or EXPORT


def may_export(resource: Resource, by: Actor) -> bool:
    """Whether this actor may take the list out."""
    return "export" in resource.doors and by.may(resource.may_view) and by.may(permission_to_export(resource))


def order_of(resource: Resource, narrowing: Narrowing, columns: Sequence[str], file_format: str, by: Actor) -> Order:
    """What somebody asks for, if they may; columns they may not know of are left out."""
    for permission in (resource.may_view, permission_to_export(resource)):
        if not by.may(permission):
            raise Forbidden(permission)
    if file_format not in FORMATS:
        raise Refused(fields={"file_format": _("There is no such kind of file.")})
    known = {*readable(resource, by), *(one.name for one in resource.lines)}
    chosen = tuple(dict.fromkeys(name for name in columns if name in known or name == UID))
    if not chosen:
        raise Refused(fields={"columns": _("Choose at least one column.")})
    query = query_of(resource, narrowing, by)
    return Order(resource, query, chosen, file_format, tuple(lines_taken(resource, query, chosen, by)))


def is_small(order: Order) -> bool:
    """Whether the file can be waited for."""
    return count_until(order.query, AT_ONCE + 1) <= AT_ONCE


def count_until(query: Query, most: int) -> int:
    """How many rows there are, counted no further than this."""
    if query.sight is NO_ROWS:
        return 0
    model = query.resource.model
    inner = model.select(model.id).where(*conditions(query, flat(query))).limit(most)
    return int(inner.count())


def note_export(order: Order, by: Actor) -> None:
    """The line in the journal that a list was taken out: which, and how it was narrowed."""
    said = condition_words(order.resource, order.query.narrowing)
    content = {"columns": list(order.columns), "format": order.file_format, "rows": said}
    note("core.export", reason=order.resource.name, by=by, content=content)


def chunks(order: Order, tell: Callable[[int], None] | None = None) -> Iterator[list[list[Any]]]:
    """The rows as cells, in the list's order. Who is shown is written down before each chunk goes out."""
    facts = facts_here(order.resource)
    kinds: list[Any] = [None if name == UID else facts[name].kind for name in order.own]
    done = 0
    for rows in walk(order.query, order.names, CHUNK):
        disclose(order.query, rows, order.names, "export")
        cells = [cells_of(row, order.own, kinds) for row in rows]
        for one in order.lines:
            further = one.cells([row.id for row in rows])
            cells = [[*own, *further[row.id]] for own, row in zip(cells, rows, strict=True)]
        flush_reads()
        yield cells
        done += len(rows)
        if tell is not None:
            tell(done)


def cells_of(row: Row, columns: Sequence[str], kinds: Sequence[Any]) -> list[Any]:
    """One row of the file."""
    return [
        row.uid if kind is None else kind.as_cell(row.values[name]) for name, kind in zip(columns, kinds, strict=True)
    ]


def pieces(order: Order) -> Iterator[str]:
    """A CSV file, piece by piece."""
    return csv_pieces(order.heads, chunks(order), order.file_format in BOM_FORMATS)


def written(order: Order, tell: Callable[[int], None] | None = None) -> Content:
    """The file in the site's store."""
    with tempfile.TemporaryDirectory(prefix="medley-export-") as folder:
        draft = Path(folder) / "draft"
        if order.media_type == CSV_TYPE:
            with draft.open("w", encoding="utf-8", newline="") as target:
                for piece in csv_pieces(order.heads, chunks(order, tell), order.file_format in BOM_FORMATS):
                    target.write(piece)
        else:
            write_xlsx(draft, order.heads, chunks(order, tell), str(order.resource.title))
        with draft.open("rb") as source:
            return store_of_site().put(source, LARGEST_FILE)


def xlsx_bytes(order: Order) -> bytes:
    """A small XLSX file as it is sent."""
    with tempfile.TemporaryDirectory(prefix="medley-export-") as folder:
        draft = Path(folder) / "draft"
        write_xlsx(draft, order.heads, chunks(order), str(order.resource.title))
        return draft.read_bytes()
