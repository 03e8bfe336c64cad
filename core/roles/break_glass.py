"""Emergency access: a clinician looks past what narrows their sight, at one person, for some hours, with a reason.

It is one click and never silent: it is journaled, announced at once, listed for review, and ends by itself.
It opens that person's records only, and adds no permission.
"""

from datetime import timedelta

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Forbidden, NotFound, Refused
from core.hooks import announce
from core.roles.models import BreakGlass
from core.roles.permissions import BREAK_GLASS, REVIEW_BREAK_GLASS
from core.storage import RecordRef, record_of
from core.storage.journal.writer import note
from core.texts import _
from core.users.models import User

HOURS = 4
MOST_HOURS = 8
SHORTEST_REASON = 5
LONGEST_REASON = 1000
MAY_BREAK = ("person",)


@act("core.break_glass", permission=BREAK_GLASS)
def break_glass(subject: RecordRef, reason: str, by: Actor, hours: int = HOURS) -> BreakGlass:
    """Open one person's records for some hours, at most eight, from the next request on.

    Raises `Forbidden` for anybody but staff in person, `NotFound` when there is no such person, `Refused`
    without a real reason.
    """
    if by.kind not in MAY_BREAK or by.on_behalf:
        raise Forbidden(BREAK_GLASS)
    user = User.get_or_none(User.uid == by.uid)
    record = record_of(subject)
    if user is None or record is None or record.subject_uid != subject.uid or isinstance(record, User):
        raise NotFound
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Refused(fields={"reason": _("Say in a few words why you need to see this record now.")})
    if not 1 <= hours <= MOST_HOURS:
        raise Refused(fields={"hours": _("At most %(most)s hours.", most=MOST_HOURS)})
    now = clock.now()
    opened = BreakGlass.create(
        user=user,
        subject_model=f"{subject.plugin}.{subject.noun}",
        subject_uid=subject.uid,
        reason=reason,
        from_at=now,
        until_at=now + timedelta(hours=hours),
    )
    note("core.break_glass", reason="emergency access opened", record=opened, subject_uid=subject.uid)
    announce.break_glass_opened(subject_uid=subject.uid, reason=reason, until=opened.until_at, by=by)
    return opened


@act("core.end_break_glass", permission=BREAK_GLASS)
def end_break_glass(opened: BreakGlass, by: Actor) -> None:
    """End one's own emergency access before its time."""
    if opened.user.uid != by.uid:
        raise NotFound
    if opened.until_at > clock.now():
        opened.until_at = clock.now()
        opened.save()


@act("core.review_break_glass", permission=REVIEW_BREAK_GLASS)
def review_break_glass(opened: BreakGlass, remark: str, by: Actor) -> None:
    """Sign off an emergency access after looking into it. Nobody reviews their own."""
    if opened.user.uid == by.uid:
        raise Refused(_("Somebody else has to review this."))
    if opened.reviewed_at is not None:
        raise Refused(_("This was already reviewed."))
    if not remark.strip() or len(remark) > LONGEST_REASON:
        raise Refused(fields={"remark": _("Say what you found, in at most %(most)s letters.", most=LONGEST_REASON)})
    opened.reviewed_by = by.uid
    opened.reviewed_at = clock.now()
    opened.review_note = remark.strip()
    opened.save()


def open_now(by: Actor) -> list[BreakGlass]:
    """The emergency accesses of this person that are going on, for the red banner."""
    return list(
        BreakGlass.select()
        .join(User)
        .where(User.uid == by.uid, BreakGlass.until_at > clock.now())
        .order_by(BreakGlass.until_at)
    )


def awaiting_review(limit: int = 200) -> list[BreakGlass]:
    """Emergency accesses nobody has looked into yet, the oldest first."""
    waiting = BreakGlass.select().where(BreakGlass.reviewed_at.is_null())
    return list(waiting.order_by(BreakGlass.id).limit(limit))
