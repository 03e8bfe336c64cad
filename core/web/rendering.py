"""Turning facts into pages, and sending people on."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, redirect, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response

from core import clock
from core.roles.break_glass import open_now
from core.sites import current, current_site, is_active
from core.texts import direction_of, reader_locale
from core.users.door import DoorAnswer
from core.web.addresses import Addresses
from core.web.assets import Assets
from core.web.door import csrf_token
from core.web.environment import HouseTemplates, PressedTemplates
from core.web.filters import FILTERS
from core.web.frame import kept
from core.web.history import history
from core.web.request import TOAST_COOKIE, asked, cookie_name, drop_cookie, facts_of_answer, nonce, set_cookie
from core.web.shell import me, navigation
from core.web.slots import slot
from core.web.words import gettext, ngettext

TOAST_SECONDS = 60
THEMES = {"system": "auto"}


def prepare_templates(app: Flask, assets: Assets, kept_in: Path) -> None:
    """Give the templates what they may count on (docs/vendors/templates.md)."""
    app.jinja_environment = HouseTemplates
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update(_=gettext, gettext=gettext, ngettext=ngettext)
    environment.undefined = StrictUndefined
    environment.autoescape = lru_cache(app.select_jinja_autoescape)
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(FILTERS)
    addresses = app.extensions["medley_addresses"] = Addresses()
    environment.globals.update(asset=assets.url, url_for=addresses.to, csp_nonce=nonce, csrf_token=csrf_token)
    environment.globals.update(slot=slot, history=history, kept=kept, may=may)
    kept_in.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment.bytecode_cache = PressedTemplates(str(kept_in))
    app.extensions["medley_shared"] = shared
    app.template_context_processors[None] = []


def may(permission: str) -> bool:
    """Whether the reader holds a permission; for macros, which see nothing of the page they are used on."""
    return current().actor.may(permission)


def shared() -> dict[str, Any]:
    """What every page is given, the globals of templates included: each template is filled in from one dictionary."""
    facts = facts_of_answer()
    found: dict[str, Any] | None = facts.get("shared")
    if found is None:
        found = facts["shared"] = build_shared(facts)
    return found


def build_shared(facts: dict[str, Any]) -> dict[str, Any]:
    """Site, reader, navigation and look, once for each answer."""
    activation, request = current(), asked()
    answer: DoorAnswer = facts.get("door") or DoorAnswer("")
    groups, tabs = navigation(activation, request.endpoint) if answer.is_signed_in else ([], [])
    house: Any = current_app
    return {
        **house.jinja_env.globals,
        "site": activation.site,
        "lang": reader_locale().replace("_", "-"),
        "direction": direction_of(reader_locale()),
        "me": me(activation.actor, answer),
        "nav": groups,
        "tabs": tabs,
        "endpoint": request.endpoint,
        "address": house.extensions["medley_addresses"].below(request.script_root),
        "rights": activation.actor.permissions,
        "theme": THEMES.get(answer.theme, answer.theme),
        "density": answer.density,
        "request_id": facts["request_id"],
        "now": clock.now(),
        "toasts": [],
        "may": activation.actor.may,
        "idle_seconds": answer.idle_seconds if answer.is_signed_in else 0,
        "opened": open_now(activation.actor) if answer.opened else [],
    }


def render(template: str, /, **facts: Any) -> str:
    """A page. What was just done is told once on it."""
    house: Any = current_app
    page: str = house.jinja_env.filled(template, shared(), {"toasts": take_toast()}, facts)
    return page


def go(endpoint: str, /, **values: Any) -> Response:
    """Send the reader on after a form; a reload there sends nothing twice."""
    return redirect(url_for(endpoint, **values), code=303)


def toast(response: Response, text: Any, phase: str = "done", undo_url: str | None = None) -> Response:
    """Let the next page say what was done. The text names nobody: it travels in a cookie."""
    written = json.dumps({"text": str(text), "phase": phase, "undo_url": undo_url})
    set_cookie(response, TOAST_COOKIE, toast_signer().dumps(written), request.is_secure, TOAST_SECONDS)
    return response


def take_toast() -> list[dict[str, Any]]:
    """What the page before wanted said; it is said once."""
    request = asked()
    sent = request.cookies.get(cookie_name(TOAST_COOKIE, request.is_secure))
    if not sent or not is_active():
        return []
    facts_of_answer()["toast_taken"] = True
    try:
        return [json.loads(toast_signer().loads(sent, max_age=TOAST_SECONDS))]
    except (BadData, ValueError):
        return []


def toast_signer() -> URLSafeTimedSerializer:
    """Signs toasts with a key of this site."""
    return URLSafeTimedSerializer(current_site().derive("toast"))


def forget_toast(response: Response) -> Response:
    """Take away the cookie of a toast that was shown."""
    if facts_of_answer().pop("toast_taken", False):
        drop_cookie(response, TOAST_COOKIE, request.is_secure)
    return response
