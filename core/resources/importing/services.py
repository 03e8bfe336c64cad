"""What somebody does with an import: send a file, say what its columns are, put cells right, let it run, undo it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, BinaryIO

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Forbidden, NotFound, Refused, Words
from core.jobs import Job, enqueue
from core.resources.declaring import Fact, Resource
from core.resources.files import Sheet, open_sheet
from core.resources.importing.jobs import run_import, test_import, undo_import
from core.resources.importing.models import (
    AT_WORK,
    DONE,
    FAILED,
    IMPORTING,
    SENT,
    STOPPED,
    TESTED,
    TESTING,
    UNDOING,
    UNDONE,
    ColumnMap,
    Import,
    ImportedRow,
    ImportProblem,
)
from core.resources.importing.rows import ADD, BOTH, CHANGE, RECURRING, UID, importable
from core.resources.kinds import Unreadable
from core.storage import is_uid, savepoint
from core.storage.files import Content, keep_for_now, store_of_site
from core.storage.journal.writer import note
from core.storage.search import normalise
from core.texts import _
from core.users.permissions import SIGN_IN

KEPT = timedelta(days=30)
LARGEST_FILE = 64 * 1024**2
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
LONGEST_ANSWER = 500
AT_ONCE = 500


def permission_to_import(resource: Resource) -> str:
    """The right to bring records in: that of entering them, or of changing them; "" where neither can be done."""
    return resource.may_import or resource.acts.permission_to("create") or resource.acts.permission_to("edit")


def modes_for(resource: Resource, by: Actor) -> list[str]:
    """What this actor may do with the rows of a file."""
    found = {
        ADD: by.may(resource.acts.permission_to("create")) if resource.acts.create is not None else False,
        CHANGE: by.may(resource.acts.permission_to("edit")) if resource.acts.edit is not None else False,
    }
    return [*([BOTH] if all(found.values()) else []), *(mode for mode, is_open in found.items() if is_open)]


def require_import(resource: Resource, by: Actor) -> None:
    """Raise `Forbidden` for whoever may not bring records in."""
    permission = permission_to_import(resource)
    if "import" not in resource.doors or not permission:
        raise NotFound
    for needed in (resource.may_view, permission):
        if not by.may(needed):
            raise Forbidden(needed)


# The file.


def send_file(resource: Resource, name: str, stream: BinaryIO, by: Actor) -> Import:
    """Take in a file and guess what its columns are. Raises `Refused` for what is no table."""
    require_import(resource, by)
    content = store_of_site().put(stream, LARGEST_FILE)
    with store_of_site().open(content.sha256) as kept:
        sheet = open_sheet(kept)
    return keep_import(resource, name, content, sheet, by=by)


@act("core.send_import", permission=SIGN_IN)
def keep_import(resource: Resource, name: str, content: Content, sheet: Sheet, by: Actor) -> Import:
    """The import of a file, its columns mapped as they were the last time, or by their names."""
    now = clock.now()
    file = keep_for_now(name, TYPES[sheet.kind], content, by.uid, now + KEPT)
    heads = list(sheet.heads)
    known = remembered(resource, heads)
    modes = modes_for(resource, by)
    guessed = guess(resource, heads, by)
    mapping, mode = (
        (known.mapping, known.mode) if known is not None else (guessed, first_mode(resource, guessed, modes))
    )
    made: Import = Import.create(
        noun=resource.name, owner_uid=by.uid, file_name=file.name, file_uid=file.uid, heads=heads,
        remarks=[str(words) for words in sheet.remarks], mapping=mapping, mode=mode if mode in modes else modes[-1],
        clears_empty=known.clears_empty if known is not None else False,
        counts={"rows": sheet.size}, created_at=now, until_at=now + KEPT,
    )  # fmt: skip
    note("core.send_import", reason=f"{resource.name} {made.uid}", by=by)
    return made


def first_mode(resource: Resource, mapping: Mapping[str, str], modes: Sequence[str]) -> str:
    """What is likely meant: add and change where rows can be told apart, add otherwise."""
    mapped = set(mapping.values())
    can_find = UID in mapped or bool(resource.identified_by and set(resource.identified_by) <= mapped)
    return BOTH if can_find and BOTH in modes else ADD if ADD in modes else modes[0]


def guess(resource: Resource, heads: Sequence[str], by: Actor) -> dict[str, str]:
    """Facts by the names of columns: their labels, their names in programs, or nearly so. Each fact once."""
    facts = importable(resource, ADD, by) or importable(resource, CHANGE, by)
    by_words = {UID: UID}
    for name, fact in facts.items():
        by_words.setdefault(plain(name), name)
        by_words[plain(str(fact.label))] = name
    found: dict[str, str] = {}
    for head in heads:
        name = by_words.get(plain(head), "")
        if name and name not in found.values():
            found[head] = name
    return found


def plain(words: str) -> str:
    """A name of a column without what people write differently."""
    return normalise(words).replace("_", " ").replace(" ", "")


def digest_of(heads: Sequence[str]) -> str:
    """What files with the same columns share."""
    return hashlib.sha256(json.dumps(list(heads)).encode()).hexdigest()


def remembered(resource: Resource, heads: Sequence[str]) -> ColumnMap | None:
    """How a file with these columns was read the last time."""
    found: ColumnMap | None = ColumnMap.get_or_none(
        ColumnMap.noun == resource.name, ColumnMap.digest == digest_of(heads)
    )
    return found


def import_of(resource: Resource, uid: str, by: Actor) -> Import:
    """One's own import; raises `NotFound` for another's and for one that is gone."""
    require_import(resource, by)
    mine = (Import.uid == uid) & (Import.noun == resource.name) & (Import.owner_uid == by.uid)
    found: Import | None = Import.get_or_none(mine & (Import.until_at > clock.now())) if is_uid(uid) else None
    if found is None:
        raise NotFound
    return found


def imports_of(resource: Resource, by: Actor, most: int = 10) -> list[Import]:
    """One's own imports of a noun, newest first."""
    mine = (Import.noun == resource.name) & (Import.owner_uid == by.uid) & (Import.until_at > clock.now())
    return list(Import.select().where(mine).order_by(Import.id.desc()).limit(most))


