"""The pages of a noun, one module for each door; each adds what the noun's declaration asks for."""

from core.resources.pages import (
    attachments,
    board,
    bulk,
    counting,
    exporting,
    forms,
    importing,
    listing,
    moving,
    showing,
    viewing,
)

# Each takes the plugin's blueprint and the noun.
# Fixed words of an address come before uids, so the list and its forms come before the record.
PAGES = (
    listing.add,
    board.add,
    counting.add,
    viewing.add,
    exporting.add,
    importing.add,
    bulk.add,
    forms.add,
    showing.add,
    moving.add,
    attachments.add,
)

__all__ = ["PAGES"]
