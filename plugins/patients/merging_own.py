"""What the hospital added to its patients, when two records become one: taken over, and given back.

Values are handled as they are kept, by the uid of their field, so that a field that is out of use by then is met too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.actors import Actor
from core.contributions import Contribution
from core.errors import Words
from core.resources.custom.acting import custom_of, is_taken
from core.resources.custom.here import CustomFact, here
from core.resources.custom.values import bound_to, kept_in, value_in
from core.texts import _
from plugins.patients.hookspecs import Differing
from plugins.patients.models import Patient
from plugins.patients.resources import PATIENTS

HIDDEN = _("Not open to you")
Kept = dict[str, list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFacts(Contribution):
    """The hospital's own facts as `MergeFacts`."""

    key: str = "own"

    def differing(self, survivor: Patient, merged: Patient, by: Actor) -> list[Differing]:
        found = []
        for name, fact in own_facts().items():
            mine, theirs = kept_of(fact, survivor), kept_of(fact, merged)
            if mine != theirs:
                here_said, there_said = (said_of(fact, one, by) for one in (survivor, merged))
                found.append(Differing(name, fact.label, here_said, there_said, is_taken=mine is None))
        return found

    def take_over(self, names: Iterable[str], survivor: Patient, merged: Patient) -> dict[str, Kept]:
        """What only one record may have is taken from the merged one, which is stored for it."""
        mine, theirs = dict(custom_of(survivor)), dict(custom_of(merged))
        before, before_there = dict(mine), dict(theirs)
        for fact in [fact for name, fact in own_facts().items() if name in names]:
            kept = kept_of(fact, merged)
            mine.pop(fact.within, None)
            if kept is not None:
                mine[fact.within] = bound_to(fact, Patient, survivor.uid, kept)
            if fact.is_unique:
                theirs.pop(fact.within, None)
        if theirs != before_there:
            merged.custom = theirs
            merged.save()
        if mine != before:
            survivor.custom = mine
        return {"survivor": changes(before, mine), "merged": changes(before_there, theirs)}

    def give_back(self, survivor: Patient, merged: Patient, kept: Mapping[str, Kept]) -> None:
        """What only one record may have is given up, and stored so, before the other has it again."""
        undo(survivor, kept["survivor"])
        if kept["merged"]:
            survivor.save()
        undo(merged, kept["merged"])


def own_facts() -> Mapping[str, CustomFact]:
    """The facts this hospital added, by name."""
    return here(PATIENTS).custom


def said_of(fact: CustomFact, patient: Patient, by: Actor) -> Words:
    """What a record says, as far as it is open to whoever looks; "" where it says nothing."""
    if kept_of(fact, patient) is None:
        return ""
    if fact.read and not by.may(fact.read):
        return HIDDEN
    kind: Any = fact.kind
    words: Words = kind.words(value_in(fact, Patient, patient.uid, custom_of(patient)))
    return words


def kept_of(fact: CustomFact, patient: Patient) -> Any:
    """A value as JSON keeps it, opened."""
    return kept_in(fact, Patient, patient.uid, custom_of(patient))


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Kept:
    """What two states of kept values differ in."""
    names = sorted(before.keys() | now.keys())
    return {name: [before.get(name), now.get(name)] for name in names if before.get(name) != now.get(name)}


def undo(record: Patient, changed: Mapping[str, Any]) -> None:
    """Put back on a record what a merge changed, as far as nobody changed it since.

    What only one record may have, and another has by now, stays where it is.
    """
    kept = dict(custom_of(record))
    only_one = {fact.within: fact for fact in own_facts().values() if fact.is_unique}
    for name, (was, is_now) in changed.items():
        if kept.get(name) != is_now or (name in only_one and belongs_to_another(only_one[name], was, record)):
            continue
        kept.pop(name, None)
        if was is not None:
            kept[name] = was
    if kept != dict(custom_of(record)):
        record.custom = kept


def belongs_to_another(fact: CustomFact, was: Any, record: Patient) -> bool:
    """Whether somebody who was not part of the merge has this value by now."""
    return is_taken(fact, kept_in(fact, Patient, record.uid, {fact.within: was}), record)
