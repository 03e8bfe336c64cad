"""Moving a record from one state to another: the only way there is, whichever door somebody comes through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import clock
from core.actors import Actor
from core.acts import OPEN, act
from core.errors import Forbidden, Misuse, NotFound, Refused, Words
from core.hooks import announce
from core.roles import ALL_ROWS, NO_ROWS, visible
from core.sites import current, current_site
from core.storage import Model
from core.storage.bulk import before_bulk
from core.storage.journal.writer import note
from core.storage.model import before_writing
from core.texts import _
from core.workflow.declaring import COLUMNS, Transition
from core.workflow.definitions import Definition, governing, has_states, kept_definition, workflow_of
from core.workflow.expressions import checked, in_words, names_in, work_out

NEEDED = _("This is needed.")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a transition is not open: `sort` is state, retired, permission, condition or field."""

    sort: str
    words: Words


@dataclass(frozen=True, slots=True)
class Way:
    """A transition as it stands for one record and one actor: open where nothing is in its way.

    Fields that are still to be filled in are no obstacle: they are asked for when it is done.
    """

    transition: Transition
    definition: Definition
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the actor may go it now, when they give what it asks for."""
        return all(one.sort == "field" for one in self.obstacles)

    @property
    def why(self) -> Words:
        """What is in the way first of all, "" where it is open."""
        return next((one.words for one in self.obstacles if one.sort != "field"), "")


# Asking.


def ways(record: Any, by: Actor) -> list[Way]:
    """The transitions from the state a record is in, each with what is in its way for this actor."""
    return ways_of([record], by)[record.id]


def ways_of(records: Sequence[Any], by: Actor) -> dict[int, list[Way]]:
    """The same for several records of one model, by their id; whom a permission reaches is asked once for all."""
    reach = Reach(records, by)
    found: dict[int, list[Way]] = {}
    for record in records:
        definition = governing(record)
        found[record.id] = [
            Way(one, definition, obstacles(record, one, definition, by, reach))
            for one in definition.ways_from(record.state)
        ]
    return found


def why_not(record: Any, by: Actor) -> dict[str, tuple[Words, ...]]:
    """For each transition of a record's workflow, why this actor can't do it as things are; nothing where they can.

    What is missing is told in words: the state it begins at, the permission, the condition, the fields.
    """
    definition, reach = governing(record), Reach([record], by)
    return {
        name: tuple(stop.words for stop in obstacles(record, one, definition, by, reach))
        for name, one in definition.transitions.items()
    }


class Reach:
    """Which of some records the grants of an actor reach with a permission; asked once for each permission."""

    def __init__(self, records: Iterable[Any], by: Actor) -> None:
        self.records = list(records)
        self.by = by
        self._found: dict[str, frozenset[int]] = {}

    def __contains__(self, asked: tuple[str, int]) -> bool:
        permission, record_id = asked
        if permission not in self._found:
            self._found[permission] = self._reached(permission)
        return record_id in self._found[permission]

    def _reached(self, permission: str) -> frozenset[int]:
        ids = [one.id for one in self.records]
        if not self.by.may(permission):
            return frozenset()
        model = type(self.records[0])
        condition = visible(model, self.by, permission)
        if condition is ALL_ROWS:
            return frozenset(ids)
        if condition is NO_ROWS:
            return frozenset()
        return frozenset(row[0] for row in model.select(model.id).where(model.id.in_(ids), condition).tuples())


def obstacles(
    record: Any,
    transition: Transition,
    definition: Definition,
    by: Actor,
    reach: Reach,
    given: Mapping[str, Any] | None = None,
) -> tuple[Obstacle, ...]:
    """What is in the way of one transition, the gravest first."""
    found = []
    if record.state not in transition.start:
        found.append(Obstacle("state", not_from_here(record, transition, definition)))
    if record.is_retired:
        found.append(Obstacle("retired", _("It is out of use.")))
    if (transition.permission, record.id) not in reach:
        found.append(Obstacle("permission", Forbidden(transition.permission).message))
    if not holds(transition, definition, record, by):
        found.append(Obstacle("condition", condition_words(transition, definition)))
    for name in missing_fields(record, transition, given or {}):
        label = definition.workflow.field_of[name].label
        found.append(Obstacle("field", _("%(field)s is needed.", field=label)))
    return tuple(found)


def not_from_here(record: Any, transition: Transition, definition: Definition) -> Words:
    """That a transition begins elsewhere."""
    begins = ", ".join(str(definition.states[name].title) for name in transition.start)
    now = definition.states.get(record.state)
    title = now.title if now is not None else record.state
    return _("It is %(now)s; %(way)s begins at: %(begins)s.", now=title, way=transition.title, begins=begins)


def holds(transition: Transition, definition: Definition, record: Any, by: Actor) -> bool:
    """Whether the condition of a transition holds; only the facts it hangs on are looked up."""
    if not transition.condition:
        return True
    workflow = definition.workflow
    node = checked(transition.condition, workflow.sorts)
    facts = {name: workflow.fact_of[name].look_up(record, by) for name in names_in(node)}
    return work_out(node, facts, clock.today(current_site().zone)) is True


def condition_words(transition: Transition, definition: Definition) -> Words:
    """The condition in the words of whoever wrote it, else in words made out of it."""
    if transition.words:
        return transition.words
    workflow = definition.workflow
    labels = {one.name: one.label for one in workflow.facts}
    return _("Only when: %(condition)s.", condition=in_words(checked(transition.condition, workflow.sorts), labels))


def missing_fields(record: Any, transition: Transition, given: Mapping[str, Any]) -> list[str]:
    """The fields a transition needs that hold nothing, neither now nor by what is given."""
    held = {name: given.get(name, getattr(record, name)) for name in transition.needs}
    return [name for name, value in held.items() if value is None or value == "" or value == []]


# Doing.


def move(
    record: Any,
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    by: Actor,
    version: int | None = None,
    idempotency_key: str | None = None,
) -> Any:
    """Move a record by a transition, with the fields it asks for; returns the record as it is then.

    `version` is the one the person saw; without it the one at hand counts. Of two who move the same record at once one
    is told by `Conflict`. Raises `Forbidden`, and `Refused` with what is in the way.
    """
    if record._dirty:
        raise Misuse("save a record before you move it")
    seen = record.version if version is None else version
    moved = move_record(record, name, dict(values or {}), seen, by=by, idempotency_key=idempotency_key)
    if moved.uid == record.uid:
        record.__data__.update(moved.__data__)
    return moved


@act("core.move_record", permission=OPEN)
def move_record(record: Any, name: str, values: Mapping[str, Any], seen: int, by: Actor) -> Any:
    """Move a record to another state; the transition's own permission is asked."""
    model = type(record)
    fresh: Any = model.get_or_none(model.id == record.id)
    if fresh is None:
        raise NotFound
    present, fresh.version = fresh.version, seen
    fresh.hold()
    fresh.version = present
    definition = governing(fresh)
    transition = definition.transitions.get(name)
    if transition is None:
        raise NotFound(_("There is no such step in this workflow."))
    refuse_closed(fresh, transition, definition, values, by)
    if not definition.is_kept:
        definition = kept_definition(definition.workflow, by)
    go(fresh, transition, definition, values, by)
    return fresh


