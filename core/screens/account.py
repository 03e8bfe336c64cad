"""One's own account: who one is here, language and colours, the password, where one is signed in, what one may do."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, RadioField, SelectField
from wtforms.validators import InputRequired, Length

from core.actors import Actor
from core.places.models import Place
from core.places.tree import place_tree
from core.roles.rights import rights_book
from core.screens.choices import language_choices, offered, place_choices, place_of, plugin_title
from core.screens.first_run import HOW_LONG, NEW, PasswordForm
from core.screens.pages import blueprint, done, form_answer
from core.screens.questions import PlainForm
from core.texts import _, n_
from core.users import accounts, credentials, devices, sessions
from core.users.accounts import Preferences
from core.users.second_factor import codes_left
from core.web import SIGNED_IN, MedleyForm, current_actor, door_answer, form_page, render
from core.web.shell import role_words

ROW = "int(max=9223372036854775807)"


class PreferencesForm(MedleyForm):
    """What people set for themselves."""

    locale = SelectField(_("Language"), description=_("Dates and numbers follow it too."))
    theme = RadioField(
        _("Colours"), choices=offered([("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))])
    )
    density = RadioField(
        _("Rows"),
        choices=offered([("comfortable", _("Comfortable")), ("compact", _("Compact"))]),
        description=_("Compact shows more on a page."),
    )
    default_place = SelectField(_("Where you usually work"), description=_("New sessions start there."))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.locale.choices = language_choices(_("As the hospital"))
        self.default_place.choices = place_choices(_("Nowhere in particular"))


class PlaceForm(MedleyForm):
    """Where one works in this session."""

    place = SelectField(_("Where you work now"))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.place.choices = place_choices(_("Everywhere you have rights"))


class ChangePasswordForm(PasswordForm):
    """The old password and a new one."""

    old = PasswordField(
        _("Password until now"), [InputRequired(), Length(max=1024)], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField(
        _("New password"), [InputRequired(), Length(max=1024)], description=HOW_LONG, render_kw=NEW
    )
    field_order = ("old", "password", "repeat_password")

    def __iter__(self) -> Any:
        """The fields in the order they are asked."""
        first = [self._fields[name] for name in self.field_order]
        return iter(first + [field for field in self._fields.values() if field not in first])


def sections() -> list[dict[str, Any]]:
    """The sections of the account, for the side of each of its pages."""
    lines = (
        ("core.me", _("You here")),
        ("core.me_preferences", _("Language and colours")),
        ("core.change_password", _("Password")),
        ("core.me_pin", _("PIN")),
        ("core.second_factor", _("Second factor")),
        ("core.me_sessions", _("Where you are signed in")),
        ("core.me_rights", _("What you may do")),
    )
    return [{"label": label, "url": url_for(name), "current": request.endpoint == name} for name, label in lines]


@blueprint.get("/me", permission=SIGNED_IN)
def me() -> str:
    """Who one is here, and the place one works at now."""
    by = current_actor()
    user = sessions.own_account(by)
    answer = door_answer()
    place = Place.get_or_none(Place.id == answer.place_id) if answer.place_id else None
    return render(
        "core/me.html",
        sections=sections(),
        user=user,
        roles=[role_words(role) for role in by.roles],
        form=PlaceForm(data={"place": place.uid if place else ""}),
        place_words=place_tree().name_of(answer.place_id),
        has_second_factor=sessions.has_second_factor(user),
        codes_left=codes_left(user),
    )


@blueprint.post("/me/place", permission=SIGNED_IN)
def me_place() -> Any:
    """Say where one works now."""
    form = PlaceForm()
    facts = {
        "title": _("Where you work now"),
        "groups": [("", "", [("place", 12)])],
        "save_label": _("Work here"),
        "back_url": url_for("core.me"),
        "crumbs": [(_("My account"), url_for("core.me"))],
    }
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            by = current_actor()
            sessions.choose_place(door_answer().session_id, place_of(form.place.data), by=by, idempotency_key=form.key)
            return done(_("Your place is set."), "core.me")
    return form_answer("core/edit.html", form, **facts)


@blueprint.form("/me/preferences", permission=SIGNED_IN)
def me_preferences() -> Any:
    """Language, colours, rows and usual place."""
    by = current_actor()
    user = sessions.own_account(by)
    usual = user.default_place
    form = PreferencesForm(
        data={
            "locale": user.locale,
            "theme": user.theme,
            "density": user.density,
            "default_place": usual.uid if usual is not None and not usual.is_retired else "",
        }
    )
    facts = {
        "sections": sections(),
        "title": _("Language and colours"),
        "save_label": _("Save"),
        "lead": "",
        "spans": {"locale": 6, "default_place": 6, "theme": 12, "density": 12},
    }
    if form.validated():
        with form_page(form, "core/me_form.html", **facts):
            chosen = Preferences(
                form.locale.data, form.theme.data, form.density.data, place_of(form.default_place.data, "default_place")
            )
            accounts.change_preferences(chosen, by=by, idempotency_key=form.key)
            return done(_("Saved."), "core.me_preferences")
    return form_answer("core/me_form.html", form, **facts)


@blueprint.form("/me/password", permission=SIGNED_IN)
def change_password() -> Any:
    """Change one's password; alone on its page while a new one is due."""
    answer = door_answer()
    form = ChangePasswordForm()
    facts: dict[str, Any] = {
        "title": _("Change your password"),
        "save_label": _("Save the new password"),
        "sections": sections(),
        "lead": _("You stay signed in here. Everywhere else you are signed out."),
        "spans": {},
    }
    template = "core/me_form.html"
    if answer.must_change_password:
        template = "core/choose_password.html"
        facts["title"] = _("Choose a password of your own")
        facts["lead"] = _("The one you signed in with was chosen by somebody else.")
    if form.validated():
        with form_page(form, template, **facts):
            credentials.change_password(form.old.data, form.chosen(), by=current_actor(), session_id=answer.session_id)
            return done(_("Your password is changed."), "core.home" if answer.must_change_password else "core.me")
    return form_answer(template, form, **facts)


