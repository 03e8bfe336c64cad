"""The hospital of `tests.core.people` for the tests in this folder."""

from tests.core.people import each_site, site

__all__ = ["each_site", "site"]
