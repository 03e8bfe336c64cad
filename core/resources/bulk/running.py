"""One act for many records: what it would do, and doing it, some at a time, each in a savepoint of its own."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import peewee

from core import clock
from core.actors import Actor
from core.errors import Forbidden, MedleyError, NotFound, Words
from core.resources.bulk.models import BulkOutcome, BulkRun
from core.resources.catalogue import facts_here, readable, writable
from core.resources.declaring import Action, Fact, Resource
from core.resources.disclosing import disclose
from core.resources.exporting.taking_out import count_until
from core.resources.finding import Query, conditions, fetch, flat, query_of
from core.resources.importing.writing import ENDING, SLICE_SECONDS, Steps
from core.resources.moving import actions_here
from core.resources.narrowing import narrowed
from core.resources.writing import edit_record, restore_record, retire_record, run_action, why_not
from core.roles.visibility import ALL_ROWS, NO_ROWS
from core.sites import current_site
from core.storage import savepoint
from core.storage.journal.writer import insert_rows
from core.texts import _

RETIRE, RESTORE, EDIT = "retire", "restore", "edit"
ACTION = "act:"
# So many records are looked at for the preview.
LOOKED_AT = 1000
AT_ONCE = 100
OUTCOME_COLUMNS = ("run_id", "record_uid", "is_done", "words")
OUT_OF_USE = _("It is out of use.")
IN_USE = _("It is in use.")
SO_ALREADY = _("It is so already.")


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be done with many records."""

    verb: str
    label: Words
    icon: str
    facts: tuple[Fact, ...] = ()
    is_danger: bool = False
    action: Action | None = None


@dataclass(slots=True)
class Preview:
    """What would happen: to how many, and why not to the others. `is_part` when not all were looked at."""

    fits: int = 0
    total: int = 0
    is_part: bool = False
    why_left: Counter[str] = field(default_factory=Counter)


def choices_for(resource: Resource, by: Actor) -> list[Choice]:
    """What this actor may do with many records."""
    acts, found = resource.acts, []
    if acts.edit is not None and writable(resource, by):
        found.append(Choice(EDIT, _("Change a fact"), "pencil"))
    for action in actions_here(resource):
        if action.in_bulk and by.may(action.asks_for):
            icon = action.icon or "arrow-right"
            found.append(Choice(ACTION + action.name, action.label, icon, action.facts, action.is_danger, action))
    if acts.retire is not None and by.may(acts.permission_to("retire")):
        found.append(Choice(RETIRE, _("Take out of use"), "archive", is_danger=True))
    if acts.restore is not None and by.may(acts.permission_to("restore")):
        found.append(Choice(RESTORE, _("Bring back into use"), "arrow-repeat"))
    return found


def choice_of(resource: Resource, verb: str, by: Actor) -> Choice:
    """One of them; raises `NotFound`."""
    found = next((one for one in choices_for(resource, by) if one.verb == verb), None)
    if found is None:
        raise NotFound
    return found


def query_for(resource: Resource, run: BulkRun, by: Actor) -> Query:
    """The records of a run as this actor sees them: those marked, or all that match."""
    kept = dict(run.narrowing or {})
    if run.uids is not None:
        kept = {"with_retired": True}
    return query_of(resource, narrowed(resource, {**kept, "sort": "newest"}, by), by)


def records_after(resource: Resource, run: BulkRun, by: Actor, last: int, most: int) -> list[Any]:
    """The next records of a run, by their order of entry."""
    query = query_for(resource, run, by)
    if query.sight is NO_ROWS:
        return []
    model = resource.model
    parts = [*conditions(query, flat(query)), model.id > last]
    if run.uids is not None:
        parts.append(model.uid.in_(run.uids or [""]))
    return list(model.select().where(*parts).order_by(model.id).limit(most))


def count_of(resource: Resource, run: BulkRun, by: Actor, most: int) -> int:
    """How many records there are, counted no further than this."""
    if run.uids is not None:
        return len(records_after(resource, run, by, 0, most))
    return count_until(query_for(resource, run, by), most)


def preview_of(resource: Resource, run: BulkRun, choice: Choice, by: Actor) -> Preview:
    """What the act would do, by looking at the records and not doing it."""
    found = Preview()
    records = records_after(resource, run, by, 0, LOOKED_AT + 1)
    found.is_part = len(records) > LOOKED_AT
    for record in records[:LOOKED_AT]:
        found.total += 1
        why = why_left_out(choice, record, by)
        if why:
            found.why_left[str(why)] += 1
        else:
            found.fits += 1
    return found