# The columns.


def map_columns(
    found: Import, resource: Resource, mapping: Mapping[str, str], mode: str, clears_empty: bool, by: Actor
) -> None:
    """Say which fact each column is and what is done with the rows; the file is tried with it."""
    set_columns(found, resource, mapping, mode, clears_empty, by=by)
    test_again(Import.get_by_id(found.id), by=by)


@act("core.map_import", permission=SIGN_IN)
def set_columns(
    found: Import, resource: Resource, mapping: Mapping[str, str], mode: str, clears_empty: bool, by: Actor
) -> None:
    """Say which fact each column is and what is done with the rows; it is remembered for files with these columns."""
    refuse_at_work(found)
    refuse_ended(found)
    fit = fitting(resource, found.heads, mapping, mode, by)
    facts = {"mapping": fit, "mode": mode, "clears_empty": clears_empty}
    digest = digest_of(found.heads)
    ColumnMap.delete().where(ColumnMap.noun == resource.name, ColumnMap.digest == digest).execute()
    ColumnMap.create(noun=resource.name, digest=digest, **facts)
    Import.update(**facts).where(Import.id == found.id).execute()
    note("core.map_import", reason=f"{resource.name} {found.uid}", by=by, content={"mode": mode})


def fitting(
    resource: Resource, heads: Sequence[str], mapping: Mapping[str, str], mode: str, by: Actor
) -> dict[str, str]:
    """The mapping, if rows can be read with it; raises `Refused` saying what is missing."""
    if mode not in modes_for(resource, by):
        raise Refused(fields={"mode": _("Choose what is done with the rows.")})
    facts = importable(resource, mode, by)
    kept = {head: mapping[head] for head in heads if mapping.get(head)}
    wrong: dict[str, Words] = {}
    for place, head in enumerate(heads):
        name = kept.get(head)
        if name is not None and name != UID and name not in facts:
            wrong[f"column_{place}"] = _("There is no such fact.")
        elif name is not None and list(kept.values()).count(name) > 1:
            wrong[f"column_{place}"] = _("Two columns can't be the same fact.")
    given = set(kept.values())
    by_facts = found_by(resource)
    has_identity = UID in given or bool(resource.identified_by and set(resource.identified_by) <= given)
    if mode != CHANGE:
        missing = [str(fact.label) for name, fact in needed(facts).items() if name not in given]
        if missing and not (mode == BOTH and UID in given):
            wrong["mapping"] = _("No column brings what is needed: %(facts)s.", facts=", ".join(missing))
    if mode != ADD and not has_identity:
        words = _("Records that are there are found by %(facts)s or their uid: no column brings it.", facts=by_facts)
        wrong["mode"] = words
    if not given - {UID}:
        wrong["mapping"] = _("Say what at least one column is.")
    if wrong:
        raise Refused(fields=wrong)
    return kept


