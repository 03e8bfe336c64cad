"""What may be done."""

from core.contributions import Permission

PERMISSIONS = (Permission(name="asking.view", label="See what is asked", roles=("administrator", "nurse")),)
