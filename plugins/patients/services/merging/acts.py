"""The acts of merging: begin, go on, end, and all of it backwards."""

from datetime import timedelta
from typing import Any

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Conflict, NeedsConfirmation, Refused
from core.hooks import announce
from core.jobs import Run, enqueue, every, job
from core.sites import current, current_site
from core.storage import rows
from core.storage.journal.writer import note
from core.texts import _
from plugins.patients.models import Merge, Patient
from plugins.patients.models.merging import MERGED, MERGING, UNMERGED, UNMERGING
from plugins.patients.permissions import MERGE
from plugins.patients.services.indexing import known_of
from plugins.patients.services.merging.carrying import (
    BUDGET_SECONDS,
    carry_back,
    carry_there,
    change_places,
    ends_of,
    stored_key,
)
from plugins.patients.services.merging.prospect import Prospect, Settlement, look_at_merge, refuse_objections
from plugins.patients.services.merging.settling import give_back, settle

SYSTEM = "patients"
SWEPT_FOR = timedelta(days=2)


@act("patients.merge", permission=MERGE)
def merge_patients(
    survivor: Patient,
    merged: Patient,
    reason: str,
    by: Actor,
    settlement: Settlement | None = None,
    versions: tuple[int | None, int | None] = (None, None),
) -> Merge:
    """Join two records of one person: everything of `merged` is carried over to `survivor`, in place.

    The merged record stays as a pointer, so that its number, its identifiers and links to it still find the
    person. Ordinary records are joined when this returns; large ones go on as a job (`Merge.state`), and nobody is
    shown either until it ends. Raises `Refused` for what stands against it, `NeedsConfirmation` when they may well
    be two people, `Conflict` when one of them was changed since `versions` were seen.
    """
    chosen = settlement or Settlement()
    survivor, merged = held(survivor), held(merged)
    refuse_stale(survivor, versions[0])
    refuse_stale(merged, versions[1])
    if not reason.strip():
        raise Refused(fields={"reason": _("Say how you know that they are one person.")})
    prospect = look_at_merge(survivor, merged, by)
    refuse_objections(prospect)
    if prospect.doubts and not chosen.doubts_settled:
        raise NeedsConfirmation(_("Are these one person?"), confirm_as="one_person", facts=prospect.doubts)
    refuse_unknown_choices(prospect, chosen)
    lost = [clash for clash in prospect.clashes if clash.key not in chosen.won]
    merge: Merge = Merge.create(
        survivor_uid=survivor.uid, merged_uid=merged.uid, state=MERGING, reason=reason.strip()[:300],
        settled={
            "taken": sorted(chosen.taken), "void": sorted(chosen.void),
            "known": [known_of(survivor), known_of(merged)],
        }, kept={}, total=prospect.total,
        left=[[one.pointer.table, one.pointer.column, list(stored_key(one.theirs))] for one in lost],
    )  # fmt: skip
    for clash in prospect.clashes:
        if clash.key in chosen.won:
            change_places(merge, clash.pointer, clash.mine, clash.theirs)
            merge.left = [*merge.left, [clash.pointer.table, clash.pointer.column, list(stored_key(clash.mine))]]
    go_on(merge, clock.monotonic() + BUDGET_SECONDS)
    if merge.state == MERGING:
        hide(merge, True)
        enqueue(carry_on, merge.uid, by=by, unique_key=merge.uid)
    return merge


@act("patients.unmerge", permission=MERGE)
def unmerge_patients(merge: Merge, reason: str, by: Actor) -> Merge:
    """Make two records of one again: what was carried over goes back, in the reverse order.

    What was written since stays with the survivor, and facts that were changed since stay changed. Raises `Refused`
    while the survivor is itself merged into another, for then that has to be undone first.
    """
    merge = held(merge)
    survivor, merged = ends_of(merge)
    if not reason.strip():
        raise Refused(fields={"reason": _("Say how you know that they are two people.")})
    if merge.state not in (MERGED, MERGING):
        raise Refused(_("This merge was undone already."))
    if survivor.merged_into is not None:
        raise Refused(_("Record %(number)s was merged further since. Undo that first.", number=survivor.number))
    if merge.state == MERGED:
        merge.kept = {**merge.kept, "known": [known_of(survivor), known_of(merged)]}
    merge.state, merge.why_undone, merge.undone_at = UNMERGING, reason.strip()[:300], clock.now()
    go_on(merge, clock.monotonic() + BUDGET_SECONDS)
    if merge.state == UNMERGING:
        hide(merge, True)
        enqueue(carry_on, merge.uid, by=by, unique_key=merge.uid)
    return merge


