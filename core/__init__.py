"""The platform: users, roles, storage and a hook registry. It knows no plugin by name."""

__version__ = "0.1.0"
