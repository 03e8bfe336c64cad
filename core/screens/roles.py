"""Roles: what each is called, what it holds, and all of them side by side."""

from typing import Any

from flask import url_for
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core.contributions import Permission
from core.resources import serve
from core.resources.writing import conflicts_in_words
from core.roles import get_visible
from core.roles.defaults import label_of
from core.roles.editing import LONGEST_IDLE, create_role, edit_role, retire_role, set_role_permissions
from core.roles.models import Grant, Role
from core.roles.permissions import MANAGE_ROLES
from core.roles.rights import rights_book
from core.screens.choices import offered, plugin_title, role_choices
from core.screens.nouns import ROLES
from core.screens.pages import blueprint, done, form_answer
from core.screens.questions import Question, ReasonForm
from core.texts import _, n_
from core.users.permissions import SIGN_IN, VIEW_USERS
from core.web import MedleyForm, current_actor, form_page, history, render
from core.web.forms import OneLine

CRUMBS = [(_("Roles"), "core.roles")]
serve(blueprint, ROLES)


class RoleForm(MedleyForm):
    """What a role is called, and how strictly its people sign in."""

    label = StringField(_("What it is called"), [InputRequired(), Length(max=120), OneLine()])
    needs_second_factor = BooleanField(
        _("Asks for a second factor"),
        description=_("Who has the role must set up an authenticator app before anything else."),
    )
    idle_minutes = IntegerField(
        _("Minutes a session may rest"),
        [Optional(), NumberRange(0, LONGEST_IDLE)],
        description=_("Empty or 0: as the installation says."),
    )


class NewRoleForm(MedleyForm):
    """A role of the site's own."""

    label = StringField(_("What it is called"), [InputRequired(), Length(max=120), OneLine()])
    name = StringField(
        _("Short name"),
        [InputRequired(), Length(max=60), OneLine()],
        description=_("For the journal and for files: small letters, digits, underscores."),
    )
    like = SelectField(_("Begin with what this role may do"))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.like.choices = role_choices(_("Nothing"))


class HeldForm(MedleyForm):
    """What a role holds."""

    permissions = SelectMultipleField(_("Permissions"))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.permissions.choices = offered((name, one.label) for name, one in rights_book().permissions.items())


def role(uid: str) -> Role:
    """The role of this uid."""
    return get_visible(Role, uid, current_actor(), permission=VIEW_USERS)


def crumbs() -> list[tuple[Any, str]]:
    """The way back to the list."""
    return [(words, url_for(endpoint)) for words, endpoint in CRUMBS]


def groups_of(held: frozenset[str]) -> list[dict[str, Any]]:
    """Every permission of the plugins that are on, by plugin, marked where it is held."""
    groups: dict[str, list[tuple[Permission, bool]]] = {}
    for name, one in sorted(rights_book().permissions.items()):
        if name != SIGN_IN:
            groups.setdefault(name.partition(".")[0], []).append((one, name in held))
    return [{"title": plugin_title(name), "items": items} for name, items in groups.items()]


@blueprint.form("/roles/<uid>", permission=VIEW_USERS, endpoint="roles_show")
def roles_show(uid: str) -> Any:
    """What a role holds; who may change roles ticks and saves it here."""
    found, by = role(uid), current_actor()
    shipped = rights_book().shipped_for(found.name) if found.is_shipped else frozenset()
    held = rights_book().names_of(found.name)
    form = HeldForm(data={"permissions": sorted(held), "version": found.version})
    facts: dict[str, Any] = {"role": found, "label": label_of(found), "groups": groups_of(held), "shipped": shipped}
    if form.validated():
        chosen = frozenset(form.permissions.data or ())
        with form_page(form, "core/roles_show.html", **{**facts, "groups": groups_of(chosen)}):
            set_role_permissions(found, sorted(chosen), by=by, version=form.seen_version, idempotency_key=form.key)
            return done(
                _("The role holds this from the next click of everybody who has it."), "core.roles_show", uid=uid
            )
    return form_answer("core/roles_show.html", form, **facts)


