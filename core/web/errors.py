"""What a reader is told when something does not go: what happened, what to do, and an id to quote. Never a trace."""

import logging
from typing import Any

import peewee
from flask import Flask, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from core.errors import (
    Busy,
    Conflict,
    Doomed,
    Forbidden,
    MedleyError,
    Misuse,
    NeedsConfirmation,
    NotFound,
    NotSignedIn,
    PluginFailed,
    Refused,
    TooManyTries,
    Unavailable,
)
from core.roles.rights import rights_book
from core.sites import current, current_site, is_active
from core.storage.transactions import lost_connection
from core.texts import Text, _
from core.web.door import request_facts, wants_json
from core.web.filters import moment
from core.web.rendering import render
from core.web.who import administrators, name_of

log = logging.getLogger("medley.web")
TITLES: dict[type[MedleyError], Text] = {
    NotFound: _("Not found"),
    NotSignedIn: _("Sign in first"),
    Forbidden: _("This is not open to you"),
    Conflict: _("Changed by someone else meanwhile"),
    Refused: _("This can't be done as it stands"),
    TooManyTries: _("Too many tries"),
    Busy: _("Busy at the moment"),
    Unavailable: _("Not available at the moment"),
    PluginFailed: _("Nothing was saved"),
    Doomed: _("Nothing was saved"),
}
PLAIN = (
    "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{title}</title>"
    "<h1>{title}</h1><p>{what}</p><p>{reference}</p>"
)


def map_errors(app: Flask) -> None:
    """Answer every way of failing."""
    app.register_error_handler(MedleyError, on_medley_error)
    app.register_error_handler(peewee.PeeweeException, on_database_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_mistake)


def answer_failure(error: BaseException) -> Any:
    """Answer any way of failing, for plugins that answer some of them in words of their own."""
    if isinstance(error, MedleyError):
        return on_medley_error(error)
    if isinstance(error, peewee.PeeweeException):
        return on_database_error(error)
    return on_http_error(error) if isinstance(error, HTTPException) else on_mistake(error)


def on_medley_error(error: MedleyError) -> Any:
    """A failure the house knows."""
    if isinstance(error, Misuse):
        return on_mistake(error)
    if wants_json():
        return problem(error.status, str(error), fields=getattr(error, "fields", None)), error.status
    held_back = g.pop("form_page", None)
    if isinstance(error, Refused) and held_back is not None:
        return page(held_back[0], error.status, **held_back[1])
    if isinstance(error, NeedsConfirmation):
        return ask(error)
    if isinstance(error, Conflict):
        return show_both(error)
    response = trouble(error.status, title_of(error), what_of(error), permission_words(error), holders_of(error))
    if hasattr(error, "retry_after"):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def ask(error: NeedsConfirmation) -> Any:
    """The are-you-sure page: the same form again, with the word that it is meant."""
    return page(
        "core/confirm.html",
        error.status,
        question=error.message,
        text=error.detail,
        changes=list(error.facts),
        confirm_name=error.confirm_as,
        confirm_label=_("Go on"),
        keep_label=_("Go back"),
        keep_url=request.url,
        action_url=request.path,
        **request_facts(),
    )


def show_both(error: Conflict) -> Any:
    """Both versions, and the choice between them."""
    sent = request.form
    mine = error.mine or {name: sent.get(name) for name in error.theirs if name in sent}
    pairs = [(name, shown(value), shown(error.theirs.get(name))) for name, value in mine.items()]
    rows = [
        {"label": label_of(name), "mine": own, "theirs": theirs, "same": own == theirs} for name, own, theirs in pairs
    ]
    facts = request_facts()
    # "Keep mine" is said in sight of both versions, so it is not measured against the older one again.
    facts["fields"] = [(name, value) for name, value in facts["fields"] if name != "version"]
    return page(
        "core/conflict.html",
        error.status,
        who=name_of(error.by) or _("Somebody"),
        at=moment(error.at) if error.at else "",
        rows=rows,
        theirs_url=request.path,
        action_url=request.path,
        **facts,
    )


