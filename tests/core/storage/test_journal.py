"""The journal: a row for every write, in the same transaction, unchangeable, and a feed that misses nothing."""

import json
import os
import sqlite3
import threading
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import peewee
import pytest

from core.actors import Actor
from core.errors import Forbidden, Refused, Unavailable
from core.sites import Site, current
from core.storage import atomic
from core.storage.journal.history import erase_contents, history_of, search_journal, search_reads
from core.storage.journal.models import JournalContent, JournalRow, ReadRow
from core.storage.journal.positions import broken_rows, feed, seal_all
from core.storage.journal.reads import disclosed, flush_reads, read_store
from core.storage.journal.writer import digest_of, note
from tests.core.storage.clinic import Bill, BillLine, Person, Slip, do, write_slip
from tests.hospital import HOUSE, SOAK, at_once, bare_site, rounds

pytestmark = SOAK


def rows_of(uid: str) -> list[JournalRow]:
    return list(JournalRow.select().where(JournalRow.record_uid == uid).order_by(JournalRow.id))


def test_every_write_is_one_row_that_says_who_what_whose_and_how(clinic: Site):
    bill = do(lambda: Bill.create(person=Person.create(name="Nia"), note="a"), by=HOUSE)
    bill.note = "b"
    do(bill.save, by=HOUSE)
    created, changed = rows_of(bill.uid)
    assert (created.act, created.change, created.outcome, created.record_version) == ("clinic.do", "created", "done", 1)
    assert (changed.change, changed.record_version, changed.plugin, changed.noun) == ("changed", 2, "clinic", "bill")
    assert (changed.actor_kind, changed.actor_uid, changed.door) == ("system", "system:test", "test")
    assert changed.subject_uid == bill.person.uid
    assert history_of(bill.uid)[0].content == {"note": ["a", "b"]}


def test_a_row_carries_the_salted_digest_of_what_changed(clinic: Site):
    slip = write_slip("secret", by=HOUSE)
    row = rows_of(slip.uid)[0]
    content = JournalContent.get(JournalContent.entry_uid == row.uid)
    assert json.loads(content.content)["text"] == [None, "secret"]
    assert row.digest == digest_of(content.salt, content.content)
    assert "secret" not in str(row.__data__)


def test_a_part_is_found_in_the_history_of_its_root(clinic: Site):
    bill = do(lambda: Bill.create(person=Person.create(name="Root")), by=HOUSE)
    do(lambda: BillLine.create(bill=bill, text="a part"), by=HOUSE)
    assert {one.row.noun for one in history_of(bill.uid)} == {"bill", "bill_line"}


def test_an_act_that_fails_leaves_no_row_of_a_write(clinic: Site):
    before = JournalRow.select().count()

    def body() -> None:
        Slip.create(text="not kept")
        raise Refused

    with pytest.raises(Refused):
        do(body, by=HOUSE)
    assert JournalRow.select().count() == before


def test_a_refusal_for_want_of_permission_is_a_row(clinic: Site):
    nobody = Actor("person", "u-1", "Nobody in particular")
    with pytest.raises(Forbidden):
        write_slip("not mine to write", by=nobody)
    row = search_journal({"actor_uid": "u-1"}, limit=1)[0].row
    assert (row.act, row.outcome, row.reason) == ("clinic.write_slip", "refused", "clinic.write_slip")


@pytest.mark.parametrize(
    "statement", ["UPDATE core_journal SET act = 'x'", "DELETE FROM core_journal", "DELETE FROM core_read"]
)
def test_the_journal_cannot_be_changed_afterwards(clinic: Site, statement: str):
    write_slip("for good", by=HOUSE)
    if "core_read" in statement:
        values = "'2026-01-01', '', '', '', '', '', '', '', '', '', '', ''"
        columns = "at, request_id, actor_kind, actor_uid, on_behalf, role, door, source, kind, subject_uid, shown, uids"
        clinic.database.execute_sql(f"INSERT INTO core_read ({columns}) VALUES ({values})")
    before = (JournalRow.select().count(), ReadRow.select().count())
    with pytest.raises(peewee.PeeweeException, match="append-only"):
        clinic.database.execute_sql(statement)
    assert (JournalRow.select().count(), ReadRow.select().count()) == before


def test_a_row_keeps_the_version_it_tells_of_while_it_waits_for_its_position(clinic: Site):
    slip = write_slip("told once", by=HOUSE)
    note("clinic.phone_call", subject_uid="p-9")
    row = rows_of(slip.uid)[0]
    noted = JournalRow.get(JournalRow.subject_uid == "p-9")
    assert (row.record_version, noted.record_version) == (1, None)
    for one, version in ((row, "2"), (row, "NULL"), (noted, "1")):
        with pytest.raises(peewee.PeeweeException, match="append-only"):
            clinic.database.execute_sql(f"UPDATE core_journal SET record_version = {version} WHERE id = {one.id}")
    seal_all()
    assert JournalRow.get(JournalRow.id == row.id).position


