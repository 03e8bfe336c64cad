"""A hospital for tests of jobs, in this process or in a worker's; its plugin `ward` is on while a file says so."""

import time
from collections.abc import Callable
from pathlib import Path

from core.jobs import Job
from core.registry import state as registry_state
from core.sites import ConnectionBudget, Site, SiteState, current_site, database_for
from core.storage.migrations import apply
from tests.core.jobs import duties

CORE_MIGRATIONS = Path(registry_state.__file__).parents[1] / "migrations"
OFF = "ward-is-off"


def site_at(url: str, folder: Path, name: str = "ward", budget: ConnectionBudget | None = None) -> Site:
    """A site on a database that may still be empty."""
    Site.load_state = staticmethod(state_of_ward)
    return Site(
        name=name,
        title="Ward",
        hosts=(f"{name}.localhost",),
        database_url=url,
        folder=folder,
        secret=b"s" * 32,
        database=database_for(url, budget or ConnectionBudget(20)),
    )


def state_of_ward(revision: str) -> SiteState:
    """The plugins that are on."""
    is_off = (current_site().folder / OFF).exists()
    return SiteState(revision, frozenset() if is_off else frozenset({"ward"}))


def furnish(site: Site) -> None:
    """Make the tables."""
    site.folder.mkdir(parents=True, exist_ok=True)
    apply(site, [("core", CORE_MIGRATIONS)])
    with site.activate():
        site.database.create_tables([duties.Trace])


def until(site: Site, condition: Callable[[], bool], seconds: float = 40) -> None:
    """Wait for something to become true at a site."""
    deadline = time.monotonic() + seconds
    while True:
        with site.activate():
            if condition():
                return
            states = [(row.name, row.state, row.error) for row in Job.select()][:5]
        assert time.monotonic() < deadline, states
        time.sleep(0.05)
