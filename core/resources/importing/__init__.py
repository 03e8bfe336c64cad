"""Bringing lists in from files: each row by the noun's own act, tried before it counts, and taken back if need be."""
