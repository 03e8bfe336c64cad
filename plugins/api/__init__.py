"""The door for other programs: every noun of the hospital over HTTP, by the same acts and rights as its pages."""
