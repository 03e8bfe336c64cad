"""What a merge would do, before it is done: every linked record, what differs, what clashes, and who objects.

Linked records are found in the database's own catalogue (`core.storage.pointing`), so that tables of plugins that
are off, absent or a vendor's are met like any others.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.actors import Actor
from core.errors import Refused, Words
from core.hooks import ask, collect
from core.storage import all_tables, rows
from core.storage.moving import Person
from core.storage.pointing import Key, Pointer, clashing_rows, count_pointing, pointers_at
from core.texts import Text, _
from plugins.patients.hookspecs import MergeFacts
from plugins.patients.models import Identifier, IdentifierType, Patient, Relation, ToldApart

# What can be taken over from the merged record, and the columns that go with it.
FACTS: dict[str, tuple[Text, tuple[str, ...]]] = {
    "name": (_("Name"), ("name", "name_parts")),
    "called": (_("Called"), ("called",)),
    "sex": (_("Sex"), ("sex",)),
    "born": (_("Born"), ("born_on", "born_precision")),
    "language": (_("Language"), ("language",)),
    "preferred_way": (_("Best reached by"), ("preferred_way",)),
    "place": (_("Registered at"), ("place",)),
    "photo": (_("Photo"), ("photo_uid",)),
    "deceased": (_("Died"), ("is_deceased", "deceased_at")),
    "multiple": (_("Multiple birth"), ("is_multiple_birth", "birth_order")),
}
NOTHING = ("", None, "unknown", False)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of both records; `is_taken` when the merged record's is offered, because the other says nothing."""

    name: str
    label: Words
    mine: Any
    theirs: Any
    is_same: bool
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one column of one table that point at the record to be merged."""

    pointer: Pointer
    label: str
    plugin: str
    is_known: bool
    count: int


@dataclass(frozen=True, slots=True)
class Clash:
    """Two rows of which only one can be the survivor's. `key` names them in a settlement."""

    key: str
    pointer: Pointer
    label: str
    mine: Key
    theirs: Key


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a kind of which a person has one, when the two records show different ones."""

    uid: str
    label: str
    value: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a merge would do. With `objections` it can't be done; `doubts` ask for a second look."""

    survivor: Patient
    merged: Patient
    facts: list[Fact]
    groups: list[Group]
    clashes: list[Clash]
    numbers: list[Number]
    doubts: list[Words]
    objections: list[Words]

    @property
    def total(self) -> int:
        """How many rows would be carried over."""
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the clerk chose: facts taken from the merged record, clashes the merged record's row wins, void numbers."""

    taken: frozenset[str] = frozenset()
    won: frozenset[str] = frozenset()
    void: frozenset[str] = frozenset()
    doubts_settled: bool = field(default=False)


def person_of(patient: Patient) -> Person:
    """A patient as pointers hold them."""
    return Person(patient.id, patient.uid, "patients", "patient")


def pointers() -> list[Pointer]:
    """Every column of this hospital's database that can point at a patient."""
    return pointers_at("patients_patient", "patients", "patient")


def look_at_merge(survivor: Patient, merged: Patient, by: Actor) -> Prospect:
    """What would become of both; nothing is changed."""
    found = pointers()
    person, other = person_of(survivor), person_of(merged)
    groups = [group_of(pointer, count_pointing(pointer, other.sought_by(pointer))) for pointer in found]
    groups = [group for group in groups if group.count]
    clashes = [
        Clash(clash_key(pointer, mine, theirs), pointer, group_of(pointer, 1).label, mine, theirs)
        for pointer in found
        if pointer.uniques
        for mine, theirs in clashing_rows(pointer, person.value_for(pointer), other.value_for(pointer))
    ]
    return Prospect(
        survivor, merged, facts_of(survivor, merged, by), groups, clashes, different_numbers(survivor, merged),
        list(doubts_about(survivor, merged)), list(objections_to(survivor, merged, groups, by)),
    )  # fmt: skip


def facts_of(survivor: Patient, merged: Patient, by: Actor) -> list[Fact]:
    """Fact by fact; what is alike or unknown on both sides is left out, the name is always there."""
    found = []
    for name, (label, columns) in FACTS.items():
        mine, theirs = (tuple(one.__data__.get(column) for column in columns) for one in (survivor, merged))
        is_said = [values[0] not in NOTHING for values in (mine, theirs)]
        if name == "name" or (mine != theirs and any(is_said)):
            is_taken = is_said[1] and (not is_said[0] or (name == "name" and survivor.is_unidentified))
            found.append(Fact(name, label, mine[0], theirs[0], mine == theirs, is_taken))
    for further in further_facts():
        for one in further.differing(survivor, merged, by):
            found.append(Fact(one.name, one.label, one.mine, one.theirs, False, one.is_taken))
    return found


