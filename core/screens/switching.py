"""Switching plugins on as a job with a page that shows how far it is, or at once where no worker is there."""

from collections.abc import Sequence

from core import clock
from core.actors import Actor
from core.jobs import Job, Run, enqueue, job
from core.jobs.enqueueing import awaken
from core.jobs.models import JobLease
from core.registry import catalogue, switch_off, switch_on
from core.roles.permissions import MANAGE_PLUGINS
from core.sites import current
from core.storage import atomic
from core.texts import _


@job("core.switch_plugin_on", permission=MANAGE_PLUGINS)
def switch_plugin_on(run: Run, name: str) -> None:
    """Switch a plugin on, with what it needs, or bring its tables up to date."""
    switch_on(name, by=run.actor, progress=lambda done, total, one: run.progress(done, total, title_of(one)))
    run.progress(1, 1, _("%(name)s is on.", name=title_of(name)))


def begin_switching(name: str, by: Actor) -> Job | None:
    """Let a worker switch a plugin on; without any worker it is done here, and there is no job to look at."""
    if not is_worker_there():
        switch_on(name, by=by)
        return None
    return enqueue(switch_plugin_on, name, by=by, unique_key=name)


def is_worker_there() -> bool:
    """Whether a worker runs in this process, or has shown itself at this site lately."""
    return bool(awaken) or JobLease.select(JobLease.id).where(JobLease.until_at > clock.now()).exists()


def switch_all_off(names: Sequence[str], by: Actor) -> None:
    """Switch several plugins off in one go, or none."""
    with atomic():
        for name in names:
            switch_off(name, by=by)


def going_off(name: str) -> list[str]:
    """A plugin and those that are on and need it, in the order in which they can go."""
    needing = set(catalogue.needed_by(name)) & current().state.enabled
    order = [one.name for one in catalogue.in_order() if one.name in needing]
    return [*reversed(order), name]


def title_of(name: str) -> str:
    """What a plugin is called."""
    plugin = catalogue.get(name)
    return str(plugin.manifest.title) if plugin is not None else name
