"""A question an act asks, answered by a program: a word of the house that is good for this one request, for a while.

What comes with the question can't be made up, is nobody else's, and fits no other body: whoever sends it back has been
asked about exactly this.
"""

import hashlib
import hmac
import json
from typing import Any

from core.actors import Actor
from core.sites import current_site
from core.users.tokens import seconds_now

SECONDS = 15 * 60
LONGEST = 300


def confirmation(by: Actor, words: tuple[str, ...], *asked: Any) -> str:
    """What a program sends back to say yes to these questions about what it asked."""
    until = seconds_now() + SECONDS
    return f"{'+'.join(words)}.{until}.{seal(by, words, until, asked)}"


def confirmed_words(by: Actor, sent: str, *asked: Any) -> tuple[str, ...]:
    """The questions that are answered with yes by what was sent; none where it does not fit, or no more."""
    written, _dot, rest = sent[:LONGEST].partition(".")
    until, _dot, mac = rest.partition(".")
    if not (until.isascii() and until.isdigit()) or int(until) < seconds_now():
        return ()
    words = tuple(written.split("+"))
    is_ours = hmac.compare_digest(mac.encode("utf-8", "replace"), seal(by, words, int(until), asked).encode())
    return words if is_ours else ()


def seal(by: Actor, words: tuple[str, ...], until: int, asked: Any) -> str:
    """What only this site can make."""
    written = json.dumps([by.uid, words, until, asked], sort_keys=True, default=str).encode("utf-8", "replace")
    return hmac.new(current_site().derive("api confirmations"), written, hashlib.sha256).hexdigest()
