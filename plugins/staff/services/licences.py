"""Licences that expire: who may be rostered, and the warnings before."""

from collections.abc import Iterable
from datetime import date, timedelta

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Words
from core.hooks import announce
from core.sites import current_site
from core.texts import _
from plugins.staff.models import Licence, Member
from plugins.staff.permissions import LICENCES

WARNINGS = (60, 30, 7, 0)


def why_not_rostered(member: Member, day: date) -> Words:
    """Why somebody can't be rostered on a day, "" where they can: gone, not here yet, or a licence that has expired."""
    if member.is_retired or (member.until_on is not None and member.until_on < day):
        return _("%(name)s does not work here on that day any more.", name=member.name)
    if member.from_on is not None and member.from_on > day:
        return _("%(name)s does not work here yet on that day.", name=member.name)
    lapsed = expiries([member.id]).get(member.id)
    if lapsed is not None and lapsed.expires_on < day:
        return _("%(name)s: %(licence)s has expired.", name=member.name, licence=lapsed.name)
    return ""


def expiries(ids: Iterable[int]) -> dict[int, Licence]:
    """For each of these people the needed licence that expires first; one statement for all."""
    wanted = (Licence.member.in_(list(ids))) & Licence.retired_at.is_null() & Licence.expires_on.is_null(False)
    found: dict[int, Licence] = {}
    for one in Licence.select().where(wanted, Licence.is_needed == True).order_by(Licence.expires_on, Licence.id):  # noqa: E712  a column
        found.setdefault(one.member_id, one)
    return found


def due_warnings(today: date) -> list[tuple[Licence, int]]:
    """The licences to be warned of today, each with the nearest of the warnings that is due and was not given."""
    soon = Licence.expires_on <= today + timedelta(days=WARNINGS[0])
    query = Licence.select().join(Member).where(soon, Licence.retired_at.is_null(), Member.retired_at.is_null())
    found = []
    for one in query.order_by(Licence.expires_on, Licence.id):
        due = warning_due(one, today)
        if due is not None:
            found.append((one, due))
    return found


def warning_due(licence: Licence, today: date) -> int | None:
    """The warning that is due for a licence: the nearest of 60, 30, 7 days and of its end; None where it was given."""
    left = (licence.expires_on - today).days
    near = [days for days in WARNINGS if left <= days] if left >= 0 else [0]
    if left == 0:
        near = [days for days in near if days]  # it holds to the end of its last day
    due = min(near, default=None)
    return None if due is None or (licence.told_days is not None and licence.told_days <= due) else due


@act("staff.warn_of_expiry", permission=LICENCES)
def warn_of_expiry(licence: Licence, days: int, by: Actor) -> Licence:
    """Warn that a licence expires, and remember it."""
    licence.told_days = days
    licence.told_at = clock.now()
    licence.save()
    announce.staff_licence_expiring(licence=licence, days=days, by=by)
    return licence


def expiring(days: int = WARNINGS[0], limit: int = 20) -> list[Licence]:
    """The licences that expire within so many days or have expired, of people who work here; the nearest first."""
    until = clock.today(current_site().zone) + timedelta(days=days)
    query = Licence.select(Licence, Member).join(Member)
    wanted = (Licence.expires_on <= until) & Licence.retired_at.is_null() & Member.retired_at.is_null()
    return list(query.where(wanted).order_by(Licence.expires_on, Licence.id).limit(limit))


def start_warnings_anew(licence: object) -> None:
    """A licence that was renewed is warned of again."""
    if isinstance(licence, Licence) and {"expires_on"} & licence._dirty and licence.id is not None:
        licence.told_days = licence.told_at = None
