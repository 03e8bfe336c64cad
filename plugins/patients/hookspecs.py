"""What other plugins can add to the register and hear from it."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol, runtime_checkable

from core.actors import Actor
from core.contributions import Contribution, Panel
from core.errors import Words
from core.hooks import announcement, contribution, question


@contribution(Panel)
def patients_panels(patient: Any, by: Any) -> list[Panel]:  # type: ignore[empty-body]
    """Boxes on a patient's chart, the most used first (`order`). `key` names the section they stand under.

    Called by the chart page for each patient shown; `patient` is a `Patient` the reader may see. May: a panel that
    fails becomes a small box.

        @hookimpl()
        def patients_panels(patient, by):
            return [Panel(template="vitals/panels/latest.html", title=_("Vital signs"), key="vitals", order=20,
                          permission="vitals.view", context={"latest": latest_of(patient)})]
    """


@announcement(catch_up=True)
def patients_registered(patient: Any, by: Any) -> None:
    """A person was entered in the register.

    Called by `register_patient` inside its transaction, once the patient and all their parts are stored. May.

        @hookimpl()
        def patients_registered(patient, by):
            Wristband.create(patient=patient)
    """


class Differing(NamedTuple):
    """A fact two records say different things of; `is_taken` when only the merged one says anything."""

    name: str
    label: Words
    mine: Words
    theirs: Words
    is_taken: bool


@runtime_checkable
class MergeFacts(Protocol):
    """Facts of a person that a merge may take over although the register itself does not know them."""

    order: int
    key: str

    def differing(self, survivor: Any, merged: Any, by: Actor) -> list[Differing]:
        """What the two records differ in, in words the reader may see. Names are unlike those of any other facts."""
        ...

    def take_over(self, names: Iterable[str], survivor: Any, merged: Any) -> Any:
        """Set the merged record's facts on the survivor, which is stored afterwards; what JSON keeps for the way back.

        Names of other facts are left alone.
        """
        ...

    def give_back(self, survivor: Any, merged: Any, kept: Any) -> None:
        """Put back what `take_over` changed, as far as nobody changed it since; both records are stored afterwards."""
        ...


@contribution(Contribution)
def patients_merge_facts() -> list[Contribution]:  # type: ignore[empty-body]
    """Further facts to settle when two records become one, as contributions that keep the protocol `MergeFacts`.

    Called by `look_at_merge`, `merge_patients` and `unmerge_patients`. May: the facts of a plugin that fails or is off
    stay with the record they are on. What a plugin keeps in rows of its own is carried over without this.

        @dataclass(frozen=True, slots=True, kw_only=True)
        class Allergies(Contribution):
            key: str = "allergies"
            ...

        @hookimpl()
        def patients_merge_facts():
            return [Allergies()]
    """


@question()
def patients_merge_objections(survivor: Any, merged: Any, by: Any) -> Any:
    """Why these two records can't be joined, each reason in a sentence; an empty list or None when nothing speaks
    against it.

    Called by `look_at_merge` for the page that shows what a merge would do, and again by `merge_patients` itself. With
    any answer, and when a plugin could not answer, nothing is merged.

        @hookimpl()
        def patients_merge_objections(survivor, merged, by):
            if is_admitted(survivor) and is_admitted(merged):
                return [_("Both lie in a bed at this moment.")]
    """


@announcement(catch_up=True)
def patients_merged(survivor: Any, merged: Any, by: Any) -> None:
    """Two records were joined: every row that pointed at `merged` points at `survivor` now.

    Called when the last row was carried over, inside that transaction. Plugins need not move anything themselves; they
    listen to bring what they have worked out (totals, boards, copies elsewhere) up to date. May.

        @hookimpl(catch_up=True)
        def patients_merged(survivor, merged, by):
            enqueue(tell_the_laboratory, survivor.uid, merged.uid, by=by)
    """


@announcement(catch_up=True)
def patients_unmerged(survivor: Any, restored: Any, by: Any) -> None:
    """A merge was undone: what had been carried over points at `restored` again.

    Called when the last row is back, inside that transaction. What was written since stays with `survivor`. May.

        @hookimpl(catch_up=True)
        def patients_unmerged(survivor, restored, by):
            enqueue(tell_the_laboratory, survivor.uid, restored.uid, by=by)
    """
