"""What people may do, and which rows they see: permissions, roles, grants, `allowed()` and `visible()`."""

from core.roles.rights import actor_for, must_enrol
from core.roles.visibility import ALL_ROWS, NO_ROWS, Sight, allowed, get_visible, sight_of, visible

__all__ = [
    "ALL_ROWS",
    "NO_ROWS",
    "Sight",
    "actor_for",
    "allowed",
    "get_visible",
    "must_enrol",
    "sight_of",
    "visible",
]
