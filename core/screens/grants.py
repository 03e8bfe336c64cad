"""Giving roles, withholding permissions, and taking both back."""

from typing import Any

from flask import url_for
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from core.errors import NotFound, Refused
from core.places.tree import place_tree
from core.resources import serve
from core.roles import get_visible
from core.roles.grants import deny, grant_permission, grant_role, revoke_grant, role_named
from core.roles.models import ALLOW, Grant
from core.roles.permissions import GRANT
from core.screens.choices import end_of, offered, permission_choices, place_choices, place_of, role_choices, start_of
from core.screens.nouns import GRANTS
from core.screens.pages import blueprint, done, form_answer
from core.screens.people_acts import crumbs_of, person
from core.screens.people_shown import grant_lines
from core.screens.questions import Question, ReasonForm
from core.texts import _
from core.users.models import User
from core.web import MedleyForm, current_actor, form_page
from core.web.forms import OneLine, SaneDay


class SpanForm(MedleyForm):
    """Where and how long something holds."""

    place = SelectField(_("Where"), description=_("It holds at the place and at all that lie in it."))
    from_on = DateField(_("From"), [Optional(), SaneDay()], description=_("Empty: at once."))
    until_on = DateField(
        _("Until, this day included"), [Optional(), SaneDay()], description=_("Empty: until it is taken back.")
    )
    reason = StringField(_("Reason"), [Length(max=300), OneLine()])

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.place.choices = place_choices(_("Everywhere"))

    def span(self) -> dict[str, Any]:
        """Place, times and reason, for the service."""
        return {
            "place": place_of(self.place.data),
            "from_at": start_of(self.from_on.data),
            "until_at": end_of(self.until_on.data),
            "reason": self.reason.data or "",
        }


class GrantForm(SpanForm):
    """A role for somebody."""

    role = SelectField(_("Role"))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.role.choices = role_choices()


serve(blueprint, GRANTS)

EFFECTS = [("deny", _("Withhold it, whatever else gives it")), ("allow", _("Give it beside their roles"))]


class PermissionForm(SpanForm):
    """One permission, given beside the roles or withheld whatever they say."""

    permission = SelectField(_("Permission"))
    effect = SelectField(_("What to do"), choices=offered(EFFECTS))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.permission.choices = permission_choices()


SPAN = (_("Where and how long"), "", [("place", 12), ("from_on", 6), ("until_on", 6), ("reason", 12)])


def named(error: Refused) -> dict[str, Any]:
    """The fields of a refusal under the names the form gives them."""
    return {{"from_at": "from_on", "until_at": "until_on"}.get(name, name): text for name, text in error.fields.items()}


@blueprint.form("/people/<uid>/grant", permission=GRANT, endpoint="people_grant")
def people_grant(uid: str) -> Any:
    """Give somebody a role."""
    user = person(uid)
    form = GrantForm()
    facts = facts_of(user, _("Give %(name)s a role", name=user.name), _("Give the role"), [("role", 12)])
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            give(user, form)
            return done(_("The role is given."), "core.people_show", uid=uid)
    return form_answer("core/edit.html", form, **facts)


def give(user: User, form: GrantForm) -> None:
    """Give the role, with refusals beside the fields of this form."""
    span = form.span()
    try:
        grant_role(user, role_named(form.role.data), by=current_actor(), idempotency_key=form.key, **span)
    except Refused as refusal:
        raise Refused(refusal.message, fields=named(refusal)) from refusal


@blueprint.form("/people/<uid>/permission", permission=GRANT, endpoint="people_permission")
def people_permission(uid: str) -> Any:
    """Withhold one permission from somebody, or give it beside their roles."""
    user = person(uid)
    form = PermissionForm()
    title = _("One permission of %(name)s", name=user.name)
    facts = facts_of(user, title, _("Save"), [("permission", 12), ("effect", 12)])
    facts["lead"] = _(
        "What is withheld stays withheld, whatever roles say. Their sessions end, so that it holds at once."
    )
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            decide(user, form)
            return done(_("Saved."), "core.people_show", uid=uid)
    return form_answer("core/edit.html", form, **facts)


def decide(user: User, form: PermissionForm) -> None:
    """Give or withhold, with refusals beside the fields of this form."""
    span, by = form.span(), current_actor()
    try:
        if form.effect.data == ALLOW:
            grant_permission(user, form.permission.data, by=by, idempotency_key=form.key, **span)
        else:
            deny(user, by=by, permission=form.permission.data, idempotency_key=form.key, **span)
    except Refused as refusal:
        raise Refused(refusal.message, fields=named(refusal)) from refusal


def facts_of(user: User, title: Any, verb: Any, fields: list[tuple[str, int]]) -> dict[str, Any]:
    """What the form's page needs to be told."""
    back = url_for("core.people_show", uid=user.uid)
    return {
        "title": title,
        "save_label": verb,
        "back_url": back,
        "crumbs": crumbs_of(user),
        "groups": [("", "", fields), SPAN],
    }


@blueprint.form("/people/<uid>/grants/<grant>/end", permission=GRANT, endpoint="people_grant_end")
def people_grant_end(uid: str, grant: str) -> Any:
    """Take a grant back, or lift a denial."""
    user = person(uid)
    found: Any = get_visible(Grant, grant, current_actor(), permission=GRANT)
    if found.user_id != user.id:
        raise NotFound
    line = grant_lines([found])[0]
    form = ReasonForm(obj=None, data={"version": found.version})
    where = place_tree().name_of(found.place_id) if found.place_id else _("Everywhere")
    back = url_for("core.people_show", uid=uid)
    if line["is_denial"]:
        question = Question(
            _("Let %(name)s have “%(what)s” again?", name=user.name, what=line["title"]),
            _("Lift the denial"),
            (_("Keep it withheld"), back),
            text=where,
            is_danger=False,
        )
    else:
        question = Question(
            _("Take “%(what)s” away from %(name)s?", name=user.name, what=line["title"]),
            _("Take it away"),
            (_("Leave it"), back),
            text=where,
            changes=[_("Their sessions end, so that it holds at once")],
            stays=[_("What they did stays under their name and role")],
        )
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            revoke_grant(
                found, form.reason.data, by=current_actor(), version=form.seen_version, idempotency_key=form.key
            )
            return done(_("Saved."), "core.people_show", uid=uid)
    return question.page(form)
