"""Records: versions, conflicts, roots, removal, and the ways round `save()` that are closed."""

import threading
from typing import Any

import peewee
import pytest

from core.errors import Conflict, Misuse, Refused
from core.sites import Site
from core.storage import ForeignKeyField, Model, TextField, atomic, is_uid
from core.storage.journal.models import JournalRow
from tests.core.storage.clinic import Bill, BillLine, Person, Slip, Stone, do
from tests.hospital import HOUSE, at_once, bare_site


def made(model: type[Any], **values: Any) -> Any:
    return do(lambda: model.create(**values), by=HOUSE)


def saved(record: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(record, name, value)
    do(record.save, by=HOUSE)
    return record


def bill_of(name: str = "Amara") -> Bill:
    return do(lambda: Bill.create(person=Person.create(name=name)), by=HOUSE)


def test_a_new_record_has_a_uid_a_first_version_and_says_who_made_it(clinic: Site):
    slip = made(Slip, text="new")
    stored = Slip.get_by_id(slip.id)
    assert is_uid(stored.uid)
    assert (stored.version, stored.created_by, stored.updated_by) == (1, "system:test", "system:test")
    assert stored.created_at == stored.updated_at


def test_each_act_that_changes_a_record_raises_its_version_once(clinic: Site):
    slip = made(Slip, text="one")

    def twice() -> None:
        slip.text = "two"
        slip.save()
        slip.text = "three"
        slip.save()

    do(twice, by=HOUSE)
    assert (slip.version, Slip.get_by_id(slip.id).version) == (2, 2)


def test_saving_what_did_not_change_writes_nothing(clinic: Site):
    slip = made(Slip, text="same")
    rows = JournalRow.select().count()
    saved(slip, text="same")
    assert (Slip.get_by_id(slip.id).version, JournalRow.select().count()) == (1, rows)


def test_whoever_comes_second_is_shown_both_versions(clinic: Site):
    slip = made(Slip, text="first")
    seen_before = Slip.get_by_id(slip.id)
    saved(slip, text="theirs")
    with pytest.raises(Conflict) as conflict:
        saved(seen_before, text="mine")
    assert (conflict.value.mine, conflict.value.theirs) == ({"text": "mine"}, {"text": "theirs"})
    assert conflict.value.by == "system:test"
    assert Slip.get_by_id(slip.id).text == "theirs"


def test_of_eight_editors_at_once_one_wins_and_seven_are_told(clinic: Site):
    slip = made(Slip, text="contested")
    copies = [Slip.get_by_id(slip.id) for _one in range(8)]
    results = at_once(clinic, 8, lambda index: saved(copies[index], text=f"editor {index}").text)
    winners = [one for one in results if isinstance(one, str)]
    assert len(winners) == 1
    assert sum(isinstance(one, Conflict) for one in results) == 7
    stored = Slip.get_by_id(slip.id)
    assert (stored.text, stored.version) == (winners[0], 2)


def test_a_stale_record_is_not_deleted_either(clinic: Site):
    slip = made(Slip, text="old")
    seen_before = Slip.get_by_id(slip.id)
    saved(slip, text="new")
    with pytest.raises(Conflict):
        do(seen_before.delete_instance, by=HOUSE)
    do(slip.delete_instance, by=HOUSE)
    assert Slip.get_or_none(Slip.id == slip.id) is None


def test_a_change_to_parts_raises_the_version_of_their_root_once(clinic: Site):
    bill = bill_of()
    do(lambda: [BillLine.create(bill=bill, text=text) for text in "abc"], by=HOUSE)
    assert (bill.version, Bill.get_by_id(bill.id).version) == (2, 2)


def test_the_root_can_be_changed_along_with_its_parts(clinic: Site):
    bill = bill_of()

    def body() -> None:
        same = Bill.get_by_id(bill.id)
        BillLine.create(bill=bill, text="a")
        same.note = "through another object"
        same.save()
        bill.total = 1
        bill.save()

    do(body, by=HOUSE)
    stored = Bill.get_by_id(bill.id)
    assert (stored.version, stored.note, stored.total) == (2, "through another object", 1)


def test_adding_a_part_does_not_hide_that_the_root_is_stale(clinic: Site):
    """Seen at 1, changed by somebody to 2; the part makes it 3, and the old sight must not pass for 2."""
    bill = bill_of()
    seen_before = Bill.get_by_id(bill.id)
    saved(bill, note="theirs")

    def body() -> None:
        BillLine.create(bill=seen_before, text="a part")
        seen_before.note = "mine"
        seen_before.save()

    with pytest.raises(Conflict):
        do(body, by=HOUSE)
    assert Bill.get_by_id(bill.id).note == "theirs"


def test_a_retired_record_says_who_and_why_and_comes_back(clinic: Site):
    slip = made(Slip, text="old paper")
    do(lambda: slip.retire("found another"), by=HOUSE)
    stored = Slip.get_by_id(slip.id)
    assert (stored.is_retired, stored.retired_by, stored.retired_reason) == (True, "system:test", "found another")
    do(stored.restore, by=HOUSE)
    again = Slip.get_by_id(slip.id)
    assert (again.is_retired, again.version, again.retired_reason) == (False, 3, None)
    changes = [
        row.change for row in JournalRow.select().where(JournalRow.record_uid == slip.uid).order_by(JournalRow.id)
    ]
    assert changes == ["created", "retired", "restored"]


def test_what_is_never_removed_is_neither_retired_nor_deleted(clinic: Site):
    stone = made(Stone, text="legal")
    for removal in (lambda: stone.retire("no"), stone.delete_instance):
        with pytest.raises(Misuse):
            do(removal, by=HOUSE)


def test_what_is_pointed_at_is_not_deleted(clinic: Site):
    bill = bill_of()
    with pytest.raises(peewee.IntegrityError):
        do(
            lambda: Person._meta.database.execute_sql(f"DELETE FROM clinic_person WHERE id = {bill.person_id}"),
            by=HOUSE,
        )
    assert Person.get_by_id(bill.person_id)


def test_the_person_a_record_is_about_is_found_through_its_root(clinic: Site):
    bill = bill_of()
    line = made(BillLine, bill=bill, text="a")
    assert line.subject_uid == bill.subject_uid == bill.person.uid == bill.person.subject_uid
    row = JournalRow.get(JournalRow.record_uid == line.uid)
    assert (row.subject_uid, row.root_uid) == (bill.person.uid, bill.uid)


def test_a_record_is_written_inside_an_act_only(clinic: Site):
    with pytest.raises(Misuse):
        Slip.create(text="nobody's act")
    with atomic(), pytest.raises(Misuse):
        Slip.create(text="a transaction, and no act")


def test_peewees_ways_round_save_are_closed(clinic: Site):
    ways = (
        lambda: Slip.update(text="x"), Slip.delete, lambda: Slip.insert(text="x"), lambda: Slip.insert_many([]),
        lambda: Slip.replace(text="x"), lambda: Slip.bulk_create([]), lambda: Slip.bulk_update([], []),
        lambda: Slip.delete_by_id(1), lambda: Slip.set_by_id(1, {}), lambda: Slip.get_or_create(text="x"),
        lambda: Slip.insert_from(Slip.select(), []), Slip.truncate_table,
    )  # fmt: skip
    for way in ways:
        with pytest.raises(Misuse, match="past the journal"):
            way()


def test_a_record_of_one_site_is_not_saved_at_another(clinic: Site, tmp_path: Any):
    elsewhere = bare_site(f"sqlite:///{tmp_path / 'other.db'}", tmp_path, "elsewhere")
    with elsewhere.activate():
        stranger = Slip(text="from elsewhere")
    with pytest.raises(Misuse, match="elsewhere"):
        do(stranger.save, by=HOUSE)


def test_rows_are_not_changed_unseen_by_foreign_keys():
    for rule in ("CASCADE", "SET NULL"):
        with pytest.raises(Misuse, match="unseen"):
            type("_Wrong", (Model,), {"__module__": __name__, "person": ForeignKeyField(Person, on_delete=rule)})
    with pytest.raises(Misuse, match="ManyToMany"):
        type("_Many", (Model,), {"__module__": __name__, "people": peewee.ManyToManyField(Person)})


def test_options_name_what_exists():
    for option in ("root", "place", "subject"):
        meta = type("Meta", (), {option: "nothing"})
        with pytest.raises(Misuse, match="nothing"):
            type("_Odd", (Model,), {"__module__": __name__, "text": TextField(), "Meta": meta})


def test_names_are_kept_as_written_and_nul_is_refused(clinic: Site):
    names = ["Olúwaṣeun Adéyẹmí", "王秀英", "يوسف الحسن", "O'Neil; DROP TABLE", "👩‍⚕️", "a ", "A", "Zoë"]
    for name in names:
        assert Person.get_by_id(made(Person, name=name).id).name == name
    with pytest.raises(Refused):
        made(Person, name="nul\x00")
    assert Person.get_by_id(made(Person, name="Zoe\u0308").id).name == "Zoë"


def test_two_threads_at_two_sites_write_each_to_its_own(clinic: Site, tmp_path: Any):
    other = bare_site(f"sqlite:///{tmp_path / 'two.db'}", tmp_path, "two")
    with other.activate():
        other.database.create_tables([Slip])
    found: dict[str, int] = {}

    def look() -> None:
        with other.activate():
            found["other"] = Slip.select().count()

    made(Slip, text="here only")
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == {"other": 0}
