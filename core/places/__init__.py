"""Where: the organisation, its facilities, their departments, and the locations in them."""
