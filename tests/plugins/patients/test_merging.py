"""Two records become one and two again: every table is met, nothing is lost, and it is all or nothing (A-18)."""

import os
import random
from collections.abc import Iterator
from datetime import date

import pytest

from core.actors import Actor
from core.acts import OPEN, act
from core.errors import Conflict, MedleyError, NeedsConfirmation, Refused
from core.sites import Site
from core.storage.journal.history import history_of
from core.storage.journal.models import JournalRow
from core.testing.house import HOUSE, House
from plugins.patients.models import (
    Flag,
    Identifier,
    IdentifierType,
    Merge,
    MergeMove,
    Patient,
    SearchToken,
    Telecom,
    ToldApart,
)
from plugins.patients.services.details import IdentifierDetails, NameDetails, PatientDetails, TelecomDetails
from plugins.patients.services.finding import find_patients
from plugins.patients.services.flags import flag_patient
from plugins.patients.services.indexing import indexed, known_of
from plugins.patients.services.merging import acts, carrying
from plugins.patients.services.merging.acts import go_on_merging, merge_patients, unmerge_patients
from plugins.patients.services.merging.prospect import Settlement, look_at_merge
from plugins.patients.services.reaching import add_telecom
from plugins.patients.services.registering import edit_patient, register_patient, reindex
from tests.hospital import SOAK, rounds
from tests.plugins.patients.conftest import clerk, entering, kind
from tests.plugins.patients.everything import build_vendors, contents, digest, fill_every_table, pointing, run

pytestmark = SOAK
PAIRS = rounds(2, 50)
KILLS = rounds(12, 400)
SURE = Settlement(doubts_settled=True)


@act("patients.fill_for_a_test", permission=OPEN)
def fill(patient: Patient, by: Actor, shared: str = "") -> None:
    """A row in every table; what is found by further names is kept in step, as the acts do."""
    before = indexed(patient, known_of(patient))
    fill_every_table(patient, shared)
    reindex(Patient.get_by_id(patient.id), before)


@pytest.fixture
def town(site_anywhere: Site) -> Iterator[Site]:
    """A hospital with vendors' tables in it and one stranger, on each engine in turn."""
    with site_anywhere.activate(door="web"):
        build_vendors(site_anywhere)
        kind(check_digit="")
        person("Somebody Else")
        run("UPDATE patients_patient SET number = 'stranger'")
        yield site_anywhere


def person(name: str, chance: random.Random | None = None, **facts: object) -> Patient:
    """Somebody in the register, with what chance gives them."""
    if chance is not None:
        facts.setdefault("born_on", date(1950 + chance.randrange(60), 1 + chance.randrange(12), 1))
        facts.setdefault("sex", chance.choice(("female", "male", "unknown")))
        facts.setdefault("language", chance.choice(("", "sw", "so")))
        facts["telecoms"] = tuple(TelecomDetails(f"0712 555 {chance.randrange(100, 120)}") for _ in range(2))
        facts["names"] = (NameDetails(f"{name} {chance.choice(('Ali', 'Juma', 'Otieno'))}"),)
        number = f"N{chance.randrange(10**9)}"
        facts["identifiers"] = (IdentifierDetails(IdentifierType.get(), number),)
    return register_patient(PatientDetails(name=name, **facts), by=HOUSE, is_new=True, is_complete=False)


def pair(chance: random.Random) -> tuple[Patient, Patient]:
    """Two records of one person, each with a row in every table; some rows can't both be one person's."""
    names = "Zawadi Kitsao", "Amina Yusuf", "Grace Wanjiru", "Mai Nguyen"
    found = tuple(person(chance.choice(names), chance) for _ in range(2))
    for one in found:
        fill(one, by=HOUSE, shared="shared")
    return Patient.get_by_id(found[0].id), Patient.get_by_id(found[1].id)


def tokens() -> set[tuple[int, ...]]:
    return set(SearchToken.select().tuples())


def finished(merge: Merge, by: Actor) -> Merge:
    """A merge at its end; on a busy machine it takes a step or two more than one act."""
    while merge.state in ("merging", "unmerging"):
        merge = go_on_merging(merge, by=by)
    return merge


