"""A hospital on an empty database, for tests of what lies below the plugins."""

import secrets
from pathlib import Path

from core.sites import ConnectionBudget, Site, database_for


def site_at(url: str, folder: Path, name: str = "ward") -> Site:
    """Make a site whose tables are still to be created."""
    return Site(
        name=name,
        title="Ward",
        hosts=("ward.localhost",),
        database_url=url,
        folder=folder,
        secret=secrets.token_bytes(32),
        database=database_for(url, ConnectionBudget(10)),
    )
