"""The door itself: requests in, JSON out, for every noun a site has."""
