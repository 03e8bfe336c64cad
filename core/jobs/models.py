"""The tables of deferred and scheduled work."""

from datetime import datetime
from typing import Any

from core.storage import Table, fields, new_uid

WAITING, RUNNING, DONE, FAILED, PARKED, CANCELLED = "waiting", "running", "done", "failed", "parked", "cancelled"
STATES = (WAITING, RUNNING, DONE, FAILED, PARKED, CANCELLED)


class Job(Table):
    """One piece of work to do: who asked for it, when it is due, and how far it is.

    `ready_at` is when a worker may take it: the due time (or the next try) while it waits, the end of
    the lease while it runs, empty once it has ended. `fence` is raised whenever it changes hands, and each
    transaction of a running job checks it. `waiting_key` and `running_key` are empty or unique: only one job
    of a key waits, and only one runs. `scopes` limit it as they did the key that asked for it. `arguments` are uids
    and short codes; `words` and `error` name nobody.
    """

    uid = fields.UidField(default=new_uid, unique=True)
    name = fields.TextField(max_length=120)
    plugin = fields.TextField(max_length=60)
    arguments = fields.JSONField()
    actor_kind = fields.TextField(max_length=12)
    actor_uid = fields.TextField(max_length=60, index=True)
    actor_place = fields.BigIntegerField(null=True)
    on_behalf = fields.TextField(max_length=60, default="")
    scopes = fields.JSONField(null=True)
    state = fields.TextField(max_length=12, default=WAITING)
    is_heavy = fields.BooleanField(default=False)
    priority = fields.IntegerField(default=50)
    due_at = fields.UTCDateTimeField()
    ready_at = fields.UTCDateTimeField(null=True, index=True)
    unique_key = fields.TextField(max_length=250, default="")
    waiting_key = fields.TextField(max_length=250, null=True, unique=True)
    running_key = fields.TextField(max_length=250, null=True, unique=True)
    tries = fields.IntegerField(default=0)
    fence = fields.BigIntegerField(default=0)
    worker = fields.TextField(max_length=80, default="")
    done = fields.BigIntegerField(default=0)
    total = fields.BigIntegerField(null=True)
    words = fields.TextField(max_length=200, default="")
    cursor = fields.JSONField(null=True)
    error = fields.TextField(max_length=200, default="")
    created_at = fields.UTCDateTimeField()
    started_at = fields.UTCDateTimeField(null=True)
    ended_at = fields.UTCDateTimeField(null=True)

    class Meta:
        why = "progress and leases change all the time; what a job does is journaled by its acts, and so is its end"
        indexes = ((("state", "id"), False),)

    @property
    def has_ended(self) -> bool:
        """Whether nobody will touch it again unless an administrator does."""
        return self.state not in (WAITING, RUNNING)

    @property
    def lease_until(self) -> datetime | None:
        """Until when its worker may keep silent."""
        found: Any = self.ready_at if self.state == RUNNING else None
        return found if isinstance(found, datetime) else None


class JobSchedule(Table):
    """A due time of a scheduled job that was seen to, by a run or by leaving it out (`job_uid` is empty)."""

    job = fields.TextField(max_length=120)
    due_at = fields.UTCDateTimeField()
    job_uid = fields.TextField(max_length=36, default="")
    created_at = fields.UTCDateTimeField(index=True)

    class Meta:
        why = "only keeps many workers from running one due time twice; the runs themselves are journaled"
        indexes = ((("job", "due_at"), True),)


class JobLease(Table):
    """Who looks after something only one worker need look after, and until when unless renewed."""

    name = fields.TextField(max_length=60, unique=True)
    holder = fields.TextField(max_length=80)
    until_at = fields.UTCDateTimeField()

    class Meta:
        why = "says only which process is at work"
