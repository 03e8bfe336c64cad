"""Background jobs: what waits, what runs and how far, what went wrong, and what is due when."""

from typing import Any

import peewee
from flask import jsonify, request, url_for
from werkzeug.wrappers import Response

from core import clock
from core.jobs import STATES, JobLine, all_jobs, cancel, job_progress, jobs_page, rerun
from core.jobs.declaring import awake_jobs
from core.jobs.models import JobSchedule
from core.roles.permissions import RUN_JOBS, VIEW_JOBS
from core.screens.pages import blueprint, done
from core.screens.questions import PlainForm
from core.sites import current
from core.texts import Text, _, n_
from core.web import SIGNED_IN, current_actor, name_of, names_of, render

WORDS: dict[str, tuple[str, Text]] = {
    "waiting": ("waiting", _("Waiting")),
    "running": ("active", _("Running")),
    "done": ("done", _("Done")),
    "failed": ("missed", _("Failed")),
    "parked": ("hold", _("Laid aside")),
    "cancelled": ("ended", _("Cancelled")),
}


@blueprint.get("/jobs", permission=VIEW_JOBS)
def jobs() -> str:
    """Jobs by state, newest first."""
    by = current_actor()
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    before = request.args.get("before", "")
    found = jobs_page(
        by, state, before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    )
    views = [
        {"label": _("All"), "url": url_for("core.jobs"), "current": not state, "count": sum(found.counts.values())}
    ]
    views += [
        {
            "label": WORDS[one][1],
            "url": url_for("core.jobs", state=one),
            "current": one == state,
            "count": found.counts[one],
        }
        for one in STATES
    ]
    older = url_for("core.jobs", state=state or None, before=found.before) if found.before else ""
    names = names_of(line.actor_uid for line in found.lines)
    return render(
        "core/jobs.html", lines=found.lines, words=WORDS, views=views, older_url=older, names=names, state=state
    )


@blueprint.get("/jobs/schedules", permission=VIEW_JOBS, endpoint="jobs_schedules")
def jobs_schedules() -> str:
    """What runs by itself, when it ran last and when it is due."""
    now, zone = clock.now(), current().site.zone
    state = current().state
    due_times: Any = JobSchedule.select(JobSchedule.job, peewee.fn.MAX(JobSchedule.due_at)).group_by(JobSchedule.job)
    last = {name: JobSchedule.due_at.python_value(due) for name, due in due_times.tuples()}
    awake = {spec.name for spec in awake_jobs(state.enabled, state.silent | state.waiting)}
    lines = [
        {
            "name": spec.name,
            "summary": spec.summary,
            "last": last.get(spec.name),
            "next": spec.schedule.after(now, zone),
            "is_awake": spec.name in awake,
        }
        for spec in sorted(all_jobs().values(), key=lambda one: one.name)
        if spec.schedule is not None and (spec.plugin == "core" or spec.plugin in state.enabled)
    ]
    return render("core/jobs_schedules.html", lines=lines)


@blueprint.get("/jobs/<uid>", permission=SIGNED_IN, endpoint="jobs_show")
def jobs_show(uid: str) -> str:
    """One job: one's own, or any for those who see jobs."""
    line = job_progress(uid, current_actor())
    return render(
        "core/jobs_show.html", line=line, words=WORDS, who=name_of(line.actor_uid), progress_words=progress_words(line)
    )


@blueprint.get("/jobs/<uid>/progress", permission=SIGNED_IN, slides=False, endpoint="jobs_progress")
def jobs_progress(uid: str) -> Response:
    """How far a job is, for the bar that keeps itself true."""
    line = job_progress(uid, current_actor())
    ended = line.state not in ("waiting", "running")
    return jsonify(done=line.done, total=line.total, words=str(progress_words(line)), finished=ended)


def progress_words(line: JobLine) -> Text | str:
    """How far a job is, in words."""
    if line.state == "waiting":
        return _("Waits for its plugin to be on") if line.waits_for_plugin else _("Waits for its turn")
    if line.words:
        return line.words
    if line.total:
        return _("%(done)s of %(total)s", done=line.done, total=line.total)
    return n_("One done", "%(n)s done", line.done) if line.done else WORDS[line.state][1]


@blueprint.post("/jobs/<uid>/rerun", permission=RUN_JOBS, endpoint="jobs_rerun")
def jobs_rerun(uid: str) -> Response:
    """Start a job again."""
    rerun(uid, by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("The job waits for its turn again."), "core.jobs_show", uid=uid)


@blueprint.post("/jobs/<uid>/cancel", permission=RUN_JOBS, endpoint="jobs_cancel")
def jobs_cancel(uid: str) -> Response:
    """Stop a job for good."""
    cancel(uid, by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("The job is stopped."), "core.jobs_show", uid=uid)
