"""Signing in and out: name and password, then a code where one is asked for."""

from typing import Any
from urllib.parse import urlsplit

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from core.actors import ANONYMOUS
from core.screens.pages import blueprint, form_answer
from core.texts import Text, _, n_
from core.users import locking, second_factor, sessions
from core.users.policy import policy
from core.users.sessions import SignIn
from core.users.tokens import new_token
from core.web import OPEN, SIGNED_IN, MedleyForm, current_actor, door_answer, form_page, go, toast
from core.web.door import WAITING
from core.web.request import DESK_COOKIE, DEVICE_COOKIE, SESSION_COOKIE, cookie_name, drop_cookie, set_cookie

DAY = 24 * 60 * 60
DESK_DAYS = 365
SHOWN = 200
# Why somebody finds themselves at the door again.
ENDED: dict[str, Text] = {
    "idle": _("You were signed out because nothing was done for a while. Sign in to go on where you were."),
    "expired": _("A session lasts one working day at most. Sign in to go on where you were."),
    "ended": _("Your session was ended. Sign in to go on."),
    "chosen": _("Your password is saved. Sign in with it."),
    "out": _("You are signed out."),
}


class SignInForm(MedleyForm):
    """Name and password."""

    name = StringField(_("Sign-in name"), [InputRequired(), Length(max=150)])
    password = PasswordField(_("Password"), [InputRequired(), Length(max=1024)])


class CodeForm(MedleyForm):
    """The second step."""

    code = StringField(
        _("Code"), [InputRequired(), Length(max=40)], render_kw={"inputmode": "text", "autocapitalize": "off"}
    )
    remember = BooleanField(_("Don't ask again on this computer for 30 days"))


@blueprint.form("/sign-in", permission=OPEN)
def sign_in() -> Any:
    """The door."""
    if door_answer().is_signed_in:
        return go("core.home")
    form = SignInForm()
    facts = {"ended": ENDED.get(request.args.get("why", ""), "") if request.method == "GET" else ""}
    if form.validated():
        with form_page(form, "core/sign_in.html", **facts):
            begun = sessions.sign_in(
                form.name.data,
                form.password.data,
                source=request.remote_addr or "",
                device=described(request.headers.get("User-Agent", "")),
                device_token=request.cookies.get(cookie_name(DEVICE_COOKIE, request.is_secure), ""),
            )
            response = go("core.sign_in_code", next=wanted() or None) if begun.needs_second_factor else welcome(begun)
            leave_one_before(response)
            set_cookie(response, SESSION_COOKIE, begun.token, request.is_secure)
            return response
    return form_answer("core/sign_in.html", form, **facts)


def leave_one_before(response: Response) -> None:
    """Somebody else signs in here: who was here before can still come back by PIN."""
    token = request.cookies.get(cookie_name(SESSION_COOKIE, request.is_secure), "")
    if door_answer().why_not in WAITING:
        desk = request.cookies.get(cookie_name(DESK_COOKIE, request.is_secure)) or new_token()
        locking.leave_here(token, desk, by=ANONYMOUS)
        set_cookie(response, DESK_COOKIE, desk, request.is_secure, DESK_DAYS * DAY)


@blueprint.form("/sign-in/code", permission=OPEN)
def sign_in_code() -> Any:
    """The second step: a code of the authenticator app, or a recovery code."""
    answer = door_answer()
    if answer.is_signed_in:
        return go("core.home")
    if answer.why_not != "second_factor":
        return go("core.sign_in")
    form = CodeForm()
    if form.validated():
        with form_page(form, "core/sign_in_code.html"):
            begun = second_factor.complete_sign_in(
                request.cookies.get(cookie_name(SESSION_COOKIE, request.is_secure), ""),
                form.code.data,
                remember_device=form.remember.data,
                source=request.remote_addr or "",
                device=described(request.headers.get("User-Agent", "")),
            )
            response = welcome(begun)
            set_cookie(response, SESSION_COOKIE, begun.token, request.is_secure)
            if begun.device_token:
                set_cookie(response, DEVICE_COOKIE, begun.device_token, request.is_secure, policy().device_days * DAY)
            return response
    return form_answer("core/sign_in_code.html", form)


@blueprint.post("/sign-out", permission=SIGNED_IN)
def sign_out() -> Response:
    """End this session."""
    token = request.cookies.get(cookie_name(SESSION_COOKIE, request.is_secure), "")
    sessions.sign_out(token, by=current_actor())
    response = go("core.sign_in", why="out")
    drop_cookie(response, SESSION_COOKIE, request.is_secure)
    return response


def wanted() -> str:
    """Where somebody wanted to go before signing in, when that is a page of this site."""
    target = request.args.get("next", "")
    parts = urlsplit(target) if target.isprintable() and "\\" not in target else urlsplit("")
    is_ours = target.startswith("/") and not target.startswith("//") and not parts.netloc and bool(parts.path)
    return target if is_ours and not parts.scheme else ""


def welcome(begun: SignIn) -> Response:
    """Let somebody in: to a new password where one is due, else where they wanted to go."""
    if begun.must_change_password:
        return go("core.change_password")
    target = wanted()
    response = redirect(target, 303) if target else go("core.home")
    if begun.failed_before:
        words = n_(
            "One try to sign in to your account failed lately. If it was not you, change your password.",
            "%(n)s tries to sign in to your account failed lately. If it was not you, change your password.",
            begun.failed_before,
        )
        return toast(response, words, "caution")
    return response


def described(agent: str) -> str:
    """A browser and its system in a few words, as the list of sessions shows it."""
    clean = "".join(letter for letter in agent[:SHOWN] if letter.isprintable())
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    )
    browsers = (
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    system = next((name for mark, name in systems if mark in clean), "")
    browser = next((name for mark, name in browsers if mark in clean), "")
    return f"{browser}, {system}" if browser and system else clean[:80]
