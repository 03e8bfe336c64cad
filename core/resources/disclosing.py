"""Whom an answer shows: written down by whoever finds the rows, so that no door can forget it."""

from collections.abc import Sequence
from typing import Any

from core.resources.catalogue import facts_here
from core.resources.declaring import Resource
from core.resources.kinds import Relation
from core.resources.narrowing import Narrowing
from core.storage import Model
from core.storage.journal.reads import disclosed


def disclose(query: Any, rows: Sequence[Any], names: Sequence[str], kind: str) -> None:
    """Remember whom these rows of a query show: the people they are about, and those they name."""
    if not rows:
        return
    resource, narrowing = query.resource, query.narrowing
    said = condition_words(resource, narrowing)
    about = people_of(resource.model, [row.id for row in rows], [row.uid for row in rows])
    if about:
        disclosed(kind, about, said)
    for name in names:
        fact = facts_here(resource)[name]
        if isinstance(fact.kind, Relation) and getattr(fact.kind.model._meta, "subject", "") == "self":
            named = [row.values[name].uid for row in rows if is_named(row.values.get(name))]
            if named:
                disclosed(kind, named, said)


def is_named(value: Any) -> bool:
    """Whether a row says whom it points at; what is not open to the reader is not named to them."""
    return value is not None and getattr(value, "is_open", True)


def people_of(model: type[Model], ids: Sequence[int], uids: Sequence[str]) -> list[str]:
    """The uids of the people these records are about."""
    subject = str(getattr(model._meta, "subject", ""))
    if not subject:
        return []
    if subject == "self":
        return list(uids)
    leads_to: Any = model._meta.fields[subject]
    person = leads_to.rel_model
    found: Any = model.select(leads_to).where(model.id.in_(list(ids)))
    keys = [key for (key,) in found.tuples() if key is not None]
    if not keys:
        return []
    rows = list(person.select(person.id, person.uid).where(person.id.in_(keys)).tuples())
    return people_of(person, [key for key, _uid in rows], [uid for _key, uid in rows])


def condition_words(resource: Resource, narrowing: Narrowing) -> str:
    """What was asked for, for the record of reads."""
    said = [f"{name}={written}" for name, written in narrowing.facets.items()]
    if narrowing.words:
        said.append(f"words={narrowing.words}")
    return f"{resource.name} {' '.join(said)}".strip()
