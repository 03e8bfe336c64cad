"""The tree of places: seeing it, adding to it, taking places out of use."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.places.models import Place
from core.places.permissions import MANAGE_PLACES
from core.places.services import PlaceDetails, add_place, edit_place, restore_place, retire_place
from core.places.tree import PlaceFact, place_tree
from core.resources import serve
from core.resources.writing import conflicts_in_words
from core.roles import get_visible
from core.screens.choices import KINDS_OF_PLACE, offered, place_choices, place_of
from core.screens.nouns import PLACES
from core.screens.pages import blueprint, done, form_answer
from core.screens.questions import PlainForm, Question, ReasonForm
from core.sites import current_site
from core.storage import is_uid
from core.texts import _
from core.web import MedleyForm, current_actor, form_page, history, render
from core.web.forms import OneLine

ICONS = {"organisation": "globe", "facility": "hospital", "department": "building", "location": "door-open"}


class PlaceForm(MedleyForm):
    """What a place is called."""

    name = StringField(_("Name"), [InputRequired(), Length(max=120), OneLine()])
    code = StringField(
        _("Code"), [Length(max=40), OneLine()], description=_("The hospital's own short name for it, if it has one.")
    )
    zone = StringField(
        _("Time zone"),
        [Length(max=60), OneLine()],
        description=_("Empty: that of the place it lies in. As in Africa/Nairobi."),
    )

    def details(self, kind: str) -> PlaceDetails:
        """What was said, for the service."""
        return PlaceDetails(name=self.name.data, kind=kind, code=self.code.data or "", zone=self.zone.data or "")


class NewPlaceForm(PlaceForm):
    """A place and where it lies."""

    kind = SelectField(_("Kind of place"), choices=offered(KINDS_OF_PLACE.items()))
    parent = SelectField(_("Lies in"))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.parent.choices = place_choices(_("Nothing: it stands at the top"))


def place(uid: str) -> Place:
    """The place of this uid."""
    return get_visible(Place, uid, current_actor(), permission=MANAGE_PLACES)


serve(blueprint, PLACES)


@blueprint.get("/places", permission=MANAGE_PLACES)
def places() -> str:
    """The whole tree."""
    with_retired = request.args.get("retired") == "1"
    lines: list[dict[str, Any]] = []
    add_lines(lines, None, 0, with_retired)
    has_retired = any(fact.is_retired for fact in place_tree().facts.values())
    return render("core/places.html", places=lines, with_retired=with_retired, has_retired=has_retired)


def add_lines(lines: list[dict[str, Any]], parent: int | None, depth: int, with_retired: bool) -> None:
    """Write the places inside one, and what lies in them, below it."""
    for fact in place_tree().children(parent):
        if fact.is_retired and not with_retired:
            continue
        lines.append(line_of(fact, depth))
        add_lines(lines, fact.id, depth + 1, with_retired)


def line_of(fact: PlaceFact, depth: int) -> dict[str, Any]:
    """One place as the tree shows it."""
    words = str(KINDS_OF_PLACE.get(fact.kind, fact.kind)).partition(":")[0]
    return {
        "uid": fact.uid,
        "name": fact.name,
        "kind": words,
        "icon": ICONS.get(fact.kind, "geo-alt"),
        "depth": min(depth, 9),
        "zone": fact.zone,
        "is_retired": fact.is_retired,
        "may_hold": fact.kind != "location" or depth < 9,
    }


@blueprint.form("/places/new", permission=MANAGE_PLACES, endpoint="places_new")
def places_new() -> Any:
    """Add a place."""
    inside = request.args.get("in", "")
    form = NewPlaceForm(data={"parent": inside if is_uid(inside) else "", "kind": kind_inside(inside)})
    facts = {
        "title": _("New place"),
        "save_label": _("Add the place"),
        "back_url": url_for("core.places"),
        "crumbs": [(_("Places"), url_for("core.places"))],
        "groups": [("", "", [("name", 6), ("kind", 6), ("parent", 12), ("code", 4), ("zone", 8)])],
    }
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            parent = place_of(form.parent.data, "parent")
            add_place(form.details(form.kind.data), by=current_actor(), parent=parent, idempotency_key=form.key)
            return done(_("The place is added."), "core.places")
    return form_answer("core/edit.html", form, **facts)


def kind_inside(uid: str) -> str:
    """What most often lies in a place."""
    inside = {"organisation": "facility", "facility": "department", "department": "location", "location": "location"}
    kind = next((fact.kind for fact in place_tree().facts.values() if fact.uid == uid), "")
    return inside.get(kind, "organisation" if not place_tree().facts else "facility")


@blueprint.form("/places/<uid>", permission=MANAGE_PLACES, endpoint="places_show")
def places_show(uid: str) -> Any:
    """Change a place, with its history."""
    found = place(uid)
    form = PlaceForm(obj=found)
    facts = {
        "place": found,
        "where": place_tree().name_of(found.parent_id),
        "kind": KINDS_OF_PLACE.get(found.kind, found.kind),
        "past": history(found),
        "zone": place_tree().zone_of(found.id) or current_site().zone.key,
    }
    if form.validated():
        with form_page(form, "core/places_show.html", **facts), conflicts_in_words(PLACES):
            details = form.details(found.kind)
            edit_place(found, details, by=current_actor(), version=form.seen_version, idempotency_key=form.key)
            return done(_("Saved."), "core.places")
    return form_answer("core/places_show.html", form, **facts)


@blueprint.form("/places/<uid>/retire", permission=MANAGE_PLACES, endpoint="places_retire")
def places_retire(uid: str) -> Any:
    """Take a place out of use."""
    found = place(uid)
    form = ReasonForm(obj=found)
    question = Question(
        _("Take %(name)s out of use?", name=found.name),
        _("Take it out of use"),
        (_("Keep it"), url_for("core.places_show", uid=uid)),
        changes=[_("It can't be chosen any more")],
        stays=[_("What happened there stays readable"), _("Grants for it stay, and can be taken back")],
    )
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            retire_place(
                found, form.reason.data, by=current_actor(), version=form.seen_version, idempotency_key=form.key
            )
            return done(_("The place is out of use."), "core.places")
    return question.page(form)


@blueprint.post("/places/<uid>/restore", permission=MANAGE_PLACES, endpoint="places_restore")
def places_restore(uid: str) -> Response:
    """Use a place again."""
    restore_place(place(uid), by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("The place is in use again."), "core.places_show", uid=uid)
