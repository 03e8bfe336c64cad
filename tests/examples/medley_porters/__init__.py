"""Porters: people and things that are to be taken from one place to another, and how far that is."""
