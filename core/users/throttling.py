"""Guessing is slowed down and stopped, and nobody else is locked out by it.

Every try counts three times: for the name from this source, for the source, and for the name from anywhere.
A try is counted before the password is looked at, so that many at once can't slip through. Where the user
has signed in from lately, and on a remembered device, a count of its own applies: whatever strangers do
elsewhere, the ward's own machines let the ward's people in. Unknown names are treated alike, but share a
fixed number of counters.
"""

import ipaddress
from dataclasses import dataclass

from core.actors import ANONYMOUS, Actor
from core.acts import OPEN, act
from core.errors import TooManyTries
from core.storage.journal.writer import note
from core.users.models import KnownSource, Throttle, User
from core.users.tokens import keyed_digest, seconds_now

WINDOW = 15 * 60
DAY = 24 * 60 * 60
FREE_TRIES = 4
LONGEST_DELAY = 45
SLOTS = 4096
KNOWN_FOR = 30 * DAY
KNOWN_SOURCES_EACH = 20
PRUNE_AT_ONCE = 500
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries a counter allows in a quarter of an hour and in a day, and whether each costs more time."""

    window: int
    day: int
    is_slowing: bool = False


PAIR = Limit(window=20, day=50, is_slowing=True)
KNOWN_PAIR = Limit(window=20, day=100, is_slowing=True)
SOURCE = Limit(window=100, day=1000)
ACCOUNT = Limit(window=100, day=100)
CODES = Limit(window=10, day=50, is_slowing=True)
NOTED_UNKNOWN = Limit(window=200, day=2000)


@dataclass(frozen=True, slots=True)
class Counter:
    """One row of the throttle: its key, its limit, and the user it is about, if there is one."""

    key: str
    limit: Limit
    user_id: int | None = None


def counters_for(name_key: str, user: User | None, source: str, device_id: int | None = None) -> tuple[Counter, ...]:
    """The counters a try to sign in falls under."""
    network = network_of(source)
    user_id = user.id if user is not None else None
    if device_id is not None:
        return (Counter(keyed_digest("throttle", "device", str(device_id)), KNOWN_PAIR, user_id),)
    # Asked for unknown names too: what takes longer tells a stranger something.
    if is_known_source(user_id or NOBODY, source):
        return (Counter(keyed_digest("throttle", "known", name_key, network), KNOWN_PAIR, user_id),)
    pair, account = f"{name_key}\0{network}", name_key
    slots = slot_of(pair), slot_of(account)
    if user is None:
        pair, account = slots
    return (
        Counter(keyed_digest("throttle", "pair", pair), PAIR, user_id),
        Counter(keyed_digest("throttle", "source", slot_of(network)), SOURCE),
        Counter(keyed_digest("throttle", "account", account), ACCOUNT, user_id),
    )


def count_try(counters: tuple[Counter, ...]) -> None:
    """Count one try under every counter before it is heard; raises `TooManyTries` when one of them is full."""
    wait = counted(counters, by=ANONYMOUS)
    if wait:
        raise TooManyTries(wait)


@act("core.count_try", permission=OPEN)
def counted(counters: tuple[Counter, ...], by: Actor) -> int:
    """Count the try; seconds to wait when a counter is full, else 0."""
    now = seconds_now()
    wait = max(wait_of(row_of(counter, now), counter.limit, now) for counter in counters)
    return wait or max(raised(counter, now) for counter in counters)


def forgive(counters: tuple[Counter, ...]) -> None:
    """The try was right: forget the failed ones under this name, and give the source its one try back."""
    for counter in counters:
        if counter.limit is SOURCE:
            lowered = {Throttle.tries: Throttle.tries - 1, Throttle.day_tries: Throttle.day_tries - 1}
            Throttle.update(lowered).where(
                Throttle.key == counter.key, Throttle.tries > 0, Throttle.day_tries > 0
            ).execute()
        else:
            Throttle.delete().where(Throttle.key == counter.key).execute()


@act("core.forget_tries", permission=OPEN)
def forget(counters: tuple[Counter, ...], by: Actor) -> None:
    """The same as `forgive`, as an act of its own."""
    forgive(counters)


def failed_lately(user: User, counters: tuple[Counter, ...]) -> int:
    """How many tries at this user's account failed within a day, by the busiest counter; the user is told.

    The try going on, counted in `counters`, is not one of them.
    """
    own = {counter.key for counter in counters}
    rows = Throttle.select(Throttle.key, Throttle.day_tries).where(
        Throttle.user == user, Throttle.day_opened_at > seconds_now() - DAY
    )
    return max((row.day_tries - (row.key in own) for row in rows), default=0)


def is_worth_noting(user: User | None) -> bool:
    """Whether a refusal gets its own row in the journal: always for a known user, within measure for unknown names.

    Both are counted, though only one count matters, so that both take as long.
    """
    counter = Counter(keyed_digest("throttle", "noted", "known" if user is not None else ""), NOTED_UNKNOWN)
    now = seconds_now()
    row = row_of(counter, now)
    Throttle.update(tries=Throttle.tries + 1, day_tries=Throttle.day_tries + 1, expires_at=now + DAY).where(
        Throttle.id == row.id
    ).execute()
    return user is not None or not wait_of(row, counter.limit, now)


@act("core.unlock_user", permission="core.manage_users")
def unlock_user(user: User, by: Actor) -> None:
    """Forget the failed tries at this user's account, so that they can sign in from anywhere at once."""
    Throttle.delete().where(Throttle.user == user).execute()
    note(act="core.unlock_user", record=user)


