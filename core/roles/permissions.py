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
MANAGE_FIELDS = "core.manage_fields"
MANAGE_WORKFLOWS = "core.manage_workflows"
VIEW_JOBS = "core.view_jobs"
RUN_JOBS = "core.run_jobs"
SHARE_VIEWS = "core.share_views"
EXPORT = "core.export"

ADMINISTRATOR = ("administrator",)
CLINICIANS = ("doctor", "nurse")

CORE_PERMISSIONS = (
    Permission(name=SIGN_IN, label=_("Sign in, and look after one's own account")),
    Permission(name=VIEW_USERS, label=_("See who has an account"), roles=(*ADMINISTRATOR, "auditor")),
    Permission(name=MANAGE_USERS, label=_("Create, change and close accounts"), roles=ADMINISTRATOR),
    Permission(name=MANAGE_ROLES, label=_("Change what roles may do"), roles=ADMINISTRATOR),
    Permission(name=GRANT, label=_("Give roles to people and take them away"), roles=ADMINISTRATOR),
    Permission(name=BREAK_GLASS, label=_("Open a record past the usual limits in an emergency"), roles=CLINICIANS),
    Permission(name=REVIEW_BREAK_GLASS, label=_("Review emergency access"), roles=(*ADMINISTRATOR, "auditor")),
    Permission(name=MANAGE_PLACES, label=_("Change the tree of facilities and departments"), roles=ADMINISTRATOR),
    Permission(name=VIEW_JOURNAL, label=_("Read the journal"), roles=(*ADMINISTRATOR, "auditor")),
    Permission(name=MANAGE_PLUGINS, label=_("Switch plugins on and off"), roles=ADMINISTRATOR),
    Permission(name=MANAGE_SETTINGS, label=_("Change settings"), roles=ADMINISTRATOR),
    Permission(name=MANAGE_FIELDS, label=_("Add fields to records and arrange forms"), roles=ADMINISTRATOR),
    Permission(name=MANAGE_WORKFLOWS, label=_("Change what records go through"), roles=ADMINISTRATOR),
    Permission(name=VIEW_JOBS, label=_("See background jobs"), roles=ADMINISTRATOR),
    Permission(name=RUN_JOBS, label=_("Run and stop background jobs"), roles=ADMINISTRATOR),
    Permission(name=EXPORT, label=_("Take lists out as files"), roles=(*ADMINISTRATOR, "auditor")),
    Permission(
        name=SHARE_VIEWS,
        label=_("Share saved views of lists with everybody"),
        roles=(*ADMINISTRATOR, *CLINICIANS, "receptionist"),
    ),
)

__all__ = [
    "BREAK_GLASS",
    "CORE_PERMISSIONS",
    "EXPORT",
    "GRANT",
    "MANAGE_FIELDS",
    "MANAGE_PLACES",
    "MANAGE_PLUGINS",
    "MANAGE_ROLES",
    "MANAGE_SETTINGS",
    "MANAGE_USERS",
    "MANAGE_WORKFLOWS",
    "REVIEW_BREAK_GLASS",
    "RUN_JOBS",
    "SHARE_VIEWS",
    "SIGN_IN",
    "VIEW_JOBS",
    "VIEW_JOURNAL",
    "VIEW_USERS",
]
