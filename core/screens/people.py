"""People with an account: the list, finding one, opening an account and handing over its link."""

from typing import Any

from flask import url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.resources import serve
from core.roles.hiring import open_account
from core.roles.permissions import GRANT
from core.screens.choices import KINDS_OF_ACCOUNT, language_choices, offered, place_choices, place_of, role_choices
from core.screens.nouns import PEOPLE
from core.screens.pages import blueprint, done, form_answer
from core.sites import current_site
from core.texts import _
from core.users import credentials
from core.users.accounts import UserDetails
from core.users.models import User
from core.users.permissions import MANAGE_USERS
from core.web import MedleyForm, current_actor, form_page, render
from core.web.forms import OneLine


class UserForm(MedleyForm):
    """What an account says of its owner."""

    name = StringField(
        _("Name"), [InputRequired(), Length(max=200), OneLine()], description=_("As the person writes it.")
    )
    sign_in = StringField(
        _("Name to sign in with"),
        [InputRequired(), Length(max=150), OneLine()],
        description=_("No spaces. Capitals make no difference."),
    )
    email = StringField(_("E-mail"), [Length(max=254), OneLine()], render_kw={"inputmode": "email"})
    kind = SelectField(_("Kind of account"), choices=offered(KINDS_OF_ACCOUNT.items()))
    locale = SelectField(_("Language"))
    default_place = SelectField(_("Usual place"))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.locale.choices = language_choices(_("As the hospital"))
        self.default_place.choices = place_choices(_("Nowhere in particular"))

    def details(self) -> UserDetails:
        """What was said, for the service."""
        return UserDetails(
            sign_in=self.sign_in.data,
            name=self.name.data,
            email=self.email.data or "",
            kind=self.kind.data,
            locale=self.locale.data,
            default_place=place_of(self.default_place.data, "default_place"),
        )


class NewUserForm(UserForm):
    """An account and its first role."""

    role = SelectField(_("First role"), description=_("More roles can follow on the person's page."))
    place = SelectField(_("The role holds at"))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.role.choices = role_choices(_("None yet"))
        self.place.choices = place_choices(_("Everywhere"))


GROUPS = [
    (_("Who it is for"), "", [("name", 6), ("sign_in", 6), ("email", 6), ("kind", 6)]),
    (_("How they work"), "", [("locale", 6), ("default_place", 6)]),
]


serve(blueprint, PEOPLE)


@blueprint.form("/people/new", permission=MANAGE_USERS, endpoint="people_new")
def people_new() -> Any:
    """Open an account; its link is shown once."""
    by = current_actor()
    form = NewUserForm()
    groups = [*GROUPS, (_("What they may do"), "", [("role", 6), ("place", 6)])] if by.may(GRANT) else GROUPS
    facts = {
        "title": _("New person"),
        "groups": groups,
        "save_label": _("Open the account"),
        "back_url": url_for("core.people"),
        "crumbs": [(_("People"), url_for("core.people"))],
        "lead": _("They choose their own password by a link you hand over."),
    }
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            role = form.role.data if by.may(GRANT) else ""
            place = place_of(form.place.data)
            user = open_account(form.details(), by=by, role=role, place=place, idempotency_key=form.key)
            if user.kind == "service":
                return done(_("The account is open."), "core.people_show", uid=user.uid)
            return link_page(user)
    return form_answer("core/edit.html", form, **facts)


def link_page(user: User) -> str | Response:
    """The link by which somebody chooses a password, shown this once."""
    secret = credentials.invite(user, by=current_actor())
    return render(
        "core/people_link.html",
        person=user,
        link=url_for("core.choose_password", secret=secret, _external=True),
        hours=credentials.INVITATION_HOURS,
        hospital=current_site().title,
    )
