"""What the history of a record says of its facts: custom fields by what they are called, and nothing to those who may
not read them."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from core.resources.custom.here import COLUMN, CustomFact, fact_of
from core.resources.custom.models import CustomField
from core.resources.custom.values import kept_words
from core.resources.declaring import Fact
from core.resources.kinds import Choice, Day, Moment, YesNo
from core.resources.nouns import resources_here
from core.sites import current
from core.web.history import ChangeLine

# Kinds whose stored values mean little to a reader; texts speak for themselves, other records are named elsewhere.
SPOKEN = (Choice, Day, Moment, YesNo)


def told(plugin: str, noun: str, name: str, pair: Any) -> list[ChangeLine] | None:
    """The lines of one changed column; None where its name and values speak for themselves."""
    by = current().actor
    model, facts = declared_of(f"{plugin}.{noun}")
    for fact in facts:
        if name not in columns_of(fact, model):
            continue
        if fact.read and not by.may(fact.read):
            return []
        if name == fact.column and isinstance(pair, list) and is_spoken(fact.kind):
            return [told_fact(fact, model._meta.fields[name], pair)]
    return told_custom(f"{plugin}.{noun}", pair) if name == COLUMN and isinstance(pair, list) else None


def is_spoken(kind: Any) -> bool:
    """Whether the history says the words of a kind instead of what is stored."""
    return isinstance(kind, SPOKEN) or bool(kind.is_code)


def declared_of(name: str) -> tuple[Any, Collection[Fact]]:
    """The model and the declared facts of a noun, or of the lines of one."""
    found: dict[str, tuple[Any, Collection[Fact]]] = current().state.keep("declared facts by model", load_declared)
    return found.get(name, (None, ()))


def load_declared() -> dict[str, tuple[Any, Collection[Fact]]]:
    """Put together what this site's nouns declare, their lines first: a noun of its own speaks for itself."""
    found: dict[str, tuple[Any, Collection[Fact]]] = {}
    for resource in resources_here().values():
        for lines in resource.lines:
            meta: Any = lines.model._meta
            found[f"{meta.plugin}.{meta.noun}"] = lines.model, lines.by_name.values()
    return found | {name: (one.model, one.by_name.values()) for name, one in resources_here().items()}


def columns_of(fact: Fact, model: Any) -> tuple[str, ...]:
    """The columns a declared fact lies in: its own, and of a sum the currency."""
    if fact.within or fact.load is not None:
        return ()
    currency = getattr(model._meta.fields.get(fact.column), "currency_field", "")
    return (fact.column, currency) if currency else (fact.column,)


def told_fact(fact: Fact, field: Any, pair: list[Any]) -> ChangeLine:
    """A declared fact before and after, by its own words."""
    kind: Any = fact.kind
    before, after = ("" if one in (None, "") else str(kind.words(field.python_value(one))) for one in pair)
    return ChangeLine(str(fact.label), before, after)


def told_custom(noun: str, pair: list[Any]) -> list[ChangeLine]:
    """The custom values that changed, those of fields out of use too."""
    before, after = (as_mapping(one) for one in pair)
    by = current().actor
    lines = []
    for fact in all_facts(noun).values():
        was, became = before.get(fact.within), after.get(fact.within)
        if was == became or (fact.read and not by.may(fact.read)):
            continue
        lines.append(ChangeLine(str(fact.label), words_of(fact, was), words_of(fact, became)))
    return lines


def words_of(fact: CustomFact, kept: Any) -> str:
    """A kept value as people read it."""
    return "" if kept is None else str(kept_words(fact, kept))


def as_mapping(stored: Any) -> Mapping[str, Any]:
    """What a journal row keeps of the column: text, as the database takes it."""
    found = json.loads(stored) if isinstance(stored, str) and stored else stored
    return found if isinstance(found, dict) else {}


def all_facts(noun: str) -> dict[str, CustomFact]:
    """The fields a noun ever had at this site, by uid; read once for each revision."""
    found: dict[str, dict[str, CustomFact]] = current().state.keep("custom facts of all times", load_all)
    return found.get(noun, {})


def load_all() -> dict[str, dict[str, CustomFact]]:
    """Read them."""
    found: dict[str, dict[str, CustomFact]] = {}
    for field in CustomField.select().order_by(CustomField.id):
        found.setdefault(field.noun, {})[field.uid] = fact_of(field)
    return found
