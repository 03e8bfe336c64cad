"""Writing a record through whichever door: what may be set is checked here, and the noun's own act does the rest."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from core.actors import Actor
from core.errors import Conflict, Forbidden, NotFound, Refused, Words
from core.resources.catalogue import facts_here, readable, writable
from core.resources.custom.acting import create_with, edit_with
from core.resources.custom.here import COLUMN, here
from core.resources.custom.values import kept_words, value_in
from core.resources.declaring import Action, Fact, Lines, Resource
from core.resources.kinds import Relation
from core.roles import get_visible
from core.sites import current, current_site
from core.storage import CurrencyField, Model
from core.texts import _

NEEDED = _("This is needed.")
NO_SUCH_FACT = _("There is no such fact.")
NOT_BY_YOU = _("This can't be set here, or not by you.")


def create_record(
    resource: Resource,
    values: Mapping[str, Any],
    by: Actor,
    idempotency_key: str | None = None,
    facts: Mapping[str, Fact] | None = None,
    confirmed: Collection[str] = (),
) -> Model:
    """Enter a record; raises `Refused` with the fields that do not fit.

    `facts` are those this actor may write, for whoever enters many and has asked already. `confirmed` are the words
    by which somebody answered the act's questions with yes.
    """
    function = resource.acts.create
    if function is None:
        raise NotFound
    by.require(resource.acts.permission_to("create"))
    own, custom = parted(resource, checked(resource, values, by, "create", facts=facts))
    said = tuple(word for word in resource.acts.confirms if word in confirmed)
    if custom:
        return create_with(resource, own, custom, by, idempotency_key, said)
    found: Model = function(own, by=by, idempotency_key=idempotency_key, **dict.fromkeys(said, True))
    return found


def edit_record(
    resource: Resource,
    record: Model,
    values: Mapping[str, Any],
    by: Actor,
    version: int | None = None,
    idempotency_key: str | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> Model:
    """Change the facts that are given; raises `Conflict` with both versions when the record is another by now."""
    function = resource.acts.edit
    if function is None:
        raise NotFound
    by.require(resource.acts.permission_to("edit"))
    own, custom = parted(resource, checked(resource, values, by, "edit", record, facts))
    with conflicts_in_words(resource):
        if custom:
            return edit_with(resource, record, own, custom, by, version, idempotency_key)
        found: Model = function(record, own, by=by, version=version, idempotency_key=idempotency_key)
    return found


def retire_record(
    resource: Resource,
    record: Model,
    reason: str,
    by: Actor,
    version: int | None = None,
    idempotency_key: str | None = None,
) -> None:
    """Take a record out of use."""
    function = resource.acts.retire
    if function is None:
        raise NotFound
    by.require(resource.acts.permission_to("retire"))
    function(record, reason, by=by, version=version, idempotency_key=idempotency_key)


def restore_record(resource: Resource, record: Model, by: Actor, idempotency_key: str | None = None) -> None:
    """Bring a record back into use."""
    function = resource.acts.restore
    if function is None:
        raise NotFound
    by.require(resource.acts.permission_to("restore"))
    function(record, by=by, idempotency_key=idempotency_key)


def run_action(
    action: Action, record: Model, values: Mapping[str, Any], by: Actor, idempotency_key: str | None = None
) -> Any:
    """Do something else with a record; raises `Refused` where it does not fit."""
    by.require(action.asks_for)
    why = why_not(action, record, by)
    if why:
        raise Refused(why)
    return action.run(record, values, by=by, idempotency_key=idempotency_key)


def why_not(action: Action, record: Model, by: Actor) -> Words:
    """Why an action is not there for a record, or ""."""
    if not by.may(action.asks_for):
        return Forbidden(action.asks_for).message
    if action.fits_for is not None:
        return action.fits_for(record, by)
    return action.fits(record) if action.fits is not None else ""


def visible_record(resource: Resource, uid: str, by: Actor, version: int | str | None = None) -> Any:
    """One record by its uid, if this actor may see it; raises `NotFound` and `Conflict` as `get_visible` does."""
    return get_visible(resource.model, uid, by, version, permission=resource.may_view)


# What may be set.


def checked(
    resource: Resource,
    values: Mapping[str, Any],
    by: Actor,
    verb: str,
    record: Model | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> dict[str, Any]:
    """The values an act is given: nothing this actor may not write, nothing that is needed left out."""
    facts = writable(resource, by, verb) if facts is None else facts
    parts = {one.name: one for one in resource.lines}
    wrong: dict[str, Words] = {}
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name in parts:
            kept[name] = checked_lines(parts[name], value, wrong, by)
        elif name in facts:
            kept[name] = value
        else:
            wrong[name] = unwritable(resource, name)
    for name, fact in facts.items():
        if not is_wanted(fact, kept, record):
            if fact.when is not None and verb == "create":
                kept.pop(name, None)
            continue
        if verb == "create" and name not in kept and fact.default is not None:
            kept[name] = fact.default() if callable(fact.default) else fact.default
        if fact.required and is_empty(kept.get(name)) and (verb == "create" or name in kept):
            wrong[name] = NEEDED
    fill_empty(resource.model, facts, kept, wrong)
    if wrong:
        raise Refused(fields=wrong)
    return kept


def fill_empty(
    model: type[Model], facts: Mapping[str, Fact], kept: dict[str, Any], wrong: dict[str, Words], at: str = ""
) -> None:
    """Where nothing is given for a column that always holds something, it holds what it does by itself."""
    for name, fact in facts.items():
        column: Any = model._meta.fields.get(fact.column)
        if name not in kept or kept[name] is not None or column is None or column.null or fact.within:
            continue
        if column.default is None:
            wrong[f"{at}{name}"] = NEEDED
        else:
            kept[name] = column.default() if callable(column.default) else column.default


def parted(resource: Resource, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of the noun's own facts, and those of the fields the site added."""
    added = here(resource).custom
    if not added:
        return dict(values), {}
    own = {name: value for name, value in values.items() if name not in added}
    return own, {name: value for name, value in values.items() if name in added}


