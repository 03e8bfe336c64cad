"""Signing in and out."""

from urllib.parse import urlsplit

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from core.screens.pages import blueprint
from core.texts import _
from core.users import sessions
from core.web import OPEN, SIGNED_IN, MedleyForm, current_actor, door_answer, form_page, go, render
from core.web.request import DEVICE_COOKIE, SESSION_COOKIE, cookie_name, drop_cookie, set_cookie

DEVICE_SECONDS = 30 * 24 * 60 * 60


class SignInForm(MedleyForm):
    """Name and password."""

    name = StringField(_("Sign-in name"), [InputRequired(), Length(max=150)])
    password = PasswordField(_("Password"), [InputRequired(), Length(max=1024)])


@blueprint.form("/sign-in", permission=OPEN)
def sign_in() -> str | Response:
    """The door."""
    if door_answer().is_signed_in:
        return go("core.home")
    form = SignInForm()
    if form.validated():
        with form_page(form, "core/sign_in.html"):
            begun = sessions.sign_in(
                form.name.data,
                form.password.data,
                source=request.remote_addr or "",
                device=request.headers.get("User-Agent", "")[:200],
                device_token=request.cookies.get(cookie_name(DEVICE_COOKIE, request.is_secure), ""),
            )
            response = go("core.sign_in_code") if begun.needs_second_factor else welcome()
            set_cookie(response, SESSION_COOKIE, begun.token, request.is_secure)
            return response
    return render("core/sign_in.html", form=form)


@blueprint.post("/sign-out", permission=SIGNED_IN)
def sign_out() -> Response:
    """End this session."""
    token = request.cookies.get(cookie_name(SESSION_COOKIE, request.is_secure), "")
    sessions.sign_out(token, by=current_actor())
    response = go("core.sign_in")
    drop_cookie(response, SESSION_COOKIE, request.is_secure)
    return response


def welcome() -> Response:
    """Where somebody wanted to go before signing in, when that is a page of this site."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return redirect(wanted, 303) if is_ours else go("core.home")  # type: ignore[return-value]


