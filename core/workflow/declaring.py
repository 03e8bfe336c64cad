"""How a plugin declares what its records go through: states, transitions, and what both may be made of.

    LEAVE = Workflow(
        name="staff.leave",
        title=_("Leave"),
        model=Leave,
        kinds=(Kind("asked", _("Asked for"), "waiting", begins=True), Kind("granted", _("Granted"), "done", ends=True)),
        states=(State("requested", _("Requested"), "asked"), State("approved", _("Approved"), "granted")),
        transitions=(
            Transition(
                "approve", _("Approve"), ("requested",), "approved", "staff.decide_leave",
                condition="not is_own", words=_("Somebody else must decide"), is_required=True,
            ),
        ),
        facts=(Known("is_own", _("Asked for by oneself"), "yes_no", is_own),),
    )

What is declared here is the definition a site begins with. A site may rename and add states and transitions, but only
out of these parts: kinds, facts, effects, fields and permissions are the plugin's, as is what it can't live without.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.errors import Misuse, Words
from core.storage import Model
from core.workflow.expressions.functions import SORTS

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
WORKFLOW_NAME = re.compile(r"[a-z][a-z0-9]{1,39}\.[a-z][a-z0-9_]{0,39}")
# The grammar of states every page speaks: a sign, a colour and a word for each.
PHASES = ("draft", "planned", "waiting", "active", "hold", "done", "ended", "missed")
# The columns in which a record says where it stands.
COLUMNS = ("state", "state_kind", "workflow_version")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a state comes to, whatever it is called: acts, constraints and reports ask for this only.

    `phase` is how it is shown. A record may begin in a state of a kind that `begins`, and rest in one that `ends`.
    `fhir` are the codes its states may carry, the first being theirs unless they say another.
    """

    name: str
    title: Words
    phase: str
    begins: bool = False
    ends: bool = False
    fhir: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """Where a record can stand. `fhir` and `phase` are those of its kind unless they are said."""

    name: str
    title: Words
    kind: str
    fhir: str = ""
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from some states to another one, for whoever holds the permission.

    `needs` are fields that must hold something, `asks` are fields that may be filled in, both asked when it is done.
    `condition` is written in the language of `core.workflow.expressions`; `words` say it to people. `effects` are
    carried out in the same transaction. The plugin can't live without one that `is_required`.
    """

    name: str
    title: Words
    start: tuple[str, ...]
    to: str
    permission: str
    needs: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    condition: str = ""
    words: Words = ""
    effects: tuple[str, ...] = ()
    is_required: bool = False
    is_danger: bool = False
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A fact a condition may hang on: its sort (number, text, day, yes_no, texts) and how it is looked up.

    `look_up(record, by)` answers None where the fact is unknown; such a condition does not hold.
    """

    name: str
    label: Words
    sort: str
    look_up: Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that is done with a transition: `run(record, by)`, after the record was moved."""

    name: str
    label: Words
    run: Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the record that a transition may ask for."""

    name: str
    label: Words
    help: Words = ""


@dataclass(frozen=True, eq=False)
class Workflow:
    """What records of one model go through, as the plugin ships it, and the parts a site may arrange it of.

    `permissions` are those a transition may ask for; by default the ones the shipped transitions ask for.
    """

    name: str
    title: Words
    model: type[Model]
    kinds: tuple[Kind, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    facts: tuple[Known, ...] = ()
    effects: tuple[Effect, ...] = ()
    fields: tuple[Field, ...] = ()
    permissions: tuple[str, ...] = ()
    about: Words = ""

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together, naming them; whether the definition holds, `complaints` tells."""
        if not WORKFLOW_NAME.fullmatch(self.name) or self.plugin != self.name.partition(".")[0]:
            raise Misuse(f"workflow {self.name}: it is named <plugin>.<noun>, after the plugin of its model")
        missing = [column for column in COLUMNS if column not in self.model._meta.fields]
        if missing:
            raise Misuse(f"workflow {self.name}: {self.model.__name__} has no column {', '.join(missing)}")
        refuse_unfit_names(self)
        refuse_unfit_parts(self)

    @property
    def plugin(self) -> str:
        """Whose it is."""
        return str(self.model._meta.plugin)

    @cached_property
    def kind_of(self) -> dict[str, Kind]:
        """The kinds by name."""
        return {one.name: one for one in self.kinds}

    @cached_property
    def fact_of(self) -> dict[str, Known]:
        """The facts by name."""
        return {one.name: one for one in self.facts}

    @cached_property
    def effect_of(self) -> dict[str, Effect]:
        """The effects by name."""
        return {one.name: one for one in self.effects}

    @cached_property
    def field_of(self) -> dict[str, Field]:
        """The fields by name."""
        return {one.name: one for one in self.fields}

    @cached_property
    def sorts(self) -> dict[str, str]:
        """The sorts of the facts, for checking conditions."""
        return {one.name: one.sort for one in self.facts}

    @cached_property
    def may_ask_for(self) -> tuple[str, ...]:
        """The permissions a transition may ask for."""
        return tuple(dict.fromkeys((*self.permissions, *(one.permission for one in self.transitions))))


def refuse_unfit_names(workflow: Workflow) -> None:
    """Raise `Misuse` for parts without a short name of their own."""
    parts: dict[str, tuple[Any, ...]] = {
        "kind": workflow.kinds, "state": workflow.states, "transition": workflow.transitions, "fact": workflow.facts,
        "effect": workflow.effects, "field": workflow.fields,
    }  # fmt: skip
    for what, named in parts.items():
        names = [one.name for one in named]
        for name in names:
            if not NAME.fullmatch(name) or names.count(name) > 1:
                raise Misuse(f"workflow {workflow.name}: the {what} {name!r} needs a short name of its own")


def refuse_unfit_parts(workflow: Workflow) -> None:
    """Raise `Misuse` for kinds, facts and fields that are none."""
    at = f"workflow {workflow.name}"
    for kind in workflow.kinds:
        if kind.phase not in PHASES:
            raise Misuse(f"{at}: the kind {kind.name} has no phase {kind.phase!r}; there are {', '.join(PHASES)}")
    for fact in workflow.facts:
        if fact.sort not in SORTS:
            raise Misuse(f"{at}: the fact {fact.name} has no sort {fact.sort!r}; there are {', '.join(SORTS)}")
    for one in workflow.fields:
        if one.name not in workflow.model._meta.fields or one.name in COLUMNS:
            raise Misuse(f"{at}: {one.name} is no column a transition could ask for")
