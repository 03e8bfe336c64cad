"""Forms somebody has not sent yet: kept sealed, through signing out, until they are saved or forgotten."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict

from core import clock
from core.actors import Actor
from core.errors import Refused
from core.jobs import Run, daily, job
from core.resources.declaring import Resource
from core.resources.models import Draft
from core.storage import atomic, keys
from core.texts import _

LONGEST_NAME, LONGEST_CONTENT, MOST_FIELDS, MOST = 160, 200_000, 2000, 50
KEPT_DAYS = 30
# What belongs to one sending of a form and not to what was written in it.
NOT_KEPT = frozenset({"csrf_token", "add_line", "confirmed"})


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft, opened."""

    fields: MultiDict[str, str]
    saved_at: datetime


def form_name(resource: Resource, uid: str = "") -> str:
    """What a form is called, for its drafts."""
    return f"{resource.name}:{uid or 'new'}"


def keep_draft(form: str, fields: Sequence[tuple[str, str]], by: Actor) -> datetime:
    """Keep what somebody has written so far, in place of what was kept of the same form before."""
    if not by.uid or not form or len(form) > LONGEST_NAME or len(fields) > MOST_FIELDS:
        raise Refused(_("This can't be kept as a draft."))
    written = json.dumps([[name, value] for name, value in fields if name not in NOT_KEPT], ensure_ascii=False)
    if len(written) > LONGEST_CONTENT:
        raise Refused(_("This is too long to be kept as a draft."))
    now = clock.now()
    content = keys.site_keys().seal(written.encode("utf-8", "replace"), bound_to(form, by))
    with atomic():
        own = (Draft.owner_uid == by.uid) & (Draft.form == form)
        if not Draft.update(content=content, saved_at=now).where(own).execute():
            make_room(by)
            Draft.insert(owner_uid=by.uid, form=form, content=content, saved_at=now).execute()
    return now


def make_room(by: Actor) -> None:
    """Forget the oldest drafts of somebody who keeps very many."""
    own = Draft.select(Draft.id).where(Draft.owner_uid == by.uid).order_by(Draft.id.desc()).offset(MOST - 1).limit(MOST)
    over = [row.id for row in own]
    if over:
        Draft.delete().where(Draft.id.in_(over)).execute()


def draft_for(form: str, by: Actor) -> Kept | None:
    """What somebody began to write in a form and has not saved; None where there is nothing, or nothing readable."""
    row = Draft.get_or_none(Draft.owner_uid == by.uid, Draft.form == form)
    if row is None:
        return None
    try:
        written = keys.site_keys().open(row.content, bound_to(form, by))
    except keys.SealBroken:
        return None
    return Kept(MultiDict([(str(name), str(value)) for name, value in json.loads(written)]), row.saved_at)


def forget_draft(form: str, by: Actor) -> None:
    """Forget a draft, saved or not wanted any more."""
    with atomic():
        Draft.delete().where(Draft.owner_uid == by.uid, Draft.form == form).execute()


def bound_to(form: str, by: Actor) -> bytes:
    """Whose draft it is, and of which form."""
    return f"draft:{by.uid}:{form}".encode()


@job("core.forget_old_drafts", system="drafts", schedule=daily("03:40"))
def forget_old_drafts(run: Run) -> None:
    """Forget drafts nobody has touched for thirty days."""
    with run.step():
        Draft.delete().where(Draft.saved_at < clock.now() - timedelta(days=KEPT_DAYS)).execute()
