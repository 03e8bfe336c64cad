"""The pages of a noun, one module for each door; each adds what the noun's declaration asks for."""

from core.resources.pages import listing

# Each takes the plugin's blueprint and the noun.
PAGES = (listing.add,)

__all__ = ["PAGES"]
