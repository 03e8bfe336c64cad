"""Acts: what people and services do at a hospital, one transaction each.

`@act("patients.register")` opens the transaction, checks that permission for `by`, runs the body again
on deadlock, serialization failure or a busy database, binds the idempotency key, and gives the journal
its verb. Because the body may run again, nothing but the database is touched inside it.
"""

import functools
import hashlib
import hmac
import inspect
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from typing import Any, ParamSpec, TypeVar

import peewee

from core import clock
from core.actors import Actor
from core.errors import Busy, Doomed, Forbidden, KeyReused, Misuse, NotChecked, NotFound, Unavailable
from core.sites import current
from core.storage.fields import UTCDateTimeField
from core.storage.journal.writer import note_refusal, note_unchecked
from core.storage.model import Model, record_of
from core.storage.references import RecordRef
from core.storage.transactions import Transaction, atomic, is_retryable, lost_connection

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 5
LONGEST_KEY = 100
# An act anyone may try, by design: signing in, answering a one-time link. Stated, never a default.
OPEN = "open"
# What rooms above run after the outermost act has ended, kept or not (quarantine counts its faults here).
after_act: list[Callable[[], None]] = []
_acts: dict[str, "ActSpec"] = {}
_moment = UTCDateTimeField()


@dataclass(frozen=True, slots=True)
class ActSpec:
    """A registered act: its name, the permission it asks for, and the function behind it."""

    name: str
    permission: str
    module: str
    summary: str


def act(name: str, permission: str = "") -> Callable[[Callable[P, R]], Callable[..., R]]:
    """Make a service function an act.

    The function takes `by: Actor` (by keyword or position). Callers may add `idempotency_key=`: the
    same key from the same actor with the same facts answers with the first result, with other facts it
    raises `KeyReused`. A nested act joins the outer one.
    """

    def decorate(body: Callable[P, R]) -> Callable[..., R]:
        signature = inspect.signature(body)
        if "by" not in signature.parameters:
            raise Misuse(f"act {name}: the function takes `by`, the actor")
        spec = ActSpec(name, permission or name, body.__module__, (body.__doc__ or "").strip().split("\n")[0])
        if name in _acts and _acts[name].module != spec.module:
            raise Misuse(f"act {name} is defined in {_acts[name].module} and in {spec.module}")
        _acts[name] = spec

        @functools.wraps(body)
        def run(*args: Any, idempotency_key: str | None = None, **kwargs: Any) -> R:
            bound: inspect.BoundArguments | None = None
            if "by" in kwargs:
                by: Actor = kwargs["by"]
            else:
                bound = signature.bind(*args, **kwargs)
                by = bound.arguments["by"]
            if current().transaction is not None:
                return _join(spec, partial(body, *args, **kwargs), by)
            return _run_outermost(spec, body, bound or signature.bind(*args, **kwargs), by, idempotency_key)

        run.act_spec = spec  # type: ignore[attr-defined]
        return run

    return decorate


def all_acts() -> dict[str, ActSpec]:
    """Every registered act by name."""
    return dict(_acts)


def _check(spec: ActSpec, by: Actor) -> None:
    if spec.permission != OPEN:
        by.require(spec.permission)


def _join(spec: ActSpec, body: Callable[[], R], by: Actor) -> R:
    """Run inside the outer act: its transaction, this one's permission and verb."""
    _check(spec, by)
    activation = current()
    transaction: Transaction = activation.transaction
    outer_act, outer_actor = transaction.act, activation.actor
    transaction.act, activation.actor = spec.name, by
    try:
        return body()
    finally:
        transaction.act, activation.actor = outer_act, outer_actor


