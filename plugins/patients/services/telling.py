"""Going through the whole register for people who are there twice, and telling those apart who are not."""

from dataclasses import dataclass

from core.actors import Actor
from core.acts import act
from core.errors import Refused
from core.jobs import Job, Run, enqueue, job
from core.roles import ALL_ROWS
from core.settings import settings_of
from core.storage.journal.reads import disclosed
from core.texts import _
from plugins.patients.models import Likeness, Patient, ToldApart
from plugins.patients.permissions import MERGE
from plugins.patients.services.details import PatientDetails
from plugins.patients.services.duplicates import Likely, candidates, details_of
from plugins.patients.services.finding import scope_of
from plugins.patients.services.hits import Hit, Scope, read_by_id, with_reach
from plugins.patients.services.prepared import rows_of

AT_ONCE = 50
SHOWN = 25
# So many of the likeliest pairs are looked through for those that are open to the reader and not told apart.
MOST_LOOKED_AT = 1000
WHOLE_REGISTER = "whole-register"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who may be one."""

    one: Hit
    other: Hit
    score: int


@act("patients.look_for_duplicates", permission=MERGE)
def look_for_duplicates(by: Actor) -> Job:
    """Let the whole register be gone through; the job's page shows how far it is."""
    return enqueue(go_through, by=by, unique_key=WHOLE_REGISTER)


@job("patients.go_through", permission=MERGE, heavy=True, lease_seconds=60)
def go_through(run: Run) -> None:
    """Compare everybody in the register with those entered before them."""
    (total,) = rows_of(Patient.select(Patient.id).order_by(Patient.id.desc()).limit(1)) or [(0,)]
    last = run.cursor or 0
    while True:
        found = Patient.select().where(Patient.id > last, Patient.retired_at.is_null()).order_by(Patient.id)
        patients = list(found.limit(AT_ONCE))
        if not patients:
            Likeness.delete().where(Likeness.run != run.uid).execute()
            run.progress(total[0], total[0])
            return
        alike = [(patient, older_alike(patient)) for patient in patients]
        with run.step():
            keep(alike, run.uid)
            last = run.cursor = patients[-1].id
            run.progress(last, total[0])


def older_alike(patient: Patient) -> list[tuple[int, int]]:
    """Those entered before somebody who are alike enough to be listed, and how alike they are."""
    details: PatientDetails = details_of(patient)
    likely = Likely(details, Scope(ALL_ROWS))
    hits = candidates(details, likely.by_phone | likely.by_number, likely.scope)
    least = settings_of("patients").lists_duplicates_from
    return [(one.hit.id, one.score) for one in likely.among((hit for hit in hits if hit.id < patient.id), least)]


def keep(alike: list[tuple[Patient, list[tuple[int, int]]]], run: str) -> None:
    """Store what was found of some patients, in place of what an earlier search found of them."""
    Likeness.delete().where(Likeness.other_id.in_([patient.id for patient, _found in alike])).execute()
    made = [
        {"one_id": older, "other_id": patient.id, "score": score, "run": run}
        for patient, found in alike
        for older, score in found
    ]
    if made:
        Likeness.insert_many(made).execute()


def pairs_to_look_at(by: Actor, limit: int = SHOWN) -> list[Pair]:
    """The likeliest pairs of people whom the reader may see and nobody has told apart; journaled as a disclosure."""
    by.require(MERGE)
    apart = {frozenset(pair) for pair in rows_of(
        ToldApart.select(ToldApart.one, ToldApart.other).where(ToldApart.retired_at.is_null())
    )}  # fmt: skip
    query = Likeness.select(Likeness.one_id, Likeness.other_id, Likeness.score)
    found = rows_of(query.order_by(Likeness.score.desc(), Likeness.id.desc()).limit(MOST_LOOKED_AT))
    open_pairs = [pair for pair in found if frozenset(pair[:2]) not in apart]
    ids = sorted({one for pair in open_pairs for one in pair[:2]})
    hits = {hit.id: hit for hit in read_by_id(ids, scope_of(by))} if ids else {}
    seen = [pair for pair in open_pairs if pair[0] in hits and pair[1] in hits][:limit]
    shown = {hit.id: hit for hit in with_reach([hits[one] for one in {one for pair in seen for one in pair[:2]}])}
    if seen:
        disclosed("list", [hit.uid for hit in shown.values()], condition="patients.duplicates")
    return [Pair(shown[one], shown[other], score) for one, other, score in seen]


@act("patients.tell_apart", permission=MERGE)
def tell_apart(one: Patient, other: Patient, by: Actor, reason: str = "") -> ToldApart:
    """Say that these two are two people; they are not offered as one again."""
    if one.id == other.id:
        raise Refused(_("This is one record already."))
    return remember_apart(one, other, reason)


def remember_apart(one: Patient, other: Patient, reason: str) -> ToldApart:
    """Note it once, the older record first."""
    first, second = sorted((one, other), key=lambda patient: int(patient.id))
    known = ToldApart.get_or_none(ToldApart.one == first.id, ToldApart.other == second.id)
    if known is not None:
        return known
    made: ToldApart = ToldApart.create(one=first, other=second, reason=reason.strip()[:300])
    return made
