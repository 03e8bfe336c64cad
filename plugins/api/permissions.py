"""What may be done at this door. What is asked for behind it needs the noun's own permissions besides."""

from core.contributions import Permission
from core.texts import _

USE = "api.use"
MANAGE = "api.manage_tokens"

PERMISSIONS = (
    Permission(name=USE, label=_("Let own programs in through the API"), roles=("administrator",)),
    Permission(name=MANAGE, label=_("See and revoke everybody's API tokens"), roles=("administrator",)),
)
