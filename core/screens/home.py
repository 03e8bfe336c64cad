"""The first page after signing in."""

from typing import Any

from flask import url_for

from core.actors import Actor
from core.contributions import Panel
from core.jobs import job_counts
from core.places.tree import place_tree
from core.registry import catalogue, plugin_rows, state_word
from core.roles.break_glass import awaiting_review
from core.roles.permissions import MANAGE_PLACES, MANAGE_PLUGINS, REVIEW_BREAK_GLASS, VIEW_JOBS
from core.screens.pages import blueprint
from core.screens.switching import title_of
from core.sites import current
from core.texts import Text, _, n_
from core.users.models import User
from core.users.permissions import MANAGE_USERS
from core.web import SIGNED_IN, current_actor, render

Line = tuple[str, str | Text, str]


@blueprint.get("/", permission=SIGNED_IN)
def home() -> str:
    """What waits, by what the plugins contribute."""
    return render("core/home.html", by=current_actor(), steps=first_steps(current_actor()))


def needs_you(by: Actor) -> list[Panel]:
    """The card of whoever looks after the house: shown only when something waits."""
    lines = [*plugin_lines(by), *job_lines(by), *review_lines(by)]
    if not lines:
        return []
    return [Panel(template="core/panels/needs_you.html", title=_("Needs you"), context={"lines": lines}, order=10)]


def plugin_lines(by: Actor) -> list[Line]:
    """Plugins that are set aside, wait or did not load."""
    if not by.may(MANAGE_PLUGINS):
        return []
    state = current().state
    lines: list[Line] = []
    words = {
        "set aside": _("%(name)s is set aside after failing"),
        "needs upgrade": _("%(name)s waits for its upgrade"),
        "missing": _("The code of %(name)s is missing"),
        "installing": _("Switching %(name)s on was not finished"),
    }
    for name, row in plugin_rows().items():
        word = words.get(state_word(name, state, row))
        if word is not None:
            lines.append(
                ("puzzle", word % {"name": title_of(name)}, url_for("core.plugins", show="needs", _anchor=name))
            )
    for name in sorted(catalogue.failures):
        lines.append(
            ("puzzle", _("%(name)s could not be loaded", name=name.capitalize()), url_for("core.plugins", show="needs"))
        )
    return lines


def job_lines(by: Actor) -> list[Line]:
    """Jobs laid aside."""
    parked = job_counts(by)["parked"] if by.may(VIEW_JOBS) else 0
    words = n_("One job was laid aside", "%(n)s jobs were laid aside", parked)
    return [("activity", words, url_for("core.jobs", state="parked"))] if parked else []


def review_lines(by: Actor) -> list[Line]:
    """Emergency accesses nobody has looked into."""
    waiting = len(awaiting_review(100)) if by.may(REVIEW_BREAK_GLASS) else 0
    words = n_("One emergency access to review", "%(n)s emergency accesses to review", waiting)
    return [("exclamation-diamond", words, url_for("core.emergencies"))] if waiting else []


def first_steps(by: Actor) -> list[dict[str, Any]]:
    """What a new site still lacks, for whoever can do it; nothing once the house is furnished."""
    state = current().state
    if state.enabled and len(place_tree().facts) and not by.may(MANAGE_PLUGINS):
        return []
    steps = (
        (
            MANAGE_PLUGINS,
            "puzzle",
            _("Switch on what your hospital does"),
            _("Patients, appointments, billing: each is a plugin with a switch."),
            "core.plugins",
            bool(state.enabled),
        ),
        (
            MANAGE_PLACES,
            "geo-alt",
            _("Say which places there are"),
            _("Departments, wards and rooms, that rights and lists can hang on."),
            "core.places_new",
            bool(place_tree().facts),
        ),
        (
            MANAGE_USERS,
            "person-plus",
            _("Let people in"),
            _("Open an account for each, with the role they have."),
            "core.people_new",
            has_colleagues(by),
        ),
    )
    found = [
        {"icon": icon, "title": title, "text": text, "url": url_for(endpoint), "is_done": is_done}
        for permission, icon, title, text, endpoint, is_done in steps
        if by.may(permission)
    ]
    return found if any(not step["is_done"] for step in found) else []


def has_colleagues(by: Actor) -> bool:
    """Whether anybody else has an account."""
    return bool(by.may(MANAGE_USERS) and User.select(User.id).where(User.kind == "person", User.uid != by.uid).exists())