def further_facts() -> list[MergeFacts]:
    """What keeps facts of a person that the register does not know itself."""
    return [one for one in collect.patients_merge_facts() if isinstance(one, MergeFacts)]


def group_of(pointer: Pointer, count: int) -> Group:
    """The rows of a pointer, under the name their plugin gives them, or their table's where it is not here."""
    table: Any = all_tables().get(pointer.table)
    meta = table._meta if table is not None else None
    plugin, _line, noun = pointer.table.partition("_")
    label = str(getattr(meta, "label", "") or getattr(meta, "noun", noun).replace("_", " ").capitalize())
    return Group(pointer, label, getattr(meta, "plugin", plugin), meta is not None, count)


def clash_key(pointer: Pointer, mine: Key, theirs: Key) -> str:
    """What names a clash in a form."""
    return json.dumps([pointer.table, pointer.column, mine, theirs], default=str, separators=(",", ":"))


def different_numbers(survivor: Patient, merged: Patient) -> list[Number]:
    """Numbers of which a person has only one, where the two records show different ones."""
    found: dict[int, list[Number]] = {}
    for patient in (survivor, merged):
        query = Identifier.select(Identifier.uid, Identifier.type, IdentifierType.label, Identifier.value)
        query = query.join(IdentifierType).where(
            Identifier.patient == patient.id, Identifier.retired_at.is_null(), Identifier.until_on.is_null(),
            IdentifierType.is_unique,
        )  # fmt: skip
        for uid, kind, label, value in rows(query.order_by(Identifier.id)):
            found.setdefault(kind, []).append(Number(uid, label, value, patient.id == survivor.id))
    return [one for some in found.values() if len({number.is_mine for number in some}) == 2 for one in some]


def doubts_about(survivor: Patient, merged: Patient) -> Iterable[Words]:
    """What speaks against their being one person."""
    pair = sorted((survivor.id, merged.id))
    apart = ToldApart.get_or_none(
        ToldApart.one.in_(pair), ToldApart.other.in_(pair), ToldApart.one != ToldApart.other,
        ToldApart.retired_at.is_null(),
    )  # fmt: skip
    if apart is not None:
        yield _("Somebody has looked at these two before and said that they are two people.")
    if different_numbers(survivor, merged):
        yield _("They carry different numbers of a kind that a person has only one of.")
    if "unknown" not in (survivor.sex, merged.sex) and survivor.sex != merged.sex:
        yield _("Their sex differs.")
    if survivor.is_multiple_birth and merged.is_multiple_birth and survivor.birth_order != merged.birth_order:
        yield _("Both are of a multiple birth, and their places in it differ.")
    if survivor.is_deceased != merged.is_deceased:
        yield _("One of them has died.")


def objections_to(survivor: Patient, merged: Patient, groups: Iterable[Group], by: Actor) -> Iterable[Words]:
    """Why it can't be done: rules of the register's own, and what other plugins say."""
    if survivor.id == merged.id:
        yield _("This is one record already.")
        return
    for one in (survivor, merged):
        if one.is_merging:
            yield _("Record %(number)s is being merged at this moment.", number=one.number)
        elif one.is_retired:
            yield _("Record %(number)s is out of use.", number=one.number)
    both = (survivor.id, merged.id)
    if Relation.select().where(
        Relation.patient.in_(both), Relation.other.in_(both), Relation.retired_at.is_null()
    ).exists():  # fmt: skip
        yield _("They are noted as each other's family. Take that away first, if it is wrong.")
    for group in groups:
        if not group.pointer.key:
            yield _("The table %(table)s has no key, so its rows could not be carried back.", table=group.pointer.table)
    answers = ask.patients_merge_objections(survivor=survivor, merged=merged, by=by)
    yield from answers.answers
    if answers.unchecked:
        yield _("Not checked: %(names)s could not answer.", names=", ".join(answers.unchecked))


def refuse_objections(prospect: Prospect) -> None:
    """Raise `Refused` with the first objection."""
    for words in prospect.objections:
        raise Refused(words)
