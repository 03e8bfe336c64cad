"""Jobs, the due times of schedules, and the leases of what one worker looks after."""

from core.storage import fields
from core.storage.migrations import Frozen, Steps

OLDEST_CODE = "0.1"


class Job(Frozen):
    """One piece of work to do."""

    uid = fields.UidField(unique=True)
    name = fields.TextField(max_length=120)
    plugin = fields.TextField(max_length=60)
    arguments = fields.JSONField()
    actor_kind = fields.TextField(max_length=12)
    actor_uid = fields.TextField(max_length=60, index=True)
    actor_place = fields.BigIntegerField(null=True)
    on_behalf = fields.TextField(max_length=60)
    state = fields.TextField(max_length=12)
    is_heavy = fields.BooleanField()
    priority = fields.IntegerField()
    due_at = fields.UTCDateTimeField()
    ready_at = fields.UTCDateTimeField(null=True, index=True)
    unique_key = fields.TextField(max_length=250)
    waiting_key = fields.TextField(max_length=250, null=True, unique=True)
    running_key = fields.TextField(max_length=250, null=True, unique=True)
    tries = fields.IntegerField()
    fence = fields.BigIntegerField()
    worker = fields.TextField(max_length=80)
    done = fields.BigIntegerField()
    total = fields.BigIntegerField(null=True)
    words = fields.TextField(max_length=200)
    cursor = fields.JSONField(null=True)
    error = fields.TextField(max_length=200)
    created_at = fields.UTCDateTimeField()
    started_at = fields.UTCDateTimeField(null=True)
    ended_at = fields.UTCDateTimeField(null=True)

    class Meta:
        table_name = "core_job"
        indexes = ((("state", "id"), False),)


class JobSchedule(Frozen):
    """A due time that was seen to."""

    job = fields.TextField(max_length=120)
    due_at = fields.UTCDateTimeField()
    job_uid = fields.TextField(max_length=36)
    created_at = fields.UTCDateTimeField(index=True)

    class Meta:
        table_name = "core_job_schedule"
        indexes = ((("job", "due_at"), True),)


class JobLease(Frozen):
    """Who looks after something."""

    name = fields.TextField(max_length=60, unique=True)
    holder = fields.TextField(max_length=80)
    until_at = fields.UTCDateTimeField()

    class Meta:
        table_name = "core_job_lease"


def up(migrator, db):
    """Make the tables."""
    Steps(migrator, db).create_tables(Job, JobSchedule, JobLease)
