"""One house, many keys: each site is one hospital with its own database, files, secret and plugins.

The ContextVar that says which hospital is being served lives in this room and nowhere else.
"""

from core.sites.activation import Activation, Site, SiteState, current, current_site, is_active, touch_revision
from core.sites.directory import SiteDirectory
from core.sites.engines import ConnectionBudget, SiteDatabase, database_for, engine_of

__all__ = [
    "Activation",
    "ConnectionBudget",
    "Site",
    "SiteDatabase",
    "SiteDirectory",
    "SiteState",
    "current",
    "current_site",
    "database_for",
    "engine_of",
    "is_active",
    "touch_revision",
]
