"""Giving roles to people, withholding permissions, and taking both back."""

from datetime import datetime

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Conflict, Refused, Words
from core.places.models import Place
from core.roles.defaults import ADMINISTRATOR
from core.roles.models import ALLOW, DENY, Grant, Role
from core.roles.permissions import BREAK_GLASS, GRANT, MANAGE_ROLES, MANAGE_USERS
from core.roles.rights import rights_book
from core.sites import touch_revision
from core.texts import _
from core.users import sessions
from core.users.administrators import is_administrator, refuse_last_administrator
from core.users.models import User

KEYS_OF_THE_HOUSE = frozenset((GRANT, MANAGE_ROLES, MANAGE_USERS))
# Held by clinicians: it opens one record and gives no power over people or the house.
OVER_NOBODY = frozenset((BREAK_GLASS,))
LONGEST_REASON = 300


@act("core.grant_role", permission=GRANT)
def grant_role(
    user: User,
    role: Role,
    by: Actor,
    place: Place | None = None,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    reason: str = "",
) -> Grant:
    """Give a user a role, at a place and all in it or everywhere, for a time or for good.

    Raises `Refused` when the role holds rights over the house that the giver does not hold.
    """
    refuse_wrong_span(from_at, until_at, place)
    if role.is_retired:
        raise Refused(fields={"role": _("This role is out of use.")})
    refuse_beyond_own(rights_book().names_of(role.name), by)
    if from_at is None and until_at is None and is_granted(user, role, place):
        raise Refused(fields={"role": _("%(name)s already has this role there.", name=user.name)})
    grant = Grant.create(
        user=user,
        role=role,
        effect=ALLOW,
        place=place,
        from_at=from_at,
        until_at=until_at,
        granted_by=by.uid,
        reason=reason.strip()[:LONGEST_REASON],
    )
    touch_revision()
    return grant


@act("core.grant_permission", permission=GRANT)
def grant_permission(
    user: User,
    permission: str,
    by: Actor,
    place: Place | None = None,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    reason: str = "",
) -> Grant:
    """Give a user one permission beside their roles."""
    refuse_wrong_span(from_at, until_at, place)
    refuse_unknown(permission)
    refuse_beyond_own(frozenset((permission,)), by)
    grant = Grant.create(
        user=user,
        permission=permission,
        effect=ALLOW,
        place=place,
        from_at=from_at,
        until_at=until_at,
        granted_by=by.uid,
        reason=reason.strip()[:LONGEST_REASON],
    )
    touch_revision()
    return grant


@act("core.deny", permission=GRANT)
def deny(
    user: User,
    by: Actor,
    permission: str = "",
    role: Role | None = None,
    place: Place | None = None,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    reason: str = "",
) -> Grant:
    """Withhold one permission, or all a role holds, whatever else grants it: a denial wins.

    The user's sessions end. Raises `Refused` without a reason, and for the site's last administrator.
    """
    refuse_wrong_span(from_at, until_at, place)
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why.")})
    if role is None:
        refuse_unknown(permission)
    names = rights_book().names_of(role.name) if role is not None else frozenset((permission,))
    if names & KEYS_OF_THE_HOUSE and is_administrator(user):
        refuse_last_administrator(user)
    denial = Grant.create(
        user=user,
        role=role,
        permission=permission or None,
        effect=DENY,
        place=place,
        from_at=from_at,
        until_at=until_at,
        granted_by=by.uid,
        reason=reason.strip()[:LONGEST_REASON],
    )
    sessions.end_sessions_of(user, because="rights changed")
    touch_revision()
    return denial


@act("core.revoke_grant", permission=GRANT)
def revoke_grant(grant: Grant, reason: str, by: Actor, version: int | None = None) -> None:
    """Take a grant back, or lift a denial. Taking a role away ends the user's sessions."""
    if version is not None and grant.version != version:
        raise Conflict(by=grant.updated_by, at=grant.updated_at)
    if grant.is_retired:
        return
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why.")})
    user = grant.user
    if grant.effect == ALLOW and grant.role is not None and grant.role.name == ADMINISTRATOR and grant.place is None:
        refuse_last_administrator(user)
    grant.retire(reason.strip()[:LONGEST_REASON])
    if grant.effect == ALLOW:
        sessions.end_sessions_of(user, because="rights changed")
    touch_revision()


def grants_of(user: User, with_past: bool = False) -> list[Grant]:
    """A user's grants and denials, those to come too; with `with_past` also those over or taken back."""
    query = Grant.select().where(Grant.user == user).order_by(Grant.id)
    if not with_past:
        query = query.where(Grant.retired_at.is_null(), Grant.until_at.is_null() | (Grant.until_at > clock.now()))
    return list(query)


def role_named(name: str) -> Role:
    """The role of that name; raises `Refused` when the site has none."""
    found: Role | None = Role.get_or_none(Role.name == name, Role.retired_at.is_null())
    if found is None:
        raise Refused(fields={"role": _("There is no role %(name)s.", name=name)})
    return found


def is_granted(user: User, role: Role, place: Place | None) -> bool:
    """Whether the user already has this role there for good."""
    where = Grant.place.is_null() if place is None else Grant.place == place
    for_good = (Grant.from_at.is_null(), Grant.until_at.is_null(), Grant.retired_at.is_null())
    return (
        Grant.select(Grant.id)
        .where(Grant.user == user, Grant.role == role, Grant.effect == ALLOW, where, *for_good)
        .exists()
    )


def refuse_wrong_span(from_at: datetime | None, until_at: datetime | None, place: Place | None) -> None:
    """Refuse a time that is over or ends before it begins, and a place out of use."""
    wrong: dict[str, Words] = {}
    if until_at is not None and until_at <= (from_at or clock.now()):
        wrong["until_at"] = _("This must be later.")
    if place is not None and place.is_retired:
        wrong["place"] = _("This place is out of use.")
    if wrong:
        raise Refused(fields=wrong)


def refuse_unknown(permission: str) -> None:
    """Refuse a permission no plugin that is on has."""
    if permission not in rights_book().permissions:
        raise Refused(fields={"permission": _("There is no permission %(name)s.", name=permission)})


def refuse_beyond_own(names: frozenset[str], by: Actor) -> None:
    """Nobody gives rights over the house that they do not hold themselves."""
    beyond = sorted(name for name in names - OVER_NOBODY if name.startswith("core.") and not by.may(name))
    if beyond:
        raise Refused(_("You can't give what you don't have yourself: %(names)s.", names=", ".join(beyond)))
