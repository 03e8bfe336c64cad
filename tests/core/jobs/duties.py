"""Jobs of an invented plugin `ward`, and the table in which they leave traces to be counted."""

import time

from core.actors import Actor
from core.acts import act
from core.errors import Refused
from core.jobs import Run, daily, every, job
from core.storage import Table, fields


class Trace(Table):
    """Something a job did. Nothing here is unique: what was done twice is there twice."""

    job_uid = fields.TextField(max_length=36)
    step = fields.IntegerField()
    who = fields.TextField(max_length=60, default="")

    class Meta:
        table_name = "ward_trace"
        why = "counts what test jobs did"


@job("ward.count", system="ward", lease_seconds=5)
def count(run: Run, *codes: str) -> None:
    """Leave one trace, and do so once even when killed right afterwards; slow enough for others to join in."""
    time.sleep(0.03)
    if run.cursor is None:
        with run.step():
            Trace.create(job_uid=run.uid, step=0, who=run.actor.uid)
            run.cursor = "counted"


@job("ward.chunks", system="ward", lease_seconds=2, tries=50)
def chunks(run: Run, *codes: str) -> None:
    """Leave eight traces, one step each, slowly enough to be killed in the middle."""
    for number in range(run.cursor or 0, 8):
        with run.step():
            Trace.create(job_uid=run.uid, step=number)
            run.cursor = number + 1
            run.progress(number + 1, 8, "chunks")
        time.sleep(0.08)


@job("ward.heavy", system="ward", heavy=True)
def heavy(run: Run, *codes: str) -> None:
    """Something that takes much memory."""
    leave_step(run, 1)
    time.sleep(0.2)
    leave_step(run, 2)


def leave_step(run: Run, step: int) -> None:
    """Leave a trace in a step of its own."""
    with run.step():
        Trace.create(job_uid=run.uid, step=step)


@job("ward.fails", system="ward", tries=3)
def fails(run: Run, *codes: str) -> None:
    """Fail each time, with a name in the message that must not be kept."""
    raise ValueError("Wanjiku Otieno")


@job("ward.refused", system="ward")
def refused(run: Run, *codes: str) -> None:
    """Be refused."""
    raise Refused("the ward is closed")


@job("ward.admit", permission="ward.admit")
def admit(run: Run, *codes: str) -> None:
    """Do what only some may."""
    leave_trace(run.uid, by=run.actor, idempotency_key=run.key())


@job("ward.close", permission="ward.close")
def close(run: Run) -> None:
    """Do what fewer may."""
    leave_step(run, 8)


@job("ward.sign", permission="core.sign_in")
def sign(run: Run) -> None:
    """Do what everybody with an account may."""
    leave_step(run, 7)


@act("ward.admit")
def leave_trace(uid: str, by: Actor) -> None:
    """An act that a job calls."""
    Trace.create(job_uid=uid, step=9, who=by.uid)


@job("ward.nightly", system="ward", schedule=daily("02:30"))
def nightly(run: Run) -> None:
    """Run each night."""
    leave_step(run, 3)


@job("ward.often", system="ward", schedule=every(minutes=5), catch_up="skip")
def often(run: Run) -> None:
    """Run often, and only on time."""
    leave_step(run, 4)
