"""Lines of a record in a row of a table: each line has columns of its own, numbered as the lines are.

A record is one row in every file. Its second service stands in the columns “Service 2: Done on”, “Service 2: What was
done” and so on; “Service 2: uid” says which line that is, so that a file that comes back changes it instead of
entering it anew. Programs call the columns `services.2.done_on`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from core.actors import Actor
from core.resources.declaring import Fact, Lines, Resource
from core.resources.kinds import Line
from core.resources.writing import line_facts
from core.texts import _

UID = "uid"


class Place(NamedTuple):
    """A cell of a line: which lines, the number of the line from 1, and the fact."""

    lines: str
    number: int
    fact: str


def named(lines: Lines, number: int, fact: str) -> str:
    """What programs call a column of a line."""
    return f"{lines.name}.{number}.{fact}"


def place_of(name: str) -> Place | None:
    """What a column of a line stands for; None for a column of the record itself."""
    lines, _dot, rest = name.partition(".")
    number, _dot, fact = rest.partition(".")
    return Place(lines, int(number), fact) if fact and number.isascii() and number.isdigit() else None


def label_of(lines: Lines, number: int, words: object) -> str:
    """What people call it."""
    return str(_("%(line)s %(n)s: %(fact)s", line=lines.one or lines.title, n=number, fact=words))


def columns_of(lines: Lines, facts: Mapping[str, Fact], most: int) -> Iterator[tuple[str, str, Fact]]:
    """The columns of so many lines: what programs and people call each, and its fact."""
    uid = Fact(UID, UID, Line(36))
    for number in range(1, most + 1):
        for name, fact in {UID: uid, **facts}.items():
            yield named(lines, number, name), label_of(lines, number, fact.label), fact


def facts_of_lines(resource: Resource, by: Actor, most: int = 0) -> dict[str, Fact]:
    """The columns of lines a file may bring, as facts by the names programs call them; at most so many lines of each.

    None of them is needed: a record may have no lines.
    """
    found: dict[str, Fact] = {}
    for lines in resource.lines:
        facts = line_facts(lines, by, is_written=True)
        for name, label, fact in columns_of(lines, facts, min(most or lines.most, lines.most)):
            found[name] = replace(fact, name=name, label=label, required=False, default=None)
    return found