@blueprint.get("/me/sessions", permission=SIGNED_IN)
def me_sessions() -> str:
    """Where one is signed in, and which computers are remembered."""
    user = sessions.own_account(current_actor())
    return render(
        "core/me_sessions.html",
        sections=sections(),
        open_sessions=sessions.sessions_of(user, door_answer().session_id),
        remembered=devices.devices_of(user),
    )


@blueprint.post(f"/me/sessions/<{ROW}:session>/end", permission=SIGNED_IN)
def me_sessions_end(session: int) -> Response:
    """End one of one's sessions."""
    sessions.end_session(session, by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("That session is ended."), "core.me_sessions")


@blueprint.post("/me/sessions/end-others", permission=SIGNED_IN)
def me_sessions_end_others() -> Response:
    """End all of one's sessions but this one, and forget every computer."""
    by = current_actor()
    ended = sessions.end_all_sessions(sessions.own_account(by), by=by, keep=door_answer().session_id)
    return done(n_("One other session is ended.", "%(n)s other sessions are ended.", ended), "core.me_sessions")


@blueprint.post(f"/me/devices/<{ROW}:device>/forget", permission=SIGNED_IN)
def me_devices_forget(device: int) -> Response:
    """Ask for the code again on that computer."""
    devices.forget_device(device, by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("That computer is forgotten."), "core.me_sessions")


@blueprint.get("/me/rights", permission=SIGNED_IN)
def me_rights() -> str:
    """What one may do here and now."""
    return render("core/me_rights.html", sections=sections(), groups=permissions_in_groups(current_actor()))


def permissions_in_groups(by: Actor) -> list[dict[str, Any]]:
    """The permissions an actor holds, under the plugins they belong to."""
    groups: dict[str, list[str]] = {}
    for name, one in sorted(rights_book().permissions.items()):
        if by.may(name):
            groups.setdefault(plugin_title(name.partition(".")[0]), []).append(str(one.label))
    return [{"title": title, "labels": labels} for title, labels in groups.items()]