@blueprint.form("/roles/<uid>/edit", permission=MANAGE_ROLES, endpoint="roles_edit")
def roles_edit(uid: str) -> Any:
    """What a role is called, and how strictly its people sign in."""
    found = role(uid)
    form = RoleForm(obj=found)
    facts = {
        "title": _("Change the role %(name)s", name=label_of(found)),
        "save_label": _("Save"),
        "back_url": url_for("core.roles_show", uid=uid),
        "crumbs": [*crumbs(), (label_of(found), url_for("core.roles_show", uid=uid))],
        "groups": [
            ("", "", [("label", 12)]),
            (_("Signing in"), "", [("needs_second_factor", 12), ("idle_minutes", 4)]),
        ],
    }
    if form.validated():
        with form_page(form, "core/edit.html", **facts), conflicts_in_words(ROLES):
            edit_role(
                found,
                by=current_actor(),
                label=form.label.data,
                needs_second_factor=form.needs_second_factor.data,
                idle_minutes=form.idle_minutes.data or 0,
                version=form.seen_version,
                idempotency_key=form.key,
            )
            return done(_("Saved."), "core.roles_show", uid=uid)
    return form_answer("core/edit.html", form, **facts)


@blueprint.form("/roles/new", permission=MANAGE_ROLES, endpoint="roles_new")
def roles_new() -> Any:
    """Make a role of the site's own."""
    form = NewRoleForm()
    facts = {
        "title": _("New role"),
        "save_label": _("Make the role"),
        "back_url": url_for("core.roles"),
        "crumbs": crumbs(),
        "groups": [("", "", [("label", 6), ("name", 6), ("like", 12)])],
    }
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            held = sorted(rights_book().names_of(form.like.data)) if form.like.data else []
            made = create_role(form.name.data, form.label.data, held, by=current_actor(), idempotency_key=form.key)
            return done(_("The role is made. Choose what it may do."), "core.roles_show", uid=made.uid)
    return form_answer("core/edit.html", form, **facts)


@blueprint.form("/roles/<uid>/retire", permission=MANAGE_ROLES, endpoint="roles_retire")
def roles_retire(uid: str) -> Any:
    """Take a role out of use."""
    found = role(uid)
    form = ReasonForm(obj=found)
    people = Grant.select().where(Grant.role == found, Grant.retired_at.is_null()).count()
    question = Question(
        _("Take the role %(name)s out of use?", name=label_of(found)),
        _("Take it out of use"),
        (_("Keep it"), url_for("core.roles_show", uid=uid)),
        text=n_(
            "One grant names it and has to be taken back first.",
            "%(n)s grants name it and have to be taken back first.",
            people,
        )
        if people
        else "",
        changes=[_("Nobody can be given it any more")],
        stays=[_("What its people did stays under its name in the journal")],
    )
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            retire_role(
                found, form.reason.data, by=current_actor(), version=form.seen_version, idempotency_key=form.key
            )
            return done(_("The role is out of use."), "core.roles")
    return question.page(form)


@blueprint.get("/roles/matrix", permission=VIEW_USERS, endpoint="roles_matrix")
def roles_matrix() -> str:
    """Every permission against every role."""
    book = rights_book()
    columns = [
        {"uid": row.uid, "label": label_of(row), "held": book.roles[row.id].permissions}
        for row in Role.select().where(Role.retired_at.is_null()).order_by(Role.id)
        if row.id in book.roles
    ]
    return render("core/roles_matrix.html", columns=columns, groups=groups_of(frozenset()))


@blueprint.get("/roles/<uid>/history", permission=VIEW_USERS, endpoint="roles_history")
def roles_history(uid: str) -> str:
    """What was changed in a role."""
    found = role(uid)
    return render("core/roles_history.html", role=found, label=label_of(found), past=history(found))
