"""Doorbell: a list of what somebody should look at, kept even of what happened while it was off."""
