"""Telling a plugin that was off what it missed, exactly once.

Announcements of hooks declared with `catch_up=True` are kept. A listener that declares it too is marked as
having heard each one, in the very transaction it was told in. When its plugin is on again, whatever it
is not marked for is told to it, each in a transaction of its own that sets the mark. How far everything is
settled moves on only past announcements too old to be still in an open transaction.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from peewee import fn

from core import clock
from core.actors import Actor, system_actor
from core.acts import act
from core.errors import Misuse
from core.hooks import Listener, Spec, current_plan, keep_announcement, report, table
from core.storage import BigIntegerField, JSONField, Model, RecordRef, Table, TextField, UTCDateTimeField, record_of

AT_ONCE = 200
# Longer than any act may last: an announcement of that age is committed, or gone.
SETTLED_AFTER = timedelta(minutes=10)
RECORD, ACTOR = "record:", "actor:"


class Announcement(Table):
    """Something announced, its facts by reference."""

    hook = TextField(max_length=100)
    facts = JSONField()
    at = UTCDateTimeField(index=True)

    class Meta:
        why = "the act it belongs to is journaled; this only lets absent listeners hear of it"
        indexes = ((("hook", "id"), False),)


class Heard(Table):
    """Which plugin has heard an announcement."""

    announcement_id = BigIntegerField()
    plugin = TextField(max_length=40)

    class Meta:
        table_name = "core_announcement_heard"
        why = "what the plugin did is journaled by its own acts"
        indexes = ((("announcement_id", "plugin"), True),)


class CatchUp(Table):
    """Up to which announcement a plugin has heard everything of a hook."""

    plugin = TextField(max_length=40)
    hook = TextField(max_length=100)
    since_id = BigIntegerField()

    class Meta:
        why = "a cursor"
        indexes = ((("plugin", "hook"), True),)


def keep(spec: Spec, facts: dict[str, Any], heard: Iterable[str]) -> None:
    """Keep one announcement, marked for those who heard it just now."""
    row = Announcement.create(
        hook=spec.name, facts={name: packed(fact) for name, fact in facts.items()}, at=clock.now()
    )
    for plugin in heard:
        Heard.create(announcement_id=row.id, plugin=plugin)


def packed(fact: Any) -> Any:
    """A fact as it is kept: records and actors by name, plain values as they are."""
    if isinstance(fact, Model):
        return RECORD + str(fact.ref)
    if isinstance(fact, Actor):
        return ACTOR + fact.uid
    if fact is None or isinstance(fact, (str, int, bool)):
        return fact
    raise Misuse(
        f"an announcement that can be caught up with carries records and plain values, not {type(fact).__name__}"
    )


def unpacked(kept: Any) -> Any:
    """The fact again; None for a record whose plugin is not installed."""
    if isinstance(kept, str) and kept.startswith(RECORD):
        return record_of(RecordRef.parse(kept.removeprefix(RECORD)))
    if isinstance(kept, str) and kept.startswith(ACTOR):
        return system_actor("catch up")
    return kept


def listeners_of(plugin: str) -> list[tuple[Spec, Listener]]:
    """The listeners of a plugin that catch up at this site."""
    plan = current_plan()
    return [
        (spec, listener)
        for spec in table.specs.values()
        if spec.catch_up
        for listener in plan.of(spec)
        if listener.plugin == plugin and listener.catch_up
    ]


def catch_up(plugin: str, by: Actor) -> int:
    """Tell a plugin that is on what it missed; returns how many announcements that were. Safe to run again."""
    return sum(catch_up_with(spec, listener, by) for spec, listener in listeners_of(plugin))


def catch_up_with(spec: Spec, listener: Listener, by: Actor) -> int:
    """All of one hook. Stops at the first that fails; it is tried again next time."""
    cursor = cursor_of(listener.plugin, spec.name, by=by)
    told, last = 0, cursor.since_id
    while True:
        missed = list(
            Announcement.select()
            .where(Announcement.hook == spec.name, Announcement.id > last)
            .order_by(Announcement.id)
            .limit(AT_ONCE)
        )
        if not missed:
            break
        for announcement in missed:
            try:
                told += tell(announcement, listener, by=by)
            except Exception as failure:  # noqa: BLE001  a listener may raise anything; it keeps its place in the row
                report(listener.plugin, spec.name, failure)
                return told
        last = missed[-1].id
    settle(cursor, spec.name, by=by)
    return told


@act("core.catch_up", permission="core.manage_plugins")
def tell(announcement: Announcement, listener: Listener, by: Actor) -> int:
    """Tell one announcement, and mark it heard in the same transaction."""
    mark = (Heard.announcement_id == announcement.id) & (Heard.plugin == listener.plugin)
    if Heard.select().where(mark).exists():
        return 0
    Heard.create(announcement_id=announcement.id, plugin=listener.plugin)
    listener.call({name: unpacked(fact) for name, fact in announcement.facts.items()})
    return 1


@act("core.begin_catching_up", permission="core.manage_plugins")
def cursor_of(plugin: str, hook: str, by: Actor) -> CatchUp:
    """How far a plugin has come with a hook; one that was never on before has missed nothing."""
    row = CatchUp.get_or_none(CatchUp.plugin == plugin, CatchUp.hook == hook)
    if row is None:
        newest = Announcement.select(fn.MAX(Announcement.id)).where(Announcement.hook == hook).scalar() or 0
        row = CatchUp.create(plugin=plugin, hook=hook, since_id=newest)
    return row


@act("core.settle_catching_up", permission="core.manage_plugins")
def settle(cursor: CatchUp, hook: str, by: Actor) -> None:
    """Move on past what nobody can be about to commit any more."""
    old = (Announcement.hook == hook) & (Announcement.at < clock.now() - SETTLED_AFTER)
    reached = Announcement.select(fn.MAX(Announcement.id)).where(old).scalar()
    if reached is not None and reached > cursor.since_id:
        cursor.since_id = reached
        cursor.save()


def is_listening(plugin: str) -> bool:
    """Whether a plugin has anything to catch up with at this site."""
    return bool(listeners_of(plugin))


keep_announcement.append(keep)
