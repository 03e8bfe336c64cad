"""Tokens: who has which, a new one, and taking one back."""

from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from core.actors import Actor
from core.roles.rights import rights_book
from core.screens.pages import done, form_answer
from core.screens.questions import PlainForm, Question
from core.settings import settings_of
from core.texts import _
from core.users.models import User
from core.users.sessions import own_account
from core.web import current_actor, form_page, render
from plugins.api.forms import TokenForm
from plugins.api.permissions import USE
from plugins.api.rest.nouns import nouns_here, permissions_of
from plugins.api.services import tokens as service
from plugins.api.services.tokens import TokenDetails, create_token, new_secret, revoke_token, tokens_for
from plugins.api.views.pages import blueprint

PHASES = {"active": _("In force"), "missed": _("Over"), "ended": _("Revoked")}


@blueprint.get("/tokens/", permission=USE)
def tokens() -> str:
    """The tokens one may see."""
    lines = tokens_for(current_actor())
    return render("api/tokens.html", tokens=lines, phases=PHASES, labels=permission_labels())


@blueprint.form("/tokens/new", permission=USE)
def new_token() -> Any:
    """Make a token, and show it this once."""
    by = current_actor()
    own = own_account(by)
    owners = [own, *service.services_for(by)]
    form = TokenForm(data={"days": settings_of("api").token_days, "owner": own.uid}).offer(
        [(one.uid, one.name) for one in owners], scopes_for([service.giver_of(one, by) for one in owners])
    )
    facts = {"crumbs": [(_("API"), url_for("api.index")), (_("Tokens"), url_for("api.tokens"))]}
    if form.validated():
        with form_page(form, "api/new_token.html", **facts):
            secret = new_secret()
            create_token(details_of(form), secret, owner_of(form, owners), by=by, idempotency_key=form.key)
            return render("api/made_token.html", secret=secret, name=form.name.data, **facts)
    return form_answer("api/new_token.html", form, **facts)


@blueprint.form("/tokens/<uid>/revoke", permission=USE)
def revoke(uid: str) -> Response | str | tuple[str, int]:
    """Take a token back, after saying what follows."""
    by = current_actor()
    token = service.token_for(uid, by)
    form = PlainForm(obj=None)
    question = Question(
        _("Revoke the token %(name)s?", name=token.name),
        _("Revoke it"),
        (_("Keep it"), url_for("api.tokens")),
        text=_("The program that shows it is refused from its next request on."),
        changes=[_("It can't be brought back: a program that still needs one gets a new one")],
        stays=[_("What it did stays in the journal under its owner's name")],
    )
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            revoke_token(uid, by=by)
        return done(_("Revoked."), "api.tokens")
    return question.page(form)


def details_of(form: TokenForm) -> TokenDetails:
    """What was asked for."""
    sources = [line.strip() for line in (form.sources.data or "").splitlines() if line.strip()]
    return TokenDetails(form.name.data, frozenset(form.scopes.data), form.days.data, tuple(sources))


def owner_of(form: TokenForm, owners: list[User]) -> User:
    """Whose token it will be."""
    return next(one for one in owners if one.uid == form.owner.data)


def scopes_for(givers: list[Actor]) -> list[tuple[str, Any]]:
    """What the nouns here ask for, so far as somebody who may own the token holds it."""
    labels = permission_labels()
    asked = dict.fromkeys(name for one in nouns_here().values() for name in permissions_of(one))
    return [(name, labels.get(name, name)) for name in sorted(asked) if any(one.may(name) for one in givers)]


def permission_labels() -> dict[str, Any]:
    """What permissions are called."""
    return {name: one.label for name, one in rights_book().permissions.items()}