def _run_outermost(
    spec: ActSpec, body: Callable[..., R], bound: inspect.BoundArguments, by: Actor, key: str | None
) -> R:
    activation = current()
    outer_actor, activation.actor = activation.actor, by
    try:
        _check(spec, by)
        for attempt in range(1, TRIES + 1):
            try:
                return _run_once(spec, body, bound, key)
            except (peewee.PeeweeException, Doomed) as failure:
                if lost_connection(failure):
                    raise Unavailable from failure
                if not is_retryable(failure):
                    raise
                if attempt == TRIES:
                    raise Busy from failure
                time.sleep(random.uniform(0.005, 0.02) * attempt)
        raise Misuse("an act ends with a result or an error")
    except Forbidden as refusal:
        note_refusal(spec.name, refusal.permission, by=by)
        raise
    except NotChecked as refusal:
        note_unchecked(refusal)
        raise
    finally:
        activation.actor = outer_actor
        for callback in after_act:
            callback()


def _run_once(spec: ActSpec, body: Callable[..., R], bound: inspect.BoundArguments, key: str | None) -> R:
    key = key_of(key)
    digest = facts_digest(bound) if key else ""
    try:
        with atomic() as transaction:
            transaction.act = spec.name
            if key:
                done: R | None = _done_before(spec, key, digest)
                if done is not None:
                    return done
                _claim_key(spec, key, digest)
            result = body(*bound.args, **bound.kwargs)
            if key:
                _bind_key(spec, key, result)
            return result
    except peewee.IntegrityError:
        # Another with the same key was first and is stored by now; anything else is the act's own clash.
        stored: R | None = _done_before(spec, key, digest) if key else None
        if stored is None:
            raise
        return stored


def _done_before(spec: ActSpec, key: str, digest: str) -> Any:
    activation = current()
    database = activation.site.database
    mark = database.param
    sql = (
        "SELECT digest, result FROM core_idempotency_key"  # noqa: S608  markers
        f" WHERE actor_uid = {mark} AND act = {mark} AND request_key = {mark}"
    )
    row = database.execute_sql(sql, (activation.actor.uid, spec.name, key)).fetchone()
    if row is None:
        return None
    ref = RecordRef.parse(row[1]) if row[1] else None
    if row[0] != digest:
        raise KeyReused(ref.uid if ref else "")
    if ref is None:
        return ALREADY_DONE
    record = record_of(ref)
    if record is None:
        raise NotFound
    return record


def _claim_key(spec: ActSpec, key: str, digest: str) -> None:
    activation = current()
    database = activation.site.database
    marks = ", ".join([database.param] * 6)
    database.execute_sql(
        f"INSERT INTO core_idempotency_key (actor_uid, act, request_key, digest, result, at) VALUES ({marks})",  # noqa: S608
        (activation.actor.uid, spec.name, key, digest, "", _moment.db_value(clock.now())),
    )


def _bind_key(spec: ActSpec, key: str, result: Any) -> None:
    if not isinstance(result, Model):
        return
    activation = current()
    database = activation.site.database
    mark = database.param
    database.execute_sql(
        f"UPDATE core_idempotency_key SET result = {mark}"  # noqa: S608
        f" WHERE actor_uid = {mark} AND act = {mark} AND request_key = {mark}",
        (str(result.ref), activation.actor.uid, spec.name, key),
    )


class _AlreadyDone:
    """What a repeated act without a record as its result answers."""

    def __bool__(self) -> bool:
        return True


ALREADY_DONE = _AlreadyDone()


def key_of(key: str | None) -> str:
    """A key as it is stored; one that is long or strange by its hash, for it comes from outside."""
    if not key or (len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        return key or ""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def facts_digest(bound: inspect.BoundArguments) -> str:
    """A digest of what an act was asked to do, who asked left out; keyed, for it may be asked to set a password."""
    facts = {name: plain(value) for name, value in bound.arguments.items() if name != "by"}
    written = json.dumps(facts, sort_keys=True, default=str).encode("utf-8", "replace")
    return hmac.new(current().site.derive("idempotency"), written, hashlib.sha256).hexdigest()


def plain(value: Any) -> Any:
    """A fact as JSON knows it: records by reference, dataclasses by field."""
    if isinstance(value, Model):
        return str(value.ref)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(one) for one in value), key=str)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
