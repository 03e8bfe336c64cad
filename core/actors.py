"""Who acts: a record that carries its own rights, so that lower floors need not ask the upper ones."""

from dataclasses import dataclass, field

from core.errors import Forbidden
from core.texts import _


class _Everything(frozenset[str]):
    """The set of all permissions, for the house's own services."""

    def __contains__(self, permission: object) -> bool:
        return True


EVERYTHING: frozenset[str] = _Everything()


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person may do somewhere: permissions held at a place, or everywhere when `place` is None."""

    role: str
    place: int | None
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts on a site.

    `permissions` are those held at the current place, denials already taken out. `grants` keep the
    places apart, for the question "which rows?". `kind` is one of person, patient, proxy, service,
    job, system, anonymous. `scopes` are what a key limits them to, None where they came themselves.
    """

    kind: str
    uid: str
    name: str
    permissions: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()
    place: int | None = None
    grants: tuple[Grant, ...] = ()
    denied: frozenset[str] = frozenset()
    on_behalf: str = ""
    role: str = ""
    opened: frozenset[str] = field(default=frozenset())
    scopes: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """Whether this actor holds the permission at their present place."""
        return permission in self.permissions and permission not in self.denied

    def require(self, permission: str) -> None:
        """Raise `Forbidden`, naming the permission, unless it is held."""
        if not self.may(permission):
            raise Forbidden(permission)


ANONYMOUS = Actor(kind="anonymous", uid="", name=str(_("Nobody signed in")))


def system_actor(name: str) -> Actor:
    """The house itself at work (a migration, the sealer, a command): it may do everything, by name."""
    return Actor(kind="system", uid=f"system:{name}", name=name, permissions=EVERYTHING)