def test_a_position_is_given_once_and_not_again(clinic: Site):
    slip = write_slip("sealed", by=HOUSE)
    seal_all()
    row = rows_of(slip.uid)[0]
    assert row.position
    with pytest.raises(peewee.PeeweeException, match="append-only"):
        clinic.database.execute_sql(f"UPDATE core_journal SET position = 999999 WHERE id = {row.id}")


READ_ONLY = {
    "sqlite": ["CREATE TRIGGER full_t BEFORE INSERT ON core_journal BEGIN SELECT RAISE(ABORT, 'read-only'); END"],
    "postgresql": [
        (
            "CREATE OR REPLACE FUNCTION full_f() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'read-only'; END $$"
        ),
        "CREATE TRIGGER full_t BEFORE INSERT ON core_journal FOR EACH ROW EXECUTE FUNCTION full_f()",
    ],
    "mariadb": [
        (
            "CREATE TRIGGER full_t BEFORE INSERT ON core_journal FOR EACH ROW"
            " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'read-only'"
        )
    ],
}


def test_when_the_journal_cannot_be_written_the_act_fails(clinic: Site):
    """A-14: the audit table is made read-only."""
    for statement in READ_ONLY[clinic.engine]:
        clinic.database.execute_sql(statement)
    try:
        with pytest.raises(peewee.PeeweeException):
            write_slip("unjournaled", by=HOUSE)
        assert current().transaction is None
    finally:
        on_table = " ON core_journal" if clinic.engine == "postgresql" else ""
        clinic.database.execute_sql(f"DROP TRIGGER full_t{on_table}")
    assert Slip.select().where(Slip.text == "unjournaled").count() == 0
    write_slip("journaled again", by=HOUSE)


def test_erasing_what_is_kept_about_a_person_leaves_a_journal_that_verifies(clinic: Site):
    person, other = (do(lambda name=name: Person.create(name=name), by=HOUSE) for name in ("Erased", "Kept"))
    seal_all()
    with atomic():
        assert erase_contents(person.uid) == 1
    assert history_of(person.uid)[0].content is None
    assert history_of(other.uid)[0].content == {"name": [None, "Kept"]}
    assert broken_rows() == []


def test_what_is_kept_of_a_content_cannot_be_changed_unnoticed(clinic: Site):
    slip = write_slip("true", by=HOUSE)
    seal_all()
    row = rows_of(slip.uid)[0]
    mark = clinic.database.param
    sql = f"UPDATE core_journal_content SET content = {mark} WHERE entry_uid = {mark}"
    kept = JournalContent.get(JournalContent.entry_uid == row.uid).content
    clinic.database.execute_sql(sql, ('{"text":[null,"false"]}', row.uid))
    assert broken_rows() == [row.position]
    clinic.database.execute_sql(sql, (kept, row.uid))
    assert broken_rows() == []


def test_a_tail_cut_off_and_a_row_taken_out_are_named(site: Site):
    with site.activate(door="test"):
        site.database.create_tables([Slip])
        for number in range(5):
            write_slip(f"{number}", by=HOUSE)
        seal_all()
        last = JournalRow.select(peewee.fn.MAX(JournalRow.position)).scalar()
        site.database.execute_sql("DROP TRIGGER core_journal_no_delete")
        for position in (last, last - 3):
            site.database.execute_sql(f"DELETE FROM core_journal WHERE position = {position}")
        assert broken_rows() == [last - 3, last]


def write_with_pauses(site: Site, index: int, each: int) -> list[str]:
    """Acts that pause before they commit, so that ids and commits come in different orders."""

    def body(number: int) -> Slip:
        slip: Slip = Slip.create(text=f"feed {index} {number}")
        time.sleep(0.002 * ((index + number) % 5) if site.engine != "sqlite" else 0)
        return slip

    return [do(partial(body, number), by=HOUSE).uid for number in range(each)]


def follow(after: int, done: threading.Event) -> list[str]:
    """Read the feed by position until everybody has written."""
    seen: list[str] = []
    was_done = False
    while not was_done:
        was_done = done.is_set()
        for row in feed(after):
            seen.append(row.record_uid)
            after = row.position
        time.sleep(0.005)
    return seen


def test_rows_of_several_acts_at_once_are_each_read_once_and_none_is_missed(clinic: Site):
    writers, each = 8, rounds(4, 40)
    write_slip("the last one before", by=HOUSE)
    start = feed(0, limit=100_000)[-1].position or 0
    done, gate = threading.Event(), threading.Barrier(writers, action=lambda: done.set())

    def work(index: int) -> list[str]:
        if index >= writers:
            return follow(start, done)
        try:
            return write_with_pauses(clinic, index, each)
        finally:
            gate.wait()

    found = at_once(clinic, writers + 2, work)
    written = sorted(uid for uids in found[:writers] for uid in uids)
    assert len(written) == writers * each
    for seen in found[writers:]:
        assert sorted(seen) == written
    assert broken_rows() == []


# ---- Reading ----


