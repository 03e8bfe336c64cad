"""Opening, changing and closing accounts, and what people set for themselves."""

import re
from dataclasses import dataclass

import peewee

from core.actors import Actor
from core.acts import act
from core.errors import Conflict, Refused, Words
from core.places.models import Place
from core.sites import touch_revision
from core.storage import savepoint
from core.texts import _
from core.users import devices, sessions
from core.users.administrators import is_administrator, refuse_last_administrator
from core.users.models import DENSITIES, KINDS, THEMES, User
from core.users.names import checked_sign_in, sign_in_key_of
from core.users.permissions import MANAGE_USERS, SIGN_IN

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
LONGEST_NAME = 200
LOCALE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,8}){0,2}")


@dataclass(frozen=True, slots=True)
class UserDetails:
    """What an account says of its owner. The name is as written: no first or last."""

    sign_in: str
    name: str
    email: str = ""
    kind: str = "person"
    locale: str = ""
    default_place: Place | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What people set for themselves; an empty locale means the site's."""

    locale: str = ""
    theme: str = "system"
    density: str = "comfortable"
    default_place: Place | None = None


@act("core.create_user", permission=MANAGE_USERS)
def create_user(details: UserDetails, by: Actor) -> User:
    """Open an account. Nobody can sign in to it before a password is chosen (see `credentials.invite`).

    Raises `Refused` when the sign-in name is taken, also in other capitals.
    """
    details = checked(details)
    user = User(
        sign_in=details.sign_in,
        sign_in_key=sign_in_key_of(details.sign_in),
        name=details.name,
        email=details.email,
        kind=details.kind,
        locale=details.locale,
        default_place=details.default_place,
    )
    save_unless_taken(user)
    return user


@act("core.edit_user", permission=MANAGE_USERS)
def edit_user(user: User, details: UserDetails, by: Actor, version: int | None = None) -> User:
    """Change what an account says of its owner; sessions go on, and the old sign-in name stops working."""
    refuse_stale(user, version)
    details = checked(details)
    user.sign_in = details.sign_in
    user.sign_in_key = sign_in_key_of(details.sign_in)
    user.name = details.name
    user.email = details.email
    user.kind = details.kind
    user.locale = details.locale
    user.default_place = details.default_place
    save_unless_taken(user)
    return user


@act("core.deactivate_user", permission=MANAGE_USERS)
def deactivate_user(user: User, by: Actor, version: int | None = None) -> None:
    """Close an account: all its sessions end at once, everywhere. What its owner did stays under their name."""
    refuse_stale(user, version)
    if user.uid == by.uid:
        raise Refused(_("You can't close your own account. Another administrator can."))
    if is_administrator(user):
        refuse_last_administrator(user)
    user.is_active = False
    user.save()
    sessions.end_sessions_of(user, because="account closed")
    devices.forget_all(user)
    touch_revision()


@act("core.reactivate_user", permission=MANAGE_USERS)
def reactivate_user(user: User, by: Actor, version: int | None = None) -> None:
    """Open a closed account again, with the password and grants it had."""
    refuse_stale(user, version)
    user.is_active = True
    user.save()
    touch_revision()


@act("core.change_preferences", permission=SIGN_IN)
def change_preferences(preferences: Preferences, by: Actor) -> User:
    """Set one's own language, theme, density and usual place."""
    wrong: dict[str, Words] = {}
    if preferences.locale and not LOCALE.fullmatch(preferences.locale):
        wrong["locale"] = _("There is no such language.")
    if preferences.theme not in THEMES:
        wrong["theme"] = _("Choose one of the themes.")
    if preferences.density not in DENSITIES:
        wrong["density"] = _("Choose one of the densities.")
    if wrong:
        raise Refused(fields=wrong)
    user = sessions.own_account(by)
    user.locale = preferences.locale
    user.theme = preferences.theme
    user.density = preferences.density
    user.default_place = preferences.default_place
    user.save()
    return user


def user_named(name: str) -> User | None:
    """The account somebody signs in to under this name, in any capitals."""
    found: User | None = User.get_or_none(User.sign_in_key == sign_in_key_of(name))
    return found


def checked(details: UserDetails) -> UserDetails:
    """The details in their stored form; raises `Refused` naming each field that is wrong."""
    wrong: dict[str, Words] = {}
    sign_in, name, email = details.sign_in, details.name.strip(), details.email.strip()
    try:
        sign_in = checked_sign_in(details.sign_in)
    except Refused as refusal:
        wrong.update(refusal.fields)
    if not name:
        wrong["name"] = _("Give the person's name.")
    elif len(name) > LONGEST_NAME:
        wrong["name"] = _("Use at most %(most)s characters.", most=LONGEST_NAME)
    if email and not EMAIL.fullmatch(email):
        wrong["email"] = _("This is not an e-mail address.")
    if details.kind not in KINDS:
        wrong["kind"] = _("Choose a kind of account.")
    if details.locale and not LOCALE.fullmatch(details.locale):
        wrong["locale"] = _("There is no such language.")
    if details.default_place is not None and details.default_place.is_retired:
        wrong["default_place"] = _("This place is out of use.")
    if wrong:
        raise Refused(fields=wrong)
    return UserDetails(sign_in, name, email, details.kind, details.locale, details.default_place)


def save_unless_taken(user: User) -> None:
    """Save, or refuse when another account has the sign-in name: the database has the last word."""
    try:
        with savepoint():
            user.save()
    except peewee.IntegrityError as clash:
        if User.select(User.id).where(User.sign_in_key == user.sign_in_key, User.id != (user.id or 0)).exists():
            raise Refused(fields={"sign_in": _("Somebody already signs in under this name.")}) from clash
        raise


def refuse_stale(user: User, version: int | None) -> None:
    """Raise `Conflict` when the account was changed since the person saw it."""
    if version is not None and user.version != version:
        theirs = {"sign_in": user.sign_in, "name": user.name, "email": user.email}
        raise Conflict(theirs=theirs, by=user.updated_by, at=user.updated_at)
