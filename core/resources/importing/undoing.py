"""Taking an import back: what it made goes out of use, what it changed is as it was; what changed since stays."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from core import clock
from core.actors import Actor
from core.errors import MedleyError, Words
from core.resources.catalogue import writable
from core.resources.declaring import Resource
from core.resources.importing.models import Import, ImportedRow
from core.resources.importing.writing import CREATED, ENDING, SLICE_SECONDS, UNDONE, Steps
from core.resources.writing import edit_record, retire_record, values_of
from core.roles.visibility import sight_of
from core.storage import savepoint
from core.storage.journal.models import JournalContent, JournalRow
from core.storage.model import OWN_COLUMNS
from core.texts import _

AT_ONCE = 100
LEFT = "left"
GONE = _("It is not there any more, or not open to you.")
CHANGED_SINCE = _("It was changed since.")
STAYS = _("A record of this kind is never taken out of use.")
NOTHING_KEPT = _("What it was before is not kept any more.")


def take_back(found: Import, resource: Resource, steps: Steps, by: Actor, is_stopped: Callable[[], bool]) -> bool:
    """Take back row by row, the last one first; False when somebody stopped it."""
    last, counts = steps.cursor or (2**62, {})
    tally = Counter(counts)
    total = ImportedRow.select().where(ImportedRow.import_id == found.id).count()
    while not is_stopped():
        due = (ImportedRow.import_id == found.id) & (ImportedRow.id < last) & (ImportedRow.outcome != UNDONE)
        rows = list(ImportedRow.select().where(due).order_by(ImportedRow.id.desc()).limit(AT_ONCE))
        if not rows:
            Import.update(counts={**found.counts, **dict(tally)}).where(Import.id == found.id).execute()
            return True
        with steps.step():
            last = some_back(rows, resource, by, tally)
            steps.cursor = (last, dict(tally))
        steps.progress(tally.total(), max(total, tally.total()))
    return False


def some_back(rows: list[ImportedRow], resource: Resource, by: Actor, tally: Counter[str]) -> int:
    """Take some rows back, for a moment; the id of the last one."""
    began = clock.monotonic()
    model = resource.model
    sight = sight_of(model, by, resource.may_view).condition
    wanted = [row.record_uid for row in rows]
    records = {one.uid: one for one in model.select().where(model.uid.in_(wanted), sight)}
    for row in rows:
        why = why_left(row, records.get(row.record_uid), resource, by)
        tally[LEFT if why else UNDONE] += 1
        facts = {"words": str(why)[:300]} if why else {"outcome": UNDONE, "words": ""}
        ImportedRow.update(**facts).where(ImportedRow.id == row.id).execute()
        if clock.monotonic() - began > SLICE_SECONDS:
            break
    return int(row.id)


def why_left(row: ImportedRow, record: Any, resource: Resource, by: Actor) -> Words:
    """Take one row back; why it can't be, or "" when it was."""
    if record is None:
        return GONE
    if record.version != row.record_version:
        return CHANGED_SINCE
    try:
        with savepoint():
            return retired(record, resource, by) if row.outcome == CREATED else restored(record, resource, by)
    except ENDING:
        raise
    except MedleyError as refusal:
        return refusal.message


def retired(record: Any, resource: Resource, by: Actor) -> Words:
    """Take a record out of use that the import made."""
    if resource.acts.retire is None:
        return STAYS
    retire_record(resource, record, str(_("The import was taken back")), by, record.version)
    return ""


def restored(record: Any, resource: Resource, by: Actor) -> Words:
    """Let a record be as it was before the import changed it, out of what the journal keeps."""
    before = before_version(record)
    if before is None:
        return NOTHING_KEPT
    shadow = type(record)(**record.__data__)
    shadow.__data__.update(before)
    names = [
        name
        for name, fact in writable(resource, by, "edit").items()
        if fact.column in before or is_money_of(record, fact.column, before)
    ]
    values = values_of(resource, shadow, names)
    edit_record(resource, record, values, by, version=record.version)
    return ""


def before_version(record: Any) -> dict[str, Any] | None:
    """The values of the columns the present version changed, before it did."""
    rows: Any = (
        JournalRow.select(JournalRow.uid)
        .where(JournalRow.record_uid == record.uid, JournalRow.record_version == record.version)
        .order_by(JournalRow.id.desc())
        .tuples()
    )
    uids = [uid for (uid,) in rows]
    found = JournalContent.select().where(JournalContent.entry_uid.in_(uids)) if uids else ()
    kept = {one.entry_uid: json.loads(one.content) for one in found}
    before: dict[str, Any] = {}
    for uid in uids:  # the first change of this version last: what it found counts
        for name, pair in kept.get(uid, {}).items():
            field = record._meta.fields.get(name)
            if field is not None and name not in OWN_COLUMNS and isinstance(pair, list):
                before[name] = field.python_value(pair[0])
    return before or None


def is_money_of(record: Any, column: str, before: dict[str, Any]) -> bool:
    """Whether the currency of a sum is among what changed."""
    field = record._meta.fields.get(column)
    return getattr(field, "currency_field", None) in before
