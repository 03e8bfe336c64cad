"""What the hospital added to its patients, when two records become one: taken over, and given back.

Values are handled as they are kept, by the uid of their field, so that a field that is out of use by then is met too.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from core.actors import Actor
from core.errors import Words
from core.resources.custom.acting import custom_of, is_taken
from core.resources.custom.here import CustomFact, here
from core.resources.custom.values import bound_to, kept_in, value_in
from core.texts import Text, _
from plugins.patients.models import Patient
from plugins.patients.resources import PATIENTS

HIDDEN = _("Not open to you")
Kept = dict[str, list[Any]]


def own_facts() -> Mapping[str, CustomFact]:
    """The facts this hospital added, by name."""
    return here(PATIENTS).custom


def label_of(name: str) -> Text | str:
    """What a fact is called."""
    return own_facts()[name].label


def said_of(name: str, patient: Patient, by: Actor) -> Words:
    """What a record says, as far as it is open to whoever looks; "" where it says nothing."""
    fact = own_facts()[name]
    if kept_of(fact, patient) is None:
        return ""
    if fact.read and not by.may(fact.read):
        return HIDDEN
    kind: Any = fact.kind
    words: Words = kind.words(value_in(fact, Patient, patient.uid, custom_of(patient)))
    return words


def differing(survivor: Patient, merged: Patient) -> dict[str, bool]:
    """The facts two records say different things of, and whether only the merged one says anything."""
    found = {}
    for name, fact in own_facts().items():
        mine, theirs = kept_of(fact, survivor), kept_of(fact, merged)
        if mine != theirs:
            found[name] = mine is None
    return found


def kept_of(fact: CustomFact, patient: Patient) -> Any:
    """A value as JSON keeps it, opened."""
    return kept_in(fact, Patient, patient.uid, custom_of(patient))


def take_over(names: Iterable[str], survivor: Patient, merged: Patient) -> dict[str, Kept]:
    """Put the merged record's values on the survivor; what both had before, and have now, for the way back.

    What only one record may have is taken from the merged one, which is stored for it.
    """
    mine, theirs = dict(custom_of(survivor)), dict(custom_of(merged))
    before, before_there = dict(mine), dict(theirs)
    for name in names:
        fact = own_facts()[name]
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
    return {"own": changes(before, mine), "own_there": changes(before_there, theirs)}


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Kept:
    """What two states of kept values differ in."""
    names = sorted(before.keys() | now.keys())
    return {name: [before.get(name), now.get(name)] for name in names if before.get(name) != now.get(name)}


def undo(record: Patient, changed: Mapping[str, Any]) -> None:
    """Put back on a record what a merge changed, as far as nobody changed it since; whoever is at it stores it.

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
