"""Browsers a user has asked to be remembered on: no second factor there for a while."""

from datetime import UTC, datetime

from core.actors import Actor
from core.acts import act
from core.errors import NotFound
from core.storage.journal.writer import note
from core.users.models import RememberedDevice, User
from core.users.permissions import MANAGE_USERS, SIGN_IN
from core.users.policy import policy
from core.users.tokens import digest_of, new_token, seconds_now

DAY = 24 * 60 * 60
DEVICES_EACH = 20


def device_of(user_id: int, token: str) -> RememberedDevice | None:
    """The remembered device this token belongs to, if it is this user's and still counts."""
    if not token:
        return None
    found: RememberedDevice | None = (
        RememberedDevice.select()
        .where(
            RememberedDevice.token_hash == digest_of(token),
            RememberedDevice.user == user_id,
            RememberedDevice.expires_at > seconds_now(),
        )
        .first()
    )
    return found


def remember(user: User, device: str, source: str) -> str:
    """Remember the browser of a user who has just shown a second factor; the token for its cookie."""
    token, now = new_token(), seconds_now()
    RememberedDevice.create(
        token_hash=digest_of(token),
        user=user,
        device=device[:200],
        source=source[:64],
        created_at=now,
        last_seen_at=now,
        expires_at=now + policy().device_days * DAY,
    )
    RememberedDevice.delete().where(RememberedDevice.user == user, RememberedDevice.expires_at <= now).execute()
    kept = RememberedDevice.select(RememberedDevice.id).where(RememberedDevice.user == user)
    ids = [row.id for row in kept.order_by(RememberedDevice.id.desc())]
    if ids[DEVICES_EACH:]:
        RememberedDevice.delete().where(RememberedDevice.id.in_(ids[DEVICES_EACH:])).execute()
    note(act="core.remember_device", record=user)
    return token


def devices_of(user: User) -> list[tuple[int, str, datetime, datetime]]:
    """Id, description, when remembered and until when, of each browser remembered for this user."""
    rows = RememberedDevice.select().where(RememberedDevice.user == user, RememberedDevice.expires_at > seconds_now())
    return [
        (row.id, row.device, datetime.fromtimestamp(row.created_at, UTC), datetime.fromtimestamp(row.expires_at, UTC))
        for row in rows.order_by(RememberedDevice.id.desc())
    ]


@act("core.forget_device", permission=SIGN_IN)
def forget_device(device_id: int, by: Actor) -> None:
    """Ask for the second factor on that browser again: one's own, or anybody's for those who manage users."""
    found = RememberedDevice.get_or_none(RememberedDevice.id == device_id)
    if found is None or (found.user.uid != by.uid and not by.may(MANAGE_USERS)):
        raise NotFound
    found.delete_instance()
    note(act="core.forget_device", record=found.user)


def forget_all(user: User) -> None:
    """Forget every browser of a user, inside another act."""
    RememberedDevice.delete().where(RememberedDevice.user == user).execute()
