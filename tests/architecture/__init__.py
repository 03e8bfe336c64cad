"""The laws of the house, read from the source without running it; each is proved by a planted offence."""
