"""What may be done to accounts."""

SIGN_IN = "core.sign_in"
"""Held by everybody who is signed in: their own password, second factor, sessions and preferences."""

VIEW_USERS = "core.view_users"
MANAGE_USERS = "core.manage_users"
