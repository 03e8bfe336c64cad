"""Three kinds of hooks, three verbs: `collect` plural nouns, `announce` past participles, `ask` questions.

Everything a plugin offers is registered once in a process. Which of it a site hears is chosen by the
set of plugins that are on there: `plan_for` builds an immutable `pluggy.PluginManager` for each such set
and keeps it. Nothing is ever unregistered, so there is nothing to reload, lock or broadcast.
"""

import inspect
import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from core.contributions import Contribution
from core.errors import MedleyError, Misuse, NotChecked, PluginFailed
from core.sites import Activation, current
from core.storage.journal.writer import note_unchecked
from core.storage.transactions import savepoint

PROJECT = "medley"
MOST_RECORDS = 2000
F = TypeVar("F", bound=Callable[..., Any])
log = logging.getLogger("medley.hooks")
_mark_spec = pluggy.HookspecMarker(PROJECT)
_mark_impl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class Spec:
    """A hook somebody offers. `kind` is contribution, announcement or question."""

    name: str
    kind: str
    owner: str
    must: bool
    unchecked: str
    catch_up: bool
    record: type[Contribution] | None
    function: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Listener:
    """One plugin's implementation of a hook."""

    plugin: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    order: int
    catch_up: bool

    def call(self, facts: dict[str, Any]) -> Any:
        """Call it with the facts it asks for."""
        return self.function(**{name: facts[name] for name in self.arguments})


@dataclass(frozen=True, slots=True)
class Fault:
    """A listener that failed, for the count towards quarantine."""

    plugin: str
    hook: str
    error: str


@dataclass(slots=True)
class Answers:
    """What the asked said. `unchecked` names the plugins that could not answer: never take it for a yes."""

    answers: list[Any] = field(default_factory=list)
    unchecked: tuple[str, ...] = ()

    @property
    def first(self) -> Any:
        """The first answer, or None."""
        return self.answers[0] if self.answers else None

    def __bool__(self) -> bool:
        return bool(self.answers)


def contribution(record: type[Contribution]) -> Callable[[F], F]:
    """Declare a hook to which plugins answer with records of one type."""
    return _spec_marker("contribution", record=record)


def announcement(must: bool = False, catch_up: bool = False) -> Callable[[F], F]:
    """Declare a hook that tells what has happened, inside the transaction.

    `must`: a listener that fails refuses the act. `catch_up`: announcements are kept, and listeners that
    declare it hear later what they missed while they were off.
    """
    return _spec_marker("announcement", must=must, catch_up=catch_up)


def question(unchecked: str = "show") -> Callable[[F], F]:
    """Declare a hook that asks. `unchecked`: "show" a plugin that could not answer, or "refuse" the act."""
    return _spec_marker("question", unchecked=unchecked)


def _spec_marker(kind: str, **facts: Any) -> Callable[[F], F]:
    def mark(function: F) -> F:
        function.hook_facts = {"kind": kind, **facts}  # type: ignore[attr-defined]
        return _mark_spec(function)

    return mark


def hookimpl(order: int = 50, optional: bool = False, catch_up: bool = False) -> Callable[[F], F]:
    """Mark a plugin's implementation. `optional`: the hook belongs to a plugin that may be absent."""

    def mark(function: F) -> F:
        function.hook_order = order  # type: ignore[attr-defined]
        function.hook_catch_up = catch_up  # type: ignore[attr-defined]
        return _mark_impl(function, optionalhook=optional)

    return mark