def remember_source(user: User, source: str) -> None:
    """From here this user has just signed in; of many places the latest twenty are kept."""
    hashed = source_hash_of(source)
    now = seconds_now()
    updated = (
        KnownSource.update(last_seen_at=now)
        .where(KnownSource.user == user, KnownSource.source_hash == hashed)
        .execute()
    )
    if not updated:
        KnownSource.insert(user=user, source_hash=hashed, last_seen_at=now).on_conflict_ignore().execute()
        latest = KnownSource.select(KnownSource.id).where(KnownSource.user == user)
        ids = [row.id for row in latest.order_by(KnownSource.last_seen_at.desc(), KnownSource.id.desc())]
        if len(ids) > KNOWN_SOURCES_EACH:
            KnownSource.delete().where(KnownSource.id.in_(ids[KNOWN_SOURCES_EACH:])).execute()


def is_known_source(user_id: int, source: str) -> bool:
    """Whether the user has signed in from this network in the last thirty days."""
    return (
        KnownSource.select(KnownSource.id)
        .where(
            KnownSource.user == user_id,
            KnownSource.source_hash == source_hash_of(source),
            KnownSource.last_seen_at > seconds_now() - KNOWN_FOR,
        )
        .exists()
    )


def source_hash_of(source: str) -> str:
    """A network as it is kept: recognisable, not readable."""
    return keyed_digest("throttle", "network", network_of(source))


def network_of(source: str) -> str:
    """What one stranger can hold: an IPv4 address, or the /64 an IPv6 address lies in."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def slot_of(text: str) -> str:
    """One of a fixed number of counters, for what anybody may make up."""
    return f"slot {int(keyed_digest('slot', text)[:8], 16) % SLOTS}"


def row_of(counter: Counter, now: int) -> Throttle:
    """The counter's row, made when it is the first try, its windows begun anew when they are over.

    A try that was right takes rows away at any moment (`forgive`), so each look may find nothing and begins again.
    """
    while True:
        row = Throttle.get_or_none(Throttle.key == counter.key)
        if row is None:
            Throttle.insert(
                key=counter.key, user=counter.user_id, opened_at=now, day_opened_at=now, expires_at=now + DAY
            ).on_conflict_ignore().execute()
        elif now >= row.day_opened_at + DAY:
            Throttle.update(
                day_tries=0, day_opened_at=now, tries=0, opened_at=now, next_at=0, expires_at=now + DAY
            ).where(Throttle.id == row.id, Throttle.day_opened_at == row.day_opened_at).execute()
        elif now >= row.opened_at + WINDOW:
            Throttle.update(tries=0, opened_at=now, next_at=0).where(
                Throttle.id == row.id, Throttle.opened_at == row.opened_at
            ).execute()
        else:
            return row


def wait_of(row: Throttle, limit: Limit, now: int) -> int:
    """Seconds until the counter lets another try through; 0 when it does now."""
    until = int(row.next_at)
    if row.tries >= limit.window:
        until = max(until, row.opened_at + WINDOW)
    if row.day_tries >= limit.day:
        until = max(until, row.day_opened_at + DAY)
    return max(0, until - now)


def raised(counter: Counter, now: int) -> int:
    """Count the try, after those that were made at the same moment; seconds to wait when they filled the counter."""
    while True:
        row = row_of(counter, now)
        wait = wait_of(row, counter.limit, now)
        if wait:
            return wait
        delay = delay_after(row.tries + 1) if counter.limit.is_slowing else 0
        raised_now = (
            Throttle.update(
                tries=row.tries + 1,
                day_tries=Throttle.day_tries + 1,
                next_at=now + delay,
                expires_at=now + DAY,
            )
            .where(Throttle.id == row.id, Throttle.tries == row.tries)
            .execute()
        )
        if raised_now:
            return 0


def delay_after(tries: int) -> int:
    """How long the next try must wait: nothing for honest slips, then twice as long each time."""
    if tries <= FREE_TRIES:
        return 0
    return min(1 << min(tries - FREE_TRIES, 10), LONGEST_DELAY)


@act("core.prune_throttle", permission=OPEN)
def prune(by: Actor) -> int:
    """Let counters go that a day has made worthless, some hundreds at a time; how many there were."""
    worthless = Throttle.select(Throttle.id).where(Throttle.expires_at < seconds_now()).limit(PRUNE_AT_ONCE)
    ids = [row.id for row in worthless]
    return int(Throttle.delete().where(Throttle.id.in_(ids)).execute()) if ids else 0