def label_of(name: str) -> str:
    """A column's name as words, where a service gave no label."""
    return name.replace("_", " ").capitalize()


def shown(value: Any) -> str:
    """A value in a comparison."""
    return "" if value is None else str(value)


def on_database_error(error: peewee.PeeweeException) -> Any:
    """The database refused or went away."""
    if lost_connection(error):
        return on_medley_error(Unavailable())
    return on_mistake(error)


def on_http_error(error: HTTPException) -> Any:
    """What the framework itself refuses: unknown addresses, wrong methods, forms too large."""
    code = error.code or 500
    if code < 400:
        return error
    original = getattr(error, "original_exception", None)
    if isinstance(original, MedleyError):  # raised after the view: the answer could not be recorded
        return on_medley_error(original)
    if original is not None:
        return on_database_error(original) if isinstance(original, peewee.PeeweeException) else on_mistake(original)
    if code == 404:
        return on_medley_error(NotFound())
    if wants_json():
        return problem(code, error.name), code
    return trouble(
        code, error.name, _("The address or the form was not what this page expects. Go back and try again.")
    )


def on_mistake(error: BaseException) -> Any:
    """Something nobody foresaw; it is in the log under the id shown."""
    log.error("request %s failed", g.get("request_id", ""), exc_info=error)
    what = _("This did not work, and nothing was saved. Tell your administrator the reference below.")
    if wants_json():
        return problem(500, str(what)), 500
    return trouble(500, _("Something went wrong"), what)


def trouble(status: int, title: Any, what: Any, permission: str = "", holders: str = "") -> Response:
    """The error page, or a plain one where even that can't be made."""
    reference = g.get("request_id", "")
    if is_active() and not is_away(status):
        try:
            answered: Response = page(
                "core/error.html", status, title=title, what=what, permission=permission, holders=holders
            )
            return answered
        except Exception:
            log.exception("the error page of %s failed", reference)
    text = PLAIN.format(title=title, what=what, reference=_("Reference %(id)s", id=reference))
    return Response(text, status=status, mimetype="text/html")


def is_away(status: int) -> bool:
    """Whether the database was just found away: then no page is put together that would ask it again."""
    return status == Unavailable.status and bool(current_site().database.is_closed())


def page(template: str, status: int, **facts: Any) -> Response:
    """A rendered page with a status. A transaction somebody left open is taken back first."""
    if is_active() and current().transaction is not None:
        current().transaction.rollback()
    return Response(render(template, **facts), status=status, mimetype="text/html")


def what_of(error: MedleyError) -> Any:
    """What happened. A missing permission is named apart, by what it is called."""
    if isinstance(error, Forbidden) and str(error.message) == str(Forbidden(error.permission).message):
        return _("None of your roles opens this at the place where you work now.")
    return error.message


def holders_of(error: MedleyError) -> str:
    """Who can open what is closed."""
    if not isinstance(error, Forbidden) or not is_active():
        return ""
    return ", ".join(administrators(3))


def permission_words(error: MedleyError) -> str:
    """What the missing permission is called, for people; its name where nobody declared it."""
    name = error.permission if isinstance(error, Forbidden) else ""
    if not name or not is_active():
        return name
    declared = rights_book().permissions.get(name)
    return str(declared.label) if declared is not None else name


def title_of(error: MedleyError) -> Any:
    """The heading for a kind of failure."""
    for kind in type(error).__mro__:
        if kind in TITLES:
            return TITLES[kind]
    return _("Something went wrong")


def problem(status: int, what: str, fields: Any = None) -> Response:
    """An RFC 9457 problem."""
    facts = {"type": "about:blank", "status": status, "title": what, "instance": g.get("request_id", "")}
    if fields:
        facts["fields"] = {name: str(words) for name, words in fields.items()}
    response = jsonify(facts)
    response.mimetype = "application/problem+json"
    response.status_code = status
    return response
