"""Secrets handed to a browser or a person, of which only a hash stays here."""

import hashlib
import hmac
import secrets

from core import clock
from core.sites import current_site

TOKEN_BYTES = 32


def new_token() -> str:
    """A fresh secret of 256 bits, safe in a cookie or a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """What is kept of a long random secret: SHA-256 is enough, since nobody can guess 256 bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def keyed_digest(purpose: str, *parts: str) -> str:
    """A hash only this site can make, for what could be guessed: short codes, names, addresses."""
    key = current_site().derive(f"core.users.{purpose}")
    return hmac.new(key, "\0".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def seconds_now() -> int:
    """This moment as whole seconds since 1970, as the infrastructure tables keep it."""
    return int(clock.now().timestamp())
