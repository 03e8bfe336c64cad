"""Jobs are kept with the act that asks for them, run once, and end in a way somebody can read."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core import clock
from core.actors import Actor, system_actor
from core.errors import Forbidden, Misuse, NotFound, Refused
from core.jobs import Job, all_jobs, cancel, carrying_out, enqueue, job, job_counts, job_progress, jobs_page, rerun
from core.jobs.claiming import candidates, claim
from core.jobs.models import JobLease, JobSchedule
from core.jobs.running import GivenBack, Run, Superseded, at_work
from core.jobs.worker import Worker
from core.roles.defaults import ship_roles
from core.roles.models import Grant
from core.sites import Site, touch_revision
from core.storage import atomic, new_uid
from core.storage.journal.models import JournalRow
from core.storage.migrations import drift
from tests.core import people
from tests.core.jobs import duties
from tests.core.jobs.duties import Trace
from tests.core.jobs.hospital import OFF
from tests.core.people import cheap_hashing

HOUSE = system_actor("tests")
Work = Callable[[], int]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed jobs are tried again at once."""
    monkeypatch.setattr(carrying_out, "FIRST_PAUSE", 0.0)


def test_a_job_runs_once_and_its_journal_says_who_asked(ward: Site, work: Work):
    with ward.activate():
        made = enqueue(duties.count, by=HOUSE)
    assert work() == 1
    assert work() == 0
    with ward.activate():
        row = Job.get_by_id(made.id)
        assert (row.state, row.ready_at, row.tries, row.error) == ("done", None, 1, "")
        assert [trace.who for trace in Trace.select()] == ["system:ward"]
        acts = [line.act for line in JournalRow.select().order_by(JournalRow.id) if made.uid in line.reason]
        assert acts == ["core.enqueue_job", "core.finish_job"]


def test_a_job_of_an_act_that_failed_was_never_asked_for(ward: Site, work: Work):
    with ward.activate(), pytest.raises(ZeroDivisionError), atomic():
        enqueue(duties.count, by=HOUSE)
        1 / 0  # noqa: B018
    assert work() == 0


def test_a_job_due_later_waits(ward: Site, work: Work):
    with ward.activate():
        enqueue(duties.count, by=HOUSE, due=clock.now() + timedelta(seconds=1))
    assert work() == 0
    with clock.freeze(clock.now() + timedelta(seconds=2)):
        assert work() == 1


def test_arguments_are_uids_and_short_codes(ward: Site):
    with ward.activate():
        enqueue(duties.count, new_uid(), "en_ke", by=HOUSE)
        for unfit in ("Wanjiku Otieno", 7, "x" * 81, ""):
            with pytest.raises(Misuse):
                enqueue(duties.count, unfit, by=HOUSE)  # type: ignore[arg-type]


def test_a_job_names_its_right_or_its_system_actor():
    with pytest.raises(Misuse):
        job("ward.anything")(lambda run: None)
    with pytest.raises(Misuse):
        job("Ward", system="ward")(lambda run: None)
    assert "ward.anything" not in all_jobs()


def test_only_one_job_of_a_key_waits(ward: Site, work: Work):
    with ward.activate():
        later = clock.now() + timedelta(hours=1)
        first = enqueue(duties.count, by=HOUSE, unique_key="index", due=later)
        second = enqueue(duties.count, by=HOUSE, unique_key="index")
        assert first.uid == second.uid
        assert enqueue(duties.count, by=HOUSE, unique_key="other").uid != first.uid
    assert work() == 2
    with ward.activate():
        assert enqueue(duties.count, by=HOUSE, unique_key="index").uid != first.uid


def test_two_jobs_of_a_key_and_two_heavy_jobs_never_run_at_once(ward: Site):
    with ward.activate():
        for _each in range(2):
            enqueue(duties.heavy, by=HOUSE)
        enqueue(duties.count, by=HOUSE)
        specs = all_jobs()
        before = candidates(list(specs.values()))
        assert claim(before[0], specs["ward.heavy"], "one") is not None
        assert claim(before[1], specs["ward.heavy"], "two") is None
        assert [one.name for one in candidates(list(specs.values()))] == ["ward.count"]


def test_a_failing_job_is_tried_again_then_parked_and_names_nobody(ward: Site, work: Work):
    with ward.activate():
        made = enqueue(duties.fails, by=HOUSE)
    assert work() == 3
    with ward.activate():
        row = Job.get_by_id(made.id)
        assert (row.state, row.tries) == ("parked", 3)
        assert row.error.startswith("ValueError in tests.core.jobs.duties")
        assert "Otieno" not in row.error
        rerun(made.uid, by=HOUSE)
    assert work() == 3