def needed(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Facts no record is without."""
    return {name: fact for name, fact in facts.items() if fact.required and fact.when is None and fact.default is None}


def found_by(resource: Resource) -> str:
    """What records are told apart by, in words."""
    return ", ".join(str(resource.by_name[name].label) for name in resource.identified_by) or str(_("nothing"))


# The steps.


def begin(found: Import, state: str, work: Any, by: Actor) -> None:
    """Put the import to work. One that was stopped while rows came in goes on after the last of them."""
    job = enqueue(work, found.uid, by=by)
    counts = {"rows": found.counts.get("rows", 0)} if state != UNDOING else found.counts
    if state == IMPORTING and found.state != TESTED:
        counts["resume"] = reached(found)
    facts = {"state": state, "job_uid": job.uid, "is_stopping": False, "error": "", "counts": counts}
    fresh = Import.update(**facts).where(Import.id == found.id, Import.state == found.state).execute()
    if fresh != 1:
        raise Refused(_("This import is at work already. Look again."))


def reached(found: Import) -> Any:
    """How far the last run came: the line, and what it had done."""
    job = Job.get_or_none(Job.uid == found.job_uid, Job.name == "core.run_import")
    return job.cursor["at"] if job is not None and job.cursor else None


def state_of(found: Import) -> str:
    """Where an import stands; one whose job has failed is at work no more."""
    if found.state not in AT_WORK:
        return str(found.state)
    job = Job.get_or_none(Job.uid == found.job_uid)
    if job is not None and not job.has_ended:
        return str(found.state)
    return FAILED if found.state == TESTING else STOPPED


def refuse_at_work(found: Import) -> None:
    """Raise `Refused` while a job has it."""
    if state_of(found) in AT_WORK:
        raise Refused(_("This import is at work already. Look again."))


def refuse_ended(found: Import) -> None:
    """Raise `Refused` once rows were brought in."""
    if state_of(found) not in (SENT, TESTED, FAILED):
        raise Refused(_("Rows of this file were brought in already. Send the file again to bring in others."))


@act("core.test_import", permission=SIGN_IN)
def test_again(found: Import, by: Actor) -> None:
    """Try the file once more, with what was put right."""
    refuse_at_work(found)
    refuse_ended(found)
    begin(found, TESTING, test_import, by)


@act("core.begin_import", permission=SIGN_IN)
def begin_import(found: Import, by: Actor) -> None:
    """Bring the rows in that can be; the others stay in a file of their own."""
    if state_of(found) not in (TESTED, STOPPED):
        raise Refused(_("Try the file first."))
    begin(found, IMPORTING, run_import, by)
    note("core.begin_import", reason=f"{found.noun} {found.uid}", by=by, content={"mode": found.mode})


@act("core.stop_import", permission=SIGN_IN)
def stop_import(found: Import, by: Actor) -> None:
    """Stop after the rows being written at this moment; what is in stays in, and can be taken back."""
    if state_of(found) not in AT_WORK:
        raise Refused(_("This import is not at work."))
    Import.update(is_stopping=True).where(Import.id == found.id).execute()
    note("core.stop_import", reason=f"{found.noun} {found.uid}", by=by)


@act("core.undo_import", permission=SIGN_IN)
def begin_undo(found: Import, by: Actor) -> None:
    """Take back what the import did, except what was changed since."""
    if state_of(found) not in (DONE, STOPPED, UNDONE):
        raise Refused(_("There is nothing to take back."))
    begin(found, UNDOING, undo_import, by)
    note("core.undo_import", reason=f"{found.noun} {found.uid}", by=by)


# What is wrong, and what it is put right as.


def problems_of(found: Import, after: int = 0, most: int = 50, head: str = "") -> list[ImportProblem]:
    """What is wrong and not yet put right, by line."""
    condition = (ImportProblem.import_id == found.id) & ImportProblem.answer.is_null() & (ImportProblem.id > after)
    if head:
        condition &= ImportProblem.head == head
    if state_of(found) == TESTED:
        condition &= ImportProblem.asks == ""  # they are answered in a place of their own
    return list(ImportProblem.select().where(condition).order_by(ImportProblem.id).limit(most))


def problem_counts(found: Import) -> dict[str, int]:
    """How much is wrong, how much of it can be put right at once, and how much has been."""
    own = ImportProblem.select().where(ImportProblem.import_id == found.id)
    is_open = ImportProblem.answer.is_null()
    return {
        "asked": own.where(ImportProblem.asks != "").count(),
        "open": own.where(is_open).count(),
        "with_fix": own.where(is_open, ImportProblem.fix != "").count(),
        "answered": own.where(ImportProblem.answer.is_null(False)).count(),
    }


@act("core.answer_import", permission=SIGN_IN)
def put_right(found: Import, resource: Resource, problem_id: int, text: str, by: Actor) -> int:
    """Put a cell right, and with it every other of its column where one of a list was written alike. How many.

    Raises `Refused` when what is put there can't be read either.
    """
    refuse_at_work(found)
    problem = ImportProblem.get_or_none(ImportProblem.id == problem_id, ImportProblem.import_id == found.id)
    if problem is None:
        raise NotFound
    text = text.strip()[:LONGEST_ANSWER]
    fact = importable(resource, found.mode, by).get(found.mapping.get(problem.head, ""))
    due = ImportProblem.id == problem.id
    if fact is not None:
        readable_or_refused(fact, text)
        if isinstance(fact.kind, RECURRING) and problem.content:
            alike = (ImportProblem.head == problem.head) & (ImportProblem.content == problem.content)
            due = (ImportProblem.import_id == found.id) & ImportProblem.answer.is_null() & alike
    return int(ImportProblem.update(answer=text).where(due).execute())


def readable_or_refused(fact: Fact, text: str) -> None:
    """Raise `Refused` for a text that is no such fact."""
    try:
        fact.kind.read(text)  # type: ignore[union-attr]  # settled facts have a kind
    except Unreadable as unreadable:
        raise Refused(unreadable.words, fields={"answer": unreadable.words}) from unreadable


@act("core.accept_import_fixes", permission=SIGN_IN)
def accept_fixes(found: Import, by: Actor) -> int:
    """Put right everything the house has a suggestion for."""
    refuse_at_work(found)
    due = (ImportProblem.import_id == found.id) & ImportProblem.answer.is_null() & (ImportProblem.fix != "")
    with savepoint():
        return int(ImportProblem.update(answer=ImportProblem.fix).where(due).execute())


def left_of(found: Import, most: int = 100) -> list[ImportedRow]:
    """What could not be taken back, and why."""
    left = (ImportedRow.import_id == found.id) & (ImportedRow.words != "")
    return list(ImportedRow.select().where(left).order_by(ImportedRow.id).limit(most))
