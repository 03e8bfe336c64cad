"""What is done each night."""

from core import clock
from core.jobs import Run, daily, job
from core.sites import current_site
from plugins.staff.services.licences import due_warnings, warn_of_expiry


@job("staff.warn_of_licences", system="staff", schedule=daily("05:30"))
def warn_of_licences(run: Run) -> None:
    """Warn of licences that expire: 60, 30 and 7 days before, and when they have."""
    due = due_warnings(clock.today(current_site().zone))
    for number, (licence, days) in enumerate(due, 1):
        warn_of_expiry(licence, days, by=run.actor, idempotency_key=run.key(f"{licence.uid}.{days}"))
        run.progress(number, len(due))
