"""Choosing, changing and resetting a password.

Hashing takes a twentieth of a second by design, so it happens before the act begins: no writer waits for it.
"""

from collections.abc import Iterable

from core.actors import Actor
from core.acts import OPEN, act
from core.errors import NotFound, Refused
from core.sites import current_site
from core.storage.journal.writer import note, note_refusal
from core.texts import _
from core.users import devices, one_time, passwords, sessions, throttling
from core.users.models import Credential, Pin, User
from core.users.permissions import MANAGE_USERS, SIGN_IN
from core.users.tokens import keyed_digest, seconds_now

NEW_PASSWORD = "new_password"
INVITATION_HOURS = 24


def change_password(old: str, new: str, by: Actor, session_id: int = 0) -> None:
    """Change one's own password. Every other session of the user ends, and no browser stays remembered.

    Raises `Refused` naming `old` or `password`, and `TooManyTries` when the old one is being guessed.
    """
    by.require(SIGN_IN)
    user = sessions.own_account(by)
    confirm_password(old, by, field="old")
    check_for(user, new)
    if passwords.is_right(Credential.get(Credential.user == user).password_hash, new):
        raise Refused(fields={"password": _("This is the password you have now. Choose another.")})
    store_own(passwords.hash_of(new), session_id, by=by)


@act("core.change_password", permission=SIGN_IN)
def store_own(hashed: str, session_id: int, by: Actor) -> None:
    """Keep the hash of a person's own new password, and end their other sessions."""
    keep_hash(sessions.own_account(by), hashed, because="password changed", keep=session_id)


def confirm_password(password: str, by: Actor, field: str = "password") -> None:
    """Make sure that the one who sits there knows the password; guessing is slowed down here too."""
    user = sessions.own_account(by)
    counters = (throttling.Counter(keyed_digest("throttle", "confirm", user.uid), throttling.CODES, user.id),)
    throttling.count_try(counters)
    credential = Credential.get_or_none(Credential.user == user)
    if not passwords.is_right(credential.password_hash if credential else "", password):
        note_refusal("core.confirm_password", "wrong password", by=by)
        raise Refused(fields={field: _("This is not your password.")})
    throttling.forget(counters, by=by)


def elevate(password: str, session_id: int, by: Actor) -> None:
    """Show again that it is you: for ten minutes this session may do what asks for that."""
    by.require(SIGN_IN)
    confirm_password(password, by)
    sessions.mark_elevated(session_id, by=by)


@act("core.invite_user", permission=MANAGE_USERS)
def invite(user: User, by: Actor, hours: int = INVITATION_HOURS) -> str:
    """Make the secret of a link with which this person chooses a (new) password; it works once, for a day.

    The administrator hands it over; the old password goes on working until the link is used.
    """
    if not user.is_active:
        raise Refused(_("This account is closed."))
    secret = one_time.make(NEW_PASSWORD, hours, user)
    note("core.invite_user", record=user)
    return secret


def invited(secret: str) -> User:
    """Whose password this link is for; raises `NotFound` for one that is used, old or made up."""
    user: User | None = one_time.find(NEW_PASSWORD, secret).user
    if user is None or not user.is_active:
        raise NotFound
    return user


def choose_password(secret: str, new: str) -> User:
    """Use an invitation: choose a password. All sessions of the user end. Of many at once, one succeeds."""
    user = invited(secret)
    check_for(user, new)
    store_invited(secret, passwords.hash_of(new), by=sessions.bare_actor(user))
    return user


@act("core.choose_password", permission=OPEN)
def store_invited(secret: str, hashed: str, by: Actor) -> None:
    """Use up the secret and keep the hash, both or neither."""
    user = one_time.use(NEW_PASSWORD, secret).user
    keep_hash(user, hashed, because="password changed")


def set_password(user: User, new: str, by: Actor, must_change: bool = True) -> None:
    """Set somebody's password, as a command or a demo does; by default they must change it when they sign in."""
    by.require(MANAGE_USERS)
    check_for(user, new)
    store_set(user, passwords.hash_of(new), must_change, by=by)


@act("core.set_password", permission=MANAGE_USERS)
def store_set(user: User, hashed: str, must_change: bool, by: Actor) -> None:
    """Keep the hash of a password set by another."""
    keep_hash(user, hashed, because="password changed", must_change=must_change)


def check_for(user: User, new: str) -> None:
    """Refuse a password that is not good enough for this user at this site."""
    passwords.check_password(new, names_around(user), has_second_factor=sessions.has_second_factor(user))


def names_around(user: User) -> Iterable[str]:
    """The names nobody may build this user's password on."""
    site = current_site()
    return (user.sign_in, user.name, user.email.partition("@")[0], site.name, site.title, "medley")


def keep_hash(user: User, hashed: str, because: str, keep: int = 0, must_change: bool = False) -> None:
    """Store a hash inside an act, end the user's sessions but `keep`, and forget browsers and open links.

    Without `keep` the PIN is forgotten too.
    """
    now = seconds_now()
    values = {"password_hash": hashed, "changed_at": now, "must_change": must_change}
    if not Credential.update(**values).where(Credential.user == user).execute():
        Credential.create(user=user, **values)
    sessions.end_sessions_of(user, because=because, keep=keep)
    devices.forget_all(user)
    if not keep:  # somebody else may have chosen the PIN, too
        Pin.delete().where(Pin.user == user).execute()
    one_time.void(NEW_PASSWORD, user)
    note("core.password_kept", reason=because, record=user)
