"""Locking a shared computer, opening it again by PIN, and the PIN itself."""

from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for
from werkzeug.utils import redirect
from wtforms import HiddenField, PasswordField, RadioField
from wtforms.validators import InputRequired, Length

from core.errors import Refused
from core.screens.account import sections
from core.screens.pages import blueprint, done, form_answer
from core.screens.questions import PlainForm
from core.screens.sign_in import DAY, DESK_DAYS, wanted
from core.texts import _
from core.users import locking, pins, sessions
from core.users.tokens import new_token
from core.web import OPEN, SIGNED_IN, MedleyForm, current_actor, door_answer, form_page, go
from core.web.request import DESK_COOKIE, SESSION_COOKIE, cookie_name, drop_cookie, set_cookie

DIGITS = {"inputmode": "numeric", "autocomplete": "off"}


class UnlockForm(MedleyForm):
    """Who comes back, and their PIN."""

    person = RadioField(_("Who are you?"), [InputRequired()], coerce=int)
    pin = PasswordField(_("PIN"), [InputRequired(), Length(max=64)], render_kw=DIGITS)
    beside = frozenset({"next"})


class PinForm(MedleyForm):
    """A PIN, twice, and the password that says it is you."""

    pin = PasswordField(
        _("PIN"),
        [InputRequired(), Length(max=64)],
        description=_("4 to 12 digits. It opens only what you locked on that computer."),
        render_kw={**DIGITS, "autocomplete": "new-password"},
    )
    repeat_pin = PasswordField(
        _("PIN once more"), [InputRequired(), Length(max=64)], render_kw={**DIGITS, "autocomplete": "new-password"}
    )
    password = PasswordField(
        _("Your password"), [InputRequired(), Length(max=1024)], render_kw={"autocomplete": "current-password"}
    )

    def chosen(self) -> str:
        """The PIN; raises `Refused` when it was typed differently."""
        if self.pin.data != self.repeat_pin.data:
            raise Refused(fields={"repeat_pin": _("This is not the same PIN as above.")})
        return str(self.pin.data)


class LockForm(PlainForm):
    """Locking; `idle` when nobody did it, but nothing was done for a while."""

    idle = HiddenField()


@blueprint.post("/lock", permission=SIGNED_IN)
def lock() -> Any:
    """Lock this computer. Somebody without a PIN is shown where to choose one; left alone, they are signed out."""
    form, by = LockForm(), current_actor()
    desk = request.cookies.get(cookie_name(DESK_COOKIE, request.is_secure)) or new_token()
    if not locking.lock(door_answer().session_id, desk, page_before(), by=by):
        if not form.idle.data:
            return done(_("Choose a PIN first. With it you open what you locked."), "core.me_pin", phase="caution")
        sessions.sign_out(session_token(), by=by)
        response = go("core.sign_in", why="idle", next=page_before() or None)
        drop_cookie(response, SESSION_COOKIE, request.is_secure)
        return response
    response = go("core.locked")
    set_cookie(response, DESK_COOKIE, desk, request.is_secure, DESK_DAYS * DAY)
    return response


@blueprint.form("/locked", permission=OPEN)
def locked() -> Any:
    """Who is locked on this computer; the right PIN brings its owner back to the page they were on."""
    target = wanted()
    if door_answer().is_signed_in:
        return redirect(target, 303) if target else go("core.home")
    token, desk = session_token(), desk_token()
    waiting = locking.locked_here(token, desk)
    if not waiting:
        return go("core.sign_in", why=door_answer().why_not or None, next=target or None)
    form = UnlockForm()
    form.person.choices = [(one.session_id, one.name) for one in waiting]
    if form.person.data is None:
        form.person.data = waiting[0].session_id
    facts = {"waiting": waiting, "sign_in_url": url_for("core.sign_in")}
    if form.validated():
        with form_page(form, "core/locked.html", **facts):
            opened = locking.unlock(form.person.data, form.pin.data, token, desk)
            own = form.person.data == door_answer().session_id
            response = redirect((target if own else "") or opened.resume_at or url_for("core.home"), 303)
            set_cookie(response, SESSION_COOKIE, opened.token, request.is_secure)
            return response
    return form_answer("core/locked.html", form, **facts)


@blueprint.form("/me/pin", permission=SIGNED_IN)
def me_pin() -> Any:
    """Choose a PIN, or another."""
    by = current_actor()
    form = PinForm()
    is_set = pins.has_pin(sessions.own_account(by))
    facts = {
        "sections": sections(),
        "title": _("Choose another PIN") if is_set else _("Choose a PIN"),
        "is_set": is_set,
        "save_label": _("Save the PIN"),
        "lead": _("Step away without signing out: lock the computer, and come back with four digits."),
        "spans": {},
    }
    if form.validated():
        with form_page(form, "core/me_pin.html", **facts):
            pins.choose_pin(form.chosen(), form.password.data, by=by)
            return done(
                _("Your PIN is saved. Lock the computer with the key L, or in the menu under your name."), "core.me"
            )
    return form_answer("core/me_pin.html", form, **facts)


@blueprint.post("/me/pin/remove", permission=SIGNED_IN)
def me_pin_remove() -> Any:
    """Do without a PIN."""
    pins.remove_pin(by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("Your PIN is removed."), "core.me_pin")


def session_token() -> str:
    """The token the browser shows."""
    return request.cookies.get(cookie_name(SESSION_COOKIE, request.is_secure), "")


def desk_token() -> str:
    """What this computer is known by, "" until somebody locks it."""
    return request.cookies.get(cookie_name(DESK_COOKIE, request.is_secure), "")


def page_before() -> str:
    """The page of ours somebody locked from, as a path."""
    before = urlsplit(request.referrer or "")
    is_ours = before.netloc == request.host and before.path.startswith("/") and not before.path.startswith("//")
    return f"{before.path}?{before.query}" if is_ours and before.query else before.path if is_ours else ""
