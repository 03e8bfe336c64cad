"""Files kept with a record: open to whoever sees the record, added and taken away by whoever may change it."""

from typing import Any

from core.actors import Actor
from core.acts import act
from core.errors import Forbidden, NotFound
from core.resources.declaring import Resource
from core.resources.disclosing import people_of
from core.storage import Model, RecordRef, StoredFile, Upload, attach, files_of, is_uid
from core.storage.journal.reads import disclosed
from core.texts import _
from core.users.permissions import SIGN_IN


def attachments_of(record: Model) -> list[StoredFile]:
    """The files of a record that are in use, oldest first."""
    return files_of(record)


def may_attach(resource: Resource, record: Any, by: Actor) -> bool:
    """Whether this actor may add files to a record and take them away."""
    permission = resource.acts.permission_to("edit")
    return bool(permission) and by.may(permission) and not record.is_retired


@act("core.attach_file", permission=SIGN_IN)
def attach_file(resource: Resource, record: Model, upload: Upload, by: Actor) -> StoredFile:
    """Keep a file with a record."""
    refuse_others(resource, record, by)
    return attach(record, upload)


@act("core.retire_file", permission=SIGN_IN)
def retire_file(resource: Resource, record: Model, file: StoredFile, by: Actor) -> None:
    """Take a file away from a record; its content and its history stay."""
    refuse_others(resource, record, by)
    file.retire(str(_("Taken away")))


def refuse_others(resource: Resource, record: Model, by: Actor) -> None:
    """Raise `Forbidden` for whoever may not change the record."""
    if not may_attach(resource, record, by):
        raise Forbidden(resource.acts.permission_to("edit") or resource.may_view)


def file_of(record: Model, uid: str) -> StoredFile:
    """A file of this record by its uid; raises `NotFound` for another's."""
    own = (StoredFile.uid == uid) & (StoredFile.record == str(RecordRef.of(record))) & StoredFile.retired_at.is_null()
    found: StoredFile | None = StoredFile.get_or_none(own) if is_uid(uid) else None
    if found is None:
        raise NotFound
    return found


def disclose_file(resource: Resource, record: Any) -> None:
    """Remember whom a file of this record shows."""
    about = people_of(resource.model, [record.id], [record.uid])
    if about:
        disclosed("record", about, f"{resource.name} file", about[0])