class HookTable:
    """All specs and implementations of this process."""

    def __init__(self) -> None:
        self.specs: dict[str, Spec] = {}
        self.modules: dict[str, ModuleType] = {}
        self._spec_modules: list[ModuleType] = []

    def add_specs(self, owner: str, module: ModuleType) -> None:
        """Register the hooks a module declares; a plugin's carry its name in front."""
        if module in self._spec_modules:
            return
        for name, function in inspect.getmembers(module, inspect.isfunction):
            facts = getattr(function, "hook_facts", None)
            if facts is None or function.__module__ != module.__name__:
                continue
            if owner != "core" and not name.startswith(f"{owner}_"):
                raise Misuse(f"hook {name} of {owner} must start with {owner}_")
            if name in self.specs:
                raise Misuse(f"hook {name} is declared twice, by {self.specs[name].owner} and {owner}")
            self.specs[name] = Spec(
                name, facts["kind"], owner, facts.get("must", False), facts.get("unchecked", "show"),
                facts.get("catch_up", False), facts.get("record"), function,
            )  # fmt: skip
        self._spec_modules.append(module)
        plan_for.cache_clear()

    def add_plugin(self, name: str, module: ModuleType) -> None:
        """Register a plugin's implementations; raises `Misuse` for one that fits no hook."""
        manager = self._manager({name: module})
        try:
            manager.check_pending()
        except pluggy.PluginValidationError as unknown:
            raise Misuse(f"plugin {name}: {unknown}") from unknown
        self.modules[name] = module
        plan_for.cache_clear()

    def remove_plugin(self, name: str) -> None:
        """Forget a plugin that turned out unfit while it was being installed."""
        self.modules.pop(name, None)
        plan_for.cache_clear()

    def implementers(self, hook: str) -> list[str]:
        """The installed plugins that implement a hook, on or off."""
        return sorted(
            name for name, module in self.modules.items() if hasattr(getattr(module, hook, None), "hook_order")
        )

    def _manager(self, modules: dict[str, ModuleType]) -> pluggy.PluginManager:
        manager = pluggy.PluginManager(PROJECT)
        for spec_module in self._spec_modules:
            manager.add_hookspecs(spec_module)
        for name, module in modules.items():
            try:
                manager.register(module, name)
            except pluggy.PluginValidationError as unfit:
                raise Misuse(f"plugin {name}: {unfit}") from unfit
        return manager

    def listeners(self, names: Iterable[str]) -> dict[str, tuple[Listener, ...]]:
        """The implementations of these plugins for each hook, in order."""
        manager = self._manager({name: self.modules[name] for name in names if name in self.modules})
        found: dict[str, tuple[Listener, ...]] = {}
        for hook in self.specs:
            caller = getattr(manager.hook, hook)
            listeners = [
                Listener(
                    impl.plugin_name, impl.function, tuple(impl.argnames),
                    getattr(impl.function, "hook_order", 50), getattr(impl.function, "hook_catch_up", False),
                )
                for impl in caller.get_hookimpls()
            ]  # fmt: skip
            found[hook] = tuple(sorted(listeners, key=lambda one: (one.order, one.plugin)))
        return found


table = HookTable()


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is heard at a site. `silent` plugins are heard only where the spec says must."""

    listeners: dict[str, tuple[Listener, ...]]
    silent: frozenset[str]

    def of(self, spec: Spec) -> tuple[Listener, ...]:
        """The listeners of one hook that may speak."""
        found = self.listeners[spec.name]
        if spec.must or not self.silent:
            return found
        return tuple(one for one in found if one.plugin not in self.silent)

    def unheard(self, spec: Spec) -> tuple[str, ...]:
        """Plugins that would answer a question but are set aside."""
        return tuple(one.plugin for one in self.listeners[spec.name] if one.plugin in self.silent)


@lru_cache(maxsize=256)
def plan_for(enabled: frozenset[str], silent: frozenset[str] = frozenset()) -> Plan:
    """The plan for a set of plugins, built once for each set."""
    return Plan(table.listeners(sorted(enabled | {"core"})), silent)


def current_plan() -> Plan:
    """The plan of the site being served."""
    state = current().state
    return plan_for(state.enabled, state.silent | state.waiting if state.waiting else state.silent)


# How long a listener may take; the registry puts its watchdog here.
watch: list[Callable[[Activation, str, str], AbstractContextManager[None]]] = []


_nothing = nullcontext()


def _watched(plugin: str, hook: str) -> AbstractContextManager[None]:
    return watch[0](current(), plugin, hook) if watch and plugin != "core" else _nothing


def report(plugin: str, hook: str, failure: BaseException) -> None:
    """Count a failure towards the plugin's quarantine and leave it in the log, with nothing personal."""
    log.error("plugin %s failed in %s: %s", plugin, hook, type(failure).__name__, exc_info=failure)
    current().faults.append(Fault(plugin, hook, f"{type(failure).__name__} in {hook}"))


def _apart() -> AbstractContextManager[None]:
    """What keeps a listener's database errors from the act it is called in."""
    return savepoint() if current().transaction is not None else _nothing


def _give_up_if_fatal(listener: Listener, failure: BaseException) -> None:
    """Let the act end when its transaction is lost: to a deadlock, nobody's fault, or to a listener that hung."""
    transaction = current().transaction
    if transaction is None or transaction.doomed is None:
        return
    if isinstance(failure, Exception):
        raise failure
    raise PluginFailed(listener.plugin) from failure


