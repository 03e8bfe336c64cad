"""The worker: takes jobs of all hospitals, keeps their journals sealed, and watches the clock for schedules.

It wakes at once for work put down in its own process. For the rest it goes its rounds: each second it
looks at the time of change of a few files, and asks a database only when these say so or when it has not
asked for five seconds. `medley worker` runs one by itself, `medley serve` one beside the pages.
"""

import atexit
import logging
import os
import random
import secrets
import signal
import socket
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import UTC
from typing import Any

import peewee
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from core import clock
from core.errors import MedleyError
from core.jobs import house
from core.jobs.carrying_out import carry_out
from core.jobs.claiming import Candidate, Claim, candidates, claim, next_ready, release_sleeping
from core.jobs.clockwork import DueTrigger
from core.jobs.declaring import JobSpec, all_jobs, awake_jobs
from core.jobs.enqueueing import awaken
from core.jobs.knocking import ask_alone
from core.jobs.planning import plan
from core.jobs.sealing import keep_sealed
from core.jobs.watching import LATEST, PULSE, Pulse, Rota, Watch, by_connection, pulse_of, read_pulse
from core.sites import ConnectionBudget, Site, SiteDirectory, current

ROUND_SECONDS = 1.0
GRACE_SECONDS, GRACE_AT_EXIT = 25.0, 10.0
PLAN, SEAL = "plan", "seal"
AWAY = (peewee.PeeweeException, MedleyError, OSError)
NOBODY: Any = object()  # owns no idle connection: what it takes is room
HOUSE = house.__name__  # declared by being imported
log = logging.getLogger("medley.jobs")


