"""Tokens: made once, shown once, limited to what they are for, revoked at once.

Whatever a token says, it opens no more than its owner may open at that moment: the door asks for both at each request.
"""

import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.actors import Actor
from core.acts import act
from core.errors import NotFound, Refused
from core.jobs.actors import actor_of_user
from core.roles.permissions import GRANT
from core.settings import settings_of
from core.storage import atomic, is_uid
from core.storage.journal.writer import note
from core.texts import _
from core.users.door import DoorAnswer
from core.users.models import User
from core.users.permissions import SIGN_IN
from core.users.sessions import moment_of
from core.users.tokens import new_token, seconds_now
from plugins.api.models import TOKENS, Token
from plugins.api.permissions import MANAGE, USE

DAY = 24 * 60 * 60
SEEN_EVERY = 60
MOST_TOKENS = 50
MOST_SOURCES = 20
HINT = 10


@dataclass(frozen=True, slots=True)
class TokenDetails:
    """What a new token is for."""

    name: str
    scopes: frozenset[str]
    days: int
    sources: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One line of the list of tokens."""

    uid: str
    name: str
    hint: str
    owner: str
    is_own: bool
    scopes: tuple[str, ...]
    sources: tuple[str, ...]
    made_at: datetime
    seen_at: datetime | None
    expires_at: datetime
    phase: str


def new_secret() -> str:
    """A fresh key. Whoever gives one out keeps nothing of it."""
    return TOKENS.prefix + new_token()


@act("api.create_token", permission=USE)
def create_token(details: TokenDetails, secret: str, owner: User, by: Actor) -> str:
    """Give a program a token; answers its uid.

    It can be for oneself, or for a service account by those who look after tokens. Raises `Refused` for rights that
    can't be handed on (`giver_of`), and for networks that can't be read.
    """
    by.require(SIGN_IN)
    if owner.uid != by.uid:
        by.require(MANAGE)
        if owner.kind != "service":
            raise Refused(fields={"owner": _("A token is one's own, or a service's.")})
    now = seconds_now()
    if live_tokens(owner, now) >= MOST_TOKENS:
        raise Refused(_("There are %(n)s tokens already. Revoke some that are used no more.", n=MOST_TOKENS))
    token = Token.create(
        key_hash=TOKENS.digest(secret),
        hint=secret[:HINT],
        name=details.name,
        owner=owner,
        scopes=json.dumps(sorted(held(details.scopes, giver_of(owner, by)) | {USE})),
        sources=json.dumps(networks(details.sources)),
        made_by=by.uid,
        made_at=now,
        expires_at=now + within(details.days) * DAY,
    )
    note(act="api.create_token", record=owner, reason=f"{token.hint} {details.name}")
    return str(token.uid)


@act("api.revoke_token", permission=USE)
def revoke_token(uid: str, by: Actor) -> None:
    """Let a token open nothing from the next request on; others' look as if they were not there."""
    token = token_for(uid, by)
    if Token.update(ended_at=seconds_now()).where(Token.id == token.id, Token.ended_at.is_null()).execute():
        note(act="api.revoke_token", record=token.owner, reason=f"{token.hint} {token.name}")


def tokens_for(by: Actor) -> list[TokenLine]:
    """One's own tokens, and everybody's for those who look after them; those in force first, then the newest."""
    query = Token.select(Token, User).join(User).order_by(Token.id.desc()).limit(1000)
    if not by.may(MANAGE):
        query = query.where(User.uid == by.uid)
    now = seconds_now()
    lines = [
        TokenLine(
            uid=row.uid, name=row.name, hint=row.hint, owner=row.owner.name, is_own=row.owner.uid == by.uid,
            scopes=tuple(one for one in json.loads(row.scopes) if one != USE), sources=tuple(json.loads(row.sources)),
            made_at=moment_of(row.made_at), seen_at=moment_of(row.seen_at) if row.seen_at else None,
            expires_at=moment_of(row.expires_at), phase=phase_of(row, now),
        )
        for row in query
    ]  # fmt: skip
    return sorted(lines, key=lambda line: line.phase != "active")


def token_for(uid: str, by: Actor) -> Token:
    """One token; raises `NotFound` for those of others, as if they were not there."""
    token: Token | None = Token.get_or_none(Token.uid == uid) if is_uid(uid) else None
    if token is None or (token.owner.uid != by.uid and not by.may(MANAGE)):
        raise NotFound
    return token


def phase_of(token: Token, now: int) -> str:
    """Whether a token is in force, over, or revoked."""
    if token.ended_at is not None:
        return "ended"
    return "active" if token.expires_at > now else "missed"


def services_for(by: Actor) -> list[User]:
    """The service accounts somebody may give tokens."""
    if not by.may(MANAGE):
        return []
    is_open = User.is_active == True  # noqa: E712  a condition of the database
    return list(User.select().where(User.kind == "service", is_open).order_by(User.name, User.id))


def note_use(answer: DoorAnswer) -> None:
    """Note that a token is in use, at most once a minute."""
    now = seconds_now()
    if answer.key is None or now < answer.last_seen_at + SEEN_EVERY:
        return
    with atomic():
        is_older = Token.seen_at.is_null() | (Token.seen_at < now)
        Token.update(seen_at=now).where(Token.id == answer.key.id, is_older).execute()


# What a token may be.


def giver_of(owner: User, by: Actor) -> Actor:
    """Whose rights a new token can be given: one's own, or a service's by those who could give it these anyway."""
    return actor_of_user(owner.uid, None) if owner.uid != by.uid and by.may(GRANT) else by


def held(scopes: frozenset[str], giver: Actor) -> frozenset[str]:
    """The permissions asked for; raises `Refused` for what nobody here can hand on, and when there are none."""
    missing = sorted(one for one in scopes if one == SIGN_IN or not giver.may(one))
    if missing:
        words = _("%(name)s does not hold %(missing)s.", name=giver.name, missing=", ".join(missing))
        raise Refused(fields={"scopes": words})
    if not scopes:
        raise Refused(fields={"scopes": _("Choose at least one thing it may do.")})
    return scopes


def within(days: int) -> int:
    """How long it is good for; raises `Refused` beyond what the hospital allows."""
    most = settings_of("api").most_token_days
    if not 1 <= days <= most:
        raise Refused(fields={"days": _("Between 1 and %(most)s days.", most=most)})
    return days


def networks(written: Sequence[str]) -> list[str]:
    """Networks in one spelling; raises `Refused` for what is none."""
    if len(written) > MOST_SOURCES:
        raise Refused(fields={"sources": _("At most %(n)s of them.", n=MOST_SOURCES)})
    found = []
    for one in written:
        try:
            found.append(str(ipaddress.ip_network(one.strip(), strict=False)))
        except ValueError as unreadable:
            words = _("%(text)s is no address or network; write 10.0.0.7 or 10.0.0.0/24.", text=one.strip()[:60])
            raise Refused(fields={"sources": words}) from unreadable
    return found


def live_tokens(owner: User, now: int) -> int:
    """How many tokens of somebody are in force."""
    return int(Token.select().where(Token.owner == owner, Token.ended_at.is_null(), Token.expires_at > now).count())
