"""The one question the door asks the database at each request.

Session, user, the user's grants in force, emergencies in force and the site's revision come back from one
statement. Everything else an answer needs hangs on the revision and is remembered by it.
"""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from core import clock
from core.sites import current_site

ONLY_REVISION = "SELECT revision FROM core_site_state WHERE id = 1"
WHO_AND_WHAT = """
SELECT st.revision,
 s.id, s.stage, s.last_seen_at, s.idle_seconds, s.expires_at, s.ended_at, s.ended_because, s.place_id,
 s.second_factor_at, s.elevated_until,
 u.id, u.uid, u.name, u.kind, u.is_active, u.locale, u.theme, u.density, c.must_change,
 g.id, g.role_id, g.permission, g.effect, g.place_id,
 b.id, b.subject_uid
FROM core_site_state st
LEFT JOIN core_session s ON s.token_hash = ?
LEFT JOIN core_user u ON u.id = s.user_id
LEFT JOIN core_credential c ON c.user_id = u.id
LEFT JOIN core_grant g ON g.user_id = u.id AND g.retired_at IS NULL
 AND (g.from_at IS NULL OR g.from_at <= ?) AND (g.until_at IS NULL OR g.until_at > ?)
LEFT JOIN core_break_glass b ON b.user_id = u.id AND b.until_at > ?
WHERE st.id = 1
"""
STATEMENTS = {"?": WHO_AND_WHAT, "%s": WHO_AND_WHAT.replace("?", "%s")}
SESSION_STARTS, USER_STARTS, GRANT_STARTS, GLASS_STARTS = 1, 11, 20, 25


class GrantFact(NamedTuple):
    """One grant in force: the role or the single permission, allowed or denied, and where."""

    role_id: int | None
    permission: str | None
    effect: str
    place_id: int | None


class KeyFact(NamedTuple):
    """The key a program showed: which one it is, how people recognise it, and the permissions it is limited to."""

    id: int
    hint: str
    scopes: frozenset[str]


NOTHING_GRANTED: tuple[GrantFact, ...] = ()
NOTHING_OPENED: frozenset[str] = frozenset()


class DoorAnswer(NamedTuple):
    """What the door knows about a request. `why_not` says why nobody is let in: it is empty when somebody is.

    unknown (no such session) · ended (see `ended_because`) · idle · expired · disabled · second_factor (the
    password was right, the code is still asked for) · elsewhere (a key that is not for this address) · none (no token
    was shown).
    """

    revision: str
    why_not: str = "none"
    ended_because: str = ""
    session_id: int = 0
    user_id: int = 0
    user_uid: str = ""
    user_name: str = ""
    kind: str = "anonymous"
    locale: str = ""
    theme: str = "system"
    density: str = "comfortable"
    place_id: int | None = None
    second_factor_at: int | None = None
    elevated_until: int | None = None
    last_seen_at: int = 0
    expires_at: int = 0
    idle_seconds: int = 0
    grants: tuple[GrantFact, ...] = ()
    opened: frozenset[str] = frozenset()
    must_change_password: bool = False
    key: KeyFact | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether the session lets its user in."""
        return not self.why_not


def load_door(token: str | None) -> DoorAnswer:
    """Read who shows this token, what they are granted at this moment, and the site's revision, in one statement."""
    database = current_site().database
    if not token:
        row = database.execute_sql(ONLY_REVISION).fetchone()
        return DoorAnswer(row[0] if row else "")
    now = clock.now()
    moment = now.replace(tzinfo=None).isoformat(" ", "microseconds")
    token_hash = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
    rows = database.execute_sql(STATEMENTS[database.param], (token_hash, moment, moment, moment)).fetchall()
    return answer_from(rows, now)


def answer_from(rows: list[tuple[Any, ...]], now: datetime) -> DoorAnswer:
    """Put the rows of the statement together; they differ only in their grant and emergency."""
    if not rows:
        return DoorAnswer("", "unknown")
    first = rows[0]
    if first[SESSION_STARTS] is None or first[USER_STARTS] is None:
        return DoorAnswer(first[0], "unknown")
    (_, session_id, stage, last_seen, idle, expires, ended, because, place, second, elevated) = first[:USER_STARTS]
    (user_id, uid, name, kind, is_active, locale, theme, density, must_change) = first[USER_STARTS:GRANT_STARTS]
    seconds = now.timestamp()
    if ended is not None:
        why_not = "ended"
    elif not is_active:
        why_not = "disabled"
    elif seconds >= expires:
        why_not = "expired"
    elif seconds >= last_seen + idle:
        why_not = "idle"
    else:
        why_not = "" if stage == "open" else stage
    grants, opened = (NOTHING_GRANTED, NOTHING_OPENED) if why_not else granted_in(rows)
    return DoorAnswer(
        first[0], why_not, because, session_id, user_id, uid, name, kind, locale, theme, density,
        place, second, elevated, last_seen, expires, idle, grants, opened, bool(must_change),
    )  # fmt: skip


def granted_in(rows: list[tuple[Any, ...]]) -> tuple[tuple[GrantFact, ...], frozenset[str]]:
    """The grants and the opened records in the rows: each grant meets each emergency, so both repeat."""
    found = {row[GRANT_STARTS]: row[GRANT_STARTS + 1 : GLASS_STARTS] for row in rows if row[GRANT_STARTS] is not None}
    grants = tuple(GrantFact._make(found[key]) for key in sorted(found))
    if rows[0][GLASS_STARTS] is None:
        return grants, NOTHING_OPENED
    return grants, frozenset(row[GLASS_STARTS + 1] for row in rows)
