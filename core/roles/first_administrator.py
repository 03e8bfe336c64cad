"""The first administrator of a site, made by whoever holds the secret the command printed."""

from core.actors import Actor, system_actor
from core.acts import OPEN, act
from core.roles.defaults import ADMINISTRATOR, ship_roles
from core.roles.grants import grant_role, role_named
from core.sites import current_site
from core.texts import _
from core.users import accounts, credentials, first_run, passwords
from core.users.accounts import UserDetails
from core.users.models import User


def create_first_administrator(secret: str, details: UserDetails, password: str) -> User:
    """Use the first-run secret: open the account, choose its password, and give it the administrator's role.

    Raises `NotFound` for a secret that is used, old or made up; of many at once, one succeeds.
    """
    first_run.check_first_run_secret(secret)
    site = current_site()
    names = (details.sign_in, details.name, details.email.partition("@")[0], site.name, site.title, "medley")
    passwords.check_password(password, names)
    user: User = made(secret, details, passwords.hash_of(password), by=system_actor("first-run"))
    return user


@act("core.create_first_administrator", permission=OPEN)
def made(secret: str, details: UserDetails, hashed: str, by: Actor) -> User:
    """Everything the first administrator needs, or nothing."""
    first_run.use_first_run_secret(secret, by=by)
    return open_administrator(details, hashed, by=by)


@act("core.create_administrator", permission="core.grant")
def open_administrator(details: UserDetails, hashed: str, by: Actor) -> User:
    """Open an account with the administrator's role everywhere; the command line makes one this way too."""
    ship_roles(by=by)
    user: User = accounts.create_user(details, by=by)
    credentials.keep_hash(user, hashed, because="account made")
    grant_role(user, role_named(ADMINISTRATOR), by=by, reason=str(_("First administrator")))
    return user