def unwritable(resource: Resource, name: str) -> Words:
    """Why a value can't be set."""
    return NOT_BY_YOU if name in facts_here(resource) else NO_SUCH_FACT


def line_facts(lines: Lines, by: Actor, is_written: bool = False) -> dict[str, Fact]:
    """The facts of a line this actor may know of, or may write."""
    return {
        name: fact
        for name, fact in lines.by_name.items()
        if (not fact.read or by.may(fact.read))
        and (not is_written or (fact.is_asked and fact.load is None and (not fact.write or by.may(fact.write))))
    }


def checked_lines(lines: Lines, given: Any, wrong: dict[str, Words], by: Actor) -> list[dict[str, Any]]:
    """The lines of a record, each with what it needs; what is wrong is noted under `<name>-<position>-<fact>`."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        wrong[lines.name] = _("This must be a list.")
        return []
    if len(given) > lines.most:
        wrong[lines.name] = _("At most %(n)s of them.", n=lines.most)
        return []
    kept = []
    facts = line_facts(lines, by, is_written=True)
    for position, line in enumerate(given):
        unknown = set(line) - set(facts) - {"uid"}
        for name in unknown:
            is_known = name in lines.by_name
            wrong[f"{lines.name}-{position}-{name}"] = NOT_BY_YOU if is_known else NO_SUCH_FACT
        for name, fact in facts.items():
            if fact.required and is_empty(line.get(name)) and (name in line or not line.get("uid")):
                wrong[f"{lines.name}-{position}-{name}"] = NEEDED
        kept.append(dict(line))
        fill_empty(lines.model, facts, kept[-1], wrong, f"{lines.name}-{position}-")
    return kept


def is_wanted(fact: Fact, values: Mapping[str, Any], record: Model | None) -> bool:
    """Whether a fact is asked for, going by the fact it waits for."""
    if fact.when is None:
        return True
    name, fitting = fact.when
    value = values[name] if name in values else getattr(record, name, None)
    return value in fitting


def is_empty(value: Any) -> bool:
    """Whether nothing was given."""
    return value is None or value == "" or value == []


def values_of(resource: Resource, record: Any, names: Sequence[str]) -> dict[str, Any]:
    """The facts of one record as a form, a file or the API has them."""
    facts = facts_here(resource)
    found: dict[str, Any] = {}
    for name in names:
        fact = facts[name]
        if fact.load is not None:
            found[name] = fact.load([record.id]).get(record.id)
        elif fact.within:
            found[name] = value_in(fact, type(record), record.uid, getattr(record, fact.column))
        else:
            found[name] = value_at(record, fact)
    return found


def value_at(record: Any, fact: Fact) -> Any:
    """What a column of a record holds, money with its currency."""
    column = record._meta.fields.get(fact.column)
    money = getattr(column, "money", None)
    return money(record) if money is not None else getattr(record, fact.column)


def lines_of(lines: Lines, record: Any) -> list[Any]:
    """The lines of a record, in the order they were entered."""
    model = lines.model
    parent: Any = model._meta.fields[lines.parent]
    return list(model.select().where(parent == record.id, model.retired_at.is_null()).order_by(model.id))


def line_values(fact: Fact, held: Sequence[Any]) -> list[Any]:
    """One fact of all these lines; records they point at as the reader may know them, named in one statement."""
    kind: Any = fact.kind
    if isinstance(kind, Relation):
        keys = [line.__data__.get(fact.column) for line in held]
        related = kind.load(keys)
        return [related.get(key) for key in keys]
    return [value_at(line, fact) for line in held]


@contextmanager
def conflicts_in_words(resource: Resource) -> Iterator[None]:
    """A conflict that ends the block names the facts of this noun as their reader knows them."""
    try:
        yield
    except Conflict as conflict:
        raise conflict_in_words(resource, conflict) from conflict


def conflict_in_words(resource: Resource, conflict: Conflict) -> Conflict:
    """A conflict with what each fact is called, and its values as the reader reads them.

    Facts they may not know of are left out, and so are columns that only follow from others.
    """
    facts = {fact.column: fact for fact in facts_here(resource).values() if fact.load is None and not fact.within}
    hidden = facts.keys() - {fact.column for fact in readable(resource, current().actor).values()}
    if not conflict.mine:  # the act told what is stored, by the names of its form
        theirs = {name: held for name, held in conflict.theirs.items() if name not in hidden}
        return Conflict({}, theirs, conflict.by, conflict.at)
    meta: Any = resource.model._meta
    currencies = (getattr(one, "currency_field", "") for one in meta.sorted_fields)
    apart = {COLUMN, *hidden, *getattr(meta, "unseen", ()), *currencies}
    both = [side_of(resource, side) for side in (conflict.mine, conflict.theirs)]
    told: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    in_order = [
        *(name for name in facts if name in conflict.mine),
        *(name for name in conflict.mine if name not in facts),
    ]
    for name in in_order:
        fact = facts.get(name)
        if name in apart:
            continue
        for side, record, held in zip(told, both, (conflict.mine, conflict.theirs), strict=True):
            if fact is not None and fact.kind is not None:
                side[str(fact.label)] = str(fact.kind.words(line_values(fact, [record])[0]))
            else:
                side[label_of(resource, name)] = held.get(name)
    if COLUMN in conflict.mine:
        add_custom_words(resource, conflict, *told)
    return Conflict(*told, conflict.by, conflict.at)


def side_of(resource: Resource, held: Mapping[str, Any]) -> Model:
    """One side of a conflict as a record that is not stored. Sums are in the currency of the site unless it says."""
    record = resource.model()
    record.__data__.update(held)
    for field in resource.model._meta.sorted_fields:
        if isinstance(field, CurrencyField):
            record.__data__[field.name] = held.get(field.name) or current_site().currency
    return record


def label_of(resource: Resource, name: str) -> str:
    """What a column is called that is no fact."""
    column: Any = resource.model._meta.fields.get(name)
    return str(getattr(column, "verbose_name", "") or name)


def add_custom_words(resource: Resource, conflict: Conflict, mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    """The custom values in which both versions differ, as far as the reader may know them."""
    by = current().actor
    sides = [side.get(COLUMN) or {} for side in (conflict.mine, conflict.theirs)]
    for fact in here(resource).custom.values():
        if (fact.read and not by.may(fact.read)) or sides[0].get(fact.within) == sides[1].get(fact.within):
            continue
        for side, kept in zip((mine, theirs), sides, strict=True):
            side[str(fact.label)] = str(kept_words(fact, kept.get(fact.within)))
