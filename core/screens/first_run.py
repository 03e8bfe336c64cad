"""First steps into a site: the first administrator, and choosing a password by a link that works once."""

from typing import Any

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from core.errors import NotFound, Refused
from core.roles.first_administrator import create_first_administrator
from core.screens.pages import blueprint, form_answer
from core.texts import _
from core.users import credentials, first_run
from core.users.accounts import UserDetails
from core.web import OPEN, MedleyForm, form_page, go
from core.web.forms import OneLine

TEMPLATE = "core/choose_password.html"
NEW = {"autocomplete": "new-password"}
HOW_LONG = _("At least 15 characters. Four or five words make a good one.")


class PasswordForm(MedleyForm):
    """A new password, typed twice."""

    password = PasswordField(
        _("New password"), [InputRequired(), Length(max=1024)], description=HOW_LONG, render_kw=NEW
    )
    repeat_password = PasswordField(_("The same again"), [InputRequired(), Length(max=1024)], render_kw=NEW)

    def chosen(self) -> str:
        """The password; raises `Refused` when it was typed in two ways."""
        if self.password.data != self.repeat_password.data:
            raise Refused(fields={"repeat_password": _("This is not the same as above.")})
        return str(self.password.data)


class FirstRunForm(PasswordForm):
    """Who administers a new site first."""

    secret = StringField(
        _("Secret"),
        [InputRequired(), Length(max=100), OneLine()],
        description=_("The command that made the site printed it. It works once, for a day."),
    )
    name = StringField(_("Your name"), [InputRequired(), Length(max=200), OneLine()])
    sign_in = StringField(_("Name to sign in with"), [InputRequired(), Length(max=150), OneLine()])
    field_order = ("secret", "name", "sign_in", "password", "repeat_password")

    def __iter__(self) -> Any:
        """The fields in the order they are asked."""
        first = [self._fields[name] for name in self.field_order]
        return iter(first + [field for field in self._fields.values() if field not in first])


@blueprint.form("/first-run", permission=OPEN, endpoint="first_run")
def first_administrator() -> Any:
    """Make the first administrator of a new site."""
    if not first_run.is_first_run():
        raise NotFound
    form = FirstRunForm()
    facts = {
        "title": _("Welcome to Medley"),
        "lead": _("Make the first administrator of this hospital. Others follow from inside."),
        "save_label": _("Make the account"),
    }
    if form.validated():
        with form_page(form, TEMPLATE, **facts):
            details = UserDetails(sign_in=form.sign_in.data, name=form.name.data)
            make_first(form.secret.data.strip(), details, form.chosen())
            return go("core.sign_in", why="chosen")
    return form_answer(TEMPLATE, form, **facts)


def make_first(secret: str, details: UserDetails, password: str) -> None:
    """Make the account; a secret that does not work is refused beside its field."""
    try:
        create_first_administrator(secret, details, password)
    except NotFound as unknown:
        words = _("This secret is not right, is used or is over. “medley user first-run” prints another.")
        raise Refused(fields={"secret": words}) from unknown


@blueprint.form("/choose-password/<secret>", permission=OPEN)
def choose_password(secret: str) -> Any:
    """Choose a password by the link an administrator handed over."""
    user = credentials.invited(secret)
    form = PasswordForm()
    facts = {
        "title": _("Choose your password"),
        "lead": _("For the account %(name)s. This link works once.", name=user.sign_in),
        "save_label": _("Save the password"),
    }
    if form.validated():
        with form_page(form, TEMPLATE, **facts):
            credentials.choose_password(secret, form.chosen())
            return go("core.sign_in", why="chosen")
    return form_answer(TEMPLATE, form, **facts)
