"""Devices to take out, files to bring in, and a worker that does what waits."""

from typing import Any

from core.jobs.carrying_out import carry_out
from core.jobs.claiming import candidates, claim
from core.jobs.declaring import all_jobs, awake_jobs
from core.resources.writing import create_record
from core.sites import Site, current
from core.storage import atomic
from core.testing.house import HOUSE

KINDS = ("pump", "bed")


def filled(store: Any, number: int, **facts: Any) -> None:
    """So many devices."""
    with store.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        for first in range(0, number, 1000):
            with atomic() as transaction:
                transaction.act = "test.fill"
                for place in range(first, min(number, first + 1000)):
                    values = {
                        "name": f"Device {place:05d}",
                        "serial": f"S-{place:05d}",
                        "kind": KINDS[place % 2],
                        **facts,
                    }
                    read = {name: store.devices.by_name[name].kind.read(value) for name, value in values.items()}
                    create_record(store.devices, read, HOUSE)


def run_jobs(site: Site, most: int = 20, with_scheduled: bool = False) -> int:
    """Do what waits, here and now; what comes by the clock waits for it."""
    done = 0
    while done < most:
        with site.activate(door="job"):
            state = current().state
            specs = awake_jobs(state.enabled, state.silent)
            found = candidates([spec for spec in specs if with_scheduled or spec.schedule is None])
            taken = claim(found[0], all_jobs()[found[0].name], "test") if found else None
        if taken is None:
            return done
        carry_out(site, taken, "test")
        done += 1
    return done