def test_the_pause_before_the_next_try_grows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    pauses = [carrying_out.pause_after(tries) for tries in (1, 2, 3, 4, 9, 20)]
    assert all(later > earlier for earlier, later in itertools.pairwise(pauses[:4]))
    assert pauses[-1] <= 3600 * 1.25


def test_a_refused_job_is_not_tried_again(ward: Site, work: Work):
    with ward.activate():
        made = enqueue(duties.refused, by=HOUSE)
    assert work() == 1
    with ward.activate():
        assert Job.get_by_id(made.id).state == "failed"


def test_a_person_without_an_account_any_more_gets_nothing_done(ward: Site, work: Work):
    gone = Actor("person", new_uid(), "Gone", frozenset({"ward.admit"}))
    with ward.activate():
        made = enqueue(duties.admit, by=gone)
    work()
    with ward.activate():
        row = Job.get_by_id(made.id)
        assert (row.state, row.error.split(" in ")[0]) == ("failed", "Forbidden core.sign_in")
        assert Trace.select().count() == 0


def test_a_person_gets_done_what_they_may_do_when_it_runs(ward: Site, work: Work, tmp_path: Path):
    with cheap_hashing(tmp_path), ward.activate():
        ship_roles(by=HOUSE)
        doctor = people.person("amina", "doctor")
        with atomic() as transaction:
            transaction.act = "tests"
            transaction.activation.actor = HOUSE
            Grant.create(user=doctor, permission="ward.admit", granted_by=HOUSE.uid)
        by = Actor("person", doctor.uid, doctor.name)
        allowed, refused = enqueue(duties.admit, by=by), enqueue(duties.close, by=by)
        work()
        assert (Job.get_by_id(allowed.id).state, Job.get_by_id(refused.id).state) == ("done", "failed")
        assert Job.get_by_id(refused.id).error.startswith("Forbidden ward.close")
        assert [trace.who for trace in Trace.select()] == [doctor.uid]
        assert JournalRow.select().where(JournalRow.act == "core.finish_job").get().actor_uid == doctor.uid


def test_a_job_asked_for_with_a_key_opens_no_more_than_the_key_did(ward: Site, work: Work):
    with ward.activate():
        ship_roles(by=HOUSE)
        doctor = people.person("amina", "doctor")
        with atomic() as transaction:
            transaction.act = "tests"
            transaction.activation.actor = HOUSE
            for permission in ("ward.admit", "ward.close"):
                Grant.create(user=doctor, permission=permission, granted_by=HOUSE.uid)
        by = Actor("person", doctor.uid, doctor.name, scopes=frozenset({"ward.admit"}))
        allowed, refused = enqueue(duties.admit, by=by), enqueue(duties.close, by=by)
        own = enqueue(duties.close, by=Actor("person", doctor.uid, doctor.name), unique_key="own")
        everybody = enqueue(duties.sign, by=by)
        work()
        ends = [Job.get_by_id(one.id).state for one in (allowed, refused, own, everybody)]
        assert ends == ["done", "failed", "done", "done"]
        assert Job.get_by_id(refused.id).error.startswith("Forbidden ward.close")


def test_the_tables_are_what_the_models_say(ward: Site):
    with ward.activate():
        assert drift([Job, JobSchedule, JobLease]) == []


def test_jobs_of_a_plugin_that_is_off_wait(ward: Site, work: Work):
    (ward.folder / OFF).touch()
    with ward.activate():
        enqueue(duties.count, by=HOUSE)
        assert jobs_page(by=HOUSE).lines[0].waits_for_plugin
    assert work() == 0
    (ward.folder / OFF).unlink()
    with ward.activate(), atomic():
        touch_revision()
    assert work() == 1


def test_what_a_lost_worker_held_of_a_plugin_now_off_holds_up_nobody(ward: Site, work: Work):
    with ward.activate():
        made = enqueue(duties.heavy, by=HOUSE)
        specs = all_jobs()
        claim(candidates(list(specs.values()))[0], specs["ward.heavy"], "lost")
    (ward.folder / OFF).touch()
    with ward.activate(), atomic():
        touch_revision()
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        assert work() == 0
        with ward.activate():
            row = Job.get_by_id(made.id)
            assert (row.state, row.running_key) == ("waiting", None)


