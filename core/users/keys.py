"""Keys that let programs in: what the door asks when a key is shown instead of a session's cookie.

The keys are kept by whichever plugin gives them out, in a table of its own, and open nothing but the pages that plugin
registers for them. Somebody with a key may do what its owner may at that moment, and of that only what the key was
made for. The columns are `id`, `key_hash`, `hint`, `owner_id`, `scopes` and `sources` (JSON lists), `made_at`,
`seen_at`, `expires_at` and `ended_at` (whole seconds).
"""

import ipaddress
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core import clock
from core.sites import current_site
from core.storage.model import quoted
from core.users.door import (
    NOTHING_GRANTED,
    NOTHING_OPENED,
    ONLY_REVISION,
    DoorAnswer,
    GrantFact,
    KeyFact,
)
from core.users.tokens import keyed_digest

WHOSE_KEY = """
SELECT st.revision,
 k.id, k.hint, k.scopes, k.sources, k.made_at, k.seen_at, k.expires_at, k.ended_at,
 u.id, u.uid, u.name, u.kind, u.is_active, u.locale,
 g.id, g.role_id, g.permission, g.effect, g.place_id
FROM core_site_state st
LEFT JOIN {keys} k ON k.key_hash = ?
LEFT JOIN core_user u ON u.id = k.owner_id
LEFT JOIN core_grant g ON g.user_id = u.id AND g.retired_at IS NULL
 AND (g.from_at IS NULL OR g.from_at <= ?) AND (g.until_at IS NULL OR g.until_at > ?)
WHERE st.id = 1
"""
USER_STARTS, GRANT_STARTS = 9, 15
LONGEST = 200


@dataclass(frozen=True, slots=True)
class KeyTable:
    """The keys of a plugin. They begin with `prefix`, by which scanners find one that was left lying about."""

    table: str
    prefix: str

    def digest(self, secret: str) -> str:
        """What is kept of a key; made with a key of the site, so that it opens nothing at another."""
        return keyed_digest(self.table, secret)


def load_key(keys: KeyTable, secret: str, source: str) -> DoorAnswer:
    """Read whose key this is, what they are granted at this moment, and the site's revision, in one statement."""
    site = current_site()
    database = site.database
    if not secret.startswith(keys.prefix) or len(secret) > LONGEST:
        row = database.execute_sql(ONLY_REVISION).fetchone()
        return DoorAnswer(row[0] if row else "", "unknown")
    now = clock.now()
    moment = now.replace(tzinfo=None).isoformat(" ", "microseconds")
    statement = WHOSE_KEY.replace("?", database.param).replace("{keys}", quoted(keys.table, site))
    rows = database.execute_sql(statement, (keys.digest(secret), moment, moment)).fetchall()
    return answer_from(rows, now.timestamp(), source)


def answer_from(rows: list[tuple[Any, ...]], seconds: float, source: str) -> DoorAnswer:
    """Put the rows of the statement together; they differ only in their grant."""
    if not rows:
        return DoorAnswer("", "unknown")
    first = rows[0]
    if first[1] is None or first[USER_STARTS] is None:
        return DoorAnswer(first[0], "unknown")
    (revision, key_id, hint, scopes, sources, made, seen, expires, ended) = first[:USER_STARTS]
    (user_id, uid, name, kind, is_active, locale) = first[USER_STARTS:GRANT_STARTS]
    if ended is not None:
        why_not = "ended"
    elif not is_active:
        why_not = "disabled"
    elif seconds >= expires:
        why_not = "expired"
    else:
        why_not = "" if is_from(source, sources) else "elsewhere"
    found = {row[GRANT_STARTS]: row[GRANT_STARTS + 1 :] for row in rows if row[GRANT_STARTS] is not None}
    grants = tuple(GrantFact._make(found[key]) for key in sorted(found)) if not why_not else NOTHING_GRANTED
    return DoorAnswer(
        revision, why_not, "", 0, user_id, uid, name, kind, locale, second_factor_at=made, last_seen_at=seen or 0,
        expires_at=expires, grants=grants, opened=NOTHING_OPENED, key=KeyFact(key_id, hint, scopes_in(scopes)),
    )  # fmt: skip


@lru_cache(maxsize=2000)
def scopes_in(written: str) -> frozenset[str]:
    """The permissions a key is limited to."""
    return frozenset(json.loads(written))


@lru_cache(maxsize=2000)
def is_from(source: str, written: str) -> bool:
    """Whether an address lies in one of the networks a key is for; without any it is for all."""
    networks = json.loads(written)
    if not networks:
        return True
    try:
        asking = ipaddress.ip_address(source)
    except ValueError:
        return False
    mapped = asking.ipv4_mapped if isinstance(asking, ipaddress.IPv6Address) else None
    return any((mapped or asking) in ipaddress.ip_network(one) for one in networks)
