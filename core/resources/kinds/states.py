"""Where a record stands in its workflow, as a fact: shown by shape, word and colour, and never typed."""

from collections.abc import Iterator, Mapping

from core.errors import Words
from core.resources.kinds.choices import Choice
from core.workflow import Definition, Workflow, in_force, versions_of


class StateOf(Choice):
    """The state of a record: those of the definition in force, then those older versions still know."""

    def __init__(self, workflow: Workflow) -> None:
        super().__init__(lambda: titles(workflow))
        self.phases = Phases(workflow)


class KindOfState(Choice):
    """What the state comes to, from the plugin's own short list."""

    def __init__(self, workflow: Workflow) -> None:
        kinds = {one.name: one.title for one in workflow.kinds}
        super().__init__(kinds, {one.name: one.phase for one in workflow.kinds})


class Phases(Mapping[str, str]):
    """The phase each state wears at this site."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow

    def __getitem__(self, state: str) -> str:
        for one in definitions(self.workflow):
            if state in one.states:
                return one.phase_of(state)
        raise KeyError(state)

    def __iter__(self) -> Iterator[str]:
        return iter(titles(self.workflow))

    def __len__(self) -> int:
        return len(titles(self.workflow))


def definitions(workflow: Workflow) -> list[Definition]:
    """The definition in force, then older ones, the newest first."""
    older = versions_of(workflow)
    now = in_force(workflow)
    return [now, *(older[number] for number in sorted(older, reverse=True) if number != now.number)]


def titles(workflow: Workflow) -> dict[str, Words]:
    """What every state is called that a record may be in."""
    found: dict[str, Words] = {}
    for one in definitions(workflow):
        for name, state in one.states.items():
            found.setdefault(name, state.title)
    return found


__all__ = ["KindOfState", "StateOf"]
