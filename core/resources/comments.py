"""Comments: what people have to say about a record beside what it says itself. Who sees the record sees them.

Nobody is notified: a comment is read by whoever opens the record.
"""

from typing import Any

from core.actors import Actor
from core.acts import act
from core.errors import Conflict, NotFound, Refused
from core.resources.declaring import Resource
from core.resources.models import Comment
from core.resources.nouns import resource_named
from core.roles import get_visible
from core.storage import RecordRef, is_uid
from core.texts import _
from core.users.permissions import SIGN_IN

LONGEST = 4000


@act("core.add_comment", permission=SIGN_IN)
def add_comment(noun: str, uid: str, text: str, by: Actor) -> Comment:
    """Say something about a record one may see."""
    record = commented(noun, uid, by)
    return Comment.create(about=RecordRef.of(record), text=checked_text(text))


@act("core.edit_comment", permission=SIGN_IN)
def edit_comment(comment: Comment, text: str, by: Actor, version: int | None = None) -> Comment:
    """Correct what one said; what it said before stays in its history."""
    refuse_others(comment, by, version)
    comment.text = checked_text(text)
    comment.save()
    return comment


@act("core.retire_comment", permission=SIGN_IN)
def retire_comment(comment: Comment, by: Actor, version: int | None = None) -> None:
    """Take back what one said; that something was said, and what, stays in the journal."""
    refuse_others(comment, by, version)
    comment.retire(str(_("Taken back by its writer")))


def commented(noun: str, uid: str, by: Actor) -> Any:
    """The record a comment is about, if this actor may see it; raises `NotFound`."""
    resource: Resource = resource_named(noun)
    return get_visible(resource.model, uid, by, permission=resource.may_view)


def comment_of(uid: str, by: Actor) -> Comment:
    """A comment by its uid, through the record it is about; raises `NotFound`."""
    found: Comment | None = Comment.get_or_none(Comment.uid == uid) if is_uid(uid) else None
    if found is None:
        raise NotFound
    commented(f"{found.about.plugin}.{found.about.noun}", found.about.uid, by)
    return found


def comments_about(ref: RecordRef, limit: int, condition: Any = None) -> list[Comment]:
    """The comments on a record, newest first."""
    wanted = (Comment.about == str(ref)) & Comment.retired_at.is_null()
    query = Comment.select().where(wanted if condition is None else wanted & condition)
    return list(query.order_by(Comment.id.desc()).limit(limit))


def refuse_others(comment: Comment, by: Actor, version: int | None) -> None:
    """Raise unless it is the writer's own, as they saw it, and on a record they still may see."""
    commented(f"{comment.about.plugin}.{comment.about.noun}", comment.about.uid, by)
    if comment.created_by != by.uid:
        raise Refused(_("Only who wrote a comment can change it or take it back."))
    if comment.is_retired:
        raise NotFound
    if version is not None and comment.version != version:
        raise Conflict(theirs={"text": comment.text}, by=comment.updated_by, at=comment.updated_at)


def checked_text(text: str) -> str:
    """What was said, without spaces round it; raises `Refused` for nothing and for too much."""
    found = text.strip().replace("\r\n", "\n")
    if not found:
        raise Refused(fields={"text": _("Write something.")})
    if len(found) > LONGEST:
        raise Refused(fields={"text": _("At most %(n)s letters.", n=LONGEST)})
    return found
