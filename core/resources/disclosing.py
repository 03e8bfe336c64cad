"""Whom an answer shows: written down by whoever finds the rows, so that no door can forget it."""

from collections.abc import Sequence
from typing import Any

from core.resources.catalogue import facts_here
from core.resources.declaring import Fact, Resource
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
        disclose_named(kind, facts_here(resource)[name], [row.values.get(name) for row in rows], said)


def disclose_named(kind: str, fact: Fact, values: Sequence[Any], said: str) -> None:
    """Remember the people whom values of a fact name; who is not open to the reader is not named to them."""
    if isinstance(fact.kind, Relation) and getattr(fact.kind.model._meta, "subject", "") == "self":
        shown = [fact.kind.related(one) for one in values if one is not None]
        named = [one.uid for one in shown if one.is_open]
        if named:
            disclosed(kind, named, said)


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
