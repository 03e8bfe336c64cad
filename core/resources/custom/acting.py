"""Writing custom values with the record they belong to: one transaction, one rise of its version, one journal row.

The noun's own act is given its own facts only and knows nothing of custom ones. They wait beside it, and are set on
its record just before that is stored; an act that stores nothing leaves them to be stored after it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import peewee

from core.actors import Actor
from core.acts import act
from core.errors import Refused, Words
from core.resources.custom.here import COLUMN, CustomFact, here
from core.resources.custom.indexing import digest_of
from core.resources.custom.models import CustomIndex
from core.resources.custom.values import kept_in, to_keep
from core.resources.declaring import Resource
from core.resources.kinds import Unreadable
from core.storage import Model
from core.storage.model import before_writing
from core.texts import _

UNFIT = _("This does not fit.")
TAKEN = _("Another record has this already.")


@dataclass(slots=True)
class Waiting:
    """Custom values on their way to a record of `model`: the one of this uid, or the next new one."""

    model: type[Model]
    uid: str
    facts: Mapping[str, CustomFact]
    values: Mapping[str, Any]
    is_taken: bool = False

    def is_for(self, record: Any) -> bool:
        """Whether this is the record they wait for."""
        return type(record) is self.model and (record.uid == self.uid if self.uid else record.id is None)

    def put_on(self, record: Any) -> None:
        """Set them on the record, which is stored by whoever is at it."""
        self.is_taken = True
        put_values(record, self.facts, self.values)


_waiting: ContextVar[Waiting | None] = ContextVar("custom_values", default=None)


def take_values(record: Any) -> None:
    """A record about to be stored takes the values that wait for it."""
    waiting = _waiting.get()
    if waiting is not None and not waiting.is_taken and waiting.is_for(record):
        waiting.put_on(record)


@contextmanager
def beside(waiting: Waiting) -> Iterator[Waiting]:
    """Let values wait while the noun's own act runs."""
    token = _waiting.set(waiting)
    try:
        yield waiting
    finally:
        _waiting.reset(token)


def put_values(record: Any, facts: Mapping[str, CustomFact], values: Mapping[str, Any]) -> None:
    """Set custom values on a record in memory; what stays the same stays as it is, sealed values too."""
    model = type(record)
    held = dict(custom_of(record))
    for name, value in values.items():
        fact = facts[name]
        before = kept_in(fact, model, record.uid, held)
        kind: Any = fact.kind
        wanted = kind.stored(value)
        if (wanted if wanted not in ("", []) else None) == before:
            continue
        kept = to_keep(fact, model, record.uid, value)
        if kept is None:
            held.pop(fact.within, None)
        else:
            held[fact.within] = kept
    if held != dict(custom_of(record)):
        record.custom = held


def custom_of(record: Any) -> dict[str, Any]:
    """What a record says in custom fields; read again where it was fetched without them."""
    if COLUMN not in record.__data__ and record.id is not None:
        model = type(record)
        row = model.select(model.custom).where(model.id == record.id).tuples().first()
        record.__data__[COLUMN] = row[0] if row else None
    found: dict[str, Any] = record.custom or {}
    return found


def refuse_unfit(
    resource: Resource, facts: Mapping[str, CustomFact], values: Mapping[str, Any], record: Any = None
) -> None:
    """Raise `Refused` naming the values that break the rules of their field; what a record has is not judged again."""
    wrong: dict[str, Words] = {}
    for name, value in values.items():
        fact = facts[name]
        kind: Any = fact.kind
        try:
            if record is not None and kind.stored(value) == kept_in(
                fact, resource.model, record.uid, custom_of(record)
            ):
                continue
            kind.from_json(kind.as_json(value))
        except Unreadable as unreadable:
            wrong[name] = unreadable.words
            continue
        except (TypeError, ValueError, AttributeError, ArithmeticError):
            wrong[name] = UNFIT
            continue
        if fact.is_unique and is_taken(fact, kind.stored(value), record):
            wrong[name] = TAKEN
    if wrong:
        raise Refused(fields=wrong)


