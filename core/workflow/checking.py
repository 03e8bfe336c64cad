"""Whether a definition would work: what is wrong with it, each in a sentence that says what to do."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.errors import Words
from core.texts import _
from core.workflow.contents import parts_of
from core.workflow.declaring import NAME, PHASES, State, Transition, Workflow
from core.workflow.expressions import Unfit, checked


def complaints(workflow: Workflow, content: Mapping[str, Any]) -> list[Words]:
    """Why a definition can't be put in force; empty where it can. `content` was read by `read_content`."""
    twice = [*named_twice(content["states"]), *named_twice(content["transitions"])]
    if twice:
        return twice
    states, transitions = parts_of(workflow, content)
    found = [
        *wrong_states(workflow, states),
        *wrong_transitions(workflow, states, transitions),
        *missing_transitions(workflow, states, transitions),
    ]
    return found or [*wrong_ways(workflow, states, transitions)]


def named_twice(entries: Iterable[Mapping[str, Any]]) -> Iterator[Words]:
    """Names that two of them have, and names that are none."""
    for name, count in Counter(one["name"] for one in entries).items():
        if count > 1:
            yield _("“%(name)s” is there twice. Give one of them another name.", name=name)
        if not NAME.fullmatch(name):
            yield _("“%(name)s” is no name: use small letters, digits and _.", name=name)


def wrong_states(workflow: Workflow, states: Mapping[str, State]) -> Iterator[Words]:
    """States of a kind, phase or code the plugin does not know, and a beginning that is none."""
    for one in states.values():
        kind = workflow.kind_of.get(one.kind)
        if kind is None:
            known = ", ".join(workflow.kind_of)
            yield _(
                "The state %(state)s has the kind “%(kind)s”, which nobody knows. Choose one of: %(known)s.",
                state=one.title, kind=one.kind, known=known,
            )  # fmt: skip
            continue
        if one.phase and one.phase not in PHASES:
            known = ", ".join(PHASES)
            yield _("The state %(state)s has no such phase. Choose one of: %(known)s.", state=one.title, known=known)
        if one.fhir and one.fhir not in kind.fhir:
            known = ", ".join(kind.fhir) or "–"
            yield _(
                "The state %(state)s has no such FHIR code. Choose one of: %(known)s.", state=one.title, known=known
            )
    first = next(iter(states.values()))
    kind = workflow.kind_of.get(first.kind)
    if kind is not None and not kind.begins:
        known = ", ".join(str(one.title) for one in workflow.kinds if one.begins)
        yield _(
            "Records begin in the first state, and %(state)s is none they can begin in. Put a state first whose kind is"
            " one of: %(known)s.",
            state=first.title, known=known,
        )  # fmt: skip


def wrong_transitions(
    workflow: Workflow, states: Mapping[str, State], transitions: Mapping[str, Transition]
) -> Iterator[Words]:
    """Transitions between states that are not there, or made of parts the plugin does not have."""
    for one in transitions.values():
        for state in (*one.start, one.to):
            if state not in states:
                yield _(
                    "%(way)s leads from or to “%(state)s”, which is no state. Add it, or choose another one.",
                    way=one.title, state=state,
                )  # fmt: skip
        for what, named, known in (
            (_("permission"), (one.permission,), workflow.may_ask_for),
            (_("field"), (*one.needs, *one.asks), tuple(workflow.field_of)),
            (_("effect"), one.effects, tuple(workflow.effect_of)),
        ):
            for name in named:
                if name not in known:
                    yield _(
                        "%(way)s names the %(what)s “%(name)s”, which the plugin does not have. There are: %(known)s.",
                        way=one.title, what=what, name=name, known=", ".join(known) or "–",
                    )  # fmt: skip
        if one.condition:
            try:
                checked(one.condition, workflow.sorts)
            except Unfit as unfit:
                yield _(
                    "The condition of %(way)s can't be used, at letter %(at)s: %(why)s",
                    way=one.title, at=unfit.at + 1, why=unfit.message,
                )  # fmt: skip


def missing_transitions(
    workflow: Workflow, states: Mapping[str, State], transitions: Mapping[str, Transition]
) -> Iterator[Words]:
    """What the plugin can't live without and does not find: the way itself, its kinds, its effects."""
    shipped = {one.name: one.kind for one in workflow.states}
    for needed in workflow.transitions:
        if not needed.is_required:
            continue
        there = transitions.get(needed.name)
        if there is None:
            yield _("The plugin can't do without %(way)s. Put it back.", way=needed.title)
            continue
        if any(name not in states for name in (*there.start, there.to)):
            continue
        ends, wanted = states[there.to].kind, shipped[needed.to]
        if ends != wanted:
            kind = workflow.kind_of[wanted].title
            yield _("%(way)s must lead to a state of the kind %(kind)s.", way=there.title, kind=kind)
        missing = {shipped[name] for name in needed.start} - {states[name].kind for name in there.start}
        for name in sorted(missing):
            kind = workflow.kind_of[name].title
            yield _("%(way)s must begin at a state of the kind %(kind)s, too.", way=there.title, kind=kind)
        for name in needed.effects:
            if name not in there.effects:
                effect = workflow.effect_of[name].label
                yield _("%(way)s must keep its effect “%(effect)s”.", way=there.title, effect=effect)


def wrong_ways(
    workflow: Workflow, states: Mapping[str, State], transitions: Mapping[str, Transition]
) -> Iterator[Words]:
    """States nobody can come to, and states nobody can leave though nothing may end there."""
    onwards: dict[str, set[str]] = {name: set() for name in states}
    back: dict[str, set[str]] = {name: set() for name in states}
    for one in transitions.values():
        for start in one.start:
            onwards[start].add(one.to)
            back[one.to].add(start)
    reached = walked(onwards, {next(iter(states))})
    for name in states:
        if name not in reached:
            yield _(
                "Nothing leads to %(state)s. Add a transition to it, or take the state away.", state=states[name].title
            )
    ends = {name for name, one in states.items() if workflow.kind_of[one.kind].ends}
    ending = walked(back, ends)
    for name in states:
        if name in reached and name not in ending:
            yield _(
                "From %(state)s no way leads to an end. Add a transition from it to a state where records may end.",
                state=states[name].title,
            )


def walked(ways: Mapping[str, set[str]], begin: set[str]) -> set[str]:
    """Every state that can be come to from these."""
    found, ahead = set(begin), list(begin)
    while ahead:
        for name in ways[ahead.pop()] - found:
            found.add(name)
            ahead.append(name)
    return found
