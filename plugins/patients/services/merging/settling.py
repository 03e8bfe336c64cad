"""What becomes of the two records themselves: facts taken over, parts that are there twice, and all of it back."""

from typing import Any

from core.storage import Model, model_of
from plugins.patients.models import Address, ContactPerson, Identifier, Merge, Patient, PatientName, Telecom
from plugins.patients.services.indexing import Indexed, Known, indexed, known_of, words_for, write_index
from plugins.patients.services.merging.prospect import FACTS, further_facts
from plugins.patients.spelling import folded

# When two parts of one kind say the same.
SAME: dict[type[Model], Any] = {
    PatientName: lambda one: (folded(one.name), one.use),
    Identifier: lambda one: (one.__data__["type"], one.plain),
    Telecom: lambda one: (one.kind, one.lookup or one.value),
    Address: lambda one: (
        one.use,
        one.lines,
        one.area,
        one.district,
        one.city,
        one.state,
        one.postal_code,
        one.country,
    ),
    ContactPerson: lambda one: (folded(one.name), one.e164 or one.phone, one.relation),
}


def settle(merge: Merge, survivor: Patient, merged: Patient) -> None:
    """Take over the facts chosen, put aside what is there twice, and let the merged record point at the other."""
    before, merged_before = indexed_before(merge, survivor, merged)
    mark = f"merge {merge.uid}"
    parts = [(one, "") for one in there_twice(survivor)]
    parts += [(one, one.claim) for one in Identifier.select().where(Identifier.uid.in_(merge.settled["void"]))]
    kept_parts = []
    for part, claim in parts:
        kept_parts.append([part._meta.noun, part.uid, claim])
        if claim:
            part.claim = None
            part.save()
        part.retire(mark)
    facts = {}
    taken = merge.settled["taken"]
    names = [name for name in taken if name not in FACTS]
    further = {one.key: one.take_over(names, survivor, merged) for one in further_facts()}
    for column in [column for name in taken if name in FACTS for column in FACTS[name][1]]:
        facts[column] = [stored(survivor, column), stored(merged, column)]
        setattr(survivor, column, merged.__data__.get(column))
    for column, both in (("is_sensitive", survivor.is_sensitive or merged.is_sensitive),
                         ("is_unidentified", survivor.is_unidentified and merged.is_unidentified)):  # fmt: skip
        facts[column] = [getattr(survivor, column), both]
        setattr(survivor, column, both)
    survivor.is_merging = merged.is_merging = False
    merged.merged_into = survivor
    merged.retire(mark)
    known = known_of(survivor)
    survivor.words = words_for(known.names)
    survivor.save()
    write_index(merged, indexed(merged, known), merged_before)
    write_index(survivor, indexed(survivor, known), before)
    merge.kept = {"facts": facts, "parts": kept_parts, "further": further}


def give_back(merge: Merge, survivor: Patient, merged: Patient) -> None:
    """Undo what settling did, as far as nobody changed it since. A merge that never ended has nothing to undo."""
    before, merged_before = indexed_before(merge, survivor, merged)
    for noun, uid, claim in merge.kept.get("parts", ()):
        restore_part(noun, uid, claim, f"merge {merge.uid}")
    for column, (was, is_now) in merge.kept.get("facts", {}).items():
        if stored(survivor, column) == is_now:
            setattr(survivor, column, Patient._meta.fields[column].python_value(was))
    survivor.is_merging = merged.is_merging = False
    if merged.is_retired and merged.__data__["merged_into"] == survivor.id:
        merged.merged_into = None
        merged.save()
        merged.restore()
    further = merge.kept.get("further", {})
    for one in further_facts():
        if one.key in further:
            one.give_back(survivor, merged, further[one.key])
    for patient, was_indexed in ((survivor, before), (merged, merged_before)):
        known = known_of(patient)
        patient.words = words_for(known.names)
        patient.save()
        write_index(patient, indexed(patient, known), was_indexed)


def indexed_before(merge: Merge, survivor: Patient, merged: Patient) -> tuple[Indexed, Indexed]:
    """What the search knows of both: what they went by when the merge, or its undoing, began."""
    known = [Known(*names) for names in merge.kept.get("known") or merge.settled["known"]]
    return indexed(survivor, known[0]), indexed(merged, known[1])


def restore_part(noun: str, uid: str, claim: str, mark: str) -> None:
    """Bring one part back into use that the merge put aside, unless somebody has touched it since."""
    model: Any = model_of("patients", noun)
    part = model.get_or_none(model.uid == uid)
    if part is None or part.retired_reason != mark:
        return
    part.restore()
    if claim and not Identifier.select(Identifier.id).where(Identifier.claim == claim).exists():
        part.claim = claim
        part.save()


def there_twice(survivor: Patient) -> list[Any]:
    """Parts in use that say what an older part of the same person says already."""
    found = []
    model: Any
    for model, said_by in SAME.items():
        query = model.select().where(model.patient == survivor.id, model.retired_at.is_null())
        met = set()
        for part in query.order_by(model.id):
            said = said_by(part)
            if said in met:
                found.append(part)
            met.add(said)
    return found


def stored(patient: Patient, column: str) -> Any:
    """A fact as JSON keeps it."""
    value = Patient._meta.fields[column].db_value(patient.__data__.get(column))
    return value if value is None or isinstance(value, (bool, int, str, list, dict)) else str(value)
