"""A row of a table as it stands in a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import Words

MOST_COLUMNS = 256


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: the line of the file it begins on, its cells as text, and what is wrong with some as such."""

    number: int
    cells: tuple[str, ...]
    wrong: Mapping[int, Words] = field(default_factory=dict)

    def cell(self, position: int) -> str:
        """One cell; what a short row lacks is empty."""
        return self.cells[position] if position < len(self.cells) else ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not any(cell.strip() for cell in self.cells) and not self.wrong


class Source(Protocol):
    """A file taken apart into lines; `words` tell how it was understood, `size` about how many lines there are."""

    words: list[Words]
    size: int

    def rows(self, width: int = MOST_COLUMNS) -> Iterator[SheetRow]:
        """All lines from the first, empty ones too; of each at least the first `width` cells that are there."""
