"""Proof that the house stands: tests mirror `core/` and `plugins/`, and speak the language of a hospital."""