def test_what_an_answer_shows_is_written_down_before_it_leaves(clinic: Site):
    clinic_actor = current().actor
    disclosed("record", ["p-1"], subject_uid="p-1")
    disclosed("list", ["p-2", "p-3", "p-2"], condition="name begins with N")
    disclosed("list", ["p-4"], condition="name begins with N")
    flush_reads()
    flush_reads()
    of_one = search_reads({"subject_uid": "p-1"})
    of_list = search_reads({"subject_uid": "p-4"})
    assert [one.kind for one in of_one] == ["record"]
    assert [(one.shown, one.uids) for one in of_list] == [("name begins with N", ["p-2", "p-3", "p-4"])]
    assert of_list[0].actor_kind == clinic_actor.kind


def test_forty_readers_at_once_are_all_written_down(clinic: Site):
    def read(index: int) -> None:
        disclosed("record", [], subject_uid=f"many-{index}")
        flush_reads()

    assert at_once(clinic, 20, read) == [None] * 20
    assert all(len(search_reads({"subject_uid": f"many-{index}"})) == 1 for index in range(20))


def test_an_answer_that_cannot_be_recorded_is_refused_and_the_next_one_is_not(clinic: Site):
    store = read_store(clinic)
    table = "core_read"
    store.database.execute_sql(f"ALTER TABLE {table} RENAME TO core_read_away")
    try:
        disclosed("record", [], subject_uid="unrecorded")
        with pytest.raises(Unavailable):
            flush_reads()
    finally:
        store.database.execute_sql(f"ALTER TABLE core_read_away RENAME TO {table}")
        if store.database is not clinic.database:
            store.database.close()
    disclosed("record", [], subject_uid="recorded")
    flush_reads()
    assert (len(search_reads({"subject_uid": "unrecorded"})), len(search_reads({"subject_uid": "recorded"}))) == (0, 1)


def test_an_interrupted_writer_of_reads_does_not_stop_the_others(clinic: Site, monkeypatch: pytest.MonkeyPatch):
    class Interrupted(BaseException):
        pass

    def interrupt(*_args: Any) -> None:
        raise Interrupted

    with monkeypatch.context() as patched:
        patched.setattr("core.storage.journal.reads.insert_rows", interrupt)
        disclosed("record", [], subject_uid="interrupted")
        with pytest.raises(Interrupted):
            flush_reads()
    disclosed("record", [], subject_uid="after the interruption")
    flush_reads()
    assert len(search_reads({"subject_uid": "after the interruption"})) == 1


def test_on_sqlite_reads_lie_beside_the_database_and_wait_for_no_writer(tmp_path: Path):
    here = bare_site(f"sqlite:///{tmp_path / 'harbour.db'}", tmp_path, "reading")
    with here.activate(door="test"):
        with atomic():
            disclosed("record", [], subject_uid="during a write")
            began = time.monotonic()
            flush_reads()
            assert time.monotonic() - began < 2
        assert (tmp_path / "harbour-reads.db").is_file()
        database = read_store(here).database
        for statement in ("DELETE FROM core_read", "UPDATE core_read SET shown = 'x'"):
            with pytest.raises(peewee.PeeweeException, match="append-only"):
                database.execute_sql(statement)
        database.close()


def test_on_sqlite_rows_of_reading_are_on_the_disk_before_the_answer_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    here = bare_site(f"sqlite:///{tmp_path / 'harbour.db'}", tmp_path, "reading")
    stored_at_flush: list[tuple[str, int]] = []

    def flush(log: int) -> None:
        with closing(sqlite3.connect(tmp_path / "harbour-reads.db")) as other:
            (stored,) = other.execute("SELECT count(*) FROM core_read").fetchone()
        stored_at_flush.append((Path(f"/proc/self/fd/{log}").readlink().name, stored))
        os.fdatasync(log)

    monkeypatch.setattr("core.storage.journal.reads.flush", flush)
    with here.activate(door="test"):
        for shown in range(1, 4):
            disclosed("record", [], subject_uid=f"p-{shown}")
            flush_reads()
            assert stored_at_flush == [("harbour-reads.db-wal", number) for number in range(1, shown + 1)]


def test_on_sqlite_nothing_is_shown_when_the_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    here = bare_site(f"sqlite:///{tmp_path / 'harbour.db'}", tmp_path, "reading")

    def broken(_log: int) -> None:
        raise OSError(5, "Input/output error")

    with here.activate(door="test"):
        disclosed("record", [], subject_uid="p-1")
        with monkeypatch.context() as patched:
            patched.setattr("core.storage.journal.reads.flush", broken)
            with pytest.raises(Unavailable):
                flush_reads()
        disclosed("record", [], subject_uid="p-2")
        flush_reads()


def test_what_is_shown_inside_a_nested_entry_is_written_down_too(clinic: Site):
    with clinic.activate(door="test"):
        disclosed("record", [], subject_uid="nested")
    flush_reads()
    assert len(search_reads({"subject_uid": "nested"})) == 1


def test_a_note_outside_an_act_is_stored_at_once(clinic: Site):
    note("clinic.phone_call", reason="asked for results", subject_uid="p-9")
    row = search_journal({"subject_uid": "p-9"})[0].row
    assert (row.act, row.plugin, row.change, row.outcome) == ("clinic.phone_call", "clinic", "noted", "done")