def test_a_sleeper_who_was_taken_over_stores_nothing_more(ward: Site):
    with ward.activate():
        enqueue(duties.chunks, by=HOUSE)
        specs = all_jobs()
        ours = claim(candidates(list(specs.values()))[0], specs["ward.chunks"], "sleeper")
        assert ours is not None
        run = Run(ward, ours, HOUSE, lambda: False)
        with at_work(run), run.step():
            Trace.create(job_uid=run.uid, step=1)
        with clock.freeze(clock.now() + timedelta(minutes=1)):
            theirs = claim(candidates(list(specs.values()))[0], specs["ward.chunks"], "other")
        assert theirs is not None
        assert theirs.fence > ours.fence
        with at_work(run):
            with pytest.raises(Superseded), run.step():
                Trace.create(job_uid=run.uid, step=2)
            with pytest.raises(Superseded):
                duties.leave_trace(run.uid, by=HOUSE)
            with pytest.raises(Superseded):
                run.progress(1, 1)
            assert run.cancelled
        assert [trace.step for trace in Trace.select()] == [1]


def test_the_cursor_is_stored_with_its_step_or_not_at_all(ward: Site):
    with ward.activate():
        enqueue(duties.chunks, by=HOUSE)
        specs = all_jobs()
        ours = claim(candidates(list(specs.values()))[0], specs["ward.chunks"], "one")
        assert ours is not None
        run = Run(ward, ours, HOUSE, lambda: False)
        with at_work(run):
            with run.step():
                run.cursor = {"row": 10}
                run.progress(10, 20, "rows")
            with pytest.raises(ZeroDivisionError), run.step():
                run.cursor = {"row": 20}
                run.progress(20, 20)
                1 / 0  # noqa: B018
            assert run.cursor == {"row": 10}
            line = job_progress(run.uid, by=HOUSE)
            assert (line.done, line.total, line.words, line.percent) == (10, 20, "rows", 50)
            with pytest.raises(Misuse), atomic(), run.step():
                pass


def test_a_stopping_worker_gets_a_job_back_only_where_it_can_go_on(ward: Site):
    with ward.activate():
        enqueue(duties.chunks, by=HOUSE)
        specs = all_jobs()
        ours = claim(candidates(list(specs.values()))[0], specs["ward.chunks"], "one")
        assert ours is not None
        stopping: list[bool] = []
        run = Run(ward, ours, HOUSE, lambda: bool(stopping))
        with at_work(run):
            duties.leave_trace(run.uid, by=HOUSE)
            stopping.append(True)
            run.progress(1)
            run.cursor = 1
            with pytest.raises(GivenBack):
                run.progress(2)


def test_a_cancelled_job_never_runs_and_a_running_one_stores_nothing_more(ward: Site, work: Work):
    with ward.activate():
        made = enqueue(duties.count, by=HOUSE)
        cancel(made.uid, by=HOUSE)
        with pytest.raises(Refused):
            cancel(made.uid, by=HOUSE)
    assert work() == 0
    with ward.activate():
        rerun(made.uid, by=HOUSE)
    assert work() == 1
    with ward.activate(), pytest.raises(Refused):
        rerun(made.uid, by=HOUSE)


def test_jobs_are_looked_after_by_those_who_may(ward: Site, work: Work):
    nurse = Actor("person", new_uid(), "Nurse")
    with ward.activate():
        own = enqueue(duties.count, by=nurse)
        other = enqueue(duties.count, by=HOUSE)
        assert job_progress(own.uid, by=nurse).state == "waiting"
        for uid in (other.uid, new_uid(), "nonsense"):
            with pytest.raises(NotFound):
                job_progress(uid, by=nurse)
        for refused in (jobs_page, job_counts):
            with pytest.raises(Forbidden):
                refused(by=nurse)
        with pytest.raises(Forbidden):
            cancel(own.uid, by=nurse)


def test_the_page_lists_newest_first_and_counts_each_state(ward: Site, work: Work):
    with ward.activate():
        enqueue(duties.count, by=HOUSE)
        enqueue(duties.refused, by=HOUSE)
    work()
    with ward.activate():
        made = [enqueue(duties.count, by=HOUSE).id for _each in range(3)]
        page = jobs_page(by=HOUSE, state="waiting", limit=2)
        assert [line.id for line in page.lines] == [made[2], made[1]]
        assert [line.id for line in jobs_page(by=HOUSE, state="waiting", before=page.before).lines] == [made[0]]
        assert page.counts == {"waiting": 3, "running": 0, "done": 1, "failed": 1, "parked": 0, "cancelled": 0}


def test_claims_go_round_by_site(ward: Site):
    other = Site(**{name: getattr(ward, name) for name in (
        "title", "hosts", "database_url", "folder", "secret", "database")}, name="other")  # fmt: skip
    worker = Worker([ward, other])
    worker.go_round()
    for site in (ward, other, ward):
        worker.wake(site)
    assert [worker.rota.take(), worker.rota.take()] == [worker.watches["ward"], worker.watches["other"]]
