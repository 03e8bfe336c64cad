"""Giving a person everything that is kept about them: every row, every file, and who looked at it."""

import json
import zipfile
from base64 import b64encode
from typing import IO, Any

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import NotFound, Refused
from core.sites import current_site
from core.storage import StoredFile
from core.storage.about import held_about
from core.storage.journal.history import search_journal, search_reads
from core.storage.journal.reads import disclosed
from core.storage.journal.writer import note
from core.storage.moving import Person
from core.texts import _, reading
from plugins.patients.models import Patient
from plugins.patients.permissions import GIVE_DATA
from plugins.patients.services.merging.past import merged_into
from plugins.patients.services.merging.prospect import person_of
from plugins.patients.services.printing import language_of, summary_of

AT_ONCE = 500
CHUNK = 256 * 1024
# Told apart as the audit of access, in words.
JOURNALS = ("core_journal", "core_journal_content", "core_read")


@act("patients.give_data", permission=GIVE_DATA)
def give_data(patient: Patient, reason: str, by: Actor) -> None:
    """Note that a person asked for everything that is kept about them, before it is packed."""
    if not reason.strip():
        raise Refused(fields={"reason": _("Say who asked for it, and how you know them.")})
    note("patients.give_data", reason=reason.strip(), record=patient)


def pack(patient: Patient, by: Actor, into: IO[bytes]) -> dict[str, int]:
    """Write the archive: a summary to read, rows by table, files, and the audit; tells how many rows of each table.

    Records merged into this one are part of it.
    """
    by.require(GIVE_DATA)
    persons = persons_of(patient)
    counted: dict[str, int] = {}
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("summary.pdf", summary_of(patient, by).content)
        for held in held_about("patients_patient", persons):
            counted[held.table] = len(held.rows)
            if held.table not in JOURNALS:
                archive.writestr(f"rows/{held.table}.json", written(held.rows))
        for number, file in enumerate(files_about(persons), start=1):
            add_file(archive, f"files/{number:04d}-{file.name}", file)
        archive.writestr("audit/changes.json", written(changes_about(persons)))
        archive.writestr("audit/looks.json", written(looks_about(persons)))
        archive.writestr("README.txt", explained(patient))
    disclosed("export", [one.uid for one in persons], "person", subject_uid=patient.uid)
    return counted


def add_file(archive: zipfile.ZipFile, name: str, file: StoredFile) -> None:
    """Put one content into the archive; one that is lost is named all the same."""
    try:
        source = file.open()
    except NotFound:
        archive.writestr(f"{name}.lost", b"")
        return
    with source, archive.open(name, "w", force_zip64=True) as target:
        while part := source.read(CHUNK):
            target.write(part)


def persons_of(patient: Patient) -> list[Person]:
    """A patient, with the records merged into theirs."""
    return [person_of(one) for one in (patient, *merged_into(patient))]


def files_about(persons: list[Person]) -> list[StoredFile]:
    """Every file about these people, those taken away included."""
    about = StoredFile.about_uid.in_([one.uid for one in persons])
    return list(StoredFile.select().where(about).order_by(StoredFile.id))


def changes_about(persons: list[Person]) -> list[dict[str, Any]]:
    """Who changed what, and when."""
    found = []
    for person in persons:
        before = None
        while some := search_journal({"subject_uid": person.uid}, AT_ONCE, before):
            before = some[-1].row.id
            found += [
                {"at": one.row.at, "who": one.row.actor_uid, "role": one.row.role, "door": one.row.door,
                 "act": one.row.act, "outcome": one.row.outcome, "reason": one.row.reason, "what": one.content}
                for one in some
            ]  # fmt: skip
    return found


def looks_about(persons: list[Person]) -> list[dict[str, Any]]:
    """Who was shown this person, and when; whom else they were shown is nobody's business."""
    found = []
    for person in persons:
        before = None
        while some := search_reads({"subject_uid": person.uid}, AT_ONCE, before):
            before = some[-1].id
            found += [
                {"at": one.at, "who": one.actor_uid, "role": one.role, "door": one.door, "kind": one.kind}
                for one in some
            ]
    return found


def written(rows: Any) -> str:
    """Rows as JSON."""
    return json.dumps(rows, ensure_ascii=False, indent=1, default=plain)


def plain(value: Any) -> str:
    """A value JSON has no word for."""
    return b64encode(value).decode() if isinstance(value, (bytes, bytearray, memoryview)) else str(value)


def explained(patient: Patient) -> str:
    """What is in the archive, in the person's language."""
    with reading(language_of(patient)):
        when = f"{clock.now().astimezone(current_site().zone):%Y-%m-%d %H:%M}"
        return str(
            _(
                "Everything %(site)s keeps about the person of record %(number)s, written %(when)s.\n\n"
                "summary.pdf is to be read. rows/ holds each table of the database with the rows about the person,\n"
                "files/ every paper and picture, audit/ who changed and who saw the record, and when.\n",
                site=current_site().title, number=patient.number, when=when,
            )
        )  # fmt: skip