def test_fifty_random_pairs_with_a_row_in_every_table_are_merged_and_parted(town: Site, grace: Actor) -> None:
    chance = random.Random(18)
    for _number in range(PAIRS):
        survivor, merged = pair(chance)
        before, found_before = contents(), tokens()
        mine, theirs = pointing(survivor), pointing(merged)
        missed = [where for where, count in theirs.items() if not count and "merged_into" not in where]
        assert not missed, "a table that points at patients got no row"

        prospect = look_at_merge(survivor, merged, grace)
        won = frozenset(clash.key for clash in prospect.clashes if chance.random() < 0.5)
        taken = frozenset(fact.name for fact in prospect.facts if chance.random() < 0.5)
        void = frozenset(number.uid for number in prospect.numbers if chance.random() < 0.3)
        merge = merge_patients(survivor, merged, "one card", by=grace, settlement=Settlement(taken, won, void, True))
        assert finished(merge, grace).state == "merged"
        left = pointing(merged)
        clashing = {f"{clash.pointer.table}.{clash.pointer.column}" for clash in prospect.clashes}
        assert {where for where, count in left.items() if count} == clashing
        assert {"vendor_badge.patient_id", "vendor_tag.patient_id"} <= clashing
        together = pointing(survivor)
        for where, count in together.items():
            became = 1 if where == "patients_patient.merged_into_id" else 0  # the merged record itself
            assert count + left[where] == mine[where] + theirs[where] + became, where
        own = (Identifier.patient == survivor.id) & Identifier.retired_at.is_null() & Identifier.claim.is_null(False)
        for identifier in Identifier.select().where(own):
            assert [hit.uid for hit in find_patients(identifier.value, by=grace).hits] == [survivor.uid]
        for asked in (merged.number, merged.name):
            assert survivor.uid in [hit.uid for hit in find_patients(asked, by=grace).hits]
            assert merged.uid not in [hit.uid for hit in find_patients(asked, by=grace).hits]

        assert finished(unmerge_patients(merge, "two people", by=grace), grace).state == "unmerged"
        assert tokens() == found_before
        after = contents()
        assert {name for name in before if before[name] != after[name]} == set()


def test_every_move_is_in_the_journal_with_a_higher_version(town: Site, grace: Actor) -> None:
    survivor, merged = pair(random.Random(3))
    flag = Flag.get(Flag.patient == merged.id)
    finished(merge_patients(survivor, merged, "one card", by=grace, settlement=SURE), grace)
    [moved] = [one for one in history_of(flag.uid) if one.row.change == "moved"]
    assert moved.content == {"patient": [merged.id, survivor.id]}
    assert (moved.row.actor_uid, moved.row.subject_uid, moved.row.record_version) == ("clerk", survivor.uid, 2)
    assert Flag.get_by_id(flag.id).version == 2
    run("SELECT 1")
    notes = JournalRow.select().where(JournalRow.plugin == "vendor", JournalRow.noun == "note")
    assert [row.change for row in notes] == ["moved"]
    assert MergeMove.select().count() == JournalRow.select().where(JournalRow.change == "moved").count()


def test_what_came_since_stays_and_facts_changed_since_stay_changed(desk_anywhere, grace: Actor) -> None:
    enter = entering(grace)
    survivor = enter("Zawadi Kitsao", "1990-01-02")
    merged = enter("Zawadi Mwaringa", "1990-01-02", language="sw", called="Zawa")
    settlement = Settlement(frozenset(("language", "called")))
    merge = merge_patients(survivor, merged, "one card", by=grace, settlement=settlement)
    survivor = Patient.get_by_id(survivor.id)
    assert (survivor.language, survivor.called) == ("sw", "Zawa")
    new = add_telecom(survivor, TelecomDetails("0733 123 456"), by=grace)
    edit_patient(
        survivor, PatientDetails("Zawadi Kitsao", born_on=date(1990, 1, 2), called="Z", language="sw"), by=grace
    )
    unmerge_patients(merge, "two people", by=grace)
    survivor = Patient.get_by_id(survivor.id)
    assert (survivor.language, survivor.called) == ("", "Z")
    assert Telecom.get_by_id(new.id).patient == survivor
    assert not Patient.get_by_id(merged.id).is_retired


