"""The permission matrix: every route, act and job against every role."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.acts import OPEN
from core.contributions import Permission
from core.roles.defaults import SHIPPED_ROLES
from core.roles.permissions import CORE_PERMISSIONS, SIGN_IN
from core.roles.rights import rights_book


class Guarded(NamedTuple):
    """Something a permission guards: kind is route, act, job, report or field."""

    kind: str
    name: str
    permission: str


class MatrixRow(NamedTuple):
    """One guarded thing, and the roles that may pass."""

    kind: str
    name: str
    permission: str
    roles: frozenset[str]


def matrix_of(guarded: Iterable[Guarded], roles: Mapping[str, frozenset[str]]) -> list[MatrixRow]:
    """Which roles pass where, by kind and name. Everybody passes what is open, whoever signed in `core.sign_in`."""
    return [
        MatrixRow(one.kind, one.name, one.permission, frozenset(role for role in roles if passes(one, roles[role])))
        for one in sorted(set(guarded))
    ]


def passes(one: Guarded, held: frozenset[str]) -> bool:
    """Whether somebody holding these permissions passes."""
    return one.permission in (OPEN, SIGN_IN) or one.permission in held


def shipped_matrix(permissions: Iterable[Permission]) -> dict[str, frozenset[str]]:
    """What each shipped role holds before any site has edited it, from the permissions plugins declare."""
    declared = {one.name: one for one in (*CORE_PERMISSIONS, *permissions)}
    return {role: frozenset(one.name for one in declared.values() if role in one.roles) for role in SHIPPED_ROLES}


def site_matrix() -> dict[str, frozenset[str]]:
    """What each role holds at the site being served."""
    return {role.name: role.permissions for role in rights_book().roles.values()}


def undeclared(guarded: Iterable[Guarded], permissions: Iterable[Permission]) -> list[Guarded]:
    """What asks for a permission nobody declared: nobody could ever pass, so the build stops here."""
    known = {one.name for one in (*CORE_PERMISSIONS, *permissions)} | {OPEN}
    return [one for one in sorted(set(guarded)) if one.permission not in known]


def as_markdown(rows: Iterable[MatrixRow], roles: Iterable[str]) -> str:
    """The matrix as the table of `docs/permissions.md`."""
    names = list(roles)
    lines = [
        f"| kind | name | permission | {' | '.join(names)} |",
        f"|---|---|---|{'---|' * len(names)}",
    ]
    for row in rows:
        marks = " | ".join("yes" if name in row.roles else "" for name in names)
        lines.append(f"| {row.kind} | `{row.name}` | `{row.permission}` | {marks} |")
    return "\n".join(lines) + "\n"
