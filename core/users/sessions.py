"""Who is signed in from where: signing in and out, seeing one's sessions, ending them.

A session is a row here and a random token in the browser; the door reads the row at each request, so a
session that is ended, or whose user is, is dead everywhere at the next one.
"""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime

import peewee

from core.actors import Actor, system_actor
from core.acts import OPEN as ANYBODY
from core.acts import act
from core.errors import Forbidden, NotFound, Refused
from core.places.models import Place
from core.sites import current_site
from core.storage import atomic
from core.storage.journal.writer import note
from core.texts import _
from core.users import devices, passwords, throttling
from core.users.door import DoorAnswer
from core.users.models import Credential, RememberedDevice, Session, Totp, User
from core.users.names import sign_in_key_of
from core.users.permissions import MANAGE_USERS, SIGN_IN
from core.users.policy import policy
from core.users.tokens import digest_of, new_token, seconds_now

OPEN = "open"
LOCKED = "locked"
SECOND_FACTOR = "second_factor"
SECOND_FACTOR_SECONDS = 5 * 60
SEEN_EVERY = 60
ELEVATED_SECONDS = 10 * 60
KEPT_AFTER_END = 24 * 60 * 60
PRUNE_EVERY = 64
NOBODY = -1
WRONG = _("This name and password don't belong together. Check both, and whether capitals are locked.")
TOO_LATE = _("Signing in took too long. Begin again.")
SHORTEST_IDLE = """
SELECT MIN(r.idle_minutes) FROM core_grant g JOIN core_role r ON r.id = g.role_id
WHERE g.user_id = ? AND g.retired_at IS NULL
"""
_refusals = itertools.count(1)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session just begun. `token` goes into the cookie; what else the person should be told comes along.

    With `needs_second_factor` the token opens nothing yet but the page that asks for the code.
    """

    token: str
    user: User
    session_id: int
    needs_second_factor: bool = False
    must_change_password: bool = False
    failed_before: int = 0
    last_signed_in_at: datetime | None = None
    device_token: str = ""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One line of the list of sessions."""

    id: int
    device: str
    source: str
    place: str
    signed_in_at: datetime
    last_seen_at: datetime
    is_this_one: bool
    is_locked: bool


def sign_in(
    name: str, password: str, *, source: str, device: str = "", device_token: str = "", place: Place | None = None
) -> SignIn:
    """Begin a session, or refuse in words that do not say whether the name exists.

    Raises `Refused` for a wrong name or password, `TooManyTries` when guessing is being slowed down. A
    token the browser showed before is never taken over: the session gets a fresh one.
    """
    key = sign_in_key_of(name)
    user = User.select().where(User.sign_in_key == key).first()
    remembered = devices.device_of(user.id if user is not None else NOBODY, device_token)
    counters = throttling.counters_for(key, user, source, remembered.id if remembered else None)
    throttling.count_try(counters)
    credential = Credential.select().where(Credential.user == (user.id if user is not None else NOBODY)).first()
    is_right = passwords.is_right(credential.password_hash if credential else "", password)
    if user is None or credential is None or not is_right or not user.is_active or user.kind == "service":
        refuse(user, is_right)
        raise Refused(WRONG, fields={"password": WRONG})
    rehashed = passwords.hash_of(password) if passwords.is_outdated(credential.password_hash) else ""
    arrival = Arrival(source, device, remembered, place)
    return begin(user, credential, rehashed, counters, arrival, by=bare_actor(user))


@dataclass(frozen=True, slots=True)
class Arrival:
    """From where, and on what, somebody comes."""

    source: str
    device: str
    remembered: RememberedDevice | None = None
    place: Place | None = None


def refuse(user: User | None, is_right: bool) -> None:
    """Leave a row about a refused try; what was typed as a name is not kept, for it may be a password."""
    with atomic():
        if throttling.is_worth_noting(user):
            reason = "unknown name" if user is None else "account closed" if is_right else "wrong password"
            note(act="core.sign_in", outcome="refused", reason=reason, record=user)
    if next(_refusals) % PRUNE_EVERY == 0:
        throttling.prune(by=system_actor("throttle"))


