"""The empty file of a noun: its columns, one row as an example, and what may be written where there is a list."""

import tempfile
from pathlib import Path
from typing import Any

from core import clock
from core.actors import Actor
from core.resources.catalogue import writable
from core.resources.declaring import Fact, Resource
from core.resources.files import write_xlsx
from core.resources.files.numbering import facts_of_lines
from core.resources.kinds import Choice, Day, Decimals, Email, Line, Moment, Relation, YesNo
from core.sites import current_site
from core.texts import _

MOST_LISTED = 200
LONGEST_EXAMPLE = 20


def facts_of(resource: Resource, by: Actor) -> dict[str, Fact]:
    """The facts a file may bring."""
    own = writable(resource, by, "create") or writable(resource, by, "edit")
    return own | facts_of_lines(resource, by, 1)


def heads_of(resource: Resource, by: Actor) -> list[str]:
    """The names of the columns."""
    return [str(fact.label) for fact in facts_of(resource, by).values()]


def examples_of(resource: Resource, by: Actor) -> list[str]:
    """The row that shows how it is meant; it is passed over when it comes back."""
    return [example_of(fact) for fact in facts_of(resource, by).values()]


def example_of(fact: Fact) -> str:
    """One cell of it."""
    kind: Any = fact.kind
    if fact.example:
        return fact.example
    if isinstance(kind, (Choice, YesNo)):
        return next((str(words) for code, words in kind.choices.items() if code), "")
    if isinstance(kind, Relation):
        return ""
    if isinstance(kind, (Day, Moment)):
        return clock.today(current_site().zone).replace(month=1, day=31).isoformat()
    if isinstance(kind, Email):
        return "name@example.org"
    if isinstance(kind, Decimals):
        return "12"
    return str(_("Example")) if type(kind) is Line and kind.longest >= LONGEST_EXAMPLE else ""


def lists_of(resource: Resource, by: Actor) -> list[list[str]]:
    """What may be written, a list for each column that has one; facts that are needed come first."""
    facts = facts_of(resource, by)
    needed = [str(fact.label) for fact in facts.values() if fact.required]
    found = [[str(_("These are needed")), *needed]] if needed else []
    for fact in facts.values():
        kind: Any = fact.kind
        if isinstance(kind, (Choice, YesNo)):
            words = [str(one) for code, one in kind.choices.items() if code]
            found.append([str(fact.label), *words[:MOST_LISTED]])
    return found


def template_of(resource: Resource, by: Actor) -> bytes:
    """The file."""
    with tempfile.TemporaryDirectory(prefix="medley-template-") as folder:
        draft = Path(folder) / "draft"
        write_xlsx(draft, heads_of(resource, by), [[examples_of(resource, by)]], lists=lists_of(resource, by))
        return draft.read_bytes()