def test_a_merge_is_refused_for_good_reasons(desk, enter, grace: Actor) -> None:
    one, other = enter("Zawadi Kitsao", sex="female"), enter("Zawadi Kitsao", sex="male")
    with pytest.raises(Refused):
        merge_patients(one, one, "same", by=grace)
    with pytest.raises(Refused):
        merge_patients(one, other, " ", by=grace)
    with pytest.raises(NeedsConfirmation) as question:
        merge_patients(one, other, "same card", by=grace)
    assert [str(doubt) for doubt in question.value.facts] == ["Their sex differs."]
    with pytest.raises(Conflict):
        merge_patients(one, other, "same card", by=grace, settlement=SURE, versions=(7, None))
    with pytest.raises(Conflict):
        merge_patients(one, other, "same", by=grace, settlement=Settlement(frozenset(("mood",)), doubts_settled=True))
    merge = merge_patients(one, other, "same card", by=grace, settlement=SURE)
    with pytest.raises(Refused):
        merge_patients(one, other, "same card", by=grace, settlement=SURE)
    third = enter("Zawadi K")
    merge_patients(third, one, "same card", by=grace, settlement=SURE)
    assert Patient.get_by_id(other.id).merged_into == third
    with pytest.raises(Refused, match="merged further"):
        unmerge_patients(merge, "two people", by=grace)
    with pytest.raises(MedleyError):
        merge_patients(third, enter("A B"), "x", by=clerk(held=frozenset(("patients.view",))))


def test_nothing_is_written_on_a_merged_record(desk, enter, grace: Actor) -> None:
    one, other = enter("Zawadi Kitsao"), enter("Zawadi Kitsao")
    merge_patients(one, other, "same card", by=grace)
    stale, other = other, Patient.get_by_id(other.id)
    with pytest.raises(Refused, match=one.number):
        flag_patient(other, "Falls", by=grace)
    # Whoever had the record open at that moment writes on it all the same; the sweep carries that over.
    late = add_telecom(stale, TelecomDetails("0733 123 456"), by=grace)
    assert Telecom.get_by_id(late.id).patient_id == other.id
    merge = Merge.get()
    go_on_sweeping(merge)
    assert Telecom.get_by_id(late.id).patient_id == one.id


@act("patients.sweep_for_a_test", permission=OPEN)
def swept(merge: Merge, by: Actor) -> None:
    """What the sweep does with one merge."""
    carrying.carry_there(merge, float("inf"))
    merge.save()


def go_on_sweeping(merge: Merge) -> None:
    swept(merge, by=HOUSE)


def test_two_who_were_told_apart_are_asked_about(desk, enter, grace: Actor) -> None:
    one, other = enter("Zawadi Kitsao"), enter("Zawadi Kitsao")

    @act("patients.tell_for_a_test", permission=OPEN)
    def tell(by: Actor) -> None:
        ToldApart.create(one=one, other=other, reason="twins")

    tell(by=HOUSE)
    assert "two people" in str(look_at_merge(one, other, grace).doubts[0])


def test_a_large_merge_goes_on_in_steps_and_nobody_sees_half_of_it(
    house: House, town: Site, grace: Actor, monkeypatch
) -> None:
    monkeypatch.setattr(acts, "BUDGET_SECONDS", 0.0)
    monkeypatch.setattr(carrying, "AT_ONCE", 3)
    survivor, merged = pair(random.Random(5))
    before = contents()
    merge = merge_patients(survivor, merged, "one card", by=grace, settlement=SURE)
    officer = house.visitor(town, house.person(town, "Rose Records", "records_officer"))
    steps = 0
    while merge.state == "merging":
        assert officer.get(f"/patients/{survivor.uid}").status_code == 503
        assert officer.get(f"/patients/{merged.uid}").status_code == 503
        with pytest.raises(MedleyError):
            add_telecom(Patient.get_by_id(survivor.id), TelecomDetails("0733 123 456"), by=grace)
        merge = go_on_merging(merge, by=grace)
        steps += 1
    assert steps > 5
    assert officer.get(f"/patients/{survivor.uid}").status_code == 200
    answer = officer.get(f"/patients/{merged.uid}/history")
    assert (answer.status_code, answer.location) == (303, f"/patients/{survivor.uid}/history")
    merge = unmerge_patients(merge, "two people", by=grace)
    while merge.state == "unmerging":
        assert officer.get(f"/patients/{merged.uid}").status_code == 503
        merge = go_on_merging(merge, by=grace)
    after = contents()
    assert [name for name in before if before[name] != after[name] and not name.startswith("core_")] == []