@act("core.sign_in", permission=ANYBODY)
def begin(
    user: User,
    credential: Credential,
    rehashed: str,
    counters: tuple[throttling.Counter, ...],
    arrival: Arrival,
    by: Actor,
) -> SignIn:
    """Store the session of somebody whose password was right."""
    now = seconds_now()
    if rehashed:
        Credential.update(password_hash=rehashed).where(
            Credential.id == credential.id, Credential.password_hash == credential.password_hash
        ).execute()
    needs_code = has_second_factor(user) and arrival.remembered is None
    failed = throttling.failed_lately(user, counters)
    throttling.forgive(counters)
    if not needs_code:
        throttling.remember_source(user, arrival.source)
    before = last_session_of(user)
    token = new_token()
    session = Session.create(
        token_hash=digest_of(token),
        user=user,
        stage=SECOND_FACTOR if needs_code else OPEN,
        created_at=now,
        last_seen_at=now,
        idle_seconds=SECOND_FACTOR_SECONDS if needs_code else idle_seconds_of(user),
        expires_at=now + (SECOND_FACTOR_SECONDS if needs_code else policy().absolute_hours * 3600),
        place=arrival.place or user.default_place_id,
        source=arrival.source[:64],
        device=arrival.device[:200],
        second_factor_at=now if arrival.remembered is not None else None,
    )
    note(act="core.sign_in", reason="the code is asked for" if needs_code else "", record=user)
    return SignIn(
        token=token,
        user=user,
        session_id=session.id,
        needs_second_factor=needs_code,
        must_change_password=credential.must_change,
        failed_before=failed,
        last_signed_in_at=before,
    )


def raise_stage(session: Session, device_token: str = "") -> SignIn:
    """The second factor was right: the waiting session becomes a real one under a fresh token.

    Raises `Refused` when another answer to the same question was first.
    """
    now = seconds_now()
    user = session.user
    token = new_token()
    raised = (
        Session.update(
            token_hash=digest_of(token),
            stage=OPEN,
            last_seen_at=now,
            second_factor_at=now,
            idle_seconds=idle_seconds_of(user),
            expires_at=now + policy().absolute_hours * 3600,
        )
        .where(Session.id == session.id, Session.stage == SECOND_FACTOR, Session.ended_at.is_null())
        .execute()
    )
    if not raised:
        raise Refused(TOO_LATE)
    credential = Credential.get(Credential.user == user)
    return SignIn(
        token=token,
        user=user,
        session_id=session.id,
        must_change_password=credential.must_change,
        device_token=device_token,
    )


def waiting_session(token: str) -> Session:
    """The session that waits for its second factor; raises `Refused` when it has waited too long."""
    session = Session.get_or_none(Session.token_hash == digest_of(token), Session.stage == SECOND_FACTOR)
    if session is None or session.ended_at is not None or session.expires_at <= seconds_now():
        raise Refused(TOO_LATE)
    if not session.user.is_active:
        raise Refused(TOO_LATE)
    return session


@act("core.sign_out", permission=SIGN_IN)
def sign_out(token: str, by: Actor) -> None:
    """End the session this token opens."""
    ended = end_where(Session.token_hash == digest_of(token), because="signed out")
    if ended:
        note(act="core.sign_out")


@act("core.end_session", permission=SIGN_IN)
def end_session(session_id: int, by: Actor) -> None:
    """End one session: one's own, or anybody's for those who manage users. Others' look as if they were not there."""
    session = Session.get_or_none(Session.id == session_id)
    if session is None or (session.user.uid != by.uid and not by.may(MANAGE_USERS)):
        raise NotFound
    end_where(Session.id == session_id, because="ended from the list of sessions")
    note(act="core.end_session", record=session.user)


@act("core.end_sessions", permission=SIGN_IN)
def end_all_sessions(user: User, by: Actor, keep: int = 0, forget_devices: bool = True) -> int:
    """End all sessions of a user except the one named by `keep`; how many there were."""
    if user.uid != by.uid and not by.may(MANAGE_USERS):
        raise Forbidden(MANAGE_USERS)
    ended = end_sessions_of(user, because="ended from the list of sessions", keep=keep)
    if forget_devices:
        devices.forget_all(user)
    note(act="core.end_sessions", record=user)
    return ended


def end_sessions_of(user: User, because: str, keep: int = 0) -> int:
    """End a user's sessions inside another act: an account was closed, a password changed, a role taken away."""
    return end_where(Session.user == user, Session.id != keep, because=because)


def end_where(*conditions: object, because: str) -> int:
    """Mark sessions as ended; they are cleared away a day later."""
    ended = Session.update(ended_at=seconds_now(), ended_because=because).where(Session.ended_at.is_null(), *conditions)
    return int(ended.execute())