class _Verb:
    def __getattr__(self, name: str) -> Callable[..., Any]:
        self._spec(name)

        def call(**facts: Any) -> Any:
            return self.carry_out(self._spec(name), facts)

        self.__dict__[name] = call
        return call

    def _spec(self, name: str) -> Spec:
        spec = table.specs.get(name)
        if spec is None or spec.kind != self.kind:
            raise Misuse(f"there is no {self.kind} hook {name}")
        return spec

    kind = ""

    def carry_out(self, spec: Spec, facts: dict[str, Any]) -> Any:
        """Do what this verb does with a hook."""
        raise Misuse(f"{self.kind} hooks are called through collect, announce or ask")


class Collect(_Verb):
    """`collect.navigation()`: the sorted records of all plugins; a plugin that fails is left out."""

    kind = "contribution"

    def carry_out(self, spec: Spec, facts: dict[str, Any]) -> list[Any]:
        found: list[tuple[int, str, str, Any]] = []
        for listener in current_plan().of(spec):
            try:
                with _apart(), _watched(listener.plugin, spec.name):
                    records = self._checked(spec, listener, listener.call(facts))
            except KeyboardInterrupt:
                raise
            except BaseException as failure:
                _give_up_if_fatal(listener, failure)
                report(listener.plugin, spec.name, failure)
                continue
            found += [(record.order, listener.plugin, record.key, record) for record in records]
        return [record for *_place, record in sorted(found, key=lambda one: one[:3])]

    @staticmethod
    def _checked(spec: Spec, listener: Listener, answer: Any) -> list[Any]:
        records = list(islice(answer or (), MOST_RECORDS + 1))
        if len(records) > MOST_RECORDS:
            raise Misuse(f"{listener.plugin} gave more than {MOST_RECORDS} records to {spec.name}")
        for record in records:
            if spec.record is not None and not isinstance(record, spec.record):
                raise Misuse(f"{listener.plugin} gave a {type(record).__name__} to {spec.name}")
            if not isinstance(record.order, int) or not isinstance(record.key, str):
                raise Misuse(f"{listener.plugin} gave a record without a place in the order to {spec.name}")
        return records


class Announce(_Verb):
    """`announce.patients_registered(...)`: tell what has happened, inside the transaction of the act."""

    kind = "announcement"

    def carry_out(self, spec: Spec, facts: dict[str, Any]) -> None:
        transaction = current().transaction
        if transaction is None:
            raise Misuse(f"{spec.name} is announced inside an act")
        heard: list[str] = []
        for listener in current_plan().of(spec):
            if self._tell(spec, listener, facts) and listener.catch_up:
                heard.append(listener.plugin)
        for keep in keep_announcement if spec.catch_up else ():
            keep(spec, facts, heard)

    @staticmethod
    def _tell(spec: Spec, listener: Listener, facts: dict[str, Any]) -> bool:
        try:
            with savepoint(), _watched(listener.plugin, spec.name):
                listener.call(facts)
        except KeyboardInterrupt:
            raise
        except BaseException as failure:
            _give_up_if_fatal(listener, failure)
            if not spec.must:
                report(listener.plugin, spec.name, failure)
                return False
            if isinstance(failure, MedleyError):
                raise
            report(listener.plugin, spec.name, failure)
            raise PluginFailed(listener.plugin) from failure
        return True


class Ask(_Verb):
    """`ask.patients_merge_objections(...)`: the answers, and who could not answer."""

    kind = "question"

    def carry_out(self, spec: Spec, facts: dict[str, Any]) -> Answers:
        plan = current_plan()
        answers = Answers(unchecked=plan.unheard(spec))
        for listener in plan.of(spec):
            try:
                with _apart(), _watched(listener.plugin, spec.name):
                    answer = listener.call(facts)
            except KeyboardInterrupt:
                raise
            except BaseException as failure:
                _give_up_if_fatal(listener, failure)
                report(listener.plugin, spec.name, failure)
                answers.unchecked += (listener.plugin,)
                continue
            if answer is not None:
                answers.answers += answer if isinstance(answer, list) else [answer]
        if answers.unchecked:
            refusal = NotChecked(spec.name, answers.unchecked)
            note_unchecked(refusal)
            if spec.unchecked == "refuse":
                raise refusal
        return answers


# The registry keeps announcements here for listeners that catch up later.
keep_announcement: list[Callable[[Spec, dict[str, Any], list[str]], None]] = []

collect: Any = Collect()
announce: Any = Announce()
ask: Any = Ask()
