"""A site must never lose its last administrator: nobody could let them in again."""

from core import clock
from core.errors import Refused
from core.sites import current_site
from core.storage import UTCDateTimeField
from core.texts import _
from core.users.models import User

OTHERS = """
SELECT u.id FROM core_grant g JOIN core_role r ON r.id = g.role_id JOIN core_user u ON u.id = g.user_id
WHERE r.name = 'administrator' AND r.retired_at IS NULL AND g.effect = 'allow' AND g.place_id IS NULL
 AND g.retired_at IS NULL AND u.is_active AND u.kind = 'person' AND u.id <> ?
 AND (g.from_at IS NULL OR g.from_at <= ?) AND g.until_at IS NULL
"""
_moment = UTCDateTimeField()


def refuse_last_administrator(user: User) -> None:
    """Raise `Refused` when nobody but this user administers the whole site."""
    database = current_site().database
    now = _moment.db_value(clock.now())
    if database.execute_sql(OTHERS.replace("?", database.param), (user.id, now)).fetchone() is None:
        raise Refused(_("This is the site's only administrator. Make somebody else one first."))


def is_administrator(user: User) -> bool:
    """Whether the user holds the administrator's role everywhere."""
    database = current_site().database
    now = _moment.db_value(clock.now())
    sql = OTHERS.replace("u.id <> ?", "u.id = ?").replace("?", database.param)
    return database.execute_sql(sql, (user.id, now)).fetchone() is not None
