"""Making roles and deciding what each may do at this site."""

import re
from collections.abc import Iterable

import peewee

from core.actors import Actor
from core.acts import act
from core.errors import Conflict, Refused
from core.roles.defaults import ADMINISTRATOR
from core.roles.grants import KEYS_OF_THE_HOUSE, refuse_beyond_own
from core.roles.models import Grant, Role, RolePermission
from core.roles.permissions import MANAGE_ROLES
from core.roles.rights import rights_book
from core.sites import touch_revision
from core.storage import savepoint
from core.texts import _, n_

NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
SHORTEST_IDLE, LONGEST_IDLE = 1, 60
LONGEST_LABEL = 120


@act("core.create_role", permission=MANAGE_ROLES)
def create_role(name: str, label: str, permissions: Iterable[str], by: Actor) -> Role:
    """Make a role of the site's own, holding these permissions."""
    if not NAME.fullmatch(name):
        raise Refused(fields={"name": _("Use small letters, digits and underscores, a letter first.")})
    role = Role(name=name, label=checked_label(label))
    try:
        with savepoint():
            role.save()
    except peewee.IntegrityError as clash:
        raise Refused(fields={"name": _("There is already a role of this name.")}) from clash
    touch_revision()
    hold(role, frozenset(permissions), by)
    return role


@act("core.edit_role", permission=MANAGE_ROLES)
def edit_role(
    role: Role,
    by: Actor,
    label: str | None = None,
    needs_second_factor: bool | None = None,
    idle_minutes: int | None = None,
    version: int | None = None,
) -> Role:
    """Change what a role is called, whether it asks for a second factor, and how long its sessions may rest.

    `idle_minutes=0` goes back to the installation's limit; None leaves everything as it is.
    """
    refuse_stale(role, version)
    if label is not None:
        role.label = checked_label(label)
    if needs_second_factor is not None:
        role.needs_second_factor = needs_second_factor
    if idle_minutes is not None:
        if idle_minutes and not SHORTEST_IDLE <= idle_minutes <= LONGEST_IDLE:
            text = _("Between %(least)s and %(most)s minutes.", least=SHORTEST_IDLE, most=LONGEST_IDLE)
            raise Refused(fields={"idle_minutes": text})
        role.idle_minutes = idle_minutes or None
    role.save()
    touch_revision()
    return role


@act("core.set_role_permissions", permission=MANAGE_ROLES)
def set_role_permissions(role: Role, permissions: Iterable[str], by: Actor, version: int | None = None) -> None:
    """Let a role hold exactly these permissions of the plugins that are on; those of others stay as they are.

    Only what differs from what the plugins ship is kept, so that a new plugin's defaults still arrive.
    """
    refuse_stale(role, version)
    hold(role, frozenset(permissions), by)


@act("core.retire_role", permission=MANAGE_ROLES)
def retire_role(role: Role, reason: str, by: Actor, version: int | None = None) -> None:
    """Take a role of the site's own out of use. Refused while people have it."""
    refuse_stale(role, version)
    if role.is_shipped:
        raise Refused(_("This role comes with Medley. Take its permissions away instead."))
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why.")})
    having = Grant.select().where(Grant.role == role, Grant.retired_at.is_null()).count()
    if having:
        raise Refused(n_("One grant names this role.", "%(n)s grants name this role.", having))
    role.retire(reason.strip())
    touch_revision()


def hold(role: Role, wanted: frozenset[str], by: Actor) -> None:
    """Write down where the wanted permissions differ from the shipped ones."""
    book = rights_book()
    unknown = sorted(wanted - book.permissions.keys())
    if unknown:
        raise Refused(fields={"permissions": _("There is no permission %(name)s.", name=unknown[0])})
    before = book.names_of(role.name)
    refuse_beyond_own(wanted - before, by)
    if role.name == ADMINISTRATOR and not wanted >= KEYS_OF_THE_HOUSE:
        raise Refused(_("Administrators keep the permissions to manage users, roles and grants."))
    shipped = book.shipped_for(role.name) if role.is_shipped else frozenset()
    rows = {row.permission: row for row in RolePermission.select().where(RolePermission.role == role)}
    for name in sorted(book.permissions):
        is_wanted, row = name in wanted, rows.get(name)
        if is_wanted == (name in shipped):
            if row is not None:
                row.delete_instance()
        elif row is None:
            RolePermission.create(role=role, permission=name, is_held=is_wanted)
        elif row.is_held != is_wanted:
            row.is_held = is_wanted
            row.save()
    touch_revision()


def checked_label(label: str) -> str:
    """A label people can read; raises `Refused` for none or a very long one."""
    label = label.strip()
    if not label or len(label) > LONGEST_LABEL:
        raise Refused(fields={"label": _("Say what the role is called, in at most %(n)s letters.", n=LONGEST_LABEL)})
    return label


def refuse_stale(role: Role, version: int | None) -> None:
    """Raise `Conflict` when the role was changed since the person saw it."""
    if version is not None and role.version != version:
        theirs = {"label": role.label, "permissions": ", ".join(sorted(rights_book().names_of(role.name)))}
        raise Conflict(theirs=theirs, by=role.updated_by, at=role.updated_at)
