"""What may be done to places."""

MANAGE_PLACES = "core.manage_places"
