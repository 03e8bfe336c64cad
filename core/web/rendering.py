"""Turning facts into pages, and sending people on."""

import json
from collections.abc import Callable, MutableMapping
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

from flask import Flask, current_app, g, redirect, request, url_for
from flask.templating import Environment
from itsdangerous import BadData, URLSafeTimedSerializer
from jinja2 import FileSystemBytecodeCache, StrictUndefined
from jinja2.runtime import Context, Macro
from jinja2.utils import internalcode
from werkzeug.wrappers import Response

from core import clock
from core.roles.break_glass import open_now
from core.sites import current, current_site, is_active
from core.texts import reader_locale
from core.users.door import DoorAnswer
from core.web.addresses import Addresses
from core.web.assets import Assets
from core.web.door import csrf_token
from core.web.filters import FILTERS
from core.web.frame import kept
from core.web.history import history
from core.web.request import TOAST_COOKIE, cookie_name, drop_cookie, nonce, set_cookie
from core.web.shell import me, navigation, phone_tabs
from core.web.slots import slot
from core.web.words import gettext, ngettext

TOAST_SECONDS = 60
PLAIN = (FunctionType, MethodType)


class HouseContext(Context):
    """Jinja's context, which asks of a macro or a plain function only what it must before calling it."""

    @internalcode
    def call(self, called: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls; a page does so hundreds of times."""
        kind = type(called)
        if kind is Macro:
            args = (self.eval_ctx, *args)
        elif kind not in PLAIN or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *args, **kwargs)
        if kwargs:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
        return called(*args, **kwargs)


class HouseTemplates(Environment):
    """Flask's environment, whose templates all share its globals: looking through chains of them costs each page."""

    context_class = HouseContext

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template; nothing here gives one its own."""
        return super().make_globals(d) if d else self.globals


def prepare_templates(app: Flask, assets: Assets, kept_in: Path) -> None:
    """Give the templates what they may count on (docs/vendors/templates.md)."""
    app.jinja_environment = HouseTemplates
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update(_=gettext, gettext=gettext, ngettext=ngettext)
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(FILTERS)
    environment.globals.update(asset=assets.url, url_for=Addresses().to, csp_nonce=nonce, csrf_token=csrf_token)
    environment.globals.update(slot=slot, history=history, kept=kept, may=may)
    kept_in.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment.bytecode_cache = FileSystemBytecodeCache(str(kept_in))
    app.extensions["medley_shared"] = shared
    app.template_context_processors[None] = []


def may(permission: str) -> bool:
    """Whether the reader holds a permission; for macros, which see nothing of the page they are used on."""
    return current().actor.may(permission)


def shared() -> dict[str, Any]:
    """What every page is given."""
    if "shared" not in g:
        g.shared = build_shared()
    return dict(g.shared)


def build_shared() -> dict[str, Any]:
    """Site, reader, navigation and look, once for each answer."""
    activation = current()
    answer: DoorAnswer = g.get("door") or DoorAnswer("")
    groups = navigation(activation.actor) if answer.is_signed_in else []
    return {
        "site": activation.site,
        "lang": reader_locale().replace("_", "-"),
        "me": me(activation.actor, answer),
        "nav": groups,
        "tabs": phone_tabs(groups),
        "endpoint": request.endpoint,
        "rights": activation.actor.permissions,
        "theme": {"system": "auto"}.get(answer.theme, answer.theme),
        "density": answer.density,
        "request_id": g.request_id,
        "now": clock.now(),
        "toasts": [],
        "may": activation.actor.may,
        "idle_seconds": answer.idle_seconds if answer.is_signed_in else 0,
        "opened": open_now(activation.actor) if answer.opened else [],
    }


def render(template: str, /, **facts: Any) -> str:
    """A page. What was just done is told once on it."""
    context = shared()
    context["toasts"] = take_toast()
    context.update(facts)
    return current_app.jinja_env.get_template(template).render(context)


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
    sent = request.cookies.get(cookie_name(TOAST_COOKIE, request.is_secure))
    if not sent or not is_active():
        return []
    g.toast_taken = True
    try:
        return [json.loads(toast_signer().loads(sent, max_age=TOAST_SECONDS))]
    except (BadData, ValueError):
        return []


def toast_signer() -> URLSafeTimedSerializer:
    """Signs toasts with a key of this site."""
    return URLSafeTimedSerializer(current_site().derive("toast"))


def forget_toast(response: Response) -> Response:
    """Take away the cookie of a toast that was shown."""
    if g.pop("toast_taken", False):
        drop_cookie(response, TOAST_COOKIE, request.is_secure)
    return response
