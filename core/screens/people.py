"""People with an account: the list, finding one, opening an account and handing over its link."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.roles.hiring import open_account
from core.roles.models import Grant
from core.roles.permissions import GRANT
from core.roles.rights import rights_book
from core.screens.choices import KINDS_OF_ACCOUNT, language_choices, offered, place_choices, place_of, role_choices
from core.screens.pages import blueprint, done, form_answer
from core.sites import current_site
from core.storage import is_uid
from core.texts import _
from core.users import credentials
from core.users.accounts import UserDetails
from core.users.models import User
from core.users.names import sign_in_key_of
from core.users.permissions import MANAGE_USERS, VIEW_USERS
from core.web import MedleyForm, current_actor, form_page, render
from core.web.forms import OneLine
from core.web.shell import role_words

AT_ONCE = 50
MOST_FOUND = 100
MOST_LETTERS = 200
VIEWS = ("active", "closed", "services")


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


@blueprint.get("/people", permission=VIEW_USERS)
def people() -> str:
    """Everybody with an account, by sign-in name."""
    view = request.args.get("view", "")
    view = view if view in VIEWS else "active"
    query = User.select().where(condition_of(view)).order_by(User.sign_in_key)
    after = request.args.get("after", "")
    if is_uid(after):
        last = User.get_or_none(User.uid == after)
        query = query.where(User.sign_in_key > last.sign_in_key) if last is not None else query
    rows = list(query.limit(AT_ONCE + 1))
    next_url = url_for("core.people", view=view, after=rows[AT_ONCE - 1].uid) if len(rows) > AT_ONCE else ""
    return list_page(rows[:AT_ONCE], view, next_url=next_url)


@blueprint.post("/people", permission=VIEW_USERS, endpoint="people_search")
def people_search() -> str:
    """People whose name has these letters; names never stand in an address."""
    words = sign_in_key_of(request.form.get("q", "")[:MOST_LETTERS])
    found = ids_matching(words) if words else []
    rows = list(User.select().where(User.id.in_(found[:MOST_FOUND])).order_by(User.sign_in_key)) if found else []
    return list_page(rows, "", words=request.form.get("q", "")[:MOST_LETTERS], more=len(found) > MOST_FOUND)


def ids_matching(words: str) -> list[int]:
    """Accounts with a name that holds every word; compared alike on each engine."""
    wanted = words.split()
    rows: Any = User.select(User.id, User.name, User.sign_in_key, User.email).order_by(User.sign_in_key).tuples()
    return [
        row_id
        for row_id, name, key, email in rows
        if all(word in f"{sign_in_key_of(name)} {key} {email.casefold()}" for word in wanted)
    ]


def condition_of(view: str) -> Any:
    """Which accounts a tab shows."""
    if view == "closed":
        return User.is_active == False  # noqa: E712  a condition of the database
    kinds = User.kind == "service" if view == "services" else User.kind != "service"
    return (User.is_active == True) & kinds  # noqa: E712  a condition of the database


def list_page(rows: list[User], view: str, words: str = "", next_url: str = "", more: bool = False) -> str:
    """The list, with the roles of those on it."""
    labels = {"active": _("Active"), "closed": _("Closed"), "services": _("Services")}
    views = [{"label": labels[one], "url": url_for("core.people", view=one), "current": one == view} for one in VIEWS]
    return render(
        "core/people.html", people=rows, roles=roles_of(rows), views=views, words=words, next_url=next_url, more=more
    )


def roles_of(users: list[User]) -> dict[int, str]:
    """What roles these people hold anywhere, in words, by the id of the account."""
    if not users:
        return {}
    book = rights_book()
    found: dict[int, dict[str, None]] = {}
    ids = [user.id for user in users]
    rows: Any = Grant.select(Grant.user, Grant.role).where(
        Grant.user.in_(ids), Grant.retired_at.is_null(), Grant.effect == "allow", Grant.role.is_null(False)
    )
    for user_id, role_id in rows.order_by(Grant.id).tuples():
        role = book.roles.get(role_id)
        if role is not None:
            found.setdefault(user_id, {})[role_words(role.name)] = None
    return {user_id: ", ".join(names) for user_id, names in found.items()}


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
