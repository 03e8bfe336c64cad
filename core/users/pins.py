"""The short number somebody opens their own locked session with.

A PIN is an activation secret (NIST SP 800-63B-4, 3.2.10): it signs nobody in. It opens a session again that was begun
with a password, on the computer where that was, for a few hours; after five wrong ones only the password does.
"""

import re

from core.actors import Actor
from core.acts import act
from core.errors import Refused, Words
from core.storage.journal.writer import note
from core.texts import _
from core.users import credentials, passwords, sessions
from core.users.models import Pin, User
from core.users.permissions import SIGN_IN
from core.users.tokens import seconds_now

SHORTEST, LONGEST = 4, 12
YEAR = re.compile(r"(19|20)\d\d")
RISING = "01234567890123"


def choose_pin(pin: str, password: str, by: Actor) -> None:
    """Keep somebody's PIN in place of an older one. Raises `Refused` naming `pin` or `password`."""
    by.require(SIGN_IN)
    objection = objection_to(pin)
    if objection:
        raise Refused(fields={"pin": objection})
    credentials.confirm_password(password, by)
    keep_pin(passwords.hash_of(pin), by=by)


def objection_to(pin: str) -> Words:
    """Why this PIN is not acceptable, or nothing."""
    if not pin.isascii() or not pin.isdigit() or not SHORTEST <= len(pin) <= LONGEST:
        return _("Use %(least)s to %(most)s digits.", least=SHORTEST, most=LONGEST)
    is_run = pin in RISING or pin in RISING[::-1]
    if is_run or len(set(pin)) < 3 or (len(pin) == SHORTEST and YEAR.fullmatch(pin)):
        return _("This would be guessed. Don't use a year, a run such as 1234, or the same digits again and again.")
    return ""


@act("core.choose_pin", permission=SIGN_IN)
def keep_pin(hashed: str, by: Actor) -> None:
    """Keep the hash of a person's own PIN."""
    user = sessions.own_account(by)
    values = {"pin_hash": hashed, "chosen_at": seconds_now()}
    if not Pin.update(**values).where(Pin.user == user).execute():
        Pin.create(user=user, **values)
    note("core.choose_pin", record=user)


@act("core.remove_pin", permission=SIGN_IN)
def remove_pin(by: Actor) -> None:
    """Do without a PIN; from then on one is signed out where one would have been locked."""
    user = sessions.own_account(by)
    if Pin.delete().where(Pin.user == user).execute():
        note("core.remove_pin", record=user)


def has_pin(user: User) -> bool:
    """Whether this person can lock their sessions."""
    return Pin.select(Pin.id).where(Pin.user == user).exists()