def is_taken(fact: CustomFact, kept: Any, record: Any) -> bool:
    """Whether another record has this value, where only one may."""
    if kept in (None, ""):
        return False
    same = (CustomIndex.field_id == fact.field_id) & (CustomIndex.only_one == digest_of(kept))
    others = CustomIndex.owner_id != (record.id if record is not None else 0)
    return bool(CustomIndex.select(CustomIndex.owner_id).where(same, others).exists())


# The act round the noun's own.

_outer: dict[tuple[str, str], tuple[Resource, Callable[..., Model]]] = {}


def create_with(
    resource: Resource, own: Mapping[str, Any], custom: Mapping[str, Any], by: Actor, idempotency_key: str | None,
    confirmed: tuple[str, ...] = (),
) -> Model:  # fmt: skip
    """Enter a record with its custom values; `confirmed` are the questions of the act that are answered with yes."""
    enter = outer_act(resource, "create")
    more = {"confirmed": confirmed} if confirmed else {}
    return refusing_taken(custom, lambda: enter(own, custom, by, idempotency_key=idempotency_key, **more))


def edit_with(
    resource: Resource, record: Model, own: Mapping[str, Any], custom: Mapping[str, Any], by: Actor,
    version: int | None, idempotency_key: str | None,
) -> Model:  # fmt: skip
    """Change a record and its custom values."""
    change = outer_act(resource, "edit")
    return refusing_taken(custom, lambda: change(record, own, custom, by, version, idempotency_key=idempotency_key))


def refusing_taken(custom: Mapping[str, Any], write: Callable[[], Model]) -> Model:
    """Of two who claim the same at once the first keeps it; the other is told so."""
    try:
        return write()
    except peewee.IntegrityError as clash:
        if "core_custom_index" not in str(clash):
            raise
        raise Refused(TAKEN, fields=dict.fromkeys(custom, TAKEN) if len(custom) == 1 else None) from clash


def outer_act(resource: Resource, verb: str) -> Callable[..., Model]:
    """The act that holds the noun's own and its custom values together, under the permission of the noun's own."""
    known = _outer.get((resource.name, verb))
    if known is None or known[0] is not resource:
        make = creating if verb == "create" else editing
        known = _outer[(resource.name, verb)] = (resource, make(resource))
    return known[1]


def creating(resource: Resource) -> Callable[..., Model]:
    """The act that enters a record."""
    create: Any = resource.acts.create
    name = f"{resource.plugin}.create_{resource.noun}_with_fields"

    @act(name, permission=resource.acts.permission_to("create"))
    def create_with_fields(
        own: Mapping[str, Any], custom: Mapping[str, Any], by: Actor, confirmed: tuple[str, ...] = ()
    ) -> Model:
        """Enter a record with fields of the site's own."""
        facts = here(resource).custom
        refuse_unfit(resource, facts, custom)
        with beside(Waiting(resource.model, "", facts, custom)) as waiting:
            made: Model = create(own, by=by, **dict.fromkeys(confirmed, True))
        return stored(made, waiting)

    return create_with_fields


def editing(resource: Resource) -> Callable[..., Model]:
    """The act that changes a record."""
    edit: Any = resource.acts.edit
    name = f"{resource.plugin}.edit_{resource.noun}_with_fields"

    @act(name, permission=resource.acts.permission_to("edit"))
    def edit_with_fields(
        record: Model, own: Mapping[str, Any], custom: Mapping[str, Any], by: Actor, version: int | None = None
    ) -> Model:
        """Change a record with fields of the site's own."""
        facts = here(resource).custom
        refuse_unfit(resource, facts, custom, record)
        with beside(Waiting(resource.model, record.uid, facts, custom)) as waiting:
            changed: Model = edit(record, own, by=by, version=version)
        if not waiting.is_taken and version is not None and changed.id == record.id and not changed._dirty:
            changed.version = version
        return stored(changed, waiting)

    return edit_with_fields


def stored(record: Model, waiting: Waiting) -> Model:
    """Store what the noun's own act left waiting."""
    if not waiting.is_taken:
        waiting.put_on(record)
        record.save()
    return record


before_writing.append(take_values)