class Worker:
    """Jobs, seals and schedules of all sites of a directory, in `threads` threads and two small ones."""

    def __init__(self, directory: SiteDirectory | Iterable[Site], threads: int = 2) -> None:
        self.directory = directory
        self.id = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(3)}"
        self.watches: dict[str, Watch] = {}
        self.rota = Rota()
        self.heavy_places = max(1, threads - 1)
        self._heavy_running = 0
        self._place: ConnectionBudget | None = None  # one place of the budget, for the rounds
        self._chores: OrderedDict[str, tuple[Watch, set[str]]] = OrderedDict()
        self._chores_changed = threading.Condition()
        self._stopping = threading.Event()
        self._clock = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._clocks: set[tuple[str, str]] = set()
        self._threads = [threading.Thread(target=self._go_rounds, name="jobs-rounds", daemon=True)]
        self._threads.append(threading.Thread(target=self._do_chores, name="jobs-chores", daemon=True))
        for number in range(threads):
            self._threads.append(threading.Thread(target=self._work, name=f"jobs-{number}", daemon=True))

    # Starting and stopping.

    def start(self) -> None:
        """Begin; call it after a fork, never before."""
        awaken.append(self.wake)
        atexit.register(self.stop, GRACE_AT_EXIT)
        self._clock.start()
        for thread in self._threads:
            thread.start()

    def stop(self, grace: float = GRACE_SECONDS) -> bool:
        """Take nothing new; let jobs finish, or give back at their next step those that can go on elsewhere.

        False when a job would do neither within the grace: its lease will end by itself.
        """
        atexit.unregister(self.stop)
        if self.wake in awaken:
            awaken.remove(self.wake)
        self._stopping.set()
        self.rota.close()
        with self._chores_changed:
            self._chores_changed.notify_all()
        if self._clock.running:
            self._clock.shutdown(wait=False)
        place, self._place = self._place, None
        if place is not None:
            place.forget_one()
        deadline = clock.monotonic() + grace
        for thread in self._threads:
            thread.join(max(0.0, deadline - clock.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def run_forever(self) -> bool:
        """Work until SIGTERM or Ctrl-C, then stop gracefully; what `medley worker` does in its main thread."""
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: asked.set())
        self.start()
        asked.wait()
        return self.stop()

    def wake(self, site: Site) -> None:
        """There is new work at a site; called after the commit, by whoever stored it in this process."""
        watch = self.watches.get(site.name)
        if watch is not None:
            self.rota.add(watch)

    # The rounds.

    def _go_rounds(self) -> None:
        while not self._stopping.is_set():
            try:
                self.go_round()
            except AWAY:
                log.exception("the round could not be finished")
            self._stopping.wait(ROUND_SECONDS)

    def go_round(self) -> None:
        """Look at every site once, and ask those that may have something new."""
        self._meet_sites()
        asked = [watch for watch in self.watches.values() if watch.needs_pulse(watch in self.rota)]
        for group in by_connection(asked):
            self._ask(group)

    def _meet_sites(self) -> None:
        sites = list(self.directory)
        if all(self.watches.get(site.name) is not None and self.watches[site.name].site is site for site in sites):
            if len(sites) == len(self.watches) and not self._lacks_clocks():
                return
        known = self.watches
        self.watches = {
            site.name: known[site.name]
            if site.name in known and known[site.name].site is site
            else Watch(site, 0.0 if site.engine == "sqlite" else random.uniform(0.0, LATEST))
            for site in sites
        }
        self._set_clocks()

    def _ask(self, group: list[Watch]) -> None:
        """Read the pulses of sites that share a connection."""
        first = group[0].site
        try:
            if first.engine == "postgresql" and self._is_crowded():
                self._heard(group[0], pulse_of(ask_alone(first, PULSE)))
                return
            with first.activate(door="job"):
                for watch in group:
                    self._ask_one(watch, first.database)
        except AWAY:
            self._note_failure(group[0])

    def _is_crowded(self) -> bool:
        """Whether there are more sites than connections to keep open."""
        budget = next(iter(self.watches.values())).site.database.budget
        if len(self.watches) <= budget.limit // 2:
            return False
        if self._place is None:
            self._place = budget
            budget.take(NOBODY)
        return True

    def _ask_one(self, watch: Watch, through: Any) -> None:
        try:
            self._heard(watch, read_pulse(watch.site, through))
        except AWAY:
            self._note_failure(watch)

    def _heard(self, watch: Watch, pulse: Pulse) -> None:
        is_ready = pulse.ready_at is not None and pulse.ready_at <= clock.now()
        if pulse.revision != watch.revision:
            self._leave_chore(watch, PLAN)
        if pulse.may_seal(self.id):
            self._leave_chore(watch, SEAL)
        watch.heard(pulse)
        if is_ready:
            self.rota.add(watch)

    def _note_failure(self, watch: Watch) -> None:
        if watch.failed():
            log.warning("the database of site %s does not answer", watch.site.name, exc_info=True)

    # Schedules.

    def _lacks_clocks(self) -> bool:
        return self._wanted_clocks().keys() - self._clocks != set()

    def _wanted_clocks(self) -> dict[tuple[str, str], tuple[JobSpec, Any]]:
        scheduled = [spec for spec in all_jobs().values() if spec.schedule is not None]
        zones = {str(watch.site.zone): watch.site.zone for watch in self.watches.values()}
        return {(spec.name, name): (spec, zone) for spec in scheduled for name, zone in zones.items()}

    def _set_clocks(self) -> None:
        for key, (spec, zone) in self._wanted_clocks().items():
            if key not in self._clocks and spec.schedule is not None:
                self._clocks.add(key)
                self._clock.add_job(self._is_due, DueTrigger(spec.schedule, zone), args=[key[1]], id="@".join(key))

    def _is_due(self, zone: str) -> None:
        for watch in list(self.watches.values()):
            if str(watch.site.zone) == zone:
                self._leave_chore(watch, PLAN)

    # Chores: planning and sealing, in a thread of their own so that long jobs don't keep them waiting.

    def _leave_chore(self, watch: Watch, chore: str) -> None:
        with self._chores_changed:
            self._chores.setdefault(watch.site.name, (watch, set()))[1].add(chore)
            self._chores_changed.notify()

    def _do_chores(self) -> None:
        while not self._stopping.is_set():
            with self._chores_changed:
                while not self._chores and not self._stopping.is_set():
                    self._chores_changed.wait()
                if self._stopping.is_set():
                    return
                _name, (watch, chores) = self._chores.popitem(last=False)
            try:
                self.do_chores(watch, chores)
            except AWAY:
                self._note_failure(watch)
                watch.revision = ""

    def do_chores(self, watch: Watch, chores: set[str]) -> None:
        """See to due times and to the journal of one site."""
        with watch.site.activate(door="job", source=self.id):
            if PLAN in chores:
                plan()
            if SEAL in chores:
                keep_sealed(self.id)

    # Work.

    def _work(self) -> None:
        while (watch := self.rota.take()) is not None:
            try:
                self.work_once(watch)
            except AWAY:
                self._note_failure(watch)

    def work_once(self, watch: Watch) -> bool:
        """Claim one job of a site and carry it out; the site queues again behind the others. False: there is none."""
        claimed = self._claim(watch)
        if claimed is None:
            return False
        self.rota.add(watch)
        try:
            carry_out(watch.site, claimed, self.id, self._stopping.is_set)
        finally:
            if claimed.spec.heavy:
                self._heavy_ended()
            self.rota.add(watch)
        return True

    def _claim(self, watch: Watch) -> Claim | None:
        with watch.guard, watch.site.activate(door="job", source=self.id):
            state = current().state
            specs = {spec.name: spec for spec in awake_jobs(state.enabled, state.silent | state.waiting)}
            if not watch.queue:
                watch.queue.extend(candidates(list(specs.values()), heavy_too=self._heavy_fits(watch)))
                if not watch.queue:
                    release_sleeping(list(specs.values()))
                    watch.ready_at = next_ready(list(specs.values()))
                    return None
            claimed = self._first_claim(watch, specs)
            if claimed is not None:
                return claimed
        if not watch.heavy_waits:
            # Others were quicker with all of these; there may be more.
            self._stopping.wait(random.uniform(0.02, 0.1))
            self.rota.add(watch)
        return None

    def _first_claim(self, watch: Watch, specs: dict[str, JobSpec]) -> Claim | None:
        while watch.queue and not self._stopping.is_set():
            candidate = watch.queue.popleft()
            spec = specs.get(candidate.name)
            if spec is None:
                continue
            if spec.heavy and not self._heavy_fits(watch, begins=True):
                continue
            claimed = self._try_claim(candidate, spec)
            if claimed is not None:
                taken = candidate.running_key
                watch.queue = deque(one for one in watch.queue if taken is None or one.running_key != taken)
                return claimed
        return None

    def _try_claim(self, candidate: Candidate, spec: JobSpec) -> Claim | None:
        claimed: Claim | None = None
        try:
            claimed = claim(candidate, spec, self.id)
        finally:
            if spec.heavy and claimed is None:
                self._heavy_ended()
        return claimed

    def _heavy_fits(self, watch: Watch, begins: bool = False) -> bool:
        """Whether a heavy job may start now: they leave one thread to the others. If not, the site is told later."""
        with self._chores_changed:
            watch.heavy_waits = self._heavy_running >= self.heavy_places
            if begins and not watch.heavy_waits:
                self._heavy_running += 1
            return not watch.heavy_waits

    def _heavy_ended(self) -> None:
        with self._chores_changed:
            self._heavy_running -= 1
        for watch in list(self.watches.values()):
            if watch.heavy_waits:
                watch.heavy_waits = False
                self.rota.add(watch)
