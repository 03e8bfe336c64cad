"""The lines of records in a file: numbered columns, as many as the record with the most lines asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import peewee

from core.actors import Actor
from core.resources.declaring import Fact, Lines, Resource
from core.resources.disclosing import disclose_named
from core.resources.files.numbering import columns_of
from core.resources.finding import Query, conditions, flat
from core.resources.writing import line_facts, line_values


@dataclass(frozen=True, slots=True)
class LinesTaken:
    """Lines that are taken out, those of their facts the reader may know, and how many columns they have."""

    lines: Lines
    facts: Mapping[str, Fact]
    most: int

    @property
    def heads(self) -> Iterator[str]:
        """The names of the columns."""
        return (label for _name, label, _fact in columns_of(self.lines, self.facts, self.most))

    def cells(self, ids: Sequence[int]) -> dict[int, list[Any]]:
        """The cells of the records of these ids, each with as many as there are columns; asked once for all."""
        held = self.of_records(ids)
        values = {name: line_values(fact, held) for name, fact in self.facts.items()}
        for name, fact in self.facts.items():
            disclose_named("export", fact, values[name], str(self.lines.title))
        width = (len(self.facts) + 1) * self.most
        found: dict[int, list[Any]] = {one: [] for one in ids}
        for place, line in enumerate(held):
            kinds: list[Any] = [fact.kind for fact in self.facts.values()]
            cells = [kind.as_cell(values[name][place]) for name, kind in zip(self.facts, kinds, strict=True)]
            found[line.__data__[self.lines.parent]] += [line.uid, *cells]
        return {one: [*cells[:width], *[""] * (width - len(cells))] for one, cells in found.items()}

    def of_records(self, ids: Sequence[int]) -> list[Any]:
        """The lines of these records, in the order they were entered."""
        model = self.lines.model
        parent: Any = model._meta.fields[self.lines.parent]
        wanted = model.select().where(parent.in_(list(ids)), model.retired_at.is_null())
        return list(wanted.order_by(parent, model.id)) if ids else []


def lines_taken(resource: Resource, query: Query, chosen: Sequence[str], by: Actor) -> list[LinesTaken]:
    """The lines among the columns that were chosen."""
    wanted = [lines for lines in resource.lines if lines.name in chosen]
    return [LinesTaken(lines, line_facts(lines, by), most_of(lines, query)) for lines in wanted]


def most_of(lines: Lines, query: Query) -> int:
    """How many lines the record with the most has, of those that fit; 1 where none has any."""
    model = lines.model
    parent: Any = model._meta.fields[lines.parent]
    owner = query.resource.model
    fitting = owner.select(owner.id).where(*conditions(query, flat(query)))
    each: Any = (
        model.select(peewee.fn.COUNT(model.id).alias("n"))
        .where(model.retired_at.is_null(), parent.in_(fitting))
        .group_by(parent)
        .order_by(peewee.SQL("n").desc())
        .limit(1)
        .tuples()
        .first()
    )
    return int(each[0]) if each else 1
