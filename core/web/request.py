"""What a view may know of the request it answers."""

import secrets
from typing import Any, cast

from flask import Request, g, request

from core.actors import Actor
from core.sites import current
from core.users.door import DoorAnswer

# Names of cookies. With TLS they carry the __Host- prefix, which ties them to this host.
SESSION_COOKIE = "medley_session"
DEVICE_COOKIE = "medley_device"
VISIT_COOKIE = "medley_visit"
DESK_COOKIE = "medley_desk"
TOAST_COOKIE = "medley_toast"


def current_actor() -> Actor:
    """Who asks."""
    return current().actor


def door_answer() -> DoorAnswer:
    """What the door found out about the session."""
    answer: DoorAnswer = g.door
    return answer


def asked() -> Request:
    """The request itself. Flask's `request` stands in for it and looks for it again at each use."""
    found: Any = request
    return cast(Request, found._get_current_object())


def facts_of_answer() -> dict[str, Any]:
    """What is remembered until the answer has left: Flask's `g` itself, whose stand-in looks for it at each use."""
    found: Any = g
    kept: dict[str, Any] = found._get_current_object().__dict__
    return kept


def nonce() -> str:
    """The nonce of this answer's scripts."""
    facts = facts_of_answer()
    found: str | None = facts.get("nonce")
    if found is None:
        found = facts["nonce"] = secrets.token_urlsafe(16)
    return found


def cookie_name(name: str, is_secure: bool) -> str:
    """The name a cookie goes by on this connection."""
    return f"__Host-{name}" if is_secure else name


def set_cookie(response: Any, name: str, value: str, is_secure: bool, max_age: int | None = None) -> None:
    """Set a cookie no script can read and no other site can send along with a form."""
    response.set_cookie(
        cookie_name(name, is_secure), value, max_age=max_age, httponly=True, secure=is_secure, samesite="Lax", path="/"
    )


def drop_cookie(response: Any, name: str, is_secure: bool) -> None:
    """Take a cookie away."""
    response.delete_cookie(cookie_name(name, is_secure), httponly=True, secure=is_secure, samesite="Lax", path="/")
