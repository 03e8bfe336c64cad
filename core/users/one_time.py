"""Secrets that work once and not for long: for the first administrator, and for choosing a password."""

from core.errors import NotFound
from core.users.models import OneTimeSecret, User
from core.users.tokens import digest_of, new_token, seconds_now

KEPT_AFTER_END = 30 * 24 * 60 * 60


def make(purpose: str, hours: int, user: User | None = None) -> str:
    """A fresh secret for one purpose; any older one for the same person and purpose stops working."""
    void(purpose, user)
    secret, now = new_token(), seconds_now()
    OneTimeSecret.delete().where(OneTimeSecret.expires_at < now - KEPT_AFTER_END).execute()
    OneTimeSecret.create(
        purpose=purpose, secret_hash=digest_of(secret), user=user, made_at=now, expires_at=now + hours * 3600
    )
    return secret


def find(purpose: str, secret: str) -> OneTimeSecret:
    """The unused secret; raises `NotFound` for one that is used, old or made up, all alike."""
    found: OneTimeSecret | None = OneTimeSecret.get_or_none(
        OneTimeSecret.purpose == purpose,
        OneTimeSecret.secret_hash == digest_of(secret),
        OneTimeSecret.used_at.is_null(),
        OneTimeSecret.expires_at > seconds_now(),
    )
    if found is None:
        raise NotFound
    return found


def use(purpose: str, secret: str) -> OneTimeSecret:
    """Use the secret up inside an act; of many at once, one succeeds and the others find nothing."""
    found = find(purpose, secret)
    used = (
        OneTimeSecret.update(used_at=seconds_now())
        .where(OneTimeSecret.id == found.id, OneTimeSecret.used_at.is_null())
        .execute()
    )
    if not used:
        raise NotFound
    return found


def void(purpose: str, user: User | None) -> None:
    """Let unused secrets of this purpose and person work no longer."""
    whose = OneTimeSecret.user.is_null() if user is None else OneTimeSecret.user == user
    OneTimeSecret.update(used_at=seconds_now()).where(
        OneTimeSecret.purpose == purpose, whose, OneTimeSecret.used_at.is_null()
    ).execute()
