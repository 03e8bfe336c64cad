"""Setting up an authenticator app, and the recovery codes for the day the phone is lost."""

from typing import Any

import segno
from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from core.screens.account import sections
from core.screens.pages import UNFIT, blueprint, done, form_answer
from core.screens.questions import PlainForm
from core.texts import _
from core.users import credentials, second_factor, sessions
from core.web import SIGNED_IN, MedleyForm, current_actor, door_answer, form_page, render

TEMPLATE = "core/second_factor.html"


class FactorCodeForm(MedleyForm):
    """A code of the app that is being set up, or taken away."""

    code = StringField(_("Code"), [InputRequired(), Length(max=40)], render_kw={"autocomplete": "one-time-code"})
    beside = frozenset({"step"})


class PasswordAgainForm(MedleyForm):
    """One's password once more."""

    beside = frozenset({"step"})

    password = PasswordField(
        _("Your password"), [InputRequired(), Length(max=1024)], render_kw={"autocomplete": "current-password"}
    )


@blueprint.form("/me/second-factor", permission=SIGNED_IN, endpoint="second_factor")
def second_factor_page() -> Any:
    """Set up an authenticator app, or do without one again."""
    by = current_actor()
    user = sessions.own_account(by)
    if sessions.has_second_factor(user):
        return when_set_up(user)
    step = request.form.get("step", "")
    if request.method == "GET" or step not in ("begin", "confirm"):
        return render(TEMPLATE, sections=sections(), state="none", form=PlainForm())
    begun = second_factor.enrol(by=by)
    facts = {
        "sections": sections(),
        "state": "enrolling",
        "picture": segno.make(begun.uri, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff"),
        "seed": " ".join(begun.seed[start : start + 4] for start in range(0, len(begun.seed), 4)),
    }
    if step == "begin":
        return render(TEMPLATE, form=FactorCodeForm(formdata=MultiDict()), **facts)
    form = FactorCodeForm()
    if form.validated():
        with form_page(form, TEMPLATE, **facts):
            codes = second_factor.confirm(form.code.data, by=by, session_id=door_answer().session_id)
            return render("core/recovery_codes.html", sections=sections(), codes=codes, form=PlainForm(), is_first=True)
    return form_answer(TEMPLATE, form, **facts)


def when_set_up(user: Any) -> Any:
    """The page of somebody who has an app: how many codes are left, and taking it away."""
    form = FactorCodeForm()
    facts = {"sections": sections(), "state": "on", "codes_left": second_factor.codes_left(user)}
    if form.validated():
        with form_page(form, TEMPLATE, **facts):
            second_factor.remove(form.code.data, by=current_actor())
            return done(_("The second factor is removed."), "core.second_factor")
    return form_answer(TEMPLATE, form, **facts)


@blueprint.form("/me/recovery-codes", permission=SIGNED_IN)
def recovery_codes() -> Any:
    """Make ten new recovery codes, shown this once."""
    by = current_actor()
    if not sessions.has_second_factor(sessions.own_account(by)):
        return done(_("Set up an authenticator app first."), "core.second_factor", phase="caution")
    form = PasswordAgainForm()
    facts = {"sections": sections(), "codes": (), "is_first": False}
    if form.validated():
        with form_page(form, "core/recovery_codes.html", **facts):
            credentials.confirm_password(form.password.data, by)
            codes = second_factor.remake_recovery_codes(by=by)
            return render("core/recovery_codes.html", form=form, **{**facts, "codes": codes})
    written = render("core/recovery_codes.html", form=form, **facts)
    return (written, UNFIT) if request.method == "POST" else written
