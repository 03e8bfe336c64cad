"""Answers kept for a day under the key a program sent: a request sent again is answered again, not done again.

The act itself binds the key too (`core.acts`), in the transaction that does the work: two requests at the same moment
do it once, and one whose answer was never stored finds what was done. What is kept here only makes the second answer
equal to the first.
"""

import hashlib
import hmac
import itertools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.actors import Actor
from core.errors import KeyReused
from core.sites import current_site
from core.storage import atomic
from core.users.tokens import seconds_now
from plugins.api.models import Answer

DAY = 24 * 60 * 60
NONCE = 12
PRUNE_EVERY = 64
PRUNE_AT_ONCE = 500
_kept = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is kept: status, body and the headers that belong to it."""

    status: int
    body: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """A request with its key: who asked, under which key, and a digest of what."""

    actor_uid: str
    request_key: str
    digest: str

    @property
    def act_key(self) -> str:
        """The key as the act is given it."""
        return f"api:{self.request_key}"


def question(by: Actor, key: str, *asked: Any) -> Question:
    """A request as it is compared with an earlier one; nobody can read it back."""
    written = json.dumps(asked, sort_keys=True, default=str).encode("utf-8", "replace")
    digest = hmac.new(current_site().derive("api answers"), written, hashlib.sha256).hexdigest()
    return Question(by.uid, hashlib.sha256(key.encode()).hexdigest(), digest)


def answered_once(asked: Question, work: Callable[[], Kept]) -> tuple[Kept, bool]:
    """The answer kept for this request, or the one the work gives now; and whether it was kept.

    Raises `KeyReused` when the key came with another request. Work that is refused leaves nothing behind.
    """
    kept = answer_to(asked)
    if kept is not None:
        return kept, True
    fresh = work()
    with atomic():
        same = (Answer.actor_uid == asked.actor_uid) & (Answer.request_key == asked.request_key)
        Answer.delete().where(same, Answer.at <= seconds_now() - DAY).execute()
        Answer.insert(
            actor_uid=asked.actor_uid, request_key=asked.request_key, digest=asked.digest, status=fresh.status,
            sealed=seal(fresh, asked), at=seconds_now(),
        ).on_conflict_ignore().execute()  # fmt: skip
    if next(_kept) % PRUNE_EVERY == 0:
        forget_old()
    return answer_to(asked) or fresh, False


def answer_to(asked: Question) -> Kept | None:
    """The answer to the same request within a day; raises `KeyReused` where it was another one."""
    row = Answer.get_or_none(
        Answer.actor_uid == asked.actor_uid,
        Answer.request_key == asked.request_key,
        Answer.at > seconds_now() - DAY,
    )
    if row is None:
        return None
    if not hmac.compare_digest(row.digest, asked.digest):
        raise KeyReused
    return unseal(row.sealed, asked)


def forget_old() -> int:
    """Let answers go that are older than a day, some hundreds at a time; how many there were."""
    old = Answer.select(Answer.id).where(Answer.at <= seconds_now() - DAY).limit(PRUNE_AT_ONCE)
    ids = [row.id for row in old]
    if not ids:
        return 0
    with atomic():
        return int(Answer.delete().where(Answer.id.in_(ids)).execute())


def seal(kept: Kept, asked: Question) -> str:
    """An answer nobody can read out of the table: it may say what the register says of somebody."""
    written = json.dumps([kept.status, kept.body, kept.headers]).encode()
    nonce = os.urandom(NONCE)
    return (nonce + cipher().encrypt(nonce, written, asked.digest.encode())).hex()


def unseal(sealed: str, asked: Question) -> Kept:
    """The answer again."""
    raw = bytes.fromhex(sealed)
    status, body, headers = json.loads(cipher().decrypt(raw[:NONCE], raw[NONCE:], asked.digest.encode()))
    return Kept(status, body, headers)


def cipher() -> AESGCM:
    """Seals with a key of this site."""
    return AESGCM(current_site().derive("api answers sealed"))
