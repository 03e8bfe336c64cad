"""The clinic's tables in the hospital the tests of a file share."""

from collections.abc import Iterator

import pytest

from core.sites import Site
from tests.core.storage.clinic import TABLES


@pytest.fixture
def clinic(site_on: Site) -> Iterator[Site]:
    """A hospital on each engine, entered, with the clinic's tables."""
    if not TABLES[0].table_exists():
        site_on.database.create_tables(TABLES)
    yield site_on
