"""Keeping the journal sealed: one worker at a time gives committed rows their positions."""

from datetime import timedelta

import peewee

from core import clock
from core.jobs.models import JobLease
from core.storage import atomic, savepoint
from core.storage.journal.positions import AT_ONCE, seal

SEALER = "journal sealer"
LEASE = timedelta(seconds=4)


def keep_sealed(worker: str) -> int:
    """Seal what is committed, in short transactions, if the lease is ours or free; how many rows were sealed."""
    total = 0
    while True:
        with atomic():
            if not hold_lease(SEALER, worker, LEASE):
                return total
            sealed = seal()
        total += sealed
        if sealed < AT_ONCE:
            return total


def hold_lease(name: str, holder: str, span: timedelta) -> bool:
    """Take or renew a lease inside a transaction; False while somebody else's runs."""
    now = clock.now()
    row = JobLease.get_or_none(JobLease.name == name)
    if row is None:
        try:
            with savepoint():
                JobLease.create(name=name, holder=holder, until_at=now + span)
        except peewee.IntegrityError:
            return False
        return True
    if row.holder == holder and row.until_at - now > span / 2:
        return True
    free = (JobLease.holder == holder) | (JobLease.until_at <= now)
    changed = JobLease.update(holder=holder, until_at=now + span).where(JobLease.id == row.id, free).execute()
    return bool(changed)
