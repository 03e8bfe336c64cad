"""The permissions the core itself asks for, and the roles that hold them when a site begins."""

from core.contributions import Permission
from core.places.permissions import MANAGE_PLACES
from core.texts import _
from core.users.permissions import MANAGE_USERS, SIGN_IN, VIEW_USERS

MANAGE_ROLES = "core.manage_roles"
GRANT = "core.grant"
BREAK_GLASS = "core.break_glass"
REVIEW_BREAK_GLASS = "core.review_break_glass"
VIEW_JOURNAL = "core.view_journal"
MANAGE_PLUGINS = "core.manage_plugins"
MANAGE_SETTINGS = "core.manage_settings"
VIEW_JOBS = "core.view_jobs"
RUN_JOBS = "core.run_jobs"

ADMINISTRATOR = ("administrator",)
CLINICIANS = ("doctor", "nurse")

CORE_PERMISSIONS = (
    Permission(SIGN_IN, _("Sign in, and look after one's own account"), ()),
    Permission(VIEW_USERS, _("See who has an account"), (*ADMINISTRATOR, "auditor")),
    Permission(MANAGE_USERS, _("Create, change and close accounts"), ADMINISTRATOR),
    Permission(MANAGE_ROLES, _("Change what roles may do"), ADMINISTRATOR),
    Permission(GRANT, _("Give roles to people and take them away"), ADMINISTRATOR),
    Permission(BREAK_GLASS, _("Open a record past the usual limits in an emergency"), CLINICIANS),
    Permission(REVIEW_BREAK_GLASS, _("Review emergency access"), (*ADMINISTRATOR, "auditor")),
    Permission(MANAGE_PLACES, _("Change the tree of facilities, departments and locations"), ADMINISTRATOR),
    Permission(VIEW_JOURNAL, _("Read the journal"), (*ADMINISTRATOR, "auditor")),
    Permission(MANAGE_PLUGINS, _("Switch plugins on and off"), ADMINISTRATOR),
    Permission(MANAGE_SETTINGS, _("Change settings"), ADMINISTRATOR),
    Permission(VIEW_JOBS, _("See background jobs"), ADMINISTRATOR),
    Permission(RUN_JOBS, _("Run and stop background jobs"), ADMINISTRATOR),
)

__all__ = [
    "BREAK_GLASS",
    "CORE_PERMISSIONS",
    "GRANT",
    "MANAGE_PLACES",
    "MANAGE_PLUGINS",
    "MANAGE_ROLES",
    "MANAGE_SETTINGS",
    "MANAGE_USERS",
    "REVIEW_BREAK_GLASS",
    "RUN_JOBS",
    "SIGN_IN",
    "VIEW_JOBS",
    "VIEW_JOURNAL",
    "VIEW_USERS",
]