def test_what_the_database_refuses_half_way_goes_back(town: Site, grace: Actor, monkeypatch) -> None:
    monkeypatch.setattr(acts, "BUDGET_SECONDS", 0.0)
    survivor, merged = pair(random.Random(6))
    before = digest()
    merge = merge_patients(survivor, merged, "one card", by=grace, settlement=SURE)
    assert digest() != before
    merge = unmerge_patients(merge, "not after all", by=grace)
    while merge.state == "unmerging":
        merge = go_on_merging(merge, by=grace)
    assert digest() == before
    assert not any(
        one.is_merging or one.is_retired for one in (Patient.get_by_id(survivor.id), Patient.get_by_id(merged.id))
    )


def killed_at(site: Site, statement: int, work) -> bool:
    """Do some work in a child that is killed at its n-th statement; whether it came so far."""
    site.database.close()
    site.database.budget.close_idle()
    child = os.fork()
    if child == 0:
        count = 0
        run_sql = type(site.database).execute_sql

        def counting(self, sql, params=None):
            nonlocal count
            count += 1
            if count == statement:
                os._exit(9)
            return run_sql(self, sql, params)

        try:
            type(site.database).execute_sql = counting
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def undo_whole(merge: Merge, by: Actor) -> None:
    """Undo a merge to its end, from wherever it stands."""
    while (merge := undone(merge, by)).state == "unmerging":
        pass


@pytest.mark.slow
def test_killed_at_any_step_a_merge_is_all_or_nothing(town: Site, grace: Actor, monkeypatch) -> None:
    monkeypatch.setattr(acts, "BUDGET_SECONDS", 0.0)
    monkeypatch.setattr(carrying, "AT_ONCE", 8)
    survivor, merged = pair(random.Random(7))
    before = digest()

    def whole() -> None:
        finished(merge_patients(survivor, merged, "one card", by=grace, settlement=SURE), grace)

    chance, begun, statement = random.Random(7), 0, 1
    while killed_at(town, statement, whole):
        merge = Merge.select().order_by(Merge.id.desc()).first()
        if merge is not None and merge.state != "unmerged":
            begun += 1
            assert merge.state == "merging"
            assert all(Patient.get_by_id(one.id).is_merging for one in (survivor, merged))
            if chance.random() < 0.5:  # the next worker goes on, before it is undone after all
                finished(merge, grace)
                left = {where for where, count in pointing(merged).items() if count}
                assert all(where.startswith(("vendor_", "patients_told_apart")) for where in left)
                merge = Merge.get_by_id(merge.id)
            undo_whole(merge, grace)
        assert digest() == before, statement
        survivor, merged = Patient.get_by_id(survivor.id), Patient.get_by_id(merged.id)
        statement += max(1, int(chance.expovariate(KILLS / 700)))
    assert begun


@pytest.mark.slow
def test_killed_at_any_step_its_undoing_is_all_or_nothing(town: Site, grace: Actor, monkeypatch) -> None:
    monkeypatch.setattr(acts, "BUDGET_SECONDS", 0.0)
    monkeypatch.setattr(carrying, "AT_ONCE", 8)
    survivor, merged = pair(random.Random(8))
    before = digest()
    chance = random.Random(8)
    for _kill in range(max(2, KILLS // 4)):
        survivor, merged = Patient.get_by_id(survivor.id), Patient.get_by_id(merged.id)
        merge = finished(merge_patients(survivor, merged, "one card", by=grace, settlement=SURE), grace)
        joined = digest()
        assert killed_at(town, 1 + chance.randrange(60), lambda merge=merge: undo_whole(merge, grace))
        merge = Merge.get_by_id(merge.id)
        assert merge.state == "unmerging" or digest() == joined
        undo_whole(merge, grace)
        assert digest() == before


def undone(merge: Merge, by: Actor) -> Merge:
    """One more step of undoing a merge, from wherever it stands."""
    if merge.state in ("merged", "merging"):
        return unmerge_patients(merge, "two people", by=by)
    return go_on_merging(merge, by=by)
