"""From grants to rights: what a person may do at the place where they work at this moment.

What the roles hold hangs on the site's revision, and so does every answer worked out from it: two people
with the same grants at the same place share one.
"""

from collections.abc import Iterable
from typing import NamedTuple

from core.actors import ANONYMOUS, Actor, Grant
from core.contributions import Permission
from core.hooks import collect
from core.places.tree import PlaceTree, place_tree
from core.roles.models import ALLOW, Role, RolePermission
from core.roles.permissions import CORE_PERMISSIONS, SIGN_IN
from core.sites import SiteState, current
from core.users.door import DoorAnswer, GrantFact

MOST_REMEMBERED = 10_000
ONLY_SIGN_IN = frozenset((SIGN_IN,))


class RoleFact(NamedTuple):
    """A role as it stands on this site: shipped defaults of the plugins that are on, and the site's edits."""

    id: int
    name: str
    label: str
    permissions: frozenset[str]
    needs_second_factor: bool
    is_shipped: bool


class Rights(NamedTuple):
    """What a set of grants comes to at one place."""

    permissions: frozenset[str]
    roles: tuple[str, ...]
    grants: tuple[Grant, ...]
    denied: frozenset[str]
    needs_second_factor: bool


class RightsBook:
    """The roles of a site at one revision, and the rights worked out from them so far."""

    def __init__(self, roles: Iterable[RoleFact], tree: PlaceTree, permissions: dict[str, Permission]) -> None:
        self.roles = {role.id: role for role in roles}
        self.tree = tree
        self.permissions = permissions
        self._known: dict[tuple[tuple[GrantFact, ...], int | None, frozenset[str] | None], Rights] = {}

    def rights_of(
        self, grants: tuple[GrantFact, ...], place_id: int | None, scopes: frozenset[str] | None = None
    ) -> Rights:
        """The rights these grants, all in force, give at a place (None: wherever they hold).

        `scopes` are the permissions a key was made for: nothing beside them is left, nothing is added.
        """
        key = (grants, place_id, scopes)
        found = self._known.get(key)
        if found is None:
            found = self.worked_out(grants, place_id)
            if scopes is not None:
                found = narrowed_to(found, scopes)
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found

    def worked_out(self, grants: tuple[GrantFact, ...], place_id: int | None) -> Rights:
        """Allow what is granted here, above here or everywhere; then take away what is denied there. Deny wins."""
        chain = self.tree.chain(place_id)
        held: set[str] = set(ONLY_SIGN_IN)
        denied: set[str] = set()
        roles: list[str] = []
        kept: list[Grant] = []
        needs_second_factor = False
        for grant in grants:
            role = self.roles.get(grant.role_id) if grant.role_id is not None else None
            names = self.names_in(grant, role)
            is_here = grant.place_id is None or grant.place_id in chain
            if grant.effect == ALLOW:
                kept.append(Grant(role.name if role else "", grant.place_id, names))
                needs_second_factor |= role is not None and role.needs_second_factor
                if is_here or place_id is None:
                    held |= names
                    if role is not None and role.name not in roles:
                        roles.append(role.name)
            else:
                denied |= names if is_here else set()
                denied |= {f"{name}@{grant.place_id}" for name in names if grant.place_id is not None}
        permissions = frozenset(held - denied) | ONLY_SIGN_IN
        return Rights(permissions, tuple(roles), tuple(kept), frozenset(denied - ONLY_SIGN_IN), needs_second_factor)

    def names_of(self, role_name: str) -> frozenset[str]:
        """What the role of that name holds on this site; nothing when there is none."""
        return next((role.permissions for role in self.roles.values() if role.name == role_name), frozenset())

    def shipped_for(self, role_name: str) -> frozenset[str]:
        """What plugins that are on ship for a role, before the site's own edits."""
        return frozenset(one.name for one in self.permissions.values() if role_name in one.roles)

    def names_in(self, grant: GrantFact, role: RoleFact | None) -> frozenset[str]:
        """The permissions a grant is about; a role out of use is about none."""
        if grant.permission:
            return frozenset((grant.permission,))
        return role.permissions if role is not None else frozenset()


def narrowed_to(rights: Rights, scopes: frozenset[str]) -> Rights:
    """What is left of some rights for a key: never the right to sign in, which is a person's own."""
    own = scopes - ONLY_SIGN_IN
    grants = tuple(Grant(one.role, one.place, one.permissions & own) for one in rights.grants)
    return rights._replace(permissions=rights.permissions & own, grants=grants)


def actor_for(answer: DoorAnswer, state: SiteState | None = None) -> Actor:
    """The person behind a session, with their rights at this moment and place.

    Where one of their roles asks for a second factor and the session has none, they may only look after
    their own account until they have set one up (see `must_enrol`).
    """
    if answer.why_not:
        return ANONYMOUS
    scopes = answer.key.scopes if answer.key is not None else None
    rights = rights_book(state).rights_of(answer.grants, answer.place_id, scopes)
    if rights.needs_second_factor and answer.second_factor_at is None:
        return Actor(answer.kind, answer.user_uid, answer.user_name, ONLY_SIGN_IN, place=answer.place_id)
    return Actor(
        answer.kind,
        answer.user_uid,
        answer.user_name,
        rights.permissions,
        rights.roles,
        answer.place_id,
        rights.grants,
        rights.denied,
        "",
        rights.roles[0] if rights.roles else "",
        answer.opened,
        scopes,
    )


def must_enrol(answer: DoorAnswer, state: SiteState | None = None) -> bool:
    """Whether this person has to set up a second factor before anything else is open to them."""
    if answer.why_not or answer.second_factor_at is not None:
        return False
    return rights_book(state).rights_of(answer.grants, answer.place_id).needs_second_factor


def rights_book(state: SiteState | None = None) -> RightsBook:
    """The roles of the site being served, as of its present revision."""
    book: RightsBook = (state or current().state).keep("core.roles.rights", load_book)
    return book


def load_book() -> RightsBook:
    """Read roles and edits, and ask the plugins that are on for their permissions."""
    permissions = {one.name: one for one in (*CORE_PERMISSIONS, *collect.permissions())}
    shipped: dict[str, set[str]] = {}
    for one in permissions.values():
        for role_name in one.roles:
            shipped.setdefault(role_name, set()).add(one.name)
    edits: dict[int, list[tuple[str, bool]]] = {}
    for edit in RolePermission.select():
        edits.setdefault(edit.role_id, []).append((edit.permission, edit.is_held))
    roles = []
    for role in Role.select().where(Role.retired_at.is_null()).order_by(Role.id):
        held = set(shipped.get(role.name, ())) if role.is_shipped else set()
        for name, is_held in edits.get(role.id, ()):
            (held.add if is_held else held.discard)(name)
        known = frozenset(held & permissions.keys())
        roles.append(RoleFact(role.id, role.name, role.label, known, role.needs_second_factor, role.is_shipped))
    return RightsBook(roles, place_tree(), permissions)
