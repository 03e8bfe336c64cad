"""Opening an account and giving its first role in one step, as people are hired."""

from core.actors import Actor
from core.acts import act
from core.places.models import Place
from core.roles.grants import grant_role, role_named
from core.users import accounts
from core.users.accounts import UserDetails
from core.users.models import User
from core.users.permissions import MANAGE_USERS


@act("core.open_account", permission=MANAGE_USERS)
def open_account(details: UserDetails, by: Actor, role: str = "", place: Place | None = None) -> User:
    """Open an account and, when a role is named, give it; both or neither."""
    user: User = accounts.create_user(details, by=by)
    if role:
        grant_role(user, role_named(role), by=by, place=place)
    return user
