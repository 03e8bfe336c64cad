"""How APScheduler, the clock of the worker, asks our schedules for their next due time."""

from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger

from core.jobs.schedules import Schedule


class DueTrigger(BaseTrigger):
    """Fires at each due time of a schedule in one zone; due times that were missed are the planner's business."""

    def __init__(self, schedule: Schedule, zone: ZoneInfo) -> None:
        self.schedule = schedule
        self.zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next due time after this moment."""
        return self.schedule.after(max(previous_fire_time or now, now), self.zone)