def why_left_out(choice: Choice, record: Any, by: Actor) -> Words:
    """Why the act does not fit a record, or ""."""
    if choice.verb == RESTORE:
        return "" if record.is_retired else IN_USE
    if record.is_retired:
        return OUT_OF_USE
    return why_not(choice.action, record, by) if choice.action is not None else ""


def values_given(resource: Resource, choice: Choice, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for before, read again: a run keeps text, and a record chosen may be another's by now."""
    facts = {fact.name: fact for fact in choice.facts} if choice.action is not None else facts_here(resource)
    return {name: facts[name].kind.from_json(value) for name, value in given.items()}  # type: ignore[union-attr]


def carry(run: BulkRun, resource: Resource, by: Actor, steps: Steps, total: int) -> bool:
    """Do it, record by record; False when somebody stopped it. What became of each is stored with it."""
    choice = choice_of(resource, run.verb, by)
    reason = str(run.given.get("reason", ""))
    values = values_given(resource, choice, run.given.get("values", {}))
    last, counts = steps.cursor or (0, {})
    tally: Counter[str] = Counter(counts)
    while not stopping(run):
        records = records_after(resource, run, by, last, AT_ONCE)
        if not records:
            return True
        with steps.step():
            last = some_done(run, choice, records, by, values, reason, resource, tally)
            steps.cursor = (last, dict(tally))
        steps.progress(tally.total(), max(total, tally.total()))
    return False


def stopping(run: BulkRun) -> bool:
    """Whether somebody wants it stopped."""
    return bool(BulkRun.select(BulkRun.is_stopping).where(BulkRun.id == run.id).scalar())


def some_done(
    run: BulkRun,
    choice: Choice,
    records: Sequence[Any],
    by: Actor,
    values: Mapping[str, Any],
    reason: str,
    resource: Resource,
    tally: Counter[str],
) -> int:
    """Do it to some records, for a moment; the id of the last one."""
    began = clock.monotonic()
    outcomes = []
    for record in records:
        why = why_left_out(choice, record, by) or done_to(choice, record, by, values, reason, resource)
        outcomes.append((run.id, record.uid, not why, str(why)[:300]))
        tally["left" if why else "done"] += 1
        if clock.monotonic() - began > SLICE_SECONDS:
            break
    insert_rows(current_site().database, "core_bulk_outcome", OUTCOME_COLUMNS, outcomes)
    return int(record.id)


def done_to(
    choice: Choice, record: Any, by: Actor, values: Mapping[str, Any], reason: str, resource: Resource
) -> Words:
    """Do it to one record; why it was not done, or ""."""
    try:
        with savepoint():
            before = record.version
            if choice.verb == RETIRE:
                retire_record(resource, record, reason, by, record.version)
            elif choice.verb == RESTORE:
                restore_record(resource, record, by)
            elif choice.verb == EDIT:
                edited = edit_record(resource, record, values, by, record.version) or record
                return SO_ALREADY if edited.version == before else ""
            elif choice.action is not None:
                run_action(choice.action, record, values, by)
            return ""
    except ENDING:
        raise
    except Forbidden as refusal:
        return refusal.message
    except MedleyError as refusal:
        return next(iter(getattr(refusal, "fields", {}).values()), refusal.message)
    except peewee.IntegrityError:
        return _("Another record has this already, perhaps one that is not open to you.")


def names_among(resource: Resource, uids: Sequence[str], by: Actor) -> dict[str, str]:
    """What those of these records are called that this actor may see and name; whom that shows is written down."""
    named = resource.named_by
    query = query_of(resource, narrowed(resource, {"with_retired": True}, by), by)
    if not uids or query.sight is NO_ROWS or named not in readable(resource, by):
        return {}
    among = resource.model.uid.in_(list(uids))
    own = replace(query, sight=among if query.sight is ALL_ROWS else query.sight & among)
    rows = fetch(own, (named,), None, len(uids))
    disclose(own, rows, (named,), "list")
    kind: Any = facts_here(resource)[named].kind
    return {row.uid: str(kind.words(row.values[named])) for row in rows}


def outcomes_of(run: BulkRun, is_done: bool, most: int) -> Iterator[BulkOutcome]:
    """How it ended, for some of the records."""
    wanted = (BulkOutcome.run_id == run.id) & (BulkOutcome.is_done == is_done)
    yield from BulkOutcome.select().where(wanted).order_by(BulkOutcome.id).limit(most)
