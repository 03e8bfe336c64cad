"""The roles a site begins with. What they hold comes from the plugins that are on, and from the site's own edits."""

from core.actors import Actor
from core.acts import act
from core.roles.models import Role
from core.roles.permissions import MANAGE_ROLES
from core.sites import touch_revision
from core.texts import Text, _

ADMINISTRATOR = "administrator"
SHIPPED_ROLES: dict[str, Text] = {
    ADMINISTRATOR: _("Administrator"),
    "doctor": _("Doctor"),
    "nurse": _("Nurse"),
    "receptionist": _("Receptionist"),
    "records_officer": _("Records officer"),
    "pharmacist": _("Pharmacist"),
    "lab_technician": _("Lab technician"),
    "cashier": _("Cashier"),
    "storekeeper": _("Storekeeper"),
    "auditor": _("Auditor"),
    "patient": _("Patient"),
}


@act("core.ship_roles", permission=MANAGE_ROLES)
def ship_roles(by: Actor) -> list[Role]:
    """Make the shipped roles a site does not have yet; run when a site is made and at each upgrade."""
    there = {role.name for role in Role.select(Role.name)}
    made = [
        Role.create(name=name, label=label.message, is_shipped=True)
        for name, label in SHIPPED_ROLES.items()
        if name not in there
    ]
    if made:
        touch_revision()
    return made


def label_of(role: Role) -> str:
    """What a role is called in the reader's language: a shipped one is translated until the site renames it."""
    shipped = SHIPPED_ROLES.get(role.name)
    return str(shipped) if shipped is not None and role.label == shipped.message else str(role.label)
