"""What does not go, as RFC 9457 has it: what happened, where in the request, an id to quote. Never a trace."""

import logging
from collections.abc import Mapping
from typing import Any

import peewee
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from core.errors import (
    Conflict,
    Doomed,
    Forbidden,
    KeyReused,
    MedleyError,
    Misuse,
    NeedsConfirmation,
    NotSignedIn,
    Refused,
    Unavailable,
    Words,
)
from core.sites import current, is_active
from core.storage.transactions import lost_connection
from core.texts import Text, _
from core.web import current_actor
from core.web.errors import title_of
from plugins.api.errors import (
    BadKey,
    NoJson,
    NotGiven,
    Stale,
    TooMany,
    Unfit,
    UnfitQuery,
    VersionMissing,
    WrongMedia,
    WrongMethod,
)
from plugins.api.rest.records import dumped, record_json
from plugins.api.rest.shapes import pointers_of
from plugins.api.services.confirming import confirmation

log = logging.getLogger("medley.api")
MEDIA = "application/problem+json"
MISTAKE = _("This did not work, and nothing was saved. Tell the administrator the instance named here.")
TITLES: dict[type[MedleyError], Text] = {
    Unfit: _("The body does not fit"),
    UnfitQuery: _("The address does not fit"),
    NoJson: _("Not readable"),
    WrongMedia: _("Not JSON"),
    NotGiven: _("No answer of that sort"),
    WrongMethod: _("Not done with this"),
    VersionMissing: _("The version is missing"),
    Stale: _("Changed by someone else meanwhile"),
    BadKey: _("Not an idempotency key"),
    KeyReused: _("This key came with another request"),
    TooMany: _("Too many requests"),
    NotSignedIn: _("No key that opens this"),
}
# What a problem's type is called; each is explained on the page of the API.
NAMES: dict[type[MedleyError], str] = {
    KeyReused: "key-reused",
    Unfit: "unfit",
    UnfitQuery: "unfit",
    Refused: "refused",
    Stale: "stale",
    Conflict: "stale",
    NeedsConfirmation: "confirmation",
    NotSignedIn: "not-signed-in",
    Forbidden: "forbidden",
    VersionMissing: "version-missing",
    TooMany: "too-many",
}
WHY_NOT = {
    "unknown": _("This token is not known here."),
    "ended": _("This token was revoked."),
    "expired": _("This token is over. Make a new one."),
    "disabled": _("The account this token belongs to is closed."),
    "elsewhere": _("This token is not good from this address."),
}


def on_failure(error: Exception) -> Response:
    """Answer any way of failing."""
    take_back()
    cause = getattr(error, "original_exception", None) or error
    if isinstance(cause, MedleyError) and not isinstance(cause, (Misuse, Doomed)):
        return of_the_house(cause)
    if isinstance(cause, peewee.PeeweeException) and lost_connection(cause):
        return of_the_house(Unavailable())
    if isinstance(cause, HTTPException) and (cause.code or 500) < 500:
        return problem(cause.code or 400, cause.name)
    log.error("request %s failed", g.get("request_id", ""), exc_info=cause)
    return problem(500, _("Something went wrong"), MISTAKE)


def take_back() -> None:
    """A transaction somebody left open is taken back before anything is read for the answer."""
    if is_active() and current().transaction is not None:
        current().transaction.rollback()


def of_the_house(error: MedleyError) -> Response:
    """A failure the house knows."""
    status = error.status
    more: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if isinstance(error, (Conflict, Stale)):
        status, more = versions(error)
    elif isinstance(error, Refused):
        more = errors_of(error)
    elif isinstance(error, NeedsConfirmation):
        more = asking(error)
    elif isinstance(error, Forbidden):
        more = {"permission": error.permission}
    elif isinstance(error, NotSignedIn):
        headers = {"WWW-Authenticate": challenge(error)}
    elif isinstance(error, WrongMethod):
        headers = {"Allow": ", ".join(error.allowed)}
    if hasattr(error, "retry_after"):
        headers["Retry-After"] = str(error.retry_after)
    said = WHY_NOT.get(error.why, error.message) if isinstance(error, NotSignedIn) else error.message
    answer = problem(status, TITLES.get(type(error)) or title_of(error), said, name_of(error), more)
    answer.headers.update(headers)
    return answer


def problem(
    status: int, title: Words, detail: Words = "", name: str = "", more: Mapping[str, Any] | None = None
) -> Response:
    """The answer itself."""
    facts: dict[str, Any] = {
        "type": f"/api/#{name}" if name else "about:blank",
        "title": str(title),
        "status": status,
        "instance": f"urn:medley:request:{g.get('request_id', '')}",
    }
    if detail:
        facts["detail"] = str(detail)
    return Response(dumped({**facts, **(more or {})}), status, mimetype=MEDIA)


def name_of(error: MedleyError) -> str:
    """What the type of a problem is called."""
    return next((NAMES[kind] for kind in type(error).__mro__ if kind in NAMES), "")


def errors_of(error: Refused) -> dict[str, Any]:
    """What does not fit, each with where it stands."""
    if isinstance(error, UnfitQuery):
        return {"errors": [{"parameter": name, "detail": str(words)} for name, words in error.parameters.items()]}
    if isinstance(error, KeyReused):
        return {"result": error.result_uid} if error.result_uid else {}
    pointers = error.pointers if isinstance(error, Unfit) else {}
    noun = g.get("noun")
    if error.fields and noun is not None:
        pointers = pointers_of(noun, error.fields)
    return {"errors": [{"pointer": at, "detail": str(words)} for at, words in pointers.items()]} if pointers else {}


def asking(error: NeedsConfirmation) -> dict[str, Any]:
    """What an act asks, and what is sent back with the same request to say yes; some things only people say yes to."""
    more = {"confirm_as": error.confirm_as, "question": str(error.message)}
    if error.detail:
        more["detail"] = str(error.detail)
    noun, asked_about = g.get("noun"), g.get("asked_about")
    if noun is not None and asked_about is not None and error.confirm_as in noun.acts.confirms:
        words = (*g.get("confirmed", ()), error.confirm_as)
        more["confirmation"] = confirmation(current_actor(), words, *asked_about)
    return more


def versions(error: Conflict | Stale) -> tuple[int, dict[str, Any]]:
    """Both versions: what was sent, and the record as it is, so far as the reader may see it."""
    held = g.get("changing")
    if held is None:
        return Conflict.status, {}
    resource, uid = held
    more: dict[str, Any] = {
        "current": record_json(resource, uid, current_actor()),
        "yours": told_back(g.get("body") or {}),
    }
    if isinstance(error, Conflict) and error.at is not None:
        more |= {"changed_at": error.at}
    return Stale.status, more


def told_back(sent: Any) -> Any:
    """What was sent, as it can be said again: figures of any length as text."""
    if isinstance(sent, dict):
        return {name: told_back(value) for name, value in sent.items()}
    if isinstance(sent, list):
        return [told_back(value) for value in sent]
    is_plain = isinstance(sent, (str, bool, type(None))) or (isinstance(sent, int) and abs(sent) < 2**63)
    return sent if is_plain else str(sent)


def challenge(error: NotSignedIn) -> str:
    """What RFC 6750 has a program told."""
    shown = "Authorization" in request.headers
    return 'Bearer realm="medley"' + (', error="invalid_token"' if shown and error.why in WHY_NOT else "")


__all__ = ["on_failure", "problem"]