def sessions_of(user: User, this_one: int = 0) -> list[OpenSession]:
    """The sessions in which this user could go on working at this moment, locked ones too, the latest first."""
    now = seconds_now()
    rows = (
        Session.select(Session, Place)
        .join(Place, peewee.JOIN.LEFT_OUTER)
        .where(
            Session.user == user,
            Session.ended_at.is_null(),
            Session.expires_at > now,
            ((Session.stage == OPEN) & (Session.last_seen_at + Session.idle_seconds > now))
            | ((Session.stage == LOCKED) & (Session.last_seen_at + policy().locked_minutes * 60 > now)),
        )
        .order_by(Session.last_seen_at.desc(), Session.id.desc())
    )
    return [
        OpenSession(
            id=row.id,
            device=row.device,
            source=row.source,
            place=row.place.name if row.place is not None else "",
            signed_in_at=moment_of(row.created_at),
            last_seen_at=moment_of(row.last_seen_at),
            is_this_one=row.id == this_one,
            is_locked=row.stage == LOCKED,
        )
        for row in rows
    ]


def seen(answer: DoorAnswer) -> None:
    """Note that the session is in use, at most once a minute. Call it when the answer has left."""
    now = seconds_now()
    if not answer.is_signed_in or now < answer.last_seen_at + SEEN_EVERY:
        return
    with atomic():
        Session.update(last_seen_at=now).where(
            Session.id == answer.session_id, Session.last_seen_at < now, Session.ended_at.is_null()
        ).execute()


@act("core.choose_place", permission=SIGN_IN)
def choose_place(session_id: int, place: Place | None, by: Actor) -> None:
    """Say where one works now; rights that hang on a place follow at the next request."""
    if place is not None and place.is_retired:
        raise Refused(fields={"place": _("This place is out of use.")})
    Session.update(place=place).where(Session.id == session_id, Session.user == own_account(by)).execute()


def is_elevated(answer: DoorAnswer) -> bool:
    """Whether the person has lately shown again that it is them, as grave acts ask."""
    return answer.elevated_until is not None and answer.elevated_until > seconds_now()


@act("core.elevate", permission=SIGN_IN)
def mark_elevated(session_id: int, by: Actor) -> None:
    """For ten minutes this session may do what asks for the password once more."""
    Session.update(elevated_until=seconds_now() + ELEVATED_SECONDS).where(
        Session.id == session_id, Session.user == own_account(by)
    ).execute()
    note(act="core.elevate")


def clear_away() -> int:
    """Delete sessions that ended, or ran out, a day ago, a thousand at a time; how many there were."""
    limit = seconds_now() - KEPT_AFTER_END
    old = Session.select(Session.id).where((Session.expires_at < limit) | (Session.ended_at < limit)).limit(1000)
    ids = [row.id for row in old]
    with atomic():
        return int(Session.delete().where(Session.id.in_(ids)).execute()) if ids else 0


def own_account(by: Actor) -> User:
    """The account behind an actor."""
    user = User.get_or_none(User.uid == by.uid)
    if user is None:
        raise NotFound
    return user


def bare_actor(user: User) -> Actor:
    """A user who has shown who they are, before anything is known of what they may do."""
    return Actor(kind=user.kind, uid=user.uid, name=user.name, permissions=frozenset((SIGN_IN,)))


def has_second_factor(user: User) -> bool:
    """Whether an authenticator app is set up and confirmed."""
    return Totp.select(Totp.id).where(Totp.user == user, Totp.confirmed_at.is_null(False)).exists()


def idle_seconds_of(user: User) -> int:
    """How long a session may rest: the installation's limit, or a shorter one of the user's roles."""
    database = current_site().database
    row = database.execute_sql(SHORTEST_IDLE.replace("?", database.param), (user.id,)).fetchone()
    return 60 * min(policy().idle_minutes, row[0] or policy().idle_minutes)


def last_session_of(user: User) -> datetime | None:
    """When the user last signed in, as far as it is still known."""
    row = Session.select(Session.created_at).where(Session.user == user, Session.stage.in_((OPEN, LOCKED)))
    latest = row.order_by(Session.created_at.desc(), Session.id.desc()).first()
    return moment_of(latest.created_at) if latest is not None else None


def moment_of(seconds: int) -> datetime:
    """A moment out of the whole seconds the infrastructure tables keep."""
    return datetime.fromtimestamp(seconds, UTC)
