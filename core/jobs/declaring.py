"""Declaring jobs: a function that takes a `Run` and uids, under a name, with the right it needs."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from core.errors import Misuse
from core.jobs.schedules import Schedule
from core.storage.model import plugin_of_module

F = TypeVar("F", bound=Callable[..., Any])
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
# Uids, codes and names of settings; nothing a person's name or a diagnosis would fit into by accident.
ARGUMENT = re.compile(r"[a-z0-9][a-z0-9_.:/-]{0,79}")
CATCH_UP = ("once", "skip")


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A declared job. It runs as whoever enqueued it, holding `permission`, or as the system actor named."""

    name: str
    plugin: str
    permission: str
    system: str
    heavy: bool
    tries: int
    lease_seconds: float
    schedule: Schedule | None
    catch_up: str
    summary: str
    function: Callable[..., Any]


_jobs: dict[str, JobSpec] = {}


def job(
    name: str,
    *,
    permission: str = "",
    system: str = "",
    heavy: bool = False,
    tries: int = 5,
    lease_seconds: float = 30,
    schedule: Schedule | None = None,
    catch_up: str = "once",
) -> Callable[[F], F]:
    """Make a function a job.

    `permission` is asked of the person who enqueued it when it runs; `system` names the system actor of
    work that is nobody's in particular. `heavy`: one such job of a site at a time. `tries`: so often is it
    started before it is parked. `lease_seconds`: for so long it may give no sign of life (`run.progress`,
    or any transaction) before another worker takes it over. `catch_up`: when no worker was there at its due time,
    "once" runs it as soon as one is, "skip" leaves it out.
    """

    def decorate(function: F) -> F:
        plugin = name.partition(".")[0]
        refuse_unfit(name, function, permission, system, catch_up)
        known = _jobs.get(name)
        if known is not None and known.function.__module__ != function.__module__:
            raise Misuse(f"job {name} is declared in {known.function.__module__} and in {function.__module__}")
        summary = (inspect.getdoc(function) or "").split("\n")[0]
        _jobs[name] = function.job_spec = JobSpec(  # type: ignore[attr-defined]
            name, plugin, permission, system, heavy, tries, lease_seconds, schedule, catch_up, summary, function
        )
        return function

    return decorate


def refuse_unfit(name: str, function: Callable[..., Any], permission: str, system: str, catch_up: str) -> None:
    """Raise `Misuse` for a job that could not be trusted to run."""
    if not NAME.fullmatch(name):
        raise Misuse(f"job {name!r} is named <plugin>.<verb>, in small letters")
    if bool(permission) == bool(system):
        raise Misuse(f"job {name} names either the permission it needs or the system actor it runs as")
    if catch_up not in CATCH_UP:
        raise Misuse(f"job {name}: catch_up is one of {', '.join(CATCH_UP)}")
    module = function.__module__
    if module.startswith(("core.", "plugins.", "medley_")) and plugin_of_module(module) != name.partition(".")[0]:
        raise Misuse(f"job {name} is declared in {module}: its name begins with the plugin's")


def all_jobs() -> dict[str, JobSpec]:
    """Every declared job of this process, by name."""
    return dict(_jobs)


def spec_of(function: Callable[..., Any]) -> JobSpec:
    """The declaration behind a job function."""
    spec: JobSpec | None = getattr(function, "job_spec", None)
    if spec is None:
        raise Misuse(f"{function.__qualname__} is not a job: decorate it with @job")
    return spec


def refuse_argument(name: str, argument: object) -> None:
    """Raise `Misuse` for anything but a uid or a short code: jobs are listed where not everybody may see everything."""
    if not isinstance(argument, str) or not ARGUMENT.fullmatch(argument):
        raise Misuse(f"job {name}: arguments are uids and short codes, not {type(argument).__name__}s such as this")


def awake_jobs(enabled: frozenset[str], silent: frozenset[str]) -> list[JobSpec]:
    """The jobs that may run at a site: those of the core, and of plugins that are on and not silent."""
    return [spec for spec in _jobs.values() if spec.plugin == "core" or spec.plugin in enabled - silent]