@act("patients.go_on_merging", permission=MERGE)
def go_on_merging(merge: Merge, by: Actor) -> Merge:
    """Go on with a large merge, or its undoing, now and here, where no worker does."""
    merge = held(merge)
    go_on(merge, clock.monotonic() + BUDGET_SECONDS)
    return merge


@job("patients.carry_merge", system=SYSTEM, tries=20)
def carry_on(run: Run, merge_uid: str) -> None:
    """Go on with a large merge, or with its undoing."""
    while True:
        merge = Merge.get(Merge.uid == merge_uid)
        if merge.state not in (MERGING, UNMERGING):
            return
        run.progress(merge.moved if merge.state == MERGING else 0, merge.total)
        step(run, merge_uid)


def step(run: Run, merge_uid: str) -> None:
    """One transaction's worth. What the database refuses turns a merge round: everything goes back."""
    try:
        with run.step():
            go_on(held(Merge.get(Merge.uid == merge_uid)), clock.monotonic() + BUDGET_SECONDS)
    except Refused as refusal:
        with run.step():
            merge = held(Merge.get(Merge.uid == merge_uid))
            if merge.state != MERGING:
                raise
            merge.state, merge.why_undone = UNMERGING, str(refusal)[:300]
            merge.save()


def go_on(merge: Merge, until: float) -> None:
    """Carry until the time is up, and end what can be ended."""
    if merge.state == MERGING and carry_there(merge, until):
        end_merge(merge)
    elif merge.state == UNMERGING and carry_back(merge, until):
        end_unmerge(merge)
    merge.save()


def end_merge(merge: Merge) -> None:
    """Nothing is left to carry: settle the facts, and let the merged record be a pointer."""
    survivor, merged = ends_of(merge)
    settle(merge, survivor, merged)
    merge.state, merge.ended_at = MERGED, clock.now()
    note("patients.merge", reason=merge.reason, record=survivor, content={"merged": merged.uid})
    note("patients.merge", reason=merge.reason, record=merged, content={"merged_into": survivor.uid})
    announce.patients_merged(survivor=survivor, merged=merged, by=acting())


def end_unmerge(merge: Merge) -> None:
    """Everything is back: the two records are as they were, but for what came since."""
    survivor, merged = ends_of(merge)
    was_merged = bool(merge.kept)
    give_back(merge, survivor, merged)
    merge.state = UNMERGED
    note("patients.unmerge", reason=merge.why_undone, record=survivor, content={"parted_from": merged.uid})
    note("patients.unmerge", reason=merge.why_undone, record=merged, content={"parted_from": survivor.uid})
    if was_merged:
        announce.patients_unmerged(survivor=survivor, restored=merged, by=acting())


@job("patients.sweep_merges", system=SYSTEM, schedule=every(hours=1), catch_up="once")
def sweep_merges(run: Run) -> None:
    """Carry over what was written on a merged record by somebody who had it open at that moment."""
    recent = Merge.select(Merge.uid).where(Merge.state == MERGED, Merge.ended_at > clock.now() - SWEPT_FOR)
    for (uid,) in rows(recent):
        with run.step():
            merge = held(Merge.get(Merge.uid == uid))
            if merge.state == MERGED:
                carry_there(merge, clock.monotonic() + BUDGET_SECONDS)
                merge.save()


def acting() -> Actor:
    """Who is at work."""
    return current().actor


def held(record: Any) -> Any:
    """A record as it is stored now; nobody else changes it until this transaction ends."""
    query = type(record).select().where(type(record).id == record.id)
    return (query if current_site().engine == "sqlite" else query.for_update()).get()


def refuse_stale(patient: Patient, version: int | None) -> None:
    """Raise `Conflict` when a record was changed since it was looked at."""
    if version is not None and patient.version != version:
        raise Conflict(by=patient.updated_by, at=patient.updated_at)


def refuse_unknown_choices(prospect: Prospect, chosen: Settlement) -> None:
    """Raise `Conflict` when what was settled is not what there is to settle any more."""
    offered = (
        {one.name for one in prospect.facts},
        {one.key for one in prospect.clashes},
        {one.uid for one in prospect.numbers},
    )
    if not (chosen.taken <= offered[0] and chosen.won <= offered[1] and chosen.void <= offered[2]):
        raise Conflict


def hide(merge: Merge, is_merging: bool) -> None:
    """Show neither record to anybody while half of one lies with the other."""
    for patient in ends_of(merge):
        patient.is_merging = is_merging
        patient.save()
