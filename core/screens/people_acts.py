"""What is done to one account: changing it, closing it, letting its owner in again."""

from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from core.errors import NotFound
from core.resources.writing import conflicts_in_words
from core.roles import get_visible
from core.screens.account import ROW
from core.screens.nouns import PEOPLE
from core.screens.pages import blueprint, done, form_answer
from core.screens.people import GROUPS, UserForm, link_page
from core.screens.questions import PlainForm, Question, ReasonForm
from core.texts import _, n_
from core.users import accounts, second_factor, sessions, throttling
from core.users.models import Session, User
from core.users.permissions import MANAGE_USERS, VIEW_USERS
from core.web import current_actor, form_page


def person(uid: str, version: int | None = None) -> User:
    """The account of this uid, for those who may see accounts."""
    return get_visible(User, uid, current_actor(), permission=VIEW_USERS, version=version)


def crumbs_of(user: User) -> list[tuple[Any, str]]:
    """The way back to a person's page."""
    return [(_("People"), url_for("core.people")), (user.name, url_for("core.people_show", uid=user.uid))]


@blueprint.form("/people/<uid>/edit", permission=MANAGE_USERS, endpoint="people_edit")
def people_edit(uid: str) -> Any:
    """Change what an account says of its owner."""
    user = person(uid)
    usual = user.default_place
    form = UserForm(
        obj=user,
        data={"default_place": usual.uid if usual is not None and not usual.is_retired else "", "locale": user.locale},
    )
    if not form.default_place.raw_data:
        form.default_place.data = usual.uid if usual is not None and not usual.is_retired else ""
    facts = {
        "title": _("Change the account of %(name)s", name=user.name),
        "groups": GROUPS,
        "save_label": _("Save"),
        "back_url": url_for("core.people_show", uid=uid),
        "crumbs": crumbs_of(user),
    }
    if form.validated():
        with form_page(form, "core/edit.html", **facts), conflicts_in_words(PEOPLE):
            details = form.details()
            accounts.edit_user(user, details, by=current_actor(), version=form.seen_version, idempotency_key=form.key)
            return done(_("Saved."), "core.people_show", uid=uid)
    return form_answer("core/edit.html", form, **facts)


@blueprint.form("/people/<uid>/invite", permission=MANAGE_USERS, endpoint="people_invite")
def people_invite(uid: str) -> Any:
    """Make a link with which somebody chooses a password."""
    user = person(uid)
    form = PlainForm()
    question = Question(
        _("Make a link for a new password of %(name)s?", name=user.name),
        _("Make the link"),
        (_("Go back"), url_for("core.people_show", uid=uid)),
        text=_("Hand it over yourself, after making sure who is asking."),
        changes=[
            _("Whoever has the link can choose the password, once, within a day"),
            _("Links made before stop working"),
        ],
        stays=[_("The old password works until the link is used")],
        is_danger=False,
    )
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            return link_page(user)
    return question.page(form)


@blueprint.form("/people/<uid>/close", permission=MANAGE_USERS, endpoint="people_close")
def people_close(uid: str) -> Any:
    """Close an account, after saying what follows."""
    user = person(uid)
    form = PlainForm(obj=user)
    open_now = len(sessions.sessions_of(user))
    question = Question(
        _("Close the account of %(name)s?", name=user.name),
        _("Close the account"),
        (_("Keep it open"), url_for("core.people_show", uid=uid)),
        changes=[
            _("They can't sign in any more"),
            n_("One session going on ends at once", "%(n)s sessions going on end at once", open_now),
            _("No computer stays remembered"),
        ],
        stays=[
            _("Everything they did stays under their name"),
            _("Their roles are kept, for the day the account is opened again"),
        ],
    )
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            accounts.deactivate_user(user, by=current_actor(), version=form.seen_version, idempotency_key=form.key)
            return done(_("The account is closed."), "core.people_show", uid=uid)
    return question.page(form)


@blueprint.post("/people/<uid>/reopen", permission=MANAGE_USERS, endpoint="people_reopen")
def people_reopen(uid: str) -> Response:
    """Open a closed account again."""
    accounts.reactivate_user(person(uid), by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("The account is open again."), "core.people_show", uid=uid)


@blueprint.form("/people/<uid>/reset-second-factor", permission=MANAGE_USERS, endpoint="people_reset_factor")
def people_reset_factor(uid: str) -> Any:
    """Take somebody's lost second factor away."""
    user = person(uid)
    form = ReasonForm()
    form.reason.label.text = str(_("How you made sure who is asking"))
    question = Question(
        _("Take away the second factor of %(name)s?", name=user.name),
        _("Take it away"),
        (_("Keep it"), url_for("core.people_show", uid=uid)),
        text=_("For somebody who has lost both the phone and the recovery codes. Never on the word of a caller alone."),
        changes=[
            _("The password alone opens the account"),
            _("All their sessions end"),
            _("It is written in the journal with your reason"),
        ],
    )
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            reason = form.reason.data
            second_factor.reset_second_factor(user, reason, by=current_actor(), idempotency_key=form.key)
            return done(_("The second factor is taken away."), "core.people_show", uid=uid)
    return question.page(form)


@blueprint.post("/people/<uid>/unlock", permission=MANAGE_USERS, endpoint="people_unlock")
def people_unlock(uid: str) -> Response:
    """Forget the failed tries at an account."""
    throttling.unlock_user(person(uid), by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("Failed tries are forgotten. They can sign in at once."), "core.people_show", uid=uid)


@blueprint.post("/people/<uid>/end-sessions", permission=MANAGE_USERS, endpoint="people_end_sessions")
def people_end_sessions(uid: str) -> Response:
    """End all sessions of somebody."""
    ended = sessions.end_all_sessions(person(uid), by=current_actor())
    words = n_("One session is ended.", "%(n)s sessions are ended.", ended)
    return done(words, "core.people_sessions", uid=uid)


@blueprint.post(f"/people/<uid>/sessions/<{ROW}:session>/end", permission=MANAGE_USERS, endpoint="people_end_session")
def people_end_session(uid: str, session: int) -> Response:
    """End one session of somebody."""
    user = person(uid)
    if not Session.select(Session.id).where(Session.id == session, Session.user == user).exists():
        raise NotFound
    sessions.end_session(session, by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("The session is ended."), "core.people_sessions", uid=uid)
