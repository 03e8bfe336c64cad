"""Putting work down for later, in the transaction of the act that asks for it."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import peewee

from core import clock
from core.actors import Actor
from core.errors import Busy
from core.jobs.declaring import JobSpec, refuse_argument, spec_of
from core.jobs.models import WAITING, Job
from core.sites import Site, current_site
from core.storage import after_commit, atomic, savepoint
from core.storage.journal.writer import note
from core.storage.transactions import Transaction, on_begin

ATTEMPTS = 4
BELL = "bell"
# The workers of this process: they are told of a site with new work as soon as it is stored.
awaken: list[Callable[[Site], None]] = []


def enqueue(
    function: Callable[..., Any],
    *uids: str,
    by: Actor,
    due: datetime | None = None,
    unique_key: str = "",
    priority: int = 50,
) -> Job:
    """Let a job run soon, or when it is `due`, with the rights `by` will have then.

    It is stored with the act that asks for it, or not at all. While a job of the same `unique_key` waits,
    that one is given back instead (at the earlier of the due times); two of one key never run at once.
    """
    spec = spec_of(function)
    for argument in (*uids, *([unique_key] if unique_key else [])):
        refuse_argument(spec.name, argument)
    with atomic():
        made = put_down(spec, list(uids), by, due or clock.now(), unique_key, priority)
        site = current_site()
        after_commit(lambda: tell_workers(site))
        return made


def put_down(spec: JobSpec, uids: list[str], by: Actor, due: datetime, unique_key: str, priority: int = 50) -> Job:
    """The row of a new job, or of the one that waits under the same key."""
    key = f"{spec.name}:{unique_key}" if unique_key else None
    for _attempt in range(ATTEMPTS):
        waiting = Job.get_or_none(Job.waiting_key == key) if key else None
        if waiting is not None:
            if due < waiting.ready_at:
                Job.update(due_at=due, ready_at=due).where(Job.id == waiting.id, Job.waiting_key == key).execute()
            return waiting
        try:
            with savepoint():
                return insert(spec, uids, by, due, key, priority)
        except peewee.IntegrityError:
            if key is None:
                raise
    raise Busy


def insert(spec: JobSpec, uids: list[str], by: Actor, due: datetime, key: str | None, priority: int) -> Job:
    """Store the row and its line in the journal."""
    made: Job = Job.create(
        name=spec.name,
        plugin=spec.plugin,
        arguments=uids,
        actor_kind=by.kind,
        actor_uid=by.uid,
        actor_place=by.place,
        on_behalf=by.on_behalf,
        scopes=None if by.scopes is None else sorted(by.scopes),
        state=WAITING,
        is_heavy=spec.heavy,
        priority=priority,
        due_at=due,
        ready_at=due,
        unique_key=key or "",
        waiting_key=key,
        created_at=clock.now(),
    )
    note("core.enqueue_job", reason=f"{spec.name} {made.uid}", by=by)
    return made


def tell_workers(site: Site) -> None:
    """Wake the workers of this process."""
    for call in awaken:
        call(site)


def ring_after_commit(transaction: Transaction) -> None:
    """Let workers on this machine see, for the price of a look at a file, that something was stored here.

    An SQLite site needs no bell: its own files change.
    """
    if transaction.site.engine != "sqlite":
        transaction.after_commit(lambda: ring(bell_of(transaction.site)))


def bell_of(site: Site) -> Path:
    """The file whose time of change says when something was last stored."""
    return site.folder / BELL


def ring(bell: Path) -> None:
    """Touch the bell; where that can't be, workers find out at their next round."""
    try:
        os.utime(bell)
    except FileNotFoundError:
        make_bell(bell)
    except OSError:
        return


def make_bell(bell: Path) -> None:
    """The first ring of a site makes its bell."""
    try:
        bell.parent.mkdir(parents=True, exist_ok=True)
        bell.touch()
    except OSError:
        return


on_begin.append(ring_after_commit)
