"""The secret by which a new site gets its first administrator: printed by the command, used once, good for a day.

The account itself is made by `core.roles.first_administrator`, where roles are known.
"""

from core.actors import Actor
from core.acts import OPEN, act
from core.errors import Refused
from core.sites import current_site
from core.storage.journal.writer import note
from core.texts import _
from core.users import one_time
from core.users.models import User
from core.users.permissions import MANAGE_USERS

PURPOSE = "first_run"
HOURS = 24


@act("core.make_first_run_secret", permission=MANAGE_USERS)
def make_first_run_secret(by: Actor) -> str:
    """Make the secret for the page that names the first administrator; an older one stops working.

    Raises `Refused` once somebody has an account here.
    """
    if not is_first_run():
        raise Refused(_("This site already has accounts. An administrator can make others."))
    secret = one_time.make(PURPOSE, HOURS)
    note("core.make_first_run_secret")
    return secret


def is_first_run() -> bool:
    """Whether nobody has an account at this site yet."""
    return not User.select(User.id).where(User.kind == "person").exists()


def check_first_run_secret(secret: str) -> None:
    """Raise `NotFound` for a secret that is used, old or made up, or when the site has its administrator."""
    one_time.find(PURPOSE, secret)


@act("core.use_first_run_secret", permission=OPEN)
def use_first_run_secret(secret: str, by: Actor) -> None:
    """Use the secret up, inside the act that makes the account; of many at once, one succeeds."""
    one_time.use(PURPOSE, secret)
    note("core.use_first_run_secret", reason=current_site().name)
