"""Equipment: the devices a hospital owns, where they stand, and when they were looked after."""
