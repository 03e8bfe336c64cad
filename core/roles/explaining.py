"""Why somebody may, or may not: every grant and denial that has a say, in plain words."""

from datetime import datetime
from typing import NamedTuple

from core import clock
from core.errors import Words
from core.places.models import Place
from core.places.tree import place_tree
from core.roles.models import ALLOW, Grant
from core.roles.permissions import SIGN_IN
from core.roles.rights import Rights, rights_book
from core.texts import _
from core.users.door import GrantFact
from core.users.models import User


class Reason(NamedTuple):
    """One grant or denial about the permission, and whether it counts at this moment and place."""

    counts: bool
    is_denial: bool
    why: Words
    role: str
    place: str
    from_at: datetime | None
    until_at: datetime | None
    granted_by: str
    grant_uid: str


class Explanation(NamedTuple):
    """The answer and what it rests on."""

    is_held: bool
    summary: Words
    reasons: tuple[Reason, ...]


def explain(user: User, permission: str, place: Place | None = None) -> Explanation:
    """Whether the user may do this at a place (None: wherever their grants hold), and why or why not."""
    reasons = tuple(found for grant in all_grants(user) if (found := reason_of(grant, permission, place)))
    if not user.is_active:
        return Explanation(False, _("The account is closed."), reasons)
    if permission not in rights_book().permissions:
        return Explanation(False, _("No plugin that is on has this permission."), reasons)
    if permission == SIGN_IN:
        return Explanation(True, _("Everybody who can sign in has this."), reasons)
    if any(one.counts and one.is_denial for one in reasons):
        return Explanation(False, _("A denial stands against it, and a denial wins."), reasons)
    if any(one.counts for one in reasons):
        return Explanation(True, _("It is granted."), reasons)
    if reasons:
        return Explanation(False, _("It is granted, but not here or not now."), reasons)
    return Explanation(False, _("No role or grant of this user holds it."), reasons)


def effective_rights(user: User, place: Place | None = None) -> Rights:
    """All a user may do at this moment, at a place or wherever their grants hold."""
    now = clock.now()
    facts = tuple(
        GrantFact(grant.role_id, grant.permission, grant.effect, grant.place_id)
        for grant in all_grants(user)
        if not grant.is_retired
        and (grant.from_at is None or grant.from_at <= now)
        and (grant.until_at is None or grant.until_at > now)
    )
    return rights_book().rights_of(facts, place.id if place is not None else None)


def all_grants(user: User) -> list[Grant]:
    """Every grant and denial of a user, those over too."""
    return list(Grant.select().where(Grant.user == user).order_by(Grant.id))


def reason_of(grant: Grant, permission: str, place: Place | None) -> Reason | None:
    """What one grant says about the permission; None when it is about something else."""
    role = rights_book().roles.get(grant.role_id) if grant.role_id is not None else None
    held = frozenset((grant.permission,)) if grant.permission else role.permissions if role else frozenset()
    if permission not in held:
        return None
    why = why_not_counted(grant, place)
    is_denial = grant.effect != ALLOW
    return Reason(
        counts=not why,
        is_denial=is_denial,
        why=why or (_("Withheld.") if is_denial else _("Granted.")),
        role=role.label if role is not None and not grant.permission else "",
        place=place_tree().name_of(grant.place_id) if grant.place_id is not None else str(_("Everywhere")),
        from_at=grant.from_at,
        until_at=grant.until_at,
        granted_by=grant.granted_by,
        grant_uid=grant.uid,
    )


def why_not_counted(grant: Grant, place: Place | None) -> Words:
    """Why a grant has no say at this moment and place, or nothing when it has."""
    now = clock.now()
    if grant.is_retired:
        return _("Taken back.")
    if grant.from_at is not None and grant.from_at > now:
        return _("Begins later.")
    if grant.until_at is not None and grant.until_at <= now:
        return _("Is over.")
    is_elsewhere = grant.place_id is not None and (
        grant.place_id not in place_tree().chain(place.id) if place is not None else grant.effect != ALLOW
    )
    return _("Holds elsewhere.") if is_elsewhere else ""
