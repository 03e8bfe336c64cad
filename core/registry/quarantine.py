"""Setting aside a plugin that keeps failing, at the one site where it fails.

Faults are counted after the work in which they happened has ended, in a transaction of their own. A plugin
with five faults within an hour, or one that hangs, is silenced as far as its duties allow, named on the
plugins page with its error, and restored there with one click.
"""

import ctypes
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import peewee

from core import clock
from core.actors import Actor, system_actor
from core.acts import act, after_act
from core.errors import MedleyError, Refused
from core.hooks import Fault, announce, watch
from core.registry.models import Plugin
from core.sites import Activation, Site, current, touch_revision
from core.texts import _

FAULTS_UNTIL_SET_ASIDE = 5
FORGIVEN_AFTER = timedelta(hours=1)
HANGS_AFTER_SECONDS = 5.0
log = logging.getLogger("medley.quarantine")
# What a server does about a process in which a plugin hangs.
on_hang: list[Callable[[str], None]] = []


def settle_faults() -> None:
    """Count the faults of the work just done. Never raises: the work itself is already answered for."""
    activation = current()
    faults, activation.faults = activation.faults, []
    if not faults or activation.transaction is not None:
        activation.faults = faults
        return
    by_plugin: dict[str, Fault] = {}
    for fault in faults:
        by_plugin.setdefault(fault.plugin, fault)
    for plugin, fault in by_plugin.items():
        if plugin == "core":
            continue
        try:
            count_faults(
                plugin, sum(1 for one in faults if one.plugin == plugin), fault.error, by=system_actor("quarantine")
            )
        except (MedleyError, peewee.PeeweeException):
            log.exception("faults of %s could not be counted", plugin)


@act("core.count_faults", permission="core.manage_plugins")
def count_faults(name: str, number: int, error: str, by: Actor, hangs: bool = False) -> None:
    """Add to a plugin's faults, and set it aside when there are too many."""
    row = Plugin.get_or_none(Plugin.name == name)
    if row is None:
        return
    now = clock.now()
    fresh = row.last_fault_at is None or now - row.last_fault_at > FORGIVEN_AFTER
    row.faults = number if fresh else row.faults + number
    row.last_fault_at = now
    row.last_fault = error[:300]
    is_over = row.quarantined_at is None and (hangs or row.faults >= FAULTS_UNTIL_SET_ASIDE)
    if is_over:
        row.quarantined_at = now
        log.error("plugin %s is set aside at %s: %s", name, current().site.name, error)
    row.save()
    if is_over:
        touch_revision()


@act("core.restore_plugin", permission="core.manage_plugins")
def restore_plugin(name: str, by: Actor) -> Plugin:
    """Listen again to a plugin that was set aside."""
    row = Plugin.get_or_none(Plugin.name == name)
    if row is None or row.quarantined_at is None:
        raise Refused(_("%(name)s is not set aside.", name=name))
    row.quarantined_at = None
    row.faults = 0
    row.save()
    touch_revision()
    announce.plugin_switched(name=name, is_on=True, by=by)
    return row


class Hung(BaseException):
    """Raised inside a listener that took too long, as soon as it runs Python again."""


class Watchdog:
    """Looks after listeners: one that takes over five seconds loses its transaction and is set aside."""

    def __init__(self) -> None:
        self._watched: dict[int, tuple[float, Activation, str, str, int]] = {}
        self._next = 0
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def watching(self, activation: Activation, plugin: str, hook: str) -> "Watch":
        """Look after one call of a listener."""
        return Watch(self, activation, plugin, hook)

    def begin(self, watch: "Watch") -> int:
        """A listener is called; the ticket is for its end."""
        with self._guard:
            self._next += 1
            ticket = self._next
            due = clock.monotonic() + HANGS_AFTER_SECONDS
            self._watched[ticket] = (due, watch.activation, watch.plugin, watch.hook, threading.get_ident())
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
                self._thread.start()
        return ticket

    def end(self, ticket: int) -> None:
        """A listener has answered, well or badly."""
        with self._guard:
            self._watched.pop(ticket, None)

    def _look(self) -> None:
        pause = threading.Event()
        while not pause.wait(0.5):
            now = clock.monotonic()
            with self._guard:
                late = [key for key, one in self._watched.items() if one[0] < now]
            for key in late:
                try:
                    self._free(key)
                except Exception:
                    log.exception("a listener that hangs could not be freed")

    def _free(self, ticket: int) -> None:
        with self._guard:  # while it is held the listener can't return, so nobody else is hit by what is raised here
            watched = self._watched.pop(ticket, None)
            if watched is None:
                return
            _due, activation, plugin, hook, thread = watched
            log.error("plugin %s hangs in %s at %s", plugin, hook, activation.site.name)
            transaction: Any = activation.transaction
            try:
                if transaction is not None:
                    transaction.abort_from_outside()
            finally:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Hung))
        set_aside(activation.site, plugin, f"took over {HANGS_AFTER_SECONDS:.0f} seconds in {hook}")
        for callback in on_hang:
            callback(plugin)


class Watch(AbstractContextManager[None]):
    """One call of a listener, looked after while the block lasts."""

    __slots__ = ("activation", "hook", "plugin", "ticket", "watchdog")

    def __init__(self, watchdog: Watchdog, activation: Activation, plugin: str, hook: str) -> None:
        self.watchdog = watchdog
        self.activation = activation
        self.plugin = plugin
        self.hook = hook
        self.ticket = 0

    def __enter__(self) -> None:
        self.ticket = self.watchdog.begin(self)

    def __exit__(self, *_failure: object) -> None:
        self.watchdog.end(self.ticket)


def set_aside(site: Site, plugin: str, error: str) -> None:
    """Set a plugin aside at once, from outside the work it hangs in."""
    with site.activate(door="system") as activation:
        activation.transaction = None
        try:
            count_faults(plugin, 1, error, by=system_actor("watchdog"), hangs=True)
        except (MedleyError, peewee.PeeweeException):
            log.exception("plugin %s could not be set aside", plugin)


watchdog = Watchdog()
watch.append(watchdog.watching)
after_act.append(settle_faults)
