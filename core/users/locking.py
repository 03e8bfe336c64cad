"""Shared computers: a session is locked when its owner steps away, and opened again by their PIN.

Several people can be locked on one computer at once, each with a session of their own. The computer is known by a
random token in a cookie; a session that was merely left alone counts as locked too, if its owner has a PIN.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actors import Actor
from core.acts import OPEN as ANYBODY
from core.acts import act
from core.errors import Refused, TooManyTries
from core.storage.journal.writer import note, note_refusal
from core.texts import _
from core.users import passwords, throttling
from core.users.models import Pin, Session, User
from core.users.permissions import SIGN_IN
from core.users.policy import policy
from core.users.sessions import LOCKED, OPEN, bare_actor, end_where, moment_of, own_account
from core.users.tokens import digest_of, keyed_digest, new_token, seconds_now

LONGEST_ADDRESS = 300
PINS = throttling.Limit(window=5, day=5)
WRONG = _("This is not the PIN. After five wrong ones only the password opens this session.")
SPENT = _("That were too many wrong PINs. Sign in with your password.")
GONE = _("This session is over, or was opened at this moment already. Sign in with your password.")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who is locked on this computer."""

    session_id: int
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A session opened again: the token for its cookie, and the page its owner was on."""

    token: str
    resume_at: str


@act("core.lock", permission=SIGN_IN)
def lock(session_id: int, desk_token: str, resume_at: str, by: Actor) -> bool:
    """Lock one's own session on this computer; False for somebody without a PIN, who could not open it again."""
    user = own_account(by)
    if not Pin.select(Pin.id).where(Pin.user == user).exists():
        return False
    locked = Session.update(
        stage=LOCKED,
        last_seen_at=seconds_now(),
        desk_hash=digest_of(desk_token),
        resume_at=resume_at if len(resume_at) <= LONGEST_ADDRESS else "",
        elevated_until=None,
    ).where(Session.id == session_id, Session.user == user, Session.stage == OPEN, Session.ended_at.is_null())
    if locked.execute():
        note("core.lock", record=user)
    return True


@act("core.leave_session_here", permission=ANYBODY)
def leave_here(token: str, desk_token: str, by: Actor) -> None:
    """Somebody else signs in on this computer: what the one before left waiting can still be opened by its owner."""
    waiting = [row.id for row in waiting_sessions().where(Session.token_hash == digest_of(token))]
    if waiting:
        Session.update(stage=LOCKED, desk_hash=digest_of(desk_token)).where(Session.id.in_(waiting)).execute()


def waiting_sessions() -> Any:
    """The sessions that a PIN would open: locked or left alone, not for too long, of people who have one."""
    now = seconds_now()
    left_alone = (Session.stage == OPEN) & (Session.last_seen_at + Session.idle_seconds <= now)
    query = Session.select(Session, User).join(User).join(Pin, on=(Pin.user == User.id))
    return query.where(
        Session.ended_at.is_null(),
        Session.expires_at > now,
        Session.last_seen_at + policy().locked_minutes * 60 > now,
        User.is_active,
        (Session.stage == LOCKED) | left_alone,
    )


def locked_here(token: str, desk_token: str) -> list[Colleague]:
    """Who can open a session on this computer: first the one whose session the browser shows, then the latest."""
    own = Session.token_hash == digest_of(token)
    here = own | (Session.desk_hash == digest_of(desk_token)) if desk_token else own
    rows = list(waiting_sessions().where(here).order_by(Session.last_seen_at.desc(), Session.id.desc()))
    rows.sort(key=lambda row: row.token_hash != digest_of(token))
    first = {row.user.id: row for row in reversed(rows)}
    return [Colleague(row.id, row.user.name, moment_of(row.last_seen_at)) for row in rows if first[row.user.id] is row]


def unlock(session_id: int, pin: str, token: str, desk_token: str) -> Opened:
    """Open a session that waits on this computer, under a fresh token; raises `Refused`, naming `pin` if that is wrong.

    A try is counted before it is looked at. With the sixth the session ends, and the password is asked for.
    """
    here = {one.session_id for one in locked_here(token, desk_token)}
    session = waiting_sessions().where(Session.id == session_id).first() if session_id in here else None
    if session is None:
        raise Refused(GONE)
    user = session.user
    counters = (throttling.Counter(keyed_digest("throttle", "pin", f"{session.id}"), PINS, user.id),)
    try:
        throttling.count_try(counters)
    except TooManyTries:
        give_up(session, by=bare_actor(user))
        raise Refused(SPENT) from None
    if not passwords.is_right(Pin.get(Pin.user == user).pin_hash, pin):
        note_refusal("core.unlock", "wrong PIN", by=bare_actor(user))
        raise Refused(fields={"pin": WRONG})
    return open_again(session, counters, by=bare_actor(user))


@act("core.give_up_session", permission=SIGN_IN)
def give_up(session: Session, by: Actor) -> None:
    """End a session whose PIN somebody guessed at."""
    end_where(Session.id == session.id, because="too many wrong PINs")
    note("core.give_up_session", record=session.user)


@act("core.unlock", permission=SIGN_IN)
def open_again(session: Session, counters: tuple[throttling.Counter, ...], by: Actor) -> Opened:
    """Let the owner go on; of two at the same moment one does."""
    token = new_token()
    opened = Session.update(token_hash=digest_of(token), stage=OPEN, last_seen_at=seconds_now()).where(
        Session.id == session.id, Session.token_hash == session.token_hash, Session.ended_at.is_null()
    )
    if not opened.execute():
        raise Refused(GONE)
    throttling.forgive(counters)
    note("core.unlock", record=session.user)
    return Opened(token, session.resume_at)
