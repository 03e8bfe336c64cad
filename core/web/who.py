"""Names for the uids that records and journal keep of those who acted."""

from collections.abc import Iterable
from typing import Any

from core.roles.defaults import ADMINISTRATOR
from core.roles.models import ALLOW, Grant, Role
from core.storage import is_uid
from core.texts import Text, _
from core.users.models import User


def names_of(uids: Iterable[str]) -> dict[str, str]:
    """What each of these actors is called: people by name, the house's own work by what it does."""
    wanted = {uid for uid in uids if uid}
    people = [uid for uid in wanted if is_uid(uid)]
    found: dict[str, str] = {uid: str(words_for(uid)) for uid in wanted}
    for start in range(0, len(people), 500):
        rows: Any = User.select(User.uid, User.name).where(User.uid.in_(people[start : start + 500])).tuples()
        found.update(dict(rows))
    return found


def name_of(uid: str) -> str:
    """What one actor is called; "" for nobody."""
    return names_of((uid,)).get(uid, "")


def words_for(uid: str) -> str | Text:
    """What stands for an actor without an account."""
    if uid.startswith("system:"):
        return _("Medley (%(work)s)", work=uid.removeprefix("system:"))
    return uid


def administrators(most: int) -> list[str]:
    """The names of some who look after this site, for those who need to ask."""
    having = (
        Grant.select(Grant.user)
        .join(Role)
        .where(Role.name == ADMINISTRATOR, Grant.effect == ALLOW, Grant.retired_at.is_null(), Grant.place.is_null())
    )
    is_open = User.is_active == True  # noqa: E712  a condition of the database
    rows: Any = User.select(User.name).where(User.id.in_(having), is_open).order_by(User.id)
    return [name for (name,) in rows.limit(most).tuples()]
