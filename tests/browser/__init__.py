"""Journeys of the people Medley is for, in a real Chromium against a real server."""