def refuse_closed(
    record: Any, transition: Transition, definition: Definition, values: Mapping[str, Any], by: Actor
) -> None:
    """Raise what stands in the way of a transition: the permission first, so that nobody learns what is not theirs."""
    found = obstacles(record, transition, definition, by, Reach([record], by), values)
    if any(one.sort == "permission" for one in found):
        raise Forbidden(transition.permission)
    grave = [one for one in found if one.sort != "field"]
    if grave:
        raise Refused(grave[0].words)
    strange = set(values) - {*transition.needs, *transition.asks}
    wrong: dict[str, Words] = dict.fromkeys(sorted(strange), _("This is not asked for here."))
    wrong |= dict.fromkeys(missing_fields(record, transition, values), NEEDED)
    if wrong:
        raise Refused(fields=wrong)


def go(record: Any, transition: Transition, definition: Definition, values: Mapping[str, Any], by: Actor) -> None:
    """Store the new state, journal what allowed it, carry out the effects and tell who listens."""
    workflow = definition.workflow
    before, before_kind = record.state, record.state_kind
    for name, value in values.items():
        setattr(record, name, value)
    stand(record, transition.to, definition)
    verb = f"{workflow.name}.{transition.name}"
    transaction = current().transaction
    outer, transaction.act = transaction.act, verb
    try:
        record._moves = True
        record.save()
        record._moves = False
        facts = {"from": before, "to": record.state, "definition": definition.number}
        note(verb, record=record, content=facts, reason=str(transition.title))
        for name in transition.effects:
            workflow.effect_of[name].run(record, by)
        announce.workflow_moved(
            record=record, workflow=workflow.name, transition=transition.name, from_kind=before_kind,
            to_kind=record.state_kind, by=by,
        )  # fmt: skip
    finally:
        transaction.act = outer


def stand(record: Any, state: str, definition: Definition) -> None:
    """Let a record stand in a state of a definition."""
    record.state = state
    record.state_kind = definition.states[state].kind
    record.workflow_version = definition.number


# Nothing else moves a record.


def keep_to_workflow(record: Any) -> None:
    """Let a new record begin where its workflow begins, and refuse a state that was set by hand."""
    if not has_states(type(record)):
        return
    if record.id is None:
        definition = kept_definition(workflow_of(type(record)), current().actor)
        stand(record, definition.first.name, definition)
    elif record._dirty & set(COLUMNS) and not getattr(record, "_moves", False):
        raise Misuse(f"the state of a {type(record).__name__} changes by core.workflow.move only")


def refuse_in_bulk(model: type[Model], columns: frozenset[str] | None) -> None:
    """Refuse to store many records past their workflow; `columns` are those to be changed, None for new records."""
    if has_states(model) and (columns is None or columns & set(COLUMNS)):
        raise Misuse(f"records of {model.__name__} begin and move one by one, by their workflow")


before_writing.append(keep_to_workflow)
before_bulk.append(refuse_in_bulk)
