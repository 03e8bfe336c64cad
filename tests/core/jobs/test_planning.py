"""Each due time is seen to once, however many workers watch the clock."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core import clock
from core.actors import system_actor
from core.jobs import Job, enqueue
from core.jobs.house import clear_jobs, clear_keys
from core.jobs.models import JobSchedule
from core.jobs.planning import plan
from core.jobs.sealing import SEALER, hold_lease, keep_sealed
from core.sites import Site
from core.storage import atomic
from core.storage.journal.models import IdempotencyKey, JournalRow
from core.storage.journal.writer import note
from tests.core.jobs.hospital import OFF

NOON = datetime(2026, 5, 1, 12, 1, tzinfo=UTC)


def runs_of(name: str) -> list[datetime]:
    """The due times of the runs of a schedule."""
    return [row.due_at for row in Job.select().where(Job.name == name).order_by(Job.due_at)]


def test_a_schedule_begins_at_its_next_due_time(ward: Site):
    with ward.activate():
        with clock.freeze(NOON):
            plan()
        assert Job.select().count() == 0
        with clock.freeze(NOON + timedelta(minutes=4)):
            assert plan() == 1
            assert plan() == 0
        assert runs_of("ward.often") == [datetime(2026, 5, 1, 12, 5, tzinfo=UTC)]


def test_what_was_missed_is_made_up_for_once_or_left_out_as_the_job_says(ward: Site):
    with ward.activate():
        with clock.freeze(NOON):
            plan()
        with clock.freeze(NOON + timedelta(days=3, minutes=3)):
            plan()
            plan()
        assert runs_of("ward.nightly") == [datetime(2026, 5, 4, 2, 30, tzinfo=UTC)]
        assert runs_of("ward.often") == [datetime(2026, 5, 4, 12, 0, tzinfo=UTC)]
        with clock.freeze(NOON + timedelta(days=4, minutes=9, seconds=30)):
            plan()
        assert len(runs_of("ward.often")) == 2


def test_a_late_run_of_a_job_that_skips_is_left_out(ward: Site):
    with ward.activate():
        with clock.freeze(NOON):
            plan()
            JobSchedule.update(due_at=NOON - timedelta(hours=1)).where(JobSchedule.job == "ward.often").execute()
        with clock.freeze(NOON):
            plan()
        assert runs_of("ward.often") == [datetime(2026, 5, 1, 12, 0, tzinfo=UTC)]


def test_many_clocks_make_one_run(ward: Site):
    with ward.activate(), clock.freeze(NOON):
        plan()
    with clock.freeze(NOON + timedelta(minutes=4)):
        threads = [threading.Thread(target=plan_at, args=(ward,)) for _each in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with ward.activate():
        assert len(runs_of("ward.often")) == 1


def plan_at(site: Site) -> None:
    """What each worker does when its clock strikes."""
    with site.activate():
        plan()


def test_a_plugin_that_is_off_gathers_no_runs(ward: Site):
    (ward.folder / OFF).touch()
    with ward.activate(), clock.freeze(NOON):
        plan()
        assert not JobSchedule.select().where(JobSchedule.job == "ward.often").exists()
        assert JobSchedule.select().where(JobSchedule.job == "core.clear_keys").exists()


def test_one_worker_seals_while_its_lease_runs(ward: Site):
    with ward.activate():
        note("core.sign_in")
        assert keep_sealed("one") == 1
        note("core.sign_in")
        assert keep_sealed("two") == 0
        assert keep_sealed("one") == 1
        note("core.sign_in")
        with clock.freeze(clock.now() + timedelta(minutes=1)):
            assert keep_sealed("two") == 1
        assert not JournalRow.select().where(JournalRow.position.is_null()).exists()
        with atomic():
            assert not hold_lease(SEALER, "three", timedelta(seconds=1))


def test_what_has_served_its_time_is_cleared_away(ward: Site, work: Callable[[], int]):
    long_ago = clock.now() - timedelta(days=90)
    with ward.activate():
        with atomic():
            for number, at in enumerate((long_ago, clock.now())):
                IdempotencyKey.create(actor_uid="x", act="y", request_key=str(number), digest="", result="", at=at)
            JobSchedule.create(job="old", due_at=long_ago, created_at=long_ago)
        old = enqueue(clear_keys, by=system_actor("tests"))
        work()
        with atomic():
            Job.update(ended_at=long_ago).where(Job.id == old.id).execute()
        enqueue(clear_jobs, by=system_actor("tests"))
        work()
        assert [row.request_key for row in IdempotencyKey.select()] == ["1"]
        assert Job.get_or_none(Job.id == old.id) is None
        assert not JobSchedule.select().where(JobSchedule.job == "old").exists()
