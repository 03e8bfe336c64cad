"""Asking for exports, and the columns people keep for them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Forbidden, NotFound, Refused
from core.jobs import Run, enqueue, job
from core.resources.catalogue import readable, resource_named
from core.resources.declaring import Resource
from core.resources.exporting.models import Export, ExportPreset
from core.resources.exporting.taking_out import UID, Order, note_export, order_of, written
from core.resources.finding import count_all
from core.resources.narrowing import narrowed
from core.roles.permissions import SHARE_VIEWS
from core.storage import is_uid
from core.storage.files import keep_for_now
from core.texts import _
from core.users.models import User
from core.users.permissions import SIGN_IN

KEPT = timedelta(days=7)
MOST_PRESETS = 40
LONGEST_TITLE = 80


@act("core.ask_for_export", permission=SIGN_IN)
def ask_for_export(order: Order, by: Actor) -> Export:
    """Let a large list be written to a file, to be fetched when it is ready."""
    note_export(order, by)
    now = clock.now()
    made: Export = Export.create(
        noun=order.resource.name,
        owner_uid=by.uid,
        file_format=order.file_format,
        columns=list(order.columns),
        narrowing=order.query.narrowing.as_json(),
        created_at=now,
        until_at=now + KEPT,
    )
    made.job_uid = enqueue(write_export, made.uid, by=by).uid
    made.save()
    return made


@act("core.note_export", permission=SIGN_IN)
def begin_export(order: Order, by: Actor) -> None:
    """Write down that a list is taken out at once."""
    note_export(order, by)


@job("core.write_export", permission=SIGN_IN, heavy=True, lease_seconds=60)
def write_export(run: Run, uid: str) -> None:
    """Write a list to a file."""
    export = Export.get_or_none(Export.uid == uid)
    if export is None or export.file_uid:
        return
    resource = resource_named(export.noun)
    narrowing = narrowed(resource, export.narrowing, run.actor)
    order = order_of(resource, narrowing, export.columns, export.file_format, run.actor)
    total = count_all(order.query)
    content = written(order, lambda done: run.progress(done, max(total, done)))
    with run.step():
        file = keep_for_now(order.file_name, order.media_type, content, export.owner_uid, clock.now() + KEPT)
        Export.update(file_uid=file.uid, row_count=total, until_at=file.until_at).where(
            Export.id == export.id
        ).execute()


def export_of(resource: Resource, uid: str, by: Actor) -> Export:
    """One's own export; raises `NotFound` for another's and for one that is gone."""
    mine = (Export.uid == uid) & (Export.noun == resource.name) & (Export.owner_uid == by.uid)
    found: Export | None = Export.get_or_none(mine & (Export.until_at > clock.now())) if is_uid(uid) else None
    if found is None:
        raise NotFound
    return found


# Columns somebody wants again.


def presets_for(resource: Resource, by: Actor) -> list[ExportPreset]:
    """The columns this reader has kept, and those that are everybody's."""
    mine = (User.uid == by.uid) | (ExportPreset.is_shared == True)  # noqa: E712  a condition of the database
    return list(
        ExportPreset.select()
        .join(User)
        .where(ExportPreset.noun == resource.name, ExportPreset.retired_at.is_null(), mine)
        .order_by(ExportPreset.id)
        .limit(MOST_PRESETS)
    )


def preset_of(resource: Resource, uid: str, by: Actor) -> ExportPreset | None:
    """One of them, or None."""
    return next((one for one in presets_for(resource, by) if one.uid == uid), None)


@act("core.save_export_preset", permission=SIGN_IN)
def save_preset(resource: Resource, title: str, columns: Sequence[str], is_shared: bool, by: Actor) -> ExportPreset:
    """Keep a choice of columns; sharing it with everybody is a right of its own."""
    title = " ".join(title.split())
    if not title or len(title) > LONGEST_TITLE:
        raise Refused(fields={"title": _("Give it a name of at most %(n)s letters.", n=LONGEST_TITLE)})
    if is_shared:
        by.require(SHARE_VIEWS)
    known = readable(resource, by)
    chosen = [name for name in columns if name in known or name == UID]
    if not chosen:
        raise Refused(fields={"columns": _("Choose at least one column.")})
    owner: Any = User.get_or_none(User.uid == by.uid)
    if owner is None:
        raise Refused(_("Only people with an account keep columns."))
    if len(presets_for(resource, by)) >= MOST_PRESETS:
        raise Refused(_("There are %(n)s of them. Take one away first.", n=MOST_PRESETS))
    made: ExportPreset = ExportPreset.create(
        noun=resource.name, owner=owner, title=title, columns=chosen, is_shared=is_shared
    )
    return made


@act("core.drop_export_preset", permission=SIGN_IN)
def drop_preset(preset: ExportPreset, by: Actor) -> None:
    """Take a choice of columns away: one's own, or a shared one by those who may share."""
    if preset.owner.uid != by.uid and not by.may(SHARE_VIEWS):
        raise Forbidden(SHARE_VIEWS)
    preset.retire(str(_("Taken away")))
