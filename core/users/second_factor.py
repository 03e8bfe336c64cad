"""The second factor: an authenticator app (TOTP, RFC 6238), and recovery codes for the day the phone is lost.

A code is good for its half minute and the ones before and after, and once only.
"""

import hmac
import secrets
from dataclasses import dataclass

import pyotp

from core import clock
from core.actors import Actor
from core.acts import OPEN, act
from core.errors import NotFound, Refused
from core.sites import current_site
from core.storage.journal.writer import note, note_refusal
from core.texts import _
from core.users import devices, sessions, throttling
from core.users.models import RecoveryCode, Session, Totp, TotpUse, User
from core.users.permissions import MANAGE_USERS, SIGN_IN
from core.users.sessions import SignIn
from core.users.tokens import keyed_digest, seconds_now

STEP_SECONDS = 30
SKEW_STEPS = 1
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
WRONG = _("This code is not right, or was already used. Wait for the next one.")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: the seed to type, or the address to show as a QR code."""

    seed: str
    uri: str


@act("core.enrol_second_factor", permission=SIGN_IN)
def enrol(by: Actor) -> Enrolment:
    """Begin setting up an authenticator app; nothing counts before `confirm` has seen a first code.

    Asked again before it is confirmed, the answer is the same seed, so that a reloaded page does no harm.
    """
    user = sessions.own_account(by)
    totp = Totp.get_or_none(Totp.user == user)
    if totp is not None and totp.confirmed_at is not None:
        raise Refused(_("An authenticator app is already set up. Remove it first."))
    if totp is None:
        totp = Totp(user=user)
        totp.seed = pyotp.random_base32()
        totp.save()
    issuer = current_site().title
    return Enrolment(totp.seed, pyotp.TOTP(totp.seed).provisioning_uri(name=user.sign_in, issuer_name=issuer))


def confirm(code: str, by: Actor, session_id: int = 0) -> tuple[str, ...]:
    """Finish setting up with a first code; the answer is ten recovery codes, shown this once."""
    by.require(SIGN_IN)
    user = sessions.own_account(by)
    throttling.count_try(counters_of(user))
    found: tuple[str, ...] = confirmed(code, session_id, by=by)
    throttling.forget(counters_of(user), by=by)
    return found


@act("core.confirm_second_factor", permission=SIGN_IN)
def confirmed(code: str, session_id: int, by: Actor) -> tuple[str, ...]:
    """Let the app count from now on, in the session going on too."""
    user = sessions.own_account(by)
    totp = Totp.get_or_none(Totp.user == user, Totp.confirmed_at.is_null())
    if totp is None:
        raise NotFound
    if not takes_totp(user, totp, code):
        raise Refused(fields={"code": WRONG})
    totp.confirmed_at = clock.now()
    totp.save()
    Session.update(second_factor_at=seconds_now()).where(Session.id == session_id, Session.user == user).execute()
    return fresh_recovery_codes(user)


def complete_sign_in(
    token: str, code: str, *, remember_device: bool = False, source: str = "", device: str = ""
) -> SignIn:
    """The second step of signing in, with a code of the app or a recovery code; the session gets a fresh token.

    Raises `Refused` for a wrong or used code, and when the first step is too long ago.
    """
    waiting = sessions.waiting_session(token)
    user = waiting.user
    counters = counters_of(user, source)
    throttling.count_try(counters)
    by = sessions.bare_actor(user)
    try:
        result: SignIn = completed(waiting, counters, code, remember_device, source, device, by=by)
    except Refused:
        note_refusal("core.sign_in", "wrong code", by=by, subject_uid=user.uid)
        raise
    return result


@act("core.complete_sign_in", permission=OPEN)
def completed(
    waiting: Session,
    counters: tuple[throttling.Counter, ...],
    code: str,
    remember_device: bool,
    source: str,
    device: str,
    by: Actor,
) -> SignIn:
    """Use the code up and open the session, both or neither."""
    user = waiting.user
    way = use_code(user, code)
    if not way:
        raise Refused(fields={"code": WRONG})
    throttling.forgive(counters)
    throttling.remember_source(user, source or waiting.source)
    device_token = devices.remember(user, device or waiting.device, source or waiting.source) if remember_device else ""
    note("core.sign_in", reason=way, record=user)
    return sessions.raise_stage(waiting, device_token)


@act("core.remake_recovery_codes", permission=SIGN_IN)
def remake_recovery_codes(by: Actor) -> tuple[str, ...]:
    """Ten new recovery codes; the old ones stop working. The page asks for the password first (`elevate`)."""
    user = sessions.own_account(by)
    if not sessions.has_second_factor(user):
        raise Refused(_("Set up an authenticator app first."))
    return fresh_recovery_codes(user)


def remove(code: str, by: Actor) -> None:
    """Do without a second factor again, shown to be oneself by a code."""
    by.require(SIGN_IN)
    user = sessions.own_account(by)
    throttling.count_try(counters_of(user))
    removed(code, by=by)


@act("core.remove_second_factor", permission=SIGN_IN)
def removed(code: str, by: Actor) -> None:
    """Use the code up and take the second factor away."""
    user = sessions.own_account(by)
    if not use_code(user, code):
        raise Refused(fields={"code": WRONG})
    take_away(user)
    note("core.remove_second_factor", record=user)


@act("core.reset_second_factor", permission=MANAGE_USERS)
def reset_second_factor(user: User, reason: str, by: Actor) -> None:
    """Take somebody's lost second factor away after checking who they are. Never one's own; all sessions end."""
    if user.uid == by.uid:
        raise Refused(_("Another administrator has to do this for you."))
    if not reason.strip():
        raise Refused(fields={"reason": _("Say how you made sure who is asking.")})
    take_away(user)
    sessions.end_sessions_of(user, because="second factor reset")
    note("core.reset_second_factor", reason=reason.strip(), record=user)


def codes_left(user: User) -> int:
    """How many recovery codes are still unused."""
    return int(RecoveryCode.select().where(RecoveryCode.user == user, RecoveryCode.used_at.is_null()).count())


def use_code(user: User, code: str) -> str:
    """Use up a code of the app or a recovery code inside an act; which it was, or "" when it is neither."""
    typed = "".join(code.split()).replace("-", "").lower()
    totp = Totp.get_or_none(Totp.user == user, Totp.confirmed_at.is_null(False))
    if totp is None:
        return ""
    if typed.isascii() and typed.isdigit():
        return "authenticator app" if takes_totp(user, totp, typed) else ""
    return "recovery code" if takes_recovery_code(user, typed) else ""


def takes_totp(user: User, totp: Totp, code: str) -> bool:
    """Whether the code is right and not used before; of the same code many times at once, one is taken."""
    typed = "".join(code.split())
    now = int(clock.now().timestamp()) // STEP_SECONDS
    otp = pyotp.TOTP(totp.seed)
    steps = [now + skew for skew in range(-SKEW_STEPS, SKEW_STEPS + 1)]
    right = [step for step in steps if hmac.compare_digest(otp.generate_otp(step).encode(), typed.encode())]
    if not right:
        return False
    # Only the first code ever finds no row: on MariaDB, many who insert what is there deadlock when they update it.
    if not TotpUse.select().where(TotpUse.user == user).exists():
        TotpUse.insert(user=user, last_step=0).on_conflict_ignore().execute()
    taken = TotpUse.update(last_step=right[-1]).where(TotpUse.user == user, TotpUse.last_step < right[-1])
    return bool(taken.execute())


def takes_recovery_code(user: User, typed: str) -> bool:
    """Whether it is an unused recovery code of this user; it is used up by asking."""
    used = RecoveryCode.update(used_at=seconds_now()).where(
        RecoveryCode.user == user,
        RecoveryCode.code_hash == keyed_digest("recovery", user.uid, typed),
        RecoveryCode.used_at.is_null(),
    )
    return bool(used.execute())


def fresh_recovery_codes(user: User) -> tuple[str, ...]:
    """Make ten codes of fifty bits inside an act; only their keyed hashes stay."""
    RecoveryCode.delete().where(RecoveryCode.user == user).execute()
    made = tuple("".join(secrets.choice(ALPHABET) for _letter in range(10)) for _code in range(RECOVERY_CODES))
    for code in made:
        RecoveryCode.create(user=user, code_hash=keyed_digest("recovery", user.uid, code))
    note("core.make_recovery_codes", record=user)
    return tuple(f"{code[:5]}-{code[5:]}" for code in made)


def take_away(user: User) -> None:
    """Remove seed, recovery codes and remembered browsers inside an act."""
    for totp in Totp.select().where(Totp.user == user):
        totp.delete_instance()
    RecoveryCode.delete().where(RecoveryCode.user == user).execute()
    devices.forget_all(user)


def counters_of(user: User, source: str = "") -> tuple[throttling.Counter, ...]:
    """Codes are few, so tries are counted for the user from this source and from anywhere."""
    network = throttling.network_of(source)
    return (
        throttling.Counter(keyed_digest("throttle", "code", user.uid, network), throttling.CODES, user.id),
        throttling.Counter(keyed_digest("throttle", "codes", user.uid), throttling.ACCOUNT, user.id),
    )
