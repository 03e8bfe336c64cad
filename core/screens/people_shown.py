"""One person's page: who they are, their roles and grants, what these come to, their sessions, their history."""

from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from core import clock
from core.places.tree import place_tree
from core.roles.explaining import effective_rights, explain
from core.roles.grants import grants_of
from core.roles.models import ALLOW, Grant
from core.roles.rights import rights_book
from core.screens.choices import (
    KINDS_OF_ACCOUNT,
    language_name,
    permission_choices,
    place_choices,
    place_of,
    plugin_title,
)
from core.screens.pages import blueprint
from core.screens.people_acts import person
from core.storage import is_uid
from core.texts import Text, _
from core.users import sessions
from core.users.models import User
from core.users.permissions import VIEW_USERS
from core.web import MedleyForm, door_answer, history, names_of, render
from core.web.shell import role_words


def parts_of(user: User) -> list[dict[str, Any]]:
    """The parts of a person's page."""
    lines = (
        ("core.people_show", _("Roles and grants")),
        ("core.people_rights", _("What they may do")),
        ("core.people_sessions", _("Sessions")),
        ("core.people_history", _("History")),
    )
    here = request.endpoint
    return [{"label": words, "url": url_for(name, uid=user.uid), "current": name == here} for name, words in lines]


def page(template: str, user: User, **facts: Any) -> str:
    """A part of a person's page."""
    return render(template, person=user, parts=parts_of(user), **facts)


@blueprint.get("/people/<uid>", permission=VIEW_USERS, endpoint="people_show")
def people_show(uid: str) -> str:
    """Who they are, and what was given to or withheld from them."""
    user = person(uid)
    grants = grants_of(user, with_past=request.args.get("past") == "1")
    return page(
        "core/people_show.html",
        user,
        grants=grant_lines(grants),
        with_past=request.args.get("past") == "1",
        kind=KINDS_OF_ACCOUNT.get(user.kind, user.kind),
        language=language_name(user.locale) if user.locale else _("As the hospital"),
        usual_place=place_tree().name_of(user.default_place_id),
        has_second_factor=sessions.has_second_factor(user),
        last_seen=sessions.last_session_of(user),
    )


def grant_lines(grants: list[Grant]) -> list[dict[str, Any]]:
    """Grants in words."""
    book = rights_book()
    names = names_of(grant.granted_by for grant in grants)
    lines = []
    for grant in grants:
        role = book.roles.get(grant.role_id) if grant.role_id is not None else None
        permission = book.permissions.get(grant.permission) if grant.permission else None
        title = role_words(role.name) if role is not None else str(permission.label) if permission else grant.permission
        phase, word = state_of(grant)
        lines.append(
            {
                "uid": grant.uid,
                "title": title or _("A role out of use"),
                "is_role": role is not None,
                "is_denial": grant.effect != ALLOW,
                "place": place_tree().name_of(grant.place_id) if grant.place_id else _("Everywhere"),
                "from_at": grant.from_at,
                "until_at": grant.until_at,
                "by": names.get(grant.granted_by, ""),
                "given_at": grant.created_at,
                "reason": grant.reason,
                "phase": phase,
                "word": word,
                "can_end": not grant.is_retired and phase != "ended",
            }
        )
    return lines


def state_of(grant: Grant) -> tuple[str, Text]:
    """How far along a grant is."""
    now = clock.now()
    if grant.is_retired:
        return "ended", _("Taken back")
    if grant.until_at is not None and grant.until_at <= now:
        return "ended", _("Over")
    if grant.from_at is not None and grant.from_at > now:
        return "planned", _("Begins later")
    return "done", _("In force")


class WhyForm(MedleyForm):
    """Which permission to explain, and where."""

    permission = SelectField(_("Permission"))
    place = SelectField(_("At"))

    def __init__(self, chosen: str, place: str) -> None:
        super().__init__(formdata=MultiDict(), data={"permission": chosen, "place": place})
        self.permission.choices = permission_choices()
        self.place.choices = place_choices(_("Wherever their grants hold"))


@blueprint.get("/people/<uid>/rights", permission=VIEW_USERS, endpoint="people_rights")
def people_rights(uid: str) -> str:
    """What a person may do, and why or why not."""
    user = person(uid)
    asked, where = request.args.get("permission", ""), request.args.get("place", "")
    place = place_of(where) if is_uid(where) else None
    known = rights_book().permissions
    held = effective_rights(user, place).permissions if user.is_active else frozenset()
    groups: dict[str, list[Any]] = {}
    for name, one in sorted(known.items()):
        if name in held:
            groups.setdefault(plugin_title(name.partition(".")[0]), []).append({"name": name, "label": one.label})
    return page(
        "core/people_rights.html",
        user,
        form=WhyForm(asked, place.uid if place is not None else ""),
        asked=known.get(asked),
        explanation=explanation_of(user, asked, place) if asked in known else None,
        groups=groups,
        where=where if place is not None else None,
    )


def explanation_of(user: User, permission: str, place: Any) -> dict[str, Any]:
    """Why or why not, with the names of those who gave it."""
    found = explain(user, permission, place)
    names = names_of(one.granted_by for one in found.reasons)
    return {
        "is_held": found.is_held,
        "summary": found.summary,
        "reasons": [{**one._asdict(), "by": names.get(one.granted_by, "")} for one in found.reasons],
    }


@blueprint.get("/people/<uid>/sessions", permission=VIEW_USERS, endpoint="people_sessions")
def people_sessions(uid: str) -> str:
    """Where somebody is signed in."""
    user = person(uid)
    return page("core/people_sessions.html", user, open_sessions=sessions.sessions_of(user, door_answer().session_id))


@blueprint.get("/people/<uid>/history", permission=VIEW_USERS, endpoint="people_history")
def people_history(uid: str) -> str:
    """What was changed in an account."""
    user = person(uid)
    return page("core/people_history.html", user, past=history(user))
