"""What happened round a record, newest first: its history, what people said about it, what was attached to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from flask import url_for

from core.actors import Actor
from core.resources.comments import comments_about
from core.resources.custom.telling import told
from core.resources.declaring import Resource
from core.resources.models import Comment
from core.storage import RecordRef, StoredFile
from core.storage.journal.history import history_of
from core.web.history import HistoryLine, change_readers, history_lines
from core.web.who import names_of

SHOWN_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing on the timeline. `line` is a row of the journal; a comment has `text`, an attachment `file`."""

    at: datetime
    kind: str
    id: int
    who: str = ""
    line: HistoryLine | None = None
    text: str = ""
    uid: str = ""
    is_own: bool = False
    is_corrected: bool = False
    file: StoredFile | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of it. `comment_url` is where a comment is sent, with `key` against sending it twice; `older_url` leads
    on when there is more."""

    moments: list[Moment]
    url: str
    comment_url: str
    older_url: str
    key: str


def timeline_of(
    resource: Resource, record: Any, by: Actor, before: str | None = None, limit: int = SHOWN_AT_ONCE
) -> Timeline:
    """The timeline of a record this actor was allowed to fetch; `core/_timeline.html` shows it.

    `before` is the place where an earlier page ended: it goes on from there in each of the three.
    """
    ref = RecordRef.of(record)
    places = read_place(before)
    found = sorted(
        (*changes(ref, by, places[0], limit), *said(ref, by, places[1], limit), *attached(ref, places[2], limit)),
        key=lambda one: (one.at, one.id),
        reverse=True,
    )
    shown = found[:limit]
    place: dict[str, Any] = {"plugin": ref.plugin, "noun": ref.noun, "uid": ref.uid}
    older = url_for("core.timeline", **place, before=next_place(shown, places)) if len(found) > limit else ""
    return Timeline(
        shown, url_for("core.timeline", **place), url_for("core.comment_add", **place), older, token_urlsafe(18)
    )


def changes(ref: RecordRef, by: Actor, before: int | None, limit: int) -> list[Moment]:
    """What the journal says of the record and its parts."""
    lines = history_lines(history_of(ref.uid, limit + 1, before), by, ref.plugin)
    return [Moment(line.at, "change", line.id, line.who, line) for line in lines]


def said(ref: RecordRef, by: Actor, before: int | None, limit: int) -> list[Moment]:
    """What people said."""
    found = comments_about(ref, limit + 1, None if before is None else Comment.id < before)
    names = names_of(one.created_by for one in found)
    return [
        Moment(
            one.created_at, "comment", one.id, names.get(one.created_by, ""), text=one.text, uid=one.uid,
            is_own=one.created_by == by.uid, is_corrected=one.version > 1,
        )
        for one in found
    ]  # fmt: skip


def attached(ref: RecordRef, before: int | None, limit: int) -> list[Moment]:
    """What was attached and is still there."""
    wanted = (StoredFile.record == str(ref)) & StoredFile.retired_at.is_null()
    query = StoredFile.select().where(wanted if before is None else wanted & (StoredFile.id < before))
    found = list(query.order_by(StoredFile.id.desc()).limit(limit + 1))
    names = names_of(one.created_by for one in found)
    return [Moment(one.created_at, "file", one.id, names.get(one.created_by, ""), file=one) for one in found]


KINDS = ("change", "comment", "file")


def read_place(before: str | None) -> tuple[int | None, ...]:
    """The last id shown of each kind, out of an address; it can be anything."""
    parts = (before or "").split(".")
    if len(parts) != len(KINDS) or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return (None,) * len(KINDS)
    return tuple(int(part) or None for part in parts)


def next_place(shown: Iterable[Moment], places: tuple[int | None, ...]) -> str:
    """Where the next page goes on."""
    held = list(shown)
    lowest = [min((one.id for one in held if one.kind == kind), default=None) for kind in KINDS]
    return ".".join(str(own or before or 0) for own, before in zip(lowest, places, strict=True))


# The history of every record speaks of its facts as the site's own fields are called.
change_readers.append(told)
